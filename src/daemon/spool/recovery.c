/* Judging a segment. A process that died leaves whole lines and at most one torn batch at the end;
 * anything else is damage, and then nothing may be cut: the valid events behind it still count.
 */
#include "daemon/spool/recovery.h"

#include "daemon/base/log.h"
#include "daemon/spool/spool.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define RECORDED_MIN  4096                /* mails remembered for the check on doubles */
#define SEGMENT_LIMIT ((uint64_t)1 << 32) /* larger than any we write */

/* The mail whose events are being read: they count only when the last is there. */
struct mail {
    uint32_t n_parts, n_seen;
    size_t start; /* of its first line */
};

static void
record (GPtrArray *recorded, struct dsn_bytes line)
{
    struct dsn_spoolline_source source;
    struct spool_recorded *r;
    const struct dsn_bytes kind = dsn_spoolline_kind (line);

    if (!recorded || !dsn_spoolline_source (line, &source))
        return;
    r = g_new (struct spool_recorded, 1);
    *r = (struct spool_recorded){
        .mailbox = g_strndup (source.mailbox.n ? source.mailbox.p : "", source.mailbox.n),
        .file = g_strndup (source.file.p, source.file.n),
        .kind = g_strndup (kind.n ? kind.p : "", kind.n),
        .size_bytes = source.size_bytes,
        .ino = source.ino,
        .mtime_ns = source.mtime_ns,
    };
    g_ptr_array_add (recorded, r);
}

/* Whether @line is the next of the current mail, or starts one where none is open. */
static bool
take_part (struct mail *mail, const struct dsn_spoolline *line, size_t at)
{
    if (mail->n_seen == mail->n_parts)
        *mail = (struct mail){ .n_parts = line->n_parts, .start = at };
    if (line->part != mail->n_seen + 1 || line->n_parts != mail->n_parts)
        return false;
    mail->n_seen++;
    return true;
}

/* Looks for valid events from @at on; the seq after the last of them, 0 if there's none. They'll be
 * served, so that mails of which all events are there count as recorded. */
static uint64_t
find_valid (struct dsn_bytes bytes, size_t at, uint64_t after, GPtrArray *recorded)
{
    struct mail mail = { 0 };
    uint64_t next = 0;

    while (at < bytes.n) {
        struct dsn_spoolline line;
        const struct dsn_bytes rest = dsn_bytes_sub (bytes, at, bytes.n);
        if (dsn_spoolline_check (rest, &line) == DSN_SPOOLLINE_VALID && line.seq >= after &&
            line.seq >= next) {
            if (line.seq != next || line.part == 1)
                mail = (struct mail){ 0 };
            next = line.seq + 1;
            if (take_part (&mail, &line, at) && mail.n_seen == mail.n_parts)
                record (recorded, dsn_bytes_sub (rest, 0, line.n_bytes));
        }
        at += line.n_bytes;
    }
    return next;
}

/* Whether a later version wrote here. It always goes on behind what an earlier one left, so that
 * the last whole line tells. */
static bool
is_of_later_version (struct dsn_bytes bytes)
{
    const char *end = bytes.n ? memrchr (bytes.p, '\n', bytes.n) : NULL;
    const char *before = end ? memrchr (bytes.p, '\n', (size_t)(end - bytes.p)) : NULL;
    const char *start = before ? before + 1 : bytes.p;
    struct dsn_spoolline line;

    return end && dsn_spoolline_check ((struct dsn_bytes){ start, (size_t)(end + 1 - start) },
                                       &line) == DSN_SPOOLLINE_LATER;
}

struct recovery
recovery_scan (struct dsn_bytes bytes, uint64_t first, GPtrArray *recorded)
{
    struct recovery r = { .next = first };
    struct mail mail = { 0 };
    uint64_t seq = first;
    uint64_t valid_after;
    size_t at = 0;

    r.is_later = is_of_later_version (bytes);
    if (r.is_later)
        return r;
    while (at < bytes.n) {
        struct dsn_spoolline line;
        const struct dsn_bytes rest = dsn_bytes_sub (bytes, at, bytes.n);
        if (dsn_spoolline_check (rest, &line) != DSN_SPOOLLINE_VALID || line.seq != seq ||
            !take_part (&mail, &line, at))
            break;
        at += line.n_bytes;
        seq++;
        if (mail.n_seen == mail.n_parts) {
            record (recorded, dsn_bytes_sub (rest, 0, line.n_bytes));
            r.good_bytes = at;
            r.next = seq;
        }
    }
    r.bad_bytes = bytes.n - r.good_bytes;
    valid_after = find_valid (bytes, at, r.next, recorded);
    if (valid_after) {
        r.is_damaged = true;
        r.next = valid_after;
    }
    return r;
}

/* Maps and judges one segment. The lock is ours, so nobody shortens it meanwhile. The last one is
 * synced first: a process that died between writing and syncing left events that look as if they
 * were there for good, and on their word mails would leave new/. */
