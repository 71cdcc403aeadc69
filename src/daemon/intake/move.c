/* A name alone doesn't tell a mail: a deliverer may use it again while the first mail of that name
 * is with a worker. So the file is looked at before the move, and once more after it. */
#include "daemon/intake/move.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#define NAME_TRIES     100
#define NAME_BYTES_MAX 255

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

void
move_fill (struct maildir_mail *file, const struct stat *st)
{
    file->size_bytes = (uint64_t)st->st_size;
    file->ino = st->st_ino;
    file->mtime_ns = nanoseconds (st->st_mtim);
}

bool
move_is_same (int dirfd, const char *name, const struct maildir_mail *file)
{
    struct maildir_mail now;
    struct stat st;

    if (sys_fstatat (dirfd, name, &st) < 0)
        return false;
    move_fill (&now, &st);
    errno = 0;
    return now.ino == file->ino && now.size_bytes == file->size_bytes &&
           now.mtime_ns == file->mtime_ns;
}

/* The name that the mail gets at its @i-th try. One that's too long is cut, and what is cut off is
 * replaced by the file's number, which no other has. (transfer full) */
static char *
name_there (const char *name, const struct maildir_mail *file, unsigned i, const char *flags)
{
    size_t n = strcspn (name, ":");
    g_autofree char *number = i ? g_strdup_printf (",%u", i) : g_strdup ("");
    g_autofree char *cut = g_strdup ("");

    if (n + strlen (number) + strlen (flags) > NAME_BYTES_MAX) {
        g_free (cut);
        cut = g_strdup_printf ("~%" G_GUINT64_FORMAT, file->ino);
        n = NAME_BYTES_MAX - strlen (cut) - strlen (number) - strlen (flags);
    }
    return g_strdup_printf ("%.*s%s%s%s", (int)n, name, cut, number, flags);
}

/* Another file was moved: it goes back to where it can be found. */
static enum move_result
put_back (int from_fd, const char *name, int to_fd, const char *to)
{
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        g_autofree char *back = i ? g_strdup_printf ("%s,%u", name, i) : g_strdup (name);
        if (sys_rename_new (to_fd, to, from_fd, back) == 0)
            return MOVE_GONE;
        if (errno != EEXIST)
            break;
    }
    return MOVE_FAILED;
}

enum move_result
move_mail (int from_fd, const char *name, const struct maildir_mail *file, int to_fd,
           const char *flags)
{
    if (!move_is_same (from_fd, name, file))
        return errno == 0 || errno == ENOENT ? MOVE_GONE : MOVE_FAILED;
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        g_autofree char *to = name_there (name, file, i, flags);
        if (sys_rename_new (from_fd, name, to_fd, to) == 0)
            return move_is_same (to_fd, to, file) || errno != 0
                       ? MOVE_DONE
                       : put_back (from_fd, name, to_fd, to);
        /* a directory that was deleted says the same as a mail that is gone */
        if (errno == ENOENT && !move_is_same (from_fd, name, file))
            return MOVE_GONE;
        if (errno == 0)
            errno = ENOENT;
        if (errno != EEXIST)
            return MOVE_FAILED;
    }
    return MOVE_FAILED;
}

enum move_result
move_to_nowhere (int from_fd, const char *name, const struct maildir_mail *file)
{
    if (!move_is_same (from_fd, name, file))
        return errno == 0 || errno == ENOENT ? MOVE_GONE : MOVE_FAILED;
    if (sys_unlinkat (from_fd, name) == 0)
        return MOVE_DONE;
    return errno == ENOENT ? MOVE_GONE : MOVE_FAILED;
}
