/* What single senders mean: the `codes` records of the rule set, and whom to ask.
 */
#ifndef DSND_EXPLAINSENDER_H
#define DSND_EXPLAINSENDER_H

#include "core/explain/codename.h"
#include "core/explain/explanation.h"

/* Appends what providers mean by the code @name to e->providers. Where no record has the code, the
 * first of them is what it means. */
void explain_add_sent (struct dsn_explanation *e, const struct dsn_rules *rules,
                       const struct codename *name);

/* Explains a token, a service's type or a block list's answer; NULL if no sender has it.
 * (transfer full): dsn_explanation_free() */
struct dsn_explanation *explain_token (const struct dsn_rules *rules, struct dsn_bytes query);

/* The token that is nearer to @query than @best edits, which becomes how many; else NULL.
 * (borrowed)
 */
const char *explain_nearest_token (const struct dsn_rules *rules, struct dsn_bytes query,
                                   unsigned *best);

/* Takes meaning and remedy from the sender's code that rule @rule judges by, if it's one. */
void explain_take_rule (struct dsn_explanation *e, const struct dsn_rules *rules, const char *rule);

/* Appends where to look and whom to ask of the provider, block list or sender @id; of a zone the
 * block list that it ends with. Nothing if that isn't known. */
void explain_add_contact (struct dsn_explanation *e, const struct dsn_rules *rules, const char *id);

#endif
