/* A Maildir as a queue. All paths are relative to descriptors opened once, so that a directory
 * renamed under us can't lead a move astray.
 */
#include "maildir.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PIECE_COUNT   4096  /* names of a scan that are sorted together */
#define PENDING_MAX   65536 /* names that inotify may leave waiting */
#define FAILED_FOLDER ".dsnd-failed"
#define NAME_TRIES    100
#define WRITE_TICKS   60 /* a file that's open for writing this long is taken as it is */
#define UNSURE_TICKS  2

G_DEFINE_QUARK (dsnd - maildir - error, maildir_error)

/* A Maildir++ folder, made when the first mail goes there. */
struct folder {
    char *name;
    int new_fd, cur_fd;
};

struct maildir {
    char *name, *path;
    bool is_deleted, has_other;
    int base_fd, new_fd, cur_fd, watch_fd;
    struct folder other, failed;
    GQueue pending; /* char * */
    DIR *scan;
    bool wants_scan;
    GHashTable *unfinished; /* names being written -> ticks to wait for them */
};

static bool
fail (GError **error, enum maildir_error code, const struct maildir *maildir, const char *what)
{
    const int saved = errno;

    g_set_error (error, MAILDIR_ERROR, (int)code, "[Mailbox %s] Path=%s: %s: %s", maildir->name,
                 maildir->path, what, g_strerror (saved));
    return false;
}

static void
folder_done (struct folder *folder)
{
    sys_close (&folder->new_fd);
    sys_close (&folder->cur_fd);
    g_clear_pointer (&folder->name, g_free);
}

static void
close_directories (struct maildir *maildir)
{
    if (maildir->scan)
        (void)closedir (maildir->scan);
    maildir->scan = NULL;
    sys_close (&maildir->watch_fd);
    sys_close (&maildir->cur_fd);
    sys_close (&maildir->new_fd);
    sys_close (&maildir->base_fd);
    sys_close (&maildir->other.new_fd);
    sys_close (&maildir->other.cur_fd);
    sys_close (&maildir->failed.new_fd);
    sys_close (&maildir->failed.cur_fd);
}

/* inotify may be exhausted on a busy machine: the scans alone then find the mails. */
static void
watch (struct maildir *maildir)
{
    g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", maildir->new_fd);

    maildir->watch_fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    if (maildir->watch_fd >= 0 &&
        inotify_add_watch (maildir->watch_fd, path,
                           IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_ONLYDIR) < 0)
        sys_close (&maildir->watch_fd);
}

