/* The event log. Responsibility for a mail passes to us when spool_commit() returns true, so its
 * order is fixed: write all, fdatasync, and only then say so. After a failed fdatasync nobody
 * knows what is on disk; it's never tried again, the process ends and recovery reads the truth.
 */
#include "daemon/spool/spool.h"

#include "daemon/spool/directory.h"
#include "daemon/spool/idfile.h"
#include "daemon/spool/live.h"
#include "daemon/spool/recovery.h"
#include "daemon/spool/segment.h"
#include "daemon/base/log.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>

#define FREE_MIN_BYTES   (UINT64_C (64) * 1024 * 1024)
#define FREE_MIN_PERCENT 5
#define WATCHED_COUNT    64 /* old segments looked for at a time */

struct spool {
    char *path;
    int dirfd, lockfd;
    struct idfile idfile;
    const char *misplaced; /* why nothing may be written, NULL: it may */
    uint64_t segment_bytes;
    struct segments *segments;
    uint64_t next;
    struct live live; /* the last segment, being written; none: the next commit makes one */
    unsigned n_damaged;
    unsigned watched; /* the segment that was looked for last */
    GPtrArray *recorded;
};

/* Lists the segments and judges the newest. */
static bool
recover (struct spool *spool, GError **error)
{
    struct recovery_result result = { .recorded = spool->recorded, .mark = spool->idfile.mark };

    spool->segments = segments_list (spool->dirfd);
    if (!spool->segments)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't list the spool");
    if (!recovery_run (spool->dirfd, spool->segments, &result, error))
        return false;
    spool->next = result.next;
    spool->n_damaged = result.n_damaged;
    return true;
}

struct spool *
spool_open (const char *path, uint64_t segment_bytes, GError **error)
{
    g_autoptr (spool_t) spool = g_new0 (struct spool, 1);

    spool->path = g_strdup (path);
    spool->dirfd = spool->lockfd = spool->live.fd = spool->idfile.fd = -1;
    spool->segment_bytes = segment_bytes;
    spool->recorded = g_ptr_array_new_with_free_func (spool_recorded_free);
    if (!spooldir_open (path, &spool->dirfd, &spool->lockfd, error) ||
        !idfile_open (&spool->idfile, spool->dirfd, error) || !recover (spool, error)) {
        g_prefix_error (error, "%s: ", path);
        return NULL;
    }
    if (spool->idfile.is_copied)
        log_event (
            LOG_WARNING, "spool-copied",
            "the spool is a copy, or was put back from a backup: numbers may have been given "
            "since, so it has a new id, and is another spool to its readers",
            "ID", spool->idfile.id, NULL);
    return g_steal_pointer (&spool);
}

void
spool_free (struct spool *spool)
{
    if (!spool)
        return;
    sys_close (&spool->live.fd);
    idfile_done (&spool->idfile);
    sys_close (&spool->lockfd);
    sys_close (&spool->dirfd);
    g_free (spool->path);
    segments_free (spool->segments);
    g_clear_pointer (&spool->recorded, g_ptr_array_unref);
    g_free (spool);
}

const char *
spool_id (const struct spool *spool)
{
    return spool->idfile.id;
}

int
spool_dirfd (const struct spool *spool)
{
    return spool->dirfd;
}

uint64_t
spool_first (const struct spool *spool)
{
    return segments_count (spool->segments) ? segments_get (spool->segments, 0)->first
                                            : spool->next;
}

uint64_t
spool_next (const struct spool *spool)
{
    return spool->next;
}

uint64_t
spool_bytes (const struct spool *spool)
{
    return segments_bytes (spool->segments);
}

uint64_t
spool_bytes_from (const struct spool *spool, uint64_t seq)
{
    uint64_t bytes = 0;

    for (unsigned i = segments_count (spool->segments); i > 0; i--) {
        const struct segment *segment = segments_get (spool->segments, i - 1);
        bytes += segment->bytes;
        if (segment->first <= seq)
            break;
    }
    return bytes;
}

unsigned
spool_segments (const struct spool *spool)
{
    return segments_count (spool->segments);
}

unsigned
spool_damaged (const struct spool *spool)
{
    return spool->n_damaged;
}

void
spool_recorded_free (void *recorded)
{
    struct spool_recorded *r = recorded;

    g_free (r->mailbox);
    g_free (r->file);
    g_free (r->kind);
    g_free (r);
}

GPtrArray *
spool_take_recorded (struct spool *spool)
{
    GPtrArray *recorded = spool->recorded;

    spool->recorded = g_ptr_array_new_with_free_func (spool_recorded_free);
    return recorded;
}

/* --- what may have been done to the files meanwhile ------------------------------------------- */

/* A segment was deleted, replaced or cut short. Whoever reads it is told of a gap. */
static void
lose (struct spool *spool, unsigned i)
{
    const struct segment *segment = segments_get (spool->segments, i);
    char name[SEGMENT_NAME_SIZE];
    struct stat st;

    segment_name (segment, name);
    log_event (LOG_ERR, "spool-lost",
               "a segment was deleted or changed by somebody; readers are told of a gap", "SEGMENT",
               name, NULL);
    spool->n_damaged++;
    if (i + 1 == segments_count (spool->segments))
        sys_close (&spool->live.fd);
    if (sys_fstatat (spool->dirfd, name, &st) < 0 || !S_ISREG (st.st_mode))
        segments_resize (spool->segments, i, 0);
    else
        segments_resize (spool->segments, i, (uint64_t)st.st_size);
}

static bool
is_live_in_place (const struct spool *spool, uint64_t bytes)
{
    return live_is_in_place (&spool->live, spool->dirfd, segments_last (spool->segments), bytes);
}

