/* maildir(5), the writer's side. */
#include "maildrop/maildrop.h"

#include "client/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOST_BYTES 65

struct maildrop {
    int tmp_fd, new_fd;
    unsigned n_mails;
    char host[HOST_BYTES];
};

/* A file name holds neither '/' nor, in a Maildir, ':'. */
static void
read_host (char *host)
{
    if (gethostname (host, HOST_BYTES - 1) < 0)
        (void)g_strlcpy (host, "localhost", HOST_BYTES);
    host[HOST_BYTES - 1] = '\0';
    (void)g_strdelimit (host, "/:", '_');
}

static int
open_folder (const char *path, const char *name, GError **error)
{
    g_autofree char *folder = g_build_filename (path, name, NULL);
    const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno), "%s: %s", folder,
                     g_strerror (errno));
    return fd;
}

struct maildrop *
maildrop_open (const char *path, GError **error)
{
    struct maildrop *drop = g_new0 (struct maildrop, 1);
    int cur_fd = -1;

    drop->new_fd = -1;
    drop->tmp_fd = open_folder (path, "tmp", error);
    if (drop->tmp_fd >= 0)
        drop->new_fd = open_folder (path, "new", error);
    if (drop->new_fd >= 0)
        cur_fd = open_folder (path, "cur", error);
    if (cur_fd < 0) {
        maildrop_free (drop);
        return NULL;
    }
    (void)close (cur_fd);
    read_host (drop->host);
    return drop;
}

void
maildrop_free (struct maildrop *drop)
{
    if (!drop)
        return;
    if (drop->tmp_fd >= 0)
        (void)close (drop->tmp_fd);
    if (drop->new_fd >= 0)
        (void)close (drop->new_fd);
    g_free (drop);
}

bool
maildrop_begin (struct maildrop *drop, struct maildrop_mail *mail)
{
    struct timespec now;

    (void)clock_gettime (CLOCK_REALTIME, &now);
    *mail = (struct maildrop_mail){ .fd = -1 };
    mail->name = g_strdup_printf ("%jd.M%06ldP%jdQ%u.%s", (intmax_t)now.tv_sec, now.tv_nsec / 1000,
                                  (intmax_t)getpid (), ++drop->n_mails, drop->host);
    mail->fd = openat (drop->tmp_fd, mail->name,
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (mail->fd >= 0)
        return true;
    g_clear_pointer (&mail->name, g_free);
    return false;
}

bool
maildrop_write (struct maildrop_mail *mail, struct dsn_bytes text)
{
    return keep_write (mail->fd, text);
}

/* Where the name in new/ can't be made safe, the mail is taken back: it will be sent again. */
static bool
reveal (struct maildrop *drop, const struct maildrop_mail *mail)
{
    if (renameat (drop->tmp_fd, mail->name, drop->new_fd, mail->name) < 0)
        return false;
    if (fsync (drop->new_fd) == 0)
        return true;
    {
        const int error = errno;
        (void)unlinkat (drop->new_fd, mail->name, 0);
        errno = error;
    }
    return false;
}

bool
maildrop_commit (struct maildrop *drop, struct maildrop_mail *mail)
{
    const bool is_synced = fsync (mail->fd) == 0;
    const bool is_closed = close (mail->fd) == 0;

    mail->fd = -1;
    if (!is_synced || !is_closed || !reveal (drop, mail))
        return false;
    g_clear_pointer (&mail->name, g_free);
    return true;
}

void
maildrop_drop (struct maildrop *drop, struct maildrop_mail *mail)
{
    const int error = errno;

    if (mail->name) {
        if (mail->fd >= 0)
            (void)close (mail->fd);
        (void)unlinkat (drop->tmp_fd, mail->name, 0);
        g_clear_pointer (&mail->name, g_free);
    }
    mail->fd = -1;
    errno = error;
}