static bool
open_directories (struct maildir *maildir, GError **error)
{
    maildir->base_fd = sys_open_directory (AT_FDCWD, maildir->path);
    if (maildir->base_fd < 0)
        return fail (error, MAILDIR_ERROR_MISSING, maildir, "can't open the Maildir");
    maildir->new_fd = sys_open_directory (maildir->base_fd, "new");
    if (maildir->new_fd < 0)
        return fail (error, MAILDIR_ERROR_MISSING, maildir,
                     "not a Maildir that can be read, can't open its directory new");
    maildir->cur_fd = sys_open_directory (maildir->base_fd, "cur");
    if (maildir->cur_fd < 0)
        return fail (error, MAILDIR_ERROR_MISSING, maildir,
                     "not a Maildir that can be read, can't open its directory cur");
    if (flock (maildir->new_fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return fail (error, MAILDIR_ERROR_BUSY, maildir, "another dsnd reads this Maildir");
    watch (maildir);
    maildir->wants_scan = true;
    return true;
}

void
maildir_configure (struct maildir *maildir, const struct maildir_options *options)
{
    maildir->is_deleted = options->is_deleted;
    maildir->has_other = options->other_folder != NULL;
    if (g_strcmp0 (maildir->other.name, options->other_folder) != 0) {
        folder_done (&maildir->other);
        maildir->other.name = g_strdup (options->other_folder);
    }
}

struct maildir *
maildir_open (const struct maildir_options *options, GError **error)
{
    g_autoptr (maildir_t) maildir = g_new0 (struct maildir, 1);

    maildir->base_fd = maildir->new_fd = maildir->cur_fd = maildir->watch_fd = -1;
    maildir->other = maildir->failed = (struct folder){ .new_fd = -1, .cur_fd = -1 };
    maildir->name = g_strdup (options->name);
    maildir->path = g_strdup (options->path);
    maildir->failed.name = g_strdup (FAILED_FOLDER);
    g_queue_init (&maildir->pending);
    maildir->unfinished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    maildir_configure (maildir, options);
    if (!open_directories (maildir, error))
        return NULL;
    return g_steal_pointer (&maildir);
}

void
maildir_free (struct maildir *maildir)
{
    if (!maildir)
        return;
    close_directories (maildir);
    folder_done (&maildir->other);
    folder_done (&maildir->failed);
    g_queue_clear_full (&maildir->pending, g_free);
    g_hash_table_unref (maildir->unfinished);
    g_free (maildir->name);
    g_free (maildir->path);
    g_free (maildir);
}

const char *
maildir_name (const struct maildir *maildir)
{
    return maildir->name;
}

int
maildir_watch_fd (const struct maildir *maildir)
{
    return maildir->watch_fd;
}

void
maildir_rescan (struct maildir *maildir)
{
    maildir->wants_scan = true;
}

/* Whether somebody has the file open for writing. Only a read lease can tell, and only of a file
 * that's ours; *ret_is_sure: it did. */
static bool
is_being_written (const struct maildir *maildir, const char *name, bool *ret_is_sure)
{
    sys_autofd fd = sys_openat (maildir->new_fd, name, O_RDONLY, 0);

    *ret_is_sure = true;
    if (fd < 0 || fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
        return false; /* closing the file gives the lease back */
    *ret_is_sure = errno == EAGAIN;
    return true;
}

/* A file that appeared by link() is whole. One made in place, as by cp, isn't until its writer
 * closes it; scans leave it alone for as long. */
static bool
is_half_written (struct maildir *maildir, const struct inotify_event *event)
{
    bool is_sure;
    struct stat st;

    if (!(event->mask & IN_CREATE) || sys_fstatat (maildir->new_fd, event->name, &st) < 0 ||
        !S_ISREG (st.st_mode) || st.st_nlink > 1 ||
        !is_being_written (maildir, event->name, &is_sure))
        return false;
    g_hash_table_replace (maildir->unfinished, g_strdup (event->name),
                          GUINT_TO_POINTER (is_sure ? WRITE_TICKS : UNSURE_TICKS));
    return true;
}

static void
take_hint (struct maildir *maildir, const struct inotify_event *event)
{
    if ((event->mask & IN_Q_OVERFLOW) || g_queue_get_length (&maildir->pending) >= PENDING_MAX)
        maildir->wants_scan = true;
    else if (event->len == 0 || event->name[0] == '.')
        return;
    else if (!is_half_written (maildir, event)) {
        (void)g_hash_table_remove (maildir->unfinished, event->name);
        g_queue_push_tail (&maildir->pending, g_strdup (event->name));
    }
}

void
maildir_read_watch (struct maildir *maildir)
{
    char buffer[16384] __attribute__ ((aligned (__alignof__(struct inotify_event))));
    ssize_t n;

    while ((n = sys_read (maildir->watch_fd, buffer, sizeof buffer)) > 0)
        for (const char *p = buffer; p < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)p;
            take_hint (maildir, event);
            p += sizeof *event + event->len;
        }
}

void
maildir_tick (struct maildir *maildir)
{
    GHashTableIter iter;
    gpointer ticks;

    g_hash_table_iter_init (&iter, maildir->unfinished);
    while (g_hash_table_iter_next (&iter, NULL, &ticks)) {
        const guint left = GPOINTER_TO_UINT (ticks) - 1;
        if (left) {
            g_hash_table_iter_replace (&iter, GUINT_TO_POINTER (left));
        } else {
            g_hash_table_iter_remove (&iter);
            maildir->wants_scan = true;
        }
    }
}

/* Mail names start with the time of delivery, so that the order of names is nearly that of
 * delivery; a longer number is a later time. */
static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
    const char *x = a, *y = b;
    const size_t nx = strspn (x, "0123456789"), ny = strspn (y, "0123456789");

    (void)data;
    if (nx && ny && nx != ny)
        return nx < ny ? -1 : 1;
    return strcmp (x, y);
}

/* Reads the next piece of the scan into `pending`; the directory may be of any size. */
static void
scan_piece (struct maildir *maildir)
{
    unsigned n = 0;

    if (!maildir->scan) {
        maildir->wants_scan = false;
        maildir->scan = sys_opendirat (maildir->new_fd, ".");
    }
    while (maildir->scan && n < PIECE_COUNT) {
        const struct dirent *entry = readdir (maildir->scan);
        if (!entry) {
            (void)closedir (maildir->scan);
            maildir->scan = NULL;
        } else if (entry->d_name[0] != '.' &&
                   !g_hash_table_contains (maildir->unfinished, entry->d_name)) {
            g_queue_push_tail (&maildir->pending, g_strdup (entry->d_name));
            n++;
        }
    }
    g_queue_sort (&maildir->pending, compare_names, NULL);
}

char *
maildir_next (struct maildir *maildir, bool *ret_is_working)
{
    char *name = g_queue_pop_head (&maildir->pending);

    *ret_is_working = false;
    if (name || (!maildir->scan && !maildir->wants_scan))
        return name;
    if (maildir->new_fd < 0)
        return NULL;
    scan_piece (maildir);
    name = g_queue_pop_head (&maildir->pending);
    *ret_is_working = maildir->scan != NULL;
    return name;
}

unsigned
maildir_waiting (const struct maildir *maildir)
{
    return maildir->pending.length;
}

bool
maildir_check (struct maildir *maildir, GError **error)
{
    g_autofree char *path = g_build_filename (maildir->path, "new", NULL);
    struct stat now, open_one;

    if (maildir->new_fd >= 0 && sys_fstatat (AT_FDCWD, path, &now) == 0 &&
        sys_fstat (maildir->new_fd, &open_one) == 0 && now.st_ino == open_one.st_ino &&
        now.st_dev == open_one.st_dev)
        return true;
    close_directories (maildir);
    if (open_directories (maildir, error))
        return true;
    close_directories (maildir);
    return false;
}

/* The time in nanoseconds, as far as they reach (the year 2262): a file may claim any. */
static int64_t
nanoseconds (struct timespec time)
{
    const int64_t second = 1000000000;

    if (time.tv_sec >= INT64_MAX / second)
        return INT64_MAX;
    if (time.tv_sec <= INT64_MIN / second)
        return INT64_MIN;
    return (int64_t)time.tv_sec * second + time.tv_nsec;
}

static void
fill_mail (struct maildir_mail *mail, const struct stat *st)
{
    mail->size_bytes = (uint64_t)st->st_size;
    mail->ino = st->st_ino;
    mail->mtime_ns = nanoseconds (st->st_mtim);
}

static enum maildir_opened
judge_errno (void)
{
    switch (errno) {
    case ENOENT:
        return MAILDIR_GONE;
    case ELOOP:
    case ENXIO:
        return MAILDIR_SPECIAL;
    case EACCES:
    case EPERM:
        return MAILDIR_DENIED;
    default:
        return MAILDIR_FAILED;
    }
}

enum maildir_opened
maildir_open_mail (struct maildir *maildir, const char *name, struct maildir_mail *ret_mail)
{
    struct stat st;
    sys_autofd fd = -1;

    /* looked at first: to open a device may already do something */
    if (sys_fstatat (maildir->new_fd, name, &st) < 0)
        return judge_errno ();
    if (!S_ISREG (st.st_mode))
        return MAILDIR_SPECIAL;
    fd = sys_openat (maildir->new_fd, name, O_RDONLY, 0);
    if (fd < 0 || sys_fstat (fd, &st) < 0)
        return judge_errno ();
    if (!S_ISREG (st.st_mode))
        return MAILDIR_SPECIAL;
    fill_mail (ret_mail, &st);
    ret_mail->fd = fd;
    fd = -1;
    return MAILDIR_OPENED;
}

bool
maildir_stat (struct maildir *maildir, const char *name, struct maildir_mail *ret_mail)
{
    struct stat st;

    if (sys_fstatat (maildir->new_fd, name, &st) < 0)
        return false;
    fill_mail (ret_mail, &st);
    ret_mail->fd = -1;
    return true;
}

static bool
make_directory (int dirfd, const char *name)
{
    return sys_mkdirat (dirfd, name, 0700) == 0 || errno == EEXIST;
}

/* Opens a folder, which is made if it isn't there. */
static bool
open_folder (struct maildir *maildir, struct folder *folder)
{
    sys_autofd base = -1;
    sys_autofd mark = -1;

    if (folder->new_fd >= 0 && folder->cur_fd >= 0)
        return true;
    if (!make_directory (maildir->base_fd, folder->name))
        return false;
    base = sys_open_directory (maildir->base_fd, folder->name);
    if (base < 0 || !make_directory (base, "cur") || !make_directory (base, "new") ||
        !make_directory (base, "tmp"))
        return false;
    mark = sys_openat (base, "maildirfolder", O_WRONLY | O_CREAT, 0600);
    sys_close (&folder->new_fd);
    sys_close (&folder->cur_fd);
    folder->new_fd = sys_open_directory (base, "new");
    folder->cur_fd = sys_open_directory (base, "cur");
    return folder->new_fd >= 0 && folder->cur_fd >= 0;
}

/* Renames out of new/; a name that's taken there gets a number. Maildir flags follow ":2,"; what
 * stands after a colon of the old name was flags, too. */
static bool
move (struct maildir *maildir, const char *name, int to_fd, const char *flags)
{
    const int n_name = (int)strcspn (name, ":");

    for (unsigned i = 0; i < NAME_TRIES; i++) {
        g_autofree char *number = i ? g_strdup_printf (",%u", i) : g_strdup ("");
        g_autofree char *to = g_strdup_printf ("%.*s%s%s", n_name, name, number, flags);
        if (sys_rename_new (maildir->new_fd, name, to_fd, to) == 0 || errno == ENOENT)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

bool
maildir_retire (struct maildir *maildir, const char *name, enum maildir_fate fate)
{
    switch (fate) {
    case MAILDIR_OTHER:
        if (!maildir->has_other)
            break;
        /* into new/, so that it shows as unread */
        return open_folder (maildir, &maildir->other) &&
               move (maildir, name, maildir->other.new_fd, "");
    case MAILDIR_UNPROCESSABLE:
        return open_folder (maildir, &maildir->failed) &&
               move (maildir, name, maildir->failed.cur_fd, ":2,FS");
    case MAILDIR_DONE:
        break;
    }
    if (maildir->is_deleted && fate == MAILDIR_DONE)
        return sys_unlinkat (maildir->new_fd, name) == 0 || errno == ENOENT;
    return move (maildir, name, maildir->cur_fd, ":2,S");
}

bool
maildir_sync (struct maildir *maildir)
{
    const int fds[] = { maildir->cur_fd, maildir->new_fd, maildir->other.new_fd,
                        maildir->failed.cur_fd };

    for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
        if (fds[i] >= 0 && sys_fsync (fds[i]) < 0)
            return false;
    return true;
}
