/* Addresses in the prose of a notification that may be failing recipients, each with how it stands
 * there.
 */
#ifndef DSND_CANDIDATES_H
#define DSND_CANDIDATES_H

#include "core/gather/freetext.h"

struct candidate {
    struct dsn_bytes address;
    struct dsn_bytes alias; /* the address before expansion; empty: none */
    struct dsn_bytes rest;  /* text after it on the line */
    enum freetext_tier tier;
    unsigned line;
    bool is_whole; /* addressline_found */
};

/* All candidates in the order of the text: struct candidate. (transfer full) */
GArray *candidates_read (const struct freetext *ft);

/* Whether @before, which stands before an address at the start of its line, isn't words. */
bool candidates_is_bullet (struct dsn_bytes before);

#endif
