/* The segment that is being written: made, appended to, taken back to where it was. What is in it
 * and durable is the spool's to say.
 */
#ifndef DSND_LIVE_H
#define DSND_LIVE_H

#include "daemon/spool/segment.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct live {
    int fd;          /* -1: none is being written */
    int64_t since_s; /* monotonic */
};

/* Makes the segment for the events from @first on in the directory @dirfd, its name durable, and
 * lists it. */
bool live_start (struct live *live, struct segments *segments, int dirfd, uint64_t first,
                 GError **error);

/* Appends @lines to @segment and makes them durable. On failure they're taken back:
 * SPOOL_ERROR_RETRY, or SPOOL_ERROR_FATAL where nobody knows what is on disk. */
bool live_append (const struct live *live, const struct segment *segment, struct dsn_bytes lines,
                  GError **error);

/* Cuts off what stands behind the bytes that @segment is known to have, as well as it goes. */
void live_take_back (const struct live *live, const struct segment *segment);

/* Whether the file is where a start will look for @segment, and has @bytes. */
bool live_is_in_place (const struct live *live, int dirfd, const struct segment *segment,
                       uint64_t bytes);

/* Whether it's large or old enough: past @bytes_max, or a day, and not empty. */
bool live_is_over (const struct live *live, const struct segment *segment, uint64_t bytes_max);

#endif
