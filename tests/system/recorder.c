/* Preloaded into the daemon, it writes down every call that changes a disk or says that one is
 * changed, and what is sent to clients, in order: to the file that DSND_RECORD names, two lines a
 * call. "> CALL ARGUMENTS" stands before the call and "< RESULT" after it, so that a call which the
 * death of the process cut short is seen as begun; each ends with a semicolon. Directories and
 * files are told as DEVICE:INODE, names and data in hexadecimal.
 *
 * DSND_RECORD_KILL=N ends the process, as SIGKILL does, just before the Nth of these calls.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(default) /* of what is defined here and declared by libc */

#define RECORD_FD_MIN 200

static int record_fd = -1;
static unsigned long kill_at, n_calls;

struct line {
    char *text;
    size_t n, size;
};

/* Makes room for @n more bytes, and returns where they go. */
static char *
grow (struct line *line, size_t n)
{
    if (line->n + n > line->size) {
        line->size = 2 * (line->n + n);
        line->text = realloc (line->text, line->size);
    }
    line->n += n;
    return line->text + line->n - n;
}

__attribute__ ((format (printf, 2, 3))) static void
add (struct line *line, const char *format, ...)
{
    char piece[128];
    va_list args;
    int n;

    va_start (args, format);
    n = vsnprintf (piece, sizeof piece, format, args);
    va_end (args);
    memcpy (grow (line, (size_t)n), piece, (size_t)n);
}

static void
add_hex (struct line *line, const void *data, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *to = grow (line, 2 * n + 1);

    *to++ = ' ';
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = ((const unsigned char *)data)[i];
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
}

static void
add_stat (struct line *line, const struct stat *st)
{
    add (line, " %lu:%lu", (unsigned long)st->st_dev, (unsigned long)st->st_ino);
}

static void
add_file (struct line *line, int fd)
{
    const int saved = errno;
    struct stat st = { 0 };

    (void)fstat (fd, &st);
    errno = saved;
    add_stat (line, &st);
}

/* The directory and the name in it; a path is told by its last directory. */
static void
add_name (struct line *line, int dirfd, const char *name)
{
    const char *slash = strrchr (name, '/');
    const int saved = errno;
    struct stat st = { 0 };

    if (slash) {
        char *parent = strndup (name, (size_t)(slash - name) + 1);
        (void)fstatat (dirfd, parent, &st, 0);
        free (parent);
        name = slash + 1;
    } else {
        (void)fstatat (dirfd, dirfd == AT_FDCWD ? "." : "", &st, AT_EMPTY_PATH);
    }
    errno = saved;
    add_stat (line, &st);
    add_hex (line, name, strlen (name));
}

/* Writes the line, whatever errno is, and leaves it so. */
static void
put (struct line *line)
{
    const int saved = errno;

    add (line, " ;\n");
    (void)!syscall (SYS_write, record_fd, line->text, line->n);
    free (line->text);
    errno = saved;
}

static struct line
begin (const char *call)
{
    struct line line = { 0 };

    add (&line, "> %s", call);
    return line;
}

static void
say (struct line *line)
{
    if (record_fd >= 0 && ++n_calls == kill_at)
        (void)kill (getpid (), SIGKILL);
    put (line);
}

static void
end (long result)
{
    struct line line = { 0 };

    add (&line, "< %ld", result);
    put (&line);
}

static bool
is_recorded (int fd, mode_t type)
{
    const int saved = errno;
    struct stat st;
    const bool is_right = record_fd >= 0 && fd >= 0 && fstat (fd, &st) == 0 &&
                          (st.st_mode & S_IFMT) == type && (type == S_IFSOCK || st.st_nlink > 0);

    errno = saved;
    return is_right;
}

