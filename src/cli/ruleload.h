/* The rule set that dsnctl works with: the built-in rules, and the files of a directory. */
#ifndef CLI_RULELOAD_H
#define CLI_RULELOAD_H

#include <dsnd/rules.h>

#define RULELOAD_DIRECTORY "/etc/dsnd/rules.d"

/* Loads the built-in rules, then the *.rules of @directory in name order, or of RULELOAD_DIRECTORY
 * if that is NULL and there is one; "" loads no files. (transfer full): dsn_rules_free(). NULL
 * after the error, with file and line, has been told. */
struct dsn_rules *ruleload (const char *directory);

#endif
