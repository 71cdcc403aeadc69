/* The list of segments. Its order is that of their numbers, whatever the directory's is. */
#include "daemon/spool/segment.h"

#include "daemon/base/log.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

struct segments {
    int dirfd;
    GArray *all; /* struct segment, oldest first */
    uint64_t total_bytes;
};

static struct segment *
get (const struct segments *segments, unsigned i)
{
    return &g_array_index (segments->all, struct segment, i);
}

static int
compare (gconstpointer a, gconstpointer b)
{
    const struct segment *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Lists the file if it's a segment. False with errno: nobody knows what it is. */
static bool
list_one (struct segments *segments, const char *name)
{
    struct segment segment = { .first = dsn_spool_segment_seq (name) };
    struct stat st;

    if (!segment.first)
        return true;
    if (sys_fstatat (segments->dirfd, name, &st) < 0)
        return errno == ENOENT;
    if (S_ISREG (st.st_mode)) {
        segment.bytes = (uint64_t)st.st_size;
        segment.mtime_s = st.st_mtim.tv_sec;
        segments->total_bytes += segment.bytes;
        g_array_append_val (segments->all, segment);
    }
    return true;
}

struct segments *
segments_list (int dirfd)
{
    DIR *dir = sys_opendirat (dirfd, ".");
    const struct dirent *entry;
    struct segments *segments;
    bool is_ok = true;
    int error;

    if (!dir)
        return NULL;
    segments = g_new (struct segments, 1);
    *segments = (struct segments){ .dirfd = dirfd,
                                   .all = g_array_new (FALSE, FALSE, sizeof (struct segment)) };
    while (is_ok && (entry = sys_readdir (dir)))
        is_ok = list_one (segments, entry->d_name);
    /* a segment that is overlooked would have its numbers given away again */
    error = errno;
    (void)closedir (dir);
    if (is_ok && error == 0) {
        g_array_sort (segments->all, compare);
        return segments;
    }
    segments_free (segments);
    errno = error;
    return NULL;
}

void
segments_free (struct segments *segments)
{
    if (!segments)
        return;
    g_array_unref (segments->all);
    g_free (segments);
}

unsigned
segments_count (const struct segments *segments)
{
    return segments->all->len;
}

uint64_t
segments_bytes (const struct segments *segments)
{
    return segments->total_bytes;
}

const struct segment *
segments_get (const struct segments *segments, unsigned i)
{
    return get (segments, i);
}

const struct segment *
segments_last (const struct segments *segments)
{
    return segments->all->len ? get (segments, segments->all->len - 1) : NULL;
}

const struct segment *
segments_find (const struct segments *segments, uint64_t seq)
{
    const struct segment *found = NULL;

    for (unsigned i = 0; i < segments->all->len; i++) {
        if (found && get (segments, i)->first > seq)
            break;
        found = get (segments, i);
    }
    return found;
}

void
segments_add (struct segments *segments, uint64_t first)
{
    const struct segment segment = { .first = first, .mtime_s = (int64_t)time (NULL) };

    g_array_append_val (segments->all, segment);
}

void
segments_resize (struct segments *segments, unsigned i, uint64_t bytes)
{
    struct segment *segment = get (segments, i);

    segments->total_bytes += bytes - segment->bytes;
    segment->bytes = bytes;
    if (bytes == 0)
        g_array_remove_index (segments->all, i);
}

int
segment_open (const struct segments *segments, const struct segment *segment, int flags)
{
    char name[SEGMENT_NAME_SIZE];

    segment_name (segment, name);
    return sys_openat (segments->dirfd, name, flags, 0600);
}

void
segment_name (const struct segment *segment, char ret_name[SEGMENT_NAME_SIZE])
{
    (void)g_snprintf (ret_name, SEGMENT_NAME_SIZE, "%020" G_GUINT64_FORMAT DSN_SPOOL_SEGMENT_SUFFIX,
                      segment->first);
}

/* Whether the oldest may go. */
static bool
is_due (const struct segments *segments, uint64_t floor, uint64_t keep_s, uint64_t max_bytes)
{
    const struct segment *oldest, *second;

    if (segments->all->len < 2)
        return false;
    oldest = get (segments, 0);
    second = get (segments, 1);
    return second->first <= floor && second->bytes > 0 &&
           ((int64_t)time (NULL) - oldest->mtime_s > (int64_t)keep_s ||
            segments->total_bytes > max_bytes);
}

unsigned
segments_trim (struct segments *segments, uint64_t floor, uint64_t keep_s, uint64_t max_bytes)
{
    unsigned n = 0;

    while (is_due (segments, floor, keep_s, max_bytes)) {
        char name[SEGMENT_NAME_SIZE];
        segment_name (get (segments, 0), name);
        if (sys_unlinkat (segments->dirfd, name) < 0 && errno != ENOENT) {
            log_event (LOG_WARNING, "spool-trim", "can't delete an old segment", "SEGMENT", name,
                       "ERROR", g_strerror (errno), NULL);
            break;
        }
        segments_resize (segments, 0, 0);
        n++;
    }
    return n;
}
