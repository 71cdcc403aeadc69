/* Making explanations.
 */
#ifndef DSND_EXPLANATION_H
#define DSND_EXPLANATION_H

#include "core/rules/codetext.h"

#include "core/explain/explain.h"

/* An empty one; @query is cleaned and copied. (transfer full): dsn_explanation_free() */
struct dsn_explanation *explanation_new (enum dsn_explain_kind kind, struct dsn_bytes query);

/* A copy of @text that lives as long as @e; NULL for NULL. Equal texts have the same copy. */
const char *explanation_keep (struct dsn_explanation *e, const char *text);

/* Appends copies of the texts of @from that aren't in @to yet. */
void explanation_keep_all (struct dsn_explanation *e, GPtrArray *to, const GPtrArray *from);

/* Appends a reading; the texts are copied. */
void explanation_add_reading (struct dsn_explanation *e, const char *context, unsigned category,
                              enum dsn_class cls, const char *meaning, const char *system,
                              const char *source);

/* Takes meaning, causes, remedies, see and sources over from @text; a meaning that's there stays.
 */
void explanation_take_text (struct dsn_explanation *e, const struct code_text *text);

/* Of a verdict that is soft where its category gives the address up: the category's remedies go,
 * and what to do instead comes. Once category and event_cls are set. */
void explanation_soften (struct dsn_explanation *e);

/* What a class of its own means for the address: appended to @why. */
void explanation_append_class (GString *why, unsigned category, enum dsn_class cls);

#endif