__attribute__ ((constructor)) static void
start (void)
{
    const char *path = getenv ("DSND_RECORD");
    const char *number = getenv ("DSND_RECORD_KILL");
    int fd;

    if (!path)
        return;
    kill_at = number ? strtoul (number, NULL, 10) : 0;
    fd = (int)syscall (SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    record_fd = fcntl (fd, F_DUPFD_CLOEXEC, RECORD_FD_MIN);
    (void)close (fd);
    /* one that was killed may have left half a line */
    (void)!syscall (SYS_write, record_fd, "\n", 1);
    (void)unsetenv ("LD_PRELOAD");
}

/* Finds what the call would have been without us. */
#define NEXT(name)                                                                                 \
    static __typeof__ (name) *next;                                                                \
    if (!next)                                                                                     \
    next = __extension__(__typeof__ (name) *) dlsym (RTLD_NEXT, #name)

ssize_t
write (int fd, const void *data, size_t n)
{
    struct line line;
    struct stat st;
    ssize_t result;
    NEXT (write);

    if (!is_recorded (fd, S_IFREG))
        return next (fd, data, n);
    (void)fstat (fd, &st);
    line = begin ("write");
    add_file (&line, fd);
    add (&line, " %ld",
         fcntl (fd, F_GETFL) & O_APPEND ? (long)st.st_size : (long)lseek (fd, 0, SEEK_CUR));
    add_hex (&line, data, n);
    say (&line);
    result = next (fd, data, n);
    end (result);
    return result;
}

ssize_t
pwrite (int fd, const void *data, size_t n, off_t offset)
{
    struct line line;
    ssize_t result;
    NEXT (pwrite);

    if (!is_recorded (fd, S_IFREG))
        return next (fd, data, n, offset);
    line = begin ("write");
    add_file (&line, fd);
    add (&line, " %ld", (long)offset);
    add_hex (&line, data, n);
    say (&line);
    result = next (fd, data, n, offset);
    end (result);
    return result;
}

static int
record_sync (const char *call, int fd, int (*next) (int fd))
{
    struct line line;
    int result;

    if (!is_recorded (fd, S_IFREG) && !is_recorded (fd, S_IFDIR))
        return next (fd);
    line = begin (call);
    add_file (&line, fd);
    say (&line);
    result = next (fd);
    end (result);
    return result;
}

int
fsync (int fd)
{
    NEXT (fsync);
    return record_sync ("sync", fd, next);
}

int
fdatasync (int fd)
{
    NEXT (fdatasync);
    return record_sync ("sync", fd, next);
}

int
ftruncate (int fd, off_t length)
{
    struct line line;
    int result;
    NEXT (ftruncate);

    if (!is_recorded (fd, S_IFREG))
        return next (fd, length);
    line = begin ("truncate");
    add_file (&line, fd);
    add (&line, " %ld", (long)length);
    say (&line);
    result = next (fd, length);
    end (result);
    return result;
}

int
renameat2 (int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
    struct line line = begin ("rename");
    int result;
    NEXT (renameat2);

    add_name (&line, from_dirfd, from);
    add_name (&line, to_dirfd, to);
    say (&line);
    result = next (from_dirfd, from, to_dirfd, to, flags);
    end (result);
    return result;
}

int
renameat (int from_dirfd, const char *from, int to_dirfd, const char *to)
{
    return renameat2 (from_dirfd, from, to_dirfd, to, 0);
}

int
unlinkat (int dirfd, const char *name, int flags)
{
    struct line line = begin ("unlink");
    int result;
    NEXT (unlinkat);

    add_name (&line, dirfd, name);
    say (&line);
    result = next (dirfd, name, flags);
    end (result);
    return result;
}

/* Ends what made a file or directory, with its number. */
static void
end_made (int result, const struct stat *st)
{
    struct line line = { 0 };

    add (&line, "< %d", result);
    add_stat (&line, st);
    put (&line);
}

int
mkdirat (int dirfd, const char *name, mode_t mode)
{
    struct line line = begin ("mkdir");
    struct stat st = { 0 };
    int result;
    NEXT (mkdirat);

    add_name (&line, dirfd, name);
    say (&line);
    result = next (dirfd, name, mode);
    if (result == 0)
        (void)fstatat (dirfd, name, &st, 0);
    end_made (result, &st);
    return result;
}

/* Only files that are made or emptied here count; "create" is followed by the new file's number. */
int
openat (int dirfd, const char *name, int flags, ...)
{
    struct stat st = { 0 };
    struct line line;
    mode_t mode = 0;
    bool is_new;
    int fd;
    NEXT (openat);

    if (flags & O_CREAT) {
        va_list args;
        va_start (args, flags);
        mode = va_arg (args, mode_t);
        va_end (args);
    }
    is_new =
        record_fd >= 0 && (flags & O_CREAT) && fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0;
    if (!is_new && !(flags & O_TRUNC))
        return next (dirfd, name, flags, mode);
    line = begin (is_new ? "create" : "empty");
    add_name (&line, dirfd, name);
    say (&line);
    fd = next (dirfd, name, flags, mode);
    if (fd >= 0)
        (void)fstat (fd, &st);
    end_made (fd, &st);
    return fd;
}

/* To workers go numbers, to clients lines. */
ssize_t
send (int fd, const void *data, size_t n, int flags)
{
    struct line line;
    ssize_t result;
    NEXT (send);

    if (!is_recorded (fd, S_IFSOCK) || n == 0 || *(const char *)data != '{')
        return next (fd, data, n, flags);
    line = begin ("send");
    add_hex (&line, data, n);
    say (&line);
    result = next (fd, data, n, flags);
    end (result);
    return result;
}
