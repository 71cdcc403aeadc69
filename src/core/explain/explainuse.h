/* What providers mean by a code: the provider rules of the set that name it.
 */
#ifndef DSND_EXPLAINUSE_H
#define DSND_EXPLAINUSE_H

#include "core/explain/codename.h"
#include "core/rules/ruleset.h"

/* Fills e->providers: one use for each provider and category, by provider. A rule
 * names the code by a `status` or `reply` line, or in a proof. */
void explain_add_providers (struct dsn_explanation *e, const struct dsn_rules *rules,
                            const struct codename *name);

/* Whether @text holds the code, not as a part of a longer number. */
bool text_names_code (const char *text, const char *code);

#endif
