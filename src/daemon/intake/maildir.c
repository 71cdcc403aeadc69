/* A Maildir as a queue. All paths are relative to descriptors opened once, so that a directory
 * renamed under us can't lead a move astray.
 */
#include "daemon/intake/maildir.h"

#include "daemon/intake/arrivals.h"
#include "daemon/intake/folder.h"
#include "daemon/intake/move.h"
#include "daemon/intake/risk.h"
#include "daemon/intake/scan.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define FAILED_FOLDER ".dsnd-failed"

G_DEFINE_QUARK (dsnd - maildir - error, maildir_error)

struct maildir {
    char *name, *path;
    bool is_deleted;
    int base_fd, new_fd, cur_fd;
    struct folder other, failed;
    struct arrivals *arrivals;
    GQueue pending; /* char * */
    struct scan scan;
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
close_directories (struct maildir *maildir)
{
    scan_stop (&maildir->scan);
    arrivals_watch (maildir->arrivals, -1);
    sys_close (&maildir->cur_fd);
    sys_close (&maildir->new_fd);
    sys_close (&maildir->base_fd);
    folder_close (&maildir->other);
    folder_close (&maildir->failed);
}

/* Mails are moved from new/ to cur/: a directory that can't be written would keep them for ever. */
static int
open_part (const struct maildir *maildir, const char *part, GError **error)
{
    sys_autofd fd = sys_open_directory (maildir->base_fd, part);
    g_autofree char *what = NULL;
    int opened;

    if (fd < 0)
        what =
            g_strdup_printf ("not a Maildir that can be read, can't open its directory %s", part);
    else if (sys_access_directory (fd) < 0)
        what = g_strdup_printf ("its directory %s can't be written (a service needs it in "
                                "ReadWritePaths=)",
                                part);
    if (what) {
        (void)fail (error, MAILDIR_ERROR_MISSING, maildir, what);
        return -1;
    }
    opened = fd;
    fd = -1; /* the caller's now */
    return opened;
}

static bool
is_one_file_system (const struct maildir *maildir)
{
    struct stat new_st, cur_st;

    errno = EXDEV;
    return sys_fstat (maildir->new_fd, &new_st) == 0 && sys_fstat (maildir->cur_fd, &cur_st) == 0 &&
           new_st.st_dev == cur_st.st_dev;
}

static bool
open_directories (struct maildir *maildir, GError **error)
{
    struct stat st;

    maildir->base_fd = sys_open_directory (AT_FDCWD, maildir->path);
    if (maildir->base_fd < 0)
        return fail (error, MAILDIR_ERROR_MISSING, maildir, "can't open the Maildir");
    maildir->new_fd = open_part (maildir, "new", error);
    if (maildir->new_fd < 0)
        return false;
    maildir->cur_fd = open_part (maildir, "cur", error);
    if (maildir->cur_fd < 0)
        return false;
    if (!is_one_file_system (maildir))
        return fail (error, MAILDIR_ERROR_MISSING, maildir,
                     "its directories new and cur are on different file systems, between which no "
                     "mail can be moved");
    if (sys_fstatat (maildir->base_fd, "tmp", &st) < 0)
        return fail (error, MAILDIR_ERROR_MISSING, maildir,
                     "not a whole Maildir, no mail can be delivered without its directory tmp");
    if (flock (maildir->new_fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return fail (error, MAILDIR_ERROR_BUSY, maildir, "another dsnd reads this Maildir");
    arrivals_watch (maildir->arrivals, maildir->new_fd);
    maildir->scan.is_wanted = true;
    return true;
}

void
maildir_configure (struct maildir *maildir, const struct maildir_options *options)
{
    maildir->is_deleted = options->is_deleted;
    if (g_strcmp0 (maildir->other.name, options->other_folder) != 0) {
        folder_done (&maildir->other);
        folder_init (&maildir->other, options->other_folder);
    }
}

struct maildir *
maildir_open (const struct maildir_options *options, GError **error)
{
    g_autoptr (maildir_t) maildir = g_new0 (struct maildir, 1);

    maildir->base_fd = maildir->new_fd = maildir->cur_fd = -1;
    folder_init (&maildir->other, NULL);
    folder_init (&maildir->failed, FAILED_FOLDER);
    maildir->name = g_strdup (options->name);
    maildir->path = g_strdup (options->path);
    g_queue_init (&maildir->pending);
    maildir->arrivals = arrivals_new ();
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
    arrivals_free (maildir->arrivals);
    g_free (maildir->name);
    g_free (maildir->path);
    g_free (maildir);
}

const char *
maildir_path (const struct maildir *maildir)
{
    return maildir->path;
}

const char *
maildir_name (const struct maildir *maildir)
{
    return maildir->name;
}

int
maildir_watch_fd (const struct maildir *maildir)
{
    return arrivals_fd (maildir->arrivals);
}

void
maildir_rescan (struct maildir *maildir)
{
    maildir->scan.is_wanted = true;
    if (maildir->new_fd >= 0 && arrivals_fd (maildir->arrivals) < 0)
        arrivals_watch (maildir->arrivals, maildir->new_fd);
}

unsigned
maildir_risks (const struct maildir *maildir)
{
    return risk_of_directory (maildir->new_fd);
}

void
maildir_read_watch (struct maildir *maildir)
{
    if (!arrivals_read (maildir->arrivals, &maildir->pending))
        maildir->scan.is_wanted = true;
}

void
maildir_tick (struct maildir *maildir)
{
    if (arrivals_tick (maildir->arrivals))
        maildir->scan.is_wanted = true;
}

static bool
is_unfinished (const void *arrivals, const char *name)
{
    return arrivals_is_unfinished (arrivals, name);
}

char *
maildir_next (struct maildir *maildir, bool *ret_is_working)
{
    char *name = g_queue_pop_head (&maildir->pending);

    *ret_is_working = false;
    if (name || maildir->new_fd < 0 || !scan_is_due (&maildir->scan))
        return name;
    scan_read (&maildir->scan, maildir->new_fd, is_unfinished, maildir->arrivals,
               &maildir->pending);
    name = g_queue_pop_head (&maildir->pending);
    *ret_is_working = maildir->scan.dir != NULL;
    return name;
}

unsigned
maildir_waiting (const struct maildir *maildir)
{
    return maildir->pending.length;
}

static bool
is_in_place (const struct maildir *maildir)
{
    return sys_is_at (maildir->base_fd, AT_FDCWD, maildir->path) &&
           sys_is_at (maildir->new_fd, maildir->base_fd, "new") &&
           sys_is_at (maildir->cur_fd, maildir->base_fd, "cur");
}

bool
maildir_check (struct maildir *maildir, GError **error)
{
    if (is_in_place (maildir)) {
        if (maildir->other.name)
            folder_check (&maildir->other, maildir->base_fd);
        folder_check (&maildir->failed, maildir->base_fd);
        return true;
    }
    close_directories (maildir);
    if (open_directories (maildir, error))
        return true;
    close_directories (maildir);
    return false;
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
    move_fill (ret_mail, &st);
    ret_mail->fd = fd;
    fd = -1;
    return MAILDIR_OPENED;
}

bool
maildir_has (const struct maildir *maildir, const char *name, const struct maildir_mail *file)
{
    return move_is_same (maildir->new_fd, name, file);
}

/* Moves the mail into a folder, into its new/ if it's to show as unread. A folder that was deleted
 * is made again. */
static enum move_result
move_to_folder (const struct maildir *maildir, const char *name, const struct maildir_mail *file,
                struct folder *folder, bool is_unread)
{
    for (unsigned i = 0; i < 2; i++) {
        enum move_result result;
        if (!folder_open (folder, maildir->base_fd))
            break;
        result = is_unread ? move_mail (maildir->new_fd, name, file, folder->new_fd, "")
                           : move_mail (maildir->new_fd, name, file, folder->cur_fd, ":2,FS");
        if (result != MOVE_FAILED)
            return result;
        folder_check (folder, maildir->base_fd);
    }
    return MOVE_FAILED;
}

static enum move_result
move_by_fate (struct maildir *maildir, const char *name, const struct maildir_mail *file,
              enum maildir_fate fate)
{
    if (fate == MAILDIR_OTHER && maildir->other.name)
        return move_to_folder (maildir, name, file, &maildir->other, true);
    if (fate == MAILDIR_UNPROCESSABLE)
        return move_to_folder (maildir, name, file, &maildir->failed, false);
    if (fate == MAILDIR_DONE && maildir->is_deleted)
        return move_to_nowhere (maildir->new_fd, name, file);
    return move_mail (maildir->new_fd, name, file, maildir->cur_fd, ":2,S");
}

bool
maildir_retire (struct maildir *maildir, const char *name, const struct maildir_mail *file,
                enum maildir_fate fate)
{
    const enum move_result result = move_by_fate (maildir, name, file, fate);

    /* another mail may have the name now */
    maildir->scan.is_wanted |= result == MOVE_GONE;
    return result != MOVE_FAILED;
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
