/* The durable event log: a directory of segments, each a file of JSON lines named by the seq of
 * its first line. Written by one process at a time; design, section 4.
 */
#ifndef DSND_SPOOL_H
#define DSND_SPOOL_H

#include "daemon/spool/error.h"

#include "core/event/spoolline.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct spool;

/* Opens the spool at @path, made if it's missing, takes its lock and recovers it: cuts a torn tail,
 * or goes on in a new segment after damage. Rotates segments at @segment_bytes. Logs what it did.
 * (transfer full): spool_free() */
struct spool *spool_open (const char *path, uint64_t segment_bytes, GError **error);
void spool_free (struct spool *spool);

/* 32 hex digits, made with the spool. (borrowed) */
const char *spool_id (const struct spool *spool);

/* The spool's directory, for what is kept next to the segments. Never closed by the caller. */
int spool_dirfd (const struct spool *spool);

/* First and last+1 seq of the events kept; equal when there are none. Only durable events count. */
uint64_t spool_first (const struct spool *spool);
uint64_t spool_next (const struct spool *spool);

/* Bytes of all segments. */
uint64_t spool_bytes (const struct spool *spool);
uint64_t spool_bytes_from (const struct spool *spool,
                           uint64_t seq); /* of the segments from @seq on */
unsigned spool_segments (const struct spool *spool);
unsigned spool_damaged (const struct spool *spool); /* segments found damaged or lost */

/* To be called about once a second: looks whether directory and files are still those at their
 * paths, mends what can be mended, and logs what is lost. */
void spool_watch (struct spool *spool);

/* The next event gets at least the number @next: somebody remembers those before it. */
void spool_raise (struct spool *spool, uint64_t next);

/* A mail whose events are in the newest segments: it may still be in new/. */
struct spool_recorded {
    char *mailbox; /* as in the JSON, escapes and all; "" if it has none */
    char *file;
    char *kind;
    uint64_t size_bytes;
    uint64_t ino;
    int64_t mtime_ns;
};
void spool_recorded_free (void *recorded);

/* The mails that recovery found. (transfer full), the second call gives an empty array */
GPtrArray *spool_take_recorded (struct spool *spool);

/* Makes the @n_lines in @lines durable, in the directory that the path leads to; the first has seq
 * spool_next(). On SPOOL_ERROR_RETRY nothing of them is in the spool, and the same call may be made
 * again. *ret_is_new_segment: the first commit into a new file. */
bool spool_commit (struct spool *spool, struct dsn_bytes lines, uint64_t n_lines,
                   bool *ret_is_new_segment, GError **error);

/* Deletes the oldest segments of which no event is at or after @floor, as long as they're older
 * than @keep_s or the spool is larger than @max_bytes. The newest always stays. Returns how many
 * went. */
unsigned spool_trim (struct spool *spool, uint64_t floor, uint64_t keep_s, uint64_t max_bytes);

/* Whether there's room for more: NULL, or why not (static). */
const char *spool_blocked (const struct spool *spool, uint64_t max_bytes);

/* Opens for reading the segment that holds @seq, or the first after it; *ret_first is its first
 * seq. -1 with errno; ENOENT: there's none. */
int spool_open_segment (const struct spool *spool, uint64_t seq, uint64_t *ret_first);

/* Whether the segment that starts at @first is the one being written, so that its end isn't yet
 * the end. */
bool spool_is_live (const struct spool *spool, uint64_t first);

/* Whether nothing more is written to the last segment: the next commit makes a new one. */
bool spool_is_ended (const struct spool *spool);

/* First seq of the segment after the one that starts at @first; spool_next() if it's the last. */
uint64_t spool_segment_after (const struct spool *spool, uint64_t first);

typedef struct spool spool_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (spool_t, spool_free)

#endif
