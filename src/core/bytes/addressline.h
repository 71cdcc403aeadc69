/* The addresses in a line of prose, and whether each is all of what stands there.
 */
#ifndef DSND_ADDRESSLINE_H
#define DSND_ADDRESSLINE_H

#include <dsn/bytes.h>

#include <stdbool.h>

struct addressline {
    struct dsn_bytes line;
    size_t at;        /* what is before it was read */
    size_t unsure_to; /* in brackets or quotes, up to here, that don't hold one address */
};

struct addressline_found {
    struct dsn_bytes address; /* a slice of the line */
    bool is_whole;            /* false: a piece of something that may be another address, or none */
};

/* The next address of the line, which is read in time linear to its length; false if there's no
 * more. Begin with { .line = line }. Brackets, quotes and routes are understood; a display name
 * that is written like an address is passed over. */
bool addressline_next (struct addressline *scan, struct addressline_found *ret);

#endif
