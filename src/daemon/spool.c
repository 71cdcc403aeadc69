/* The event log. Responsibility for a mail passes to us when spool_commit() returns true, so its
 * order is fixed: write all, fdatasync, and only then say so. After a failed fdatasync nobody
 * knows what is on disk; it's never tried again, the process ends and recovery reads the truth.
 */
#include "spool.h"

#include "log.h"
#include "recovery.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define ID_BYTES          16
#define SEGMENT_MAX_AGE_S 86400
#define FREE_MIN_BYTES    (UINT64_C (64) * 1024 * 1024)
#define FREE_MIN_PERCENT  5
#define RECORDED_MIN      4096 /* mails remembered for the check on doubles */
#define SEGMENT_NAME_SIZE (DSN_SPOOL_SEGMENT_DIGITS + sizeof DSN_SPOOL_SEGMENT_SUFFIX)
#define SEGMENT_LIMIT     ((uint64_t)1 << 32) /* larger than any we write */

G_DEFINE_QUARK (dsnd - spool - error, spool_error)

struct segment {
    uint64_t first;
    uint64_t bytes;
    int64_t mtime_s;
};

struct spool {
    int dirfd, lockfd;
    char id[2 * ID_BYTES + 1];
    uint64_t segment_bytes;
    GArray *segments; /* struct segment, oldest first */
    uint64_t next;
    uint64_t total_bytes;
    int live; /* the last segment, being written; -1: the next commit makes one */
    int64_t live_since_s;
    unsigned n_damaged;
    GPtrArray *recorded;
};

static void
recorded_free (gpointer data)
{
    struct spool_recorded *r = data;

    g_free (r->mailbox);
    g_free (r->file);
    g_free (r->kind);
    g_free (r);
}

static int64_t
monotonic_s (void)
{
    return g_get_monotonic_time () / G_USEC_PER_SEC;
}

static void
segment_name (uint64_t first, char name[SEGMENT_NAME_SIZE])
{
    (void)g_snprintf (name, SEGMENT_NAME_SIZE, "%020" G_GUINT64_FORMAT DSN_SPOOL_SEGMENT_SUFFIX,
                      first);
}

static bool
fail (GError **error, enum spool_error code, const char *what)
{
    const int saved = errno;

    g_set_error (error, SPOOL_ERROR, (int)code, "%s: %s", what, g_strerror (saved));
    return false;
}

static struct segment *
last_segment (const struct spool *spool)
{
    return spool->segments->len
               ? &g_array_index (spool->segments, struct segment, spool->segments->len - 1)
               : NULL;
}

/* Reads the id, or makes one: complete under another name first, so that there's never half an
 * id. */
