/* Trying rules: whether their proofs lead to them, and what they change in the verdicts on mails.
 */
#ifndef CLI_RULETEST_H
#define CLI_RULETEST_H

#include "core/rules/rules.h"

#include <glib.h>

/* Tells of each rule of the files @texts (struct ruletext *; none: of the built-in files) whose
 * proof doesn't lead to it, with the remedy. Returns their number. */
size_t ruletest_lint (const struct dsn_rules *rules, const GPtrArray *texts);

/* Prints for each mail that @paths name, as dsnctl parse takes them, where the verdicts of @before
 * and @after differ, and how many do. False if a mail can't be read. */
bool ruletest_compare (const struct dsn_rules *before, const struct dsn_rules *after, char **paths);

#endif
