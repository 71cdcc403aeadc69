/* A reader's place in the spool: gives the lines from a seq on, in order, and tells of gaps. */
#ifndef DSND_STREAM_H
#define DSND_STREAM_H

#include "daemon/spool/spool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct stream {
    uint64_t seq;   /* the next event to be given */
    uint64_t given; /* the last one that was, 0: none */
    uint64_t first; /* of the segment that's open */
    int fd;         /* -1: none is open */
    uint64_t offset;
    unsigned kinds; /* bit 1 << enum dsn_kind; 0: all */
};

void stream_init (struct stream *stream, uint64_t seq, unsigned kinds);
void stream_done (struct stream *stream);

/* Appends to @out about @n_bytes of lines, or one if it's longer, and `gap` lines where events are
 * missing. Events that aren't wanted are stepped over. Returns whether it got anywhere; false: the
 * end is reached, or an error (then in errno, else 0). */
bool stream_read (struct stream *stream, const struct spool *spool, size_t n_bytes, GString *out);

#endif
