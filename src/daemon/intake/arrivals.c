/* Reading inotify. A file that appeared by link() or rename() is whole; one made in place, as by
 * cp, isn't until its writer closes it.
 */
#include "daemon/intake/arrivals.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>

#define NAMES_MAX    65536 /* that may wait */
#define WRITE_TICKS  60    /* a file that's open for writing this long is taken as it is */
#define UNSURE_TICKS 2
#define EVENTS       (IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_ONLYDIR)

struct arrivals {
    int fd;                 /* of inotify */
    int new_fd;             /* (borrowed) the directory */
    GHashTable *unfinished; /* names being written -> ticks to wait for them */
};

struct arrivals *
arrivals_new (void)
{
    struct arrivals *arrivals = g_new (struct arrivals, 1);

    *arrivals = (struct arrivals){ .fd = -1, .new_fd = -1 };
    arrivals->unfinished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    return arrivals;
}

void
arrivals_free (struct arrivals *arrivals)
{
    if (!arrivals)
        return;
    sys_close (&arrivals->fd);
    g_hash_table_unref (arrivals->unfinished);
    g_free (arrivals);
}

void
arrivals_watch (struct arrivals *arrivals, int new_fd)
{
    sys_close (&arrivals->fd);
    arrivals->new_fd = new_fd;
    if (new_fd >= 0)
        arrivals->fd = sys_watch (new_fd, EVENTS);
}

int
arrivals_fd (const struct arrivals *arrivals)
{
    return arrivals->fd;
}

/* Whether somebody has the file open for writing. Only a read lease can tell, and only of a file
 * that's ours; *ret_is_sure: it did. */
static bool
is_being_written (const struct arrivals *arrivals, const char *name, bool *ret_is_sure)
{
    sys_autofd fd = sys_openat (arrivals->new_fd, name, O_RDONLY, 0);

    *ret_is_sure = true;
    if (fd < 0 || fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
        return false; /* closing the file gives the lease back */
    *ret_is_sure = errno == EAGAIN;
    return true;
}

static bool
is_half_written (struct arrivals *arrivals, const struct inotify_event *event)
{
    bool is_sure;
    struct stat st;

    if (!(event->mask & IN_CREATE) || sys_fstatat (arrivals->new_fd, event->name, &st) < 0 ||
        !S_ISREG (st.st_mode) || st.st_nlink > 1 ||
        !is_being_written (arrivals, event->name, &is_sure))
        return false;
    g_hash_table_replace (arrivals->unfinished, g_strdup (event->name),
                          GUINT_TO_POINTER (is_sure ? WRITE_TICKS : UNSURE_TICKS));
    return true;
}

/* False: names are left out. */
static bool
take_event (struct arrivals *arrivals, const struct inotify_event *event, GQueue *names)
{
    if ((event->mask & IN_Q_OVERFLOW) || g_queue_get_length (names) >= NAMES_MAX)
        return false;
    if (event->len == 0 || event->name[0] == '.' || is_half_written (arrivals, event))
        return true;
    (void)g_hash_table_remove (arrivals->unfinished, event->name);
    g_queue_push_tail (names, g_strdup (event->name));
    return true;
}

bool
arrivals_read (struct arrivals *arrivals, GQueue *names)
{
    char buffer[16384] __attribute__ ((aligned (__alignof__(struct inotify_event))));
    bool is_complete = true;
    ssize_t n;

    while ((n = sys_read (arrivals->fd, buffer, sizeof buffer)) > 0)
        for (const char *p = buffer; p < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)p;
            is_complete &= take_event (arrivals, event, names);
            p += sizeof *event + event->len;
        }
    return is_complete;
}

bool
arrivals_is_unfinished (const struct arrivals *arrivals, const char *name)
{
    return g_hash_table_contains (arrivals->unfinished, name);
}

bool
arrivals_tick (struct arrivals *arrivals)
{
    GHashTableIter iter;
    gpointer ticks;
    bool is_due = false;

    g_hash_table_iter_init (&iter, arrivals->unfinished);
    while (g_hash_table_iter_next (&iter, NULL, &ticks)) {
        const guint left = GPOINTER_TO_UINT (ticks) - 1;
        if (left) {
            g_hash_table_iter_replace (&iter, GUINT_TO_POINTER (left));
        } else {
            g_hash_table_iter_remove (&iter);
            is_due = true;
        }
    }
    return is_due;
}
