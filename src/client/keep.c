/* Write, sync, rename, sync the directory. */
#include "client/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

char *
keep_name (uint64_t seq, const char *id, const char *suffix)
{
    g_autofree char *safe = g_strcanon (g_strdup (id), "0123456789abcdef-", '_');

    return g_strdup_printf ("%020" G_GUINT64_FORMAT "-%s%s", seq, safe, suffix);
}

bool
keep_write (int fd, struct dsn_bytes text)
{
    size_t done = 0;

    while (done < text.n) {
        ssize_t n = write (fd, text.p + done, text.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static char *
hidden_name (const char *name)
{
    return g_strconcat (".", name, ".new", NULL);
}

/* Closes @fd; false, with the first error, if that or what came before failed. */
static bool
close_file (int fd, bool is_ok)
{
    const int error = errno;

    if (close (fd) < 0 && is_ok)
        return false;
    errno = error;
    return is_ok;
}

bool
keep_begin (int dirfd, const char *name, struct dsn_bytes text)
{
    g_autofree char *hidden = hidden_name (name);
    int fd = openat (dirfd, hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    bool is_ok = fd >= 0 && keep_write (fd, text);

    if (fd < 0)
        return false;
    is_ok = close_file (fd, is_ok);
    if (!is_ok) {
        const int error = errno;
        (void)unlinkat (dirfd, hidden, 0);
        errno = error;
    }
    return is_ok;
}

bool
keep_finish (int dirfd, const char *name)
{
    g_autofree char *hidden = hidden_name (name);
    const int fd = openat (dirfd, hidden, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd >= 0 && close_file (fd, fsync (fd) == 0);
}

bool
keep_finish_all (int dirfd)
{
    return syncfs (dirfd) == 0;
}

bool
keep_reveal (int dirfd, const char *name)
{
    g_autofree char *hidden = hidden_name (name);

    return renameat (dirfd, hidden, dirfd, name) == 0;
}

bool
keep_sync (int dirfd)
{
    return fsync (dirfd) == 0;
}
