/* The segments of the spool: files of event lines, each named by the seq of its first line. This
 * knows which there are and how large they are; what is in them is recovery's matter, and
 * when they're durable the spool's.
 */
#ifndef DSND_SEGMENT_H
#define DSND_SEGMENT_H

#include "core/event/spoolline.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SEGMENT_NAME_SIZE (DSN_SPOOL_SEGMENT_DIGITS + sizeof DSN_SPOOL_SEGMENT_SUFFIX)

struct segment {
    uint64_t first; /* seq */
    uint64_t bytes;
    int64_t mtime_s; /* of the file when it was found, or made */
};

struct segments;

/* Those in the directory @dirfd, which stays the caller's and open as long. NULL with errno.
 * (transfer full): segments_free() */
struct segments *segments_list (int dirfd);
void segments_free (struct segments *segments);

unsigned segments_count (const struct segments *segments);
uint64_t segments_bytes (const struct segments *segments);

/* The @i-th oldest, and the newest or NULL; until segments are added or removed. (borrowed) */
const struct segment *segments_get (const struct segments *segments, unsigned i);
const struct segment *segments_last (const struct segments *segments);

/* The segment that holds @seq, or the first after it; NULL: there are none. (borrowed) */
const struct segment *segments_find (const struct segments *segments, uint64_t seq);

/* Lists a new one, empty, whose file was just made. */
void segments_add (struct segments *segments, uint64_t first);

/* The @i-th has @bytes now. At 0 it's no longer listed; its file is untouched. */
void segments_resize (struct segments *segments, unsigned i, uint64_t bytes);

/* Opens the file; -1 with errno. */
int segment_open (const struct segments *segments, const struct segment *segment, int flags);

void segment_name (const struct segment *segment, char ret_name[SEGMENT_NAME_SIZE]);

/* Deletes the oldest of which no event is at or after @floor, as long as they're older than
 * @keep_s or all together larger than @max_bytes. The newest with events always stays. Logs what
 * can't be deleted. Returns how many went. */
unsigned segments_trim (struct segments *segments, uint64_t floor, uint64_t keep_s,
                        uint64_t max_bytes);

#endif
