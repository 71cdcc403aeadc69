/* The rule files below rules/, compiled in: tools/gen-builtin.py makes the definition. */
#ifndef DSND_BUILTIN_H
#define DSND_BUILTIN_H

#include <stddef.h>

struct builtin_file {
    const char *name; /* "rules/text/quota.rules" */
    const unsigned char *text;
    size_t n;
};

/* By name; the last one's name is NULL. (borrowed, static) */
extern const struct builtin_file builtin_files[];

#endif