static void
lose_live_if_moved (struct spool *spool)
{
    if (spool->live.fd >= 0 && !is_live_in_place (spool, segments_last (spool->segments)->bytes))
        lose (spool, segments_count (spool->segments) - 1);
}

/* Looks for the next few segments that aren't written any more. */
static void
watch_old (struct spool *spool)
{
    for (unsigned n = 0; n < WATCHED_COUNT && segments_count (spool->segments); n++) {
        const unsigned i = ++spool->watched % segments_count (spool->segments);
        const struct segment *segment = segments_get (spool->segments, i);
        char name[SEGMENT_NAME_SIZE];
        struct stat st;
        segment_name (segment, name);
        if (i + 1 == segments_count (spool->segments) && spool->live.fd >= 0)
            continue;
        if (sys_fstatat (spool->dirfd, name, &st) < 0 ? errno == ENOENT
                                                      : (uint64_t)st.st_size != segment->bytes)
            lose (spool, i);
    }
}

/* What can be mended is; the rest is the answer. */
static const char *
keep_place (struct spool *spool)
{
    spool->misplaced = spooldir_keep (spool->path, spool->dirfd, &spool->lockfd);
    if (!spool->misplaced && !idfile_keep (&spool->idfile, spool->dirfd))
        spool->misplaced = "the spool's file 'id' is gone, and can't be written again";
    return spool->misplaced;
}

void
spool_watch (struct spool *spool)
{
    if (keep_place (spool))
        return;
    lose_live_if_moved (spool);
    watch_old (spool);
}

void
spool_raise (struct spool *spool, uint64_t next)
{
    g_autofree char *from = log_number (spool->next);
    g_autofree char *to = log_number (next - 1);

    if (next <= spool->next)
        return;
    log_event (LOG_ERR, "spool-short",
               "events that were recorded are not in the spool any more; readers are told of a gap",
               "FROM", from, "TO", to, NULL);
    spool->n_damaged += spool->n_damaged == 0;
    spool->next = next;
}

/* --- writing --------------------------------------------------------------------------------- */

static bool
refuse_place (GError **error)
{
    errno = ESTALE;
    return spool_fail (error, SPOOL_ERROR_RETRY, "the spool isn't where it was");
}

bool
spool_commit (struct spool *spool, struct dsn_bytes lines, uint64_t n_lines,
              bool *ret_is_new_segment, GError **error)
{
    const struct segment *segment;
    bool is_new = false;

    if (keep_place (spool))
        return refuse_place (error);
    lose_live_if_moved (spool);
    if (spool->live.fd >= 0 &&
        live_is_over (&spool->live, segments_last (spool->segments), spool->segment_bytes))
        sys_close (&spool->live.fd);
    if (spool->live.fd < 0) {
        if (!live_start (&spool->live, spool->segments, spool->dirfd, spool->next, error))
            return false;
        is_new = true;
    }
    segment = segments_last (spool->segments);
    if (!live_append (&spool->live, segment, lines, error))
        return false;
    /* they're safe only where a start will look for them */
    if (!sys_is_at (spool->dirfd, AT_FDCWD, spool->path) ||
        !is_live_in_place (spool, segment->bytes + lines.n)) {
        live_take_back (&spool->live, segment);
        return refuse_place (error);
    }
    /* from here on the events exist: they may be sent, and their mails may leave new/ */
    *ret_is_new_segment = is_new || segment->bytes == 0;
    segments_resize (spool->segments, segments_count (spool->segments) - 1,
                     segment->bytes + lines.n);
    spool->next += n_lines;
    if (!idfile_set_mark (&spool->idfile, spool->next))
        log_event (LOG_ERR, "spool-mark",
                   "can't write down which numbers are given; only the events tell now", "ERROR",
                   g_strerror (errno), NULL);
    return true;
}

unsigned
spool_trim (struct spool *spool, uint64_t floor, uint64_t keep_s, uint64_t max_bytes)
{
    return segments_trim (spool->segments, floor, keep_s, max_bytes);
}

const char *
spool_blocked (const struct spool *spool, uint64_t max_bytes)
{
    unsigned long long n_free, total;
    bool is_network;

    if (spool->misplaced)
        return spool->misplaced;
    if (segments_bytes (spool->segments) >= max_bytes)
        return "the spool has reached its MaxSize, and a consumer has not acknowledged its oldest "
               "events";
    if (sys_free_space (spool->dirfd, &n_free, &total, &is_network) == 0 &&
        n_free < MIN (FREE_MIN_BYTES, total / 100 * FREE_MIN_PERCENT))
        return "the spool's file system is full";
    return NULL;
}

int
spool_open_segment (const struct spool *spool, uint64_t seq, uint64_t *ret_first)
{
    const struct segment *found = segments_find (spool->segments, seq);
    const struct segment *last = segments_last (spool->segments);
    int fd = -1;

    errno = ENOENT;
    /* one that somebody deleted is passed over */
    for (; found && seq < spool->next && fd < 0 && errno == ENOENT; found++) {
        fd = segment_open (spool->segments, found, O_RDONLY);
        if (fd >= 0)
            *ret_first = found->first;
        if (found == last)
            break;
    }
    return fd;
}

bool
spool_is_live (const struct spool *spool, uint64_t first)
{
    const struct segment *last = segments_last (spool->segments);

    return last && last->first == first;
}

bool
spool_is_ended (const struct spool *spool)
{
    return spool->live.fd < 0;
}

uint64_t
spool_segment_after (const struct spool *spool, uint64_t first)
{
    for (unsigned i = 0; i < segments_count (spool->segments); i++) {
        const struct segment *segment = segments_get (spool->segments, i);
        if (segment->first > first)
            return segment->first;
    }
    return spool->next;
}
