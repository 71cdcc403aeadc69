/* The truncation sweep of the parsers' tests: every prefix of an input, each in a heap block of
 * just its size, so that a sanitizer sees a read past it.
 */
#ifndef PREFIXES_H
#define PREFIXES_H

#include <dsn/bytes.h>

#include <glib.h>

/* Calls @parse for the prefixes of @in, @step bytes apart, the empty and the whole one included. */
static inline void
each_prefix (struct dsn_bytes in, size_t step, void (*parse) (struct dsn_bytes, void *), void *data)
{
    for (size_t n = 0;; n = MIN (n + step, in.n)) {
        g_autofree char *copy = n ? g_memdup2 (in.p, n) : NULL;
        parse ((struct dsn_bytes){ copy, n }, data);
        if (n == in.n)
            break;
    }
}

#endif
