/* The rule set that dsnctl works with: the built-in rules, and rule files on top of them. */
#ifndef CLI_RULEBOOK_H
#define CLI_RULEBOOK_H

#include "core/rules/rules.h"

#include <glib.h>

#define RULEBOOK_DIRECTORY "/etc/dsnd/rules.d"

/* The text of a rule file. */
struct ruletext {
    char *file; /* owned */
    char *text; /* owned */
    size_t n;
};

/* Reads rule files: of a directory its *.rules in name order. @paths NULL: RULEBOOK_DIRECTORY, if
 * there is one; a path "" stands for no file. (transfer full): struct ruletext *. NULL after the
 * error has been told. */
GPtrArray *rulebook_texts (char **paths);

/* Loads the built-in rules, then @texts, then @more (may be NULL). (transfer full):
 * dsn_rules_free(). NULL after the error, with file and line, has been told. */
struct dsn_rules *rulebook_build (const GPtrArray *texts, const GPtrArray *more);

/* Both of the above. */
struct dsn_rules *rulebook (char **paths);

#endif