static bool
scan_file (const struct segments *segments, const struct segment *segment, bool is_last,
           GPtrArray *recorded, struct recovery *ret, GError **error)
{
    sys_autofd fd = segment_open (segments, segment, O_RDONLY);
    void *map;

    if (fd < 0 || segment->bytes > SEGMENT_LIMIT)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't read a segment of the spool");
    if (is_last && sys_fdatasync (fd) < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL,
                           "can't make the last segment of the spool durable");
    if (segment->bytes == 0) {
        *ret = (struct recovery){ .next = segment->first };
        return true;
    }
    map = mmap (NULL, segment->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't map a segment of the spool");
    (void)madvise (map, segment->bytes, MADV_SEQUENTIAL);
    *ret = recovery_scan ((struct dsn_bytes){ map, segment->bytes }, segment->first, recorded);
    (void)munmap (map, segment->bytes);
    return true;
}

static void
log_segment (int priority, const char *id, const char *text, const struct segment *segment,
             uint64_t n_bytes)
{
    char name[SEGMENT_NAME_SIZE];
    g_autofree char *bytes = log_number (n_bytes);

    segment_name (segment, name);
    log_event (priority, id, text, "SEGMENT", name, "BYTES", bytes, NULL);
}

/* Cuts the torn tail off the last segment; one in which nothing is left goes. */
static bool
cut_tail (int dirfd, const struct segments *segments, const struct segment *segment,
          const struct recovery *found, GError **error)
{
    char name[SEGMENT_NAME_SIZE];
    sys_autofd fd = -1;

    log_segment (LOG_WARNING, "spool-tail-cut", "cut an incomplete batch off the spool", segment,
                 found->bad_bytes);
    segment_name (segment, name);
    if (found->good_bytes == 0) {
        if (sys_unlinkat (dirfd, name) < 0 || sys_fsync (dirfd) < 0)
            return spool_fail (error, SPOOL_ERROR_FATAL, "can't remove an empty segment");
        return true;
    }
    fd = segment_open (segments, segment, O_WRONLY);
    if (fd < 0 || sys_ftruncate (fd, (off_t)found->good_bytes) < 0 || sys_fdatasync (fd) < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't cut an incomplete batch off the spool");
    return true;
}

static bool
refuse_later (const struct segment *segment, GError **error)
{
    char name[SEGMENT_NAME_SIZE];

    segment_name (segment, name);
    g_set_error (error, SPOOL_ERROR, SPOOL_ERROR_FATAL,
                 "segment %s of the spool was written by a later version of dsnd; use that one, or "
                 "another spool",
                 name);
    return false;
}

/* Reads the @i-th segment, and mends it if it's the last. */
static bool
recover_one (int dirfd, struct segments *segments, unsigned i, struct recovery_result *result,
             GError **error)
{
    const struct segment *segment = segments_get (segments, i);
    const bool is_last = segment == segments_last (segments);
    struct recovery found = { 0 };

    if (!scan_file (segments, segment, is_last, result->recorded, &found, error))
        return false;
    if (found.is_later)
        return refuse_later (segment, error);
    if (is_last)
        result->next = MAX (result->next, found.next);
    /* what numbers were given to is no torn tail: its events were safe, and may have been sent */
    if (found.is_damaged || (found.bad_bytes && (!is_last || result->mark > found.next))) {
        result->n_damaged++;
        log_segment (LOG_ERR, "spool-damaged",
                     "a segment of the spool is damaged; its valid events are still served",
                     segment, found.bad_bytes);
    } else if (is_last && (found.bad_bytes || segment->bytes == 0)) {
        if (!cut_tail (dirfd, segments, segment, &found, error))
            return false;
        segments_resize (segments, i, found.good_bytes);
    } else if (segment->bytes == 0) {
        segments_resize (segments, i, 0);
    }
    return true;
}

/* Events that had numbers are gone: the numbers stay theirs, and readers are told of a gap. */
static void
tell_shortfall (struct recovery_result *result)
{
    g_autofree char *from = log_number (result->next);
    g_autofree char *to = log_number (result->mark - 1);

    log_event (LOG_ERR, "spool-short",
               "events that were recorded are not in the spool any more; readers are told of a gap",
               "FROM", from, "TO", to, NULL);
    result->n_damaged += result->n_damaged == 0;
    result->next = result->mark;
}

bool
recovery_run (int dirfd, struct segments *segments, struct recovery_result *result, GError **error)
{
    const unsigned n = segments_count (segments);

    result->next = 1;
    result->n_damaged = 0;
    for (unsigned i = n; i > 0; i--) {
        if (n - i >= 2 && result->recorded->len >= RECORDED_MIN)
            break;
        /* a segment in use is always made anew, so nothing is appended to these */
        if (!recover_one (dirfd, segments, i - 1, result, error))
            return false;
    }
    if (result->next < result->mark)
        tell_shortfall (result);
    /* the names of what was found, too */
    return sys_fsync (dirfd) == 0 ||
           spool_fail (error, SPOOL_ERROR_FATAL, "can't make the spool's directory durable");
}
