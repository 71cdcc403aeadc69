/* A slice of bytes that somebody else owns: the only "string" inside parsers.
 * Never NUL-terminated, may hold NULs and any encoding.
 */
#ifndef DSN_BYTES_H
#define DSN_BYTES_H

#include <dsn/api.h>

#include <stddef.h>
#include <string.h>

DSN_BEGIN_DECLS

struct dsn_bytes {
    const char *p; /* (borrowed) may be NULL only when n is 0 */
    size_t n;
};

/* The bytes of a NUL-terminated string, without the NUL. @s may be NULL. */
static inline struct dsn_bytes
dsn_bytes_str (const char *s)
{
    return (struct dsn_bytes){ s, s ? strlen (s) : 0 };
}

/* The bytes of @in from @start up to, not including, @end; both are clamped to @in. */
static inline struct dsn_bytes
dsn_bytes_sub (struct dsn_bytes in, size_t start, size_t end)
{
    if (end > in.n)
        end = in.n;
    if (start > end)
        start = end;
    return (struct dsn_bytes){ in.p ? in.p + start : NULL, end - start };
}

DSN_END_DECLS

#endif
