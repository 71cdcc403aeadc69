/* What a segment file holds: judged when the spool is opened, and changes nothing on disk. */
#ifndef DSND_RECOVERY_H
#define DSND_RECOVERY_H

#include <dsnd/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct recovery {
    uint64_t good_bytes; /* up to the end of the last whole mail before anything wrong */
    uint64_t next;      /* seq after the last valid event kept; after damage, after any valid one */
    uint64_t bad_bytes; /* after good_bytes: a torn tail, unless is_damaged */
    bool is_damaged;    /* valid events follow invalid bytes: not the trace of a crash */
};

/* Judges the segment @bytes whose first line must have the seq @first. The mails of the events
 * kept are appended to @recorded (struct spool_recorded *), unless it's NULL. */
struct recovery recovery_scan (struct dsn_bytes bytes, uint64_t first, GPtrArray *recorded);

#endif
