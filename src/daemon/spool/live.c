/* Writing a segment. Write all, fdatasync, and only then say so. */
#include "daemon/spool/live.h"

#include "daemon/base/sys.h"
#include "daemon/spool/error.h"

#include <errno.h>
#include <fcntl.h>

#define AGE_MAX_S 86400

static int64_t
monotonic_s (void)
{
    return g_get_monotonic_time () / G_USEC_PER_SEC;
}

bool
live_start (struct live *live, struct segments *segments, int dirfd, uint64_t first, GError **error)
{
    const struct segment segment = { .first = first };
    char name[SEGMENT_NAME_SIZE];

    live->fd = segment_open (segments, &segment, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    if (live->fd < 0)
        return spool_fail (error, SPOOL_ERROR_RETRY, "can't make a new segment");
    if (sys_fsync (live->fd) < 0 || sys_fsync (dirfd) < 0) {
        (void)spool_fail (error, SPOOL_ERROR_FATAL, "can't make a new segment durable");
        segment_name (&segment, name);
        (void)sys_unlinkat (dirfd, name);
        return false;
    }
    live->since_s = monotonic_s ();
    segments_add (segments, first);
    return true;
}

/* A write failed, maybe in the middle. */
static bool
fail_write (const struct live *live, const struct segment *segment, GError **error)
{
    const int saved = errno;
    const bool is_passing = saved == ENOSPC || saved == EDQUOT || saved == EROFS || saved == EFBIG;

    if (sys_ftruncate (live->fd, (off_t)segment->bytes) < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't take back a failed write to the spool");
    errno = saved;
    return spool_fail (error, is_passing ? SPOOL_ERROR_RETRY : SPOOL_ERROR_FATAL,
                       "can't write to the spool");
}

bool
live_append (const struct live *live, const struct segment *segment, struct dsn_bytes lines,
             GError **error)
{
    if (sys_write_all (live->fd, lines.p, lines.n) < 0)
        return fail_write (live, segment, error);
    if (sys_fdatasync (live->fd) == 0)
        return true;
    (void)spool_fail (error, SPOOL_ERROR_FATAL, "can't make events durable");
    live_take_back (live, segment);
    return false;
}

void
live_take_back (const struct live *live, const struct segment *segment)
{
    (void)sys_ftruncate (live->fd, (off_t)segment->bytes);
}

bool
live_is_in_place (const struct live *live, int dirfd, const struct segment *segment, uint64_t bytes)
{
    char name[SEGMENT_NAME_SIZE];
    struct stat st;

    segment_name (segment, name);
    return sys_is_at (live->fd, dirfd, name) && sys_fstat (live->fd, &st) == 0 &&
           (uint64_t)st.st_size == bytes;
}

bool
live_is_over (const struct live *live, const struct segment *segment, uint64_t bytes_max)
{
    return segment->bytes > 0 &&
           (segment->bytes >= bytes_max || monotonic_s () - live->since_s >= AGE_MAX_S);
}
