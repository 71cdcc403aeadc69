/* The rule files below rules/, compiled in twice: as they're written (tools/gen-builtin.py), for
 * people; and as the set that the loader makes of them (tools/compile-rules.c), for reading mail.
 */
#ifndef DSND_BUILTIN_H
#define DSND_BUILTIN_H

#include "core/rules/ruleset.h"

#include <stddef.h>

struct builtin_file {
    const char *name; /* "rules/text/quota.rules" */
    const unsigned char *text;
    size_t n;
};

/* By name; the last one's name is NULL. (borrowed, static) */
extern const struct builtin_file builtin_files[];

/* A finished set, all of it constants. Its arrays are only read, by g_array_index() and its like:
 * GLib's functions would look for members that constants don't have. */
struct builtin_set {
    struct dsn_rules set;
    GArray *keys; /* struct rule_key: what by_id of the set was; NULL: there's no set */
};

extern const struct builtin_set builtin_set;

#endif