static bool
load_id (struct spool *spool, GError **error)
{
    unsigned char bytes[ID_BYTES];
    sys_autofd fd = sys_openat (spool->dirfd, "id", O_RDONLY, 0);
    ssize_t n;

    if (fd >= 0) {
        n = sys_read_full (fd, spool->id, 2 * ID_BYTES);
        for (ssize_t i = 0; i < n; i++)
            if (!g_ascii_isxdigit (spool->id[i]))
                n = -1;
        if (n == 2 * ID_BYTES)
            return true;
        errno = EINVAL;
        return fail (error, SPOOL_ERROR_FATAL, "the spool's file 'id' holds no 32 hex digits");
    }
    if (errno != ENOENT)
        return fail (error, SPOOL_ERROR_FATAL, "can't read the spool's id");
    if (getrandom (bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fail (error, SPOOL_ERROR_FATAL, "no random bytes for the spool's id");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)g_snprintf (spool->id + 2 * i, 3, "%02x", bytes[i]);
    fd = sys_openat (spool->dirfd, "id.tmp", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || sys_write_all (fd, spool->id, 2 * ID_BYTES) < 0 || sys_fsync (fd) < 0 ||
        sys_rename_over (spool->dirfd, "id.tmp", "id") < 0 || sys_fsync (spool->dirfd) < 0)
        return fail (error, SPOOL_ERROR_FATAL, "can't write the spool's id");
    return true;
}

static bool
open_directory (struct spool *spool, const char *path, GError **error)
{
    unsigned long long n_free, total;
    bool is_network;

    if (sys_mkdirat (AT_FDCWD, path, 0700) < 0 && errno != EEXIST)
        return fail (error, SPOOL_ERROR_FATAL, "can't make the spool's directory");
    spool->dirfd = sys_open_directory (AT_FDCWD, path);
    if (spool->dirfd < 0 || sys_free_space (spool->dirfd, &n_free, &total, &is_network) < 0)
        return fail (error, SPOOL_ERROR_FATAL, "can't open the spool's directory");
    if (is_network) {
        g_set_error (error, SPOOL_ERROR, SPOOL_ERROR_FATAL,
                     "the spool is on a network file system, which can't promise durable writes; "
                     "put it on a local disk");
        return false;
    }
    spool->lockfd = sys_openat (spool->dirfd, "lock", O_RDWR | O_CREAT, 0600);
    if (spool->lockfd < 0)
        return fail (error, SPOOL_ERROR_FATAL, "can't open the spool's lock");
    if (flock (spool->lockfd, LOCK_EX | LOCK_NB) < 0)
        return fail (error, errno == EWOULDBLOCK ? SPOOL_ERROR_BUSY : SPOOL_ERROR_FATAL,
                     "another dsnd holds the spool");
    return true;
}

static int
compare_segments (gconstpointer a, gconstpointer b)
{
    const struct segment *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

static bool
list_segments (struct spool *spool, GError **error)
{
    DIR *dir = sys_opendirat (spool->dirfd, ".");

    if (!dir)
        return fail (error, SPOOL_ERROR_FATAL, "can't list the spool");
    for (const struct dirent *entry = readdir (dir); entry; entry = readdir (dir)) {
        struct segment segment = { .first = dsn_spool_segment_seq (entry->d_name) };
        struct stat st;
        if (!segment.first || sys_fstatat (spool->dirfd, entry->d_name, &st) < 0 ||
            !S_ISREG (st.st_mode))
            continue;
        segment.bytes = (uint64_t)st.st_size;
        segment.mtime_s = st.st_mtim.tv_sec;
        spool->total_bytes += segment.bytes;
        g_array_append_val (spool->segments, segment);
    }
    (void)closedir (dir);
    g_array_sort (spool->segments, compare_segments);
    return true;
}

static int
open_segment (const struct spool *spool, uint64_t first, int flags)
{
    char name[SEGMENT_NAME_SIZE];

    segment_name (first, name);
    return sys_openat (spool->dirfd, name, flags, 0600);
}

/* Maps and judges one segment. The lock is ours, so nobody shortens it meanwhile. */
static bool
scan_segment (struct spool *spool, const struct segment *segment, GPtrArray *recorded,
              struct recovery *ret, GError **error)
{
    sys_autofd fd = open_segment (spool, segment->first, O_RDONLY);
    void *map;

    if (fd < 0 || segment->bytes > SEGMENT_LIMIT)
        return fail (error, SPOOL_ERROR_FATAL, "can't read a segment of the spool");
    if (segment->bytes == 0) {
        *ret = (struct recovery){ .next = segment->first };
        return true;
    }
    map = mmap (NULL, segment->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return fail (error, SPOOL_ERROR_FATAL, "can't map a segment of the spool");
    (void)madvise (map, segment->bytes, MADV_SEQUENTIAL);
    *ret = recovery_scan ((struct dsn_bytes){ map, segment->bytes }, segment->first, recorded);
    (void)munmap (map, segment->bytes);
    return true;
}

static void
log_segment (int priority, const char *id, const char *text, uint64_t first, uint64_t n_bytes)
{
    char name[SEGMENT_NAME_SIZE];
    g_autofree char *bytes = log_number (n_bytes);

    segment_name (first, name);
    log_event (priority, id, text, "SEGMENT", name, "BYTES", bytes, NULL);
}

/* Cuts the torn tail off the last segment; one in which nothing is left goes. */
static bool
cut_tail (struct spool *spool, struct segment *segment, const struct recovery *found,
          GError **error)
{
    char name[SEGMENT_NAME_SIZE];
    sys_autofd fd = -1;

    log_segment (LOG_WARNING, "spool-tail-cut", "cut an incomplete batch off the spool",
                 segment->first, found->bad_bytes);
    segment_name (segment->first, name);
    if (found->good_bytes == 0) {
        if (sys_unlinkat (spool->dirfd, name) < 0 || sys_fsync (spool->dirfd) < 0)
            return fail (error, SPOOL_ERROR_FATAL, "can't remove an empty segment");
    } else {
        fd = open_segment (spool, segment->first, O_WRONLY);
        if (fd < 0 || sys_ftruncate (fd, (off_t)found->good_bytes) < 0 || sys_fdatasync (fd) < 0)
            return fail (error, SPOOL_ERROR_FATAL, "can't cut an incomplete batch off the spool");
    }
    spool->total_bytes -= segment->bytes - found->good_bytes;
    segment->bytes = found->good_bytes;
    return true;
}

/* Reads the newest segments: the last for its end, and as many before it as it takes to know the
 * mails that may still be in new/. A segment in use is always made anew, so nothing is appended
 * to these. */
static bool
recover (struct spool *spool, GError **error)
{
    for (unsigned i = spool->segments->len; i > 0; i--) {
        struct segment *segment = &g_array_index (spool->segments, struct segment, i - 1);
        const bool is_last = i == spool->segments->len;
        struct recovery found = { 0 };
        if (spool->segments->len - i >= 2 && spool->recorded->len >= RECORDED_MIN)
            break;
        if (!scan_segment (spool, segment, spool->recorded, &found, error))
            return false;
        if (found.is_damaged || (!is_last && found.bad_bytes)) {
            spool->n_damaged++;
            log_segment (LOG_ERR, "spool-damaged",
                         "a segment of the spool is damaged; its valid events are still served",
                         segment->first, found.bad_bytes);
        } else if (is_last && (found.bad_bytes || segment->bytes == 0)) {
            if (!cut_tail (spool, segment, &found, error))
                return false;
        }
        if (is_last)
            spool->next = MAX (spool->next, found.next);
        if (segment->bytes == 0)
            g_array_remove_index (spool->segments, i - 1);
    }
    return true;
}

struct spool *
spool_open (const char *path, uint64_t segment_bytes, GError **error)
{
    g_autoptr (spool_t) spool = g_new0 (struct spool, 1);

    spool->dirfd = spool->lockfd = spool->live = -1;
    spool->next = 1;
    spool->segment_bytes = segment_bytes;
    spool->segments = g_array_new (FALSE, FALSE, sizeof (struct segment));
    spool->recorded = g_ptr_array_new_with_free_func (recorded_free);
    if (!open_directory (spool, path, error) || !load_id (spool, error) ||
        !list_segments (spool, error) || !recover (spool, error)) {
        g_prefix_error (error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer (&spool);
}

void
spool_free (struct spool *spool)
{
    if (!spool)
        return;
    sys_close (&spool->live);
    sys_close (&spool->lockfd);
    sys_close (&spool->dirfd);
    g_array_unref (spool->segments);
    g_clear_pointer (&spool->recorded, g_ptr_array_unref);
    g_free (spool);
}

const char *
spool_id (const struct spool *spool)
{
    return spool->id;
}

int
spool_dirfd (const struct spool *spool)
{
    return spool->dirfd;
}

uint64_t
spool_first (const struct spool *spool)
{
    return spool->segments->len ? g_array_index (spool->segments, struct segment, 0).first
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
    return spool->total_bytes;
}

unsigned
spool_segments (const struct spool *spool)
{
    return spool->segments->len;
}

unsigned
spool_damaged (const struct spool *spool)
{
    return spool->n_damaged;
}

GPtrArray *
spool_take_recorded (struct spool *spool)
{
    GPtrArray *recorded = spool->recorded;

    spool->recorded = g_ptr_array_new_with_free_func (recorded_free);
    return recorded;
}

/* Opens a new segment for the events from spool->next on, and makes its name durable. */
static bool
start_segment (struct spool *spool, GError **error)
{
    const struct segment segment = { .first = spool->next, .mtime_s = (int64_t)time (NULL) };
    char name[SEGMENT_NAME_SIZE];

    segment_name (segment.first, name);
    spool->live = open_segment (spool, segment.first, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    if (spool->live < 0)
        return fail (error, SPOOL_ERROR_RETRY, "can't make a new segment");
    if (sys_fsync (spool->live) < 0 || sys_fsync (spool->dirfd) < 0) {
        (void)fail (error, SPOOL_ERROR_FATAL, "can't make a new segment durable");
        (void)sys_unlinkat (spool->dirfd, name);
        return false;
    }
    spool->live_since_s = monotonic_s ();
    g_array_append_val (spool->segments, segment);
    return true;
}

static bool
is_segment_over (const struct spool *spool)
{
    const struct segment *last = last_segment (spool);

    return spool->live >= 0 && last->bytes > 0 &&
           (last->bytes >= spool->segment_bytes ||
            monotonic_s () - spool->live_since_s >= SEGMENT_MAX_AGE_S);
}

/* A write failed: takes back what it may have written. Whether to try again or to stop. */
static bool
take_back (struct spool *spool, const struct segment *segment, GError **error)
{
    const int saved = errno;
    const bool is_passing = saved == ENOSPC || saved == EDQUOT || saved == EROFS || saved == EFBIG;

    if (sys_ftruncate (spool->live, (off_t)segment->bytes) < 0)
        return fail (error, SPOOL_ERROR_FATAL, "can't take back a failed write to the spool");
    errno = saved;
    return fail (error, is_passing ? SPOOL_ERROR_RETRY : SPOOL_ERROR_FATAL,
                 "can't write to the spool");
}

bool
spool_commit (struct spool *spool, struct dsn_bytes lines, uint64_t n_lines,
              bool *ret_is_new_segment, GError **error)
{
    struct segment *segment;
    bool is_new = false;

    if (is_segment_over (spool))
        sys_close (&spool->live);
    if (spool->live < 0) {
        if (!start_segment (spool, error))
            return false;
        is_new = true;
    }
    segment = last_segment (spool);
    if (sys_write_all (spool->live, lines.p, lines.n) < 0)
        return take_back (spool, segment, error);
    if (sys_fdatasync (spool->live) < 0) {
        (void)fail (error, SPOOL_ERROR_FATAL, "can't make events durable");
        (void)sys_ftruncate (spool->live, (off_t)segment->bytes);
        return false;
    }
    /* from here on the events exist: they may be sent, and their mails may leave new/ */
    *ret_is_new_segment = is_new || segment->bytes == 0;
    segment->bytes += lines.n;
    spool->total_bytes += lines.n;
    spool->next += n_lines;
    return true;
}

unsigned
spool_trim (struct spool *spool, uint64_t floor, uint64_t keep_s, uint64_t max_bytes)
{
    const int64_t now = (int64_t)time (NULL);
    unsigned n = 0;

    while (spool->segments->len > 1) {
        const struct segment *oldest = &g_array_index (spool->segments, struct segment, 0);
        const struct segment *second = &g_array_index (spool->segments, struct segment, 1);
        const bool is_old = now - oldest->mtime_s > (int64_t)keep_s;
        char name[SEGMENT_NAME_SIZE];
        if (second->first > floor || second->bytes == 0 ||
            (!is_old && spool->total_bytes <= max_bytes))
            break;
        segment_name (oldest->first, name);
        if (sys_unlinkat (spool->dirfd, name) < 0 && errno != ENOENT) {
            log_event (LOG_WARNING, "spool-trim", "can't delete an old segment", "SEGMENT", name,
                       "ERROR", g_strerror (errno), NULL);
            break;
        }
        spool->total_bytes -= oldest->bytes;
        g_array_remove_index (spool->segments, 0);
        n++;
    }
    return n;
}

const char *
spool_blocked (const struct spool *spool, uint64_t max_bytes)
{
    unsigned long long n_free, total;
    bool is_network;

    if (spool->total_bytes >= max_bytes)
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
    const struct segment *found = NULL;
    int fd;

    for (unsigned i = 0; i < spool->segments->len; i++) {
        const struct segment *segment = &g_array_index (spool->segments, struct segment, i);
        if (found && segment->first > seq)
            break;
        found = segment;
    }
    if (!found || seq >= spool->next) {
        errno = ENOENT;
        return -1;
    }
    fd = open_segment (spool, found->first, O_RDONLY);
    if (fd >= 0)
        *ret_first = found->first;
    return fd;
}

bool
spool_is_live (const struct spool *spool, uint64_t first)
{
    const struct segment *last = last_segment (spool);

    return last && last->first == first;
}

bool
spool_is_ended (const struct spool *spool)
{
    return spool->live < 0;
}

uint64_t
spool_segment_after (const struct spool *spool, uint64_t first)
{
    for (unsigned i = 0; i < spool->segments->len; i++) {
        const struct segment *segment = &g_array_index (spool->segments, struct segment, i);
        if (segment->first > first)
            return segment->first;
    }
    return spool->next;
}
