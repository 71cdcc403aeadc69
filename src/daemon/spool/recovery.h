/* What the segments hold, judged when the spool is opened: a torn tail is cut, damage is kept. */
#ifndef DSND_RECOVERY_H
#define DSND_RECOVERY_H

#include "daemon/spool/segment.h"

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct recovery {
    uint64_t good_bytes; /* up to the end of the last whole mail before anything wrong */
    uint64_t next;      /* seq after the last valid event kept; after damage, after any valid one */
    uint64_t bad_bytes; /* after good_bytes: a torn tail, unless is_damaged */
    bool is_damaged;    /* valid events follow invalid bytes: not the trace of a crash */
    bool is_later;      /* a later version wrote some of it: nothing else is told */
};

/* Judges the segment @bytes whose first line must have the seq @first. The mails of the valid
 * events are appended to @recorded (struct spool_recorded *), unless it's NULL. Nothing is changed
 * on disk. */
struct recovery recovery_scan (struct dsn_bytes bytes, uint64_t first, GPtrArray *recorded);

struct recovery_result {
    uint64_t mark;       /* in: all numbers below may have been given; 0: nobody knows */
    uint64_t next;       /* seq of the next event, never below the mark */
    unsigned n_damaged;  /* segments */
    GPtrArray *recorded; /* in: where to put the mails (struct spool_recorded *) */
};

/* Reads the newest of @segments in the directory @dirfd: the last for its end, which is mended on
 * disk, and as many before it as it takes to know the mails that may still be in new/. Logs what it
 * found. An error is SPOOL_ERROR_FATAL. */
bool recovery_run (int dirfd, struct segments *segments, struct recovery_result *result,
                   GError **error);

#endif
