/* The syscall seam. Built with DSND_FAULTS (tests only) it reads a plan from the environment:
 * DSND_FAULT_PLAN="fdatasync:3:5,write:2:28:4" makes the 3rd fdatasync fail with errno 5 (EIO) and
 * the 2nd to 5th write with errno 28 (ENOSPC), each after writing half. A write that fails with 0
 * is just short.
 */
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OPEN_ALWAYS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

#ifdef DSND_FAULTS
#include <glib.h>

bool
sys_is_planned (const char *name)
{
    static char **plan;
    static GHashTable *counts;
    const size_t n_name = strlen (name);
    guint count;

    if (!counts) {
        const char *text = getenv ("DSND_FAULT_PLAN");
        plan = g_strsplit (text ? text : "", ",", -1);
        counts = g_hash_table_new (g_str_hash, g_str_equal);
    }
    count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, name)) + 1;
    g_hash_table_insert (counts, (gpointer)name, GUINT_TO_POINTER (count));
    for (char **p = plan; *p; p++) {
        if (strncmp (*p, name, n_name) != 0 || (*p)[n_name] != ':')
            continue;
        g_auto (GStrv) words = g_strsplit (*p, ":", 4);
        const guint64 first = g_ascii_strtoull (words[1], NULL, 10);
        const guint64 times = words[2] && words[3] ? g_ascii_strtoull (words[3], NULL, 10) : 1;
        if (count >= first && count < first + times) {
            errno = (int)g_ascii_strtoull (words[2], NULL, 10);
            return true;
        }
    }
    return false;
}
#define FAULT(name) sys_is_planned (name)
#else
#define FAULT(name) false
#endif

/* Evaluates @call, or the fault planned for @name, until it isn't interrupted. */
#define CALL(name, call)                                                                           \
    __extension__({                                                                                \
        __typeof__ (call) result_;                                                                 \
        do                                                                                         \
            result_ = FAULT (name) ? -1 : (call);                                                  \
        while (result_ == -1 && errno == EINTR);                                                   \
        result_;                                                                                   \
    })

int
sys_openat (int dirfd, const char *name, int flags, mode_t mode)
{
    return CALL ("openat", openat (dirfd, name, flags | OPEN_ALWAYS, mode));
}

int
sys_open_directory (int dirfd, const char *name)
{
    return CALL ("openat", openat (dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY));
}

ssize_t
sys_read (int fd, void *buffer, size_t n)
{
    return CALL ("read", read (fd, buffer, n));
}

ssize_t
sys_read_full (int fd, void *buffer, size_t n)
{
    size_t done = 0;

    while (done < n) {
        const ssize_t got = sys_read (fd, (char *)buffer + done, n - done);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

ssize_t
sys_pread (int fd, void *buffer, size_t n, off_t offset)
{
    return CALL ("pread", pread (fd, buffer, n, offset));
}

/* A planned fault goes as on a full disk: first a short write, then the error. */
static ssize_t
write_some (int fd, const char *p, size_t n)
{
    ssize_t done;
    int planned;

    if (!FAULT ("write"))
        return write (fd, p, n);
    planned = errno;
    done = planned == EINTR ? -1 : write (fd, p, n / 2);
    errno = planned;
    return planned ? -1 : done;
}

int
sys_write_all (int fd, const void *buffer, size_t n)
{
    const char *at = buffer;

    while (n) {
        ssize_t done;
        do
            done = write_some (fd, at, n);
        while (done < 0 && errno == EINTR);
        if (done < 0)
            return -1;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

int
sys_pwrite_all (int fd, const void *buffer, size_t n, off_t offset)
{
    const char *at = buffer;

    while (n) {
        const ssize_t done = CALL ("pwrite", pwrite (fd, at, n, offset));
        if (done < 0)
            return -1;
        at += done;
        offset += done;
        n -= (size_t)done;
    }
    return 0;
}

int
sys_fdatasync (int fd)
{
    return CALL ("fdatasync", fdatasync (fd));
}

int
sys_fsync (int fd)
{
    return CALL ("fsync", fsync (fd));
}

int
sys_ftruncate (int fd, off_t length)
{
    return CALL ("ftruncate", ftruncate (fd, length));
}

int
sys_fstat (int fd, struct stat *ret)
{
    return CALL ("fstat", fstat (fd, ret));
}

int
sys_fstatat (int dirfd, const char *name, struct stat *ret)
{
    return CALL ("fstatat", fstatat (dirfd, name, ret, AT_SYMLINK_NOFOLLOW));
}

int
sys_birth (int fd, uint64_t *ret_inode, uint64_t *ret_ns)
{
    struct statx st = { 0 };

    if (CALL ("statx", statx (fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st)) < 0)
        return -1;
    *ret_inode = st.stx_ino;
    *ret_ns = 0;
    if (st.stx_mask & STATX_BTIME && st.stx_btime.tv_sec > 0)
        *ret_ns = (uint64_t)st.stx_btime.tv_sec * 1000000000 + st.stx_btime.tv_nsec;
    return 0;
}

bool
sys_is_at (int fd, int dirfd, const char *name)
{
    struct stat ours, there;

    return fd >= 0 && sys_fstat (fd, &ours) == 0 &&
           CALL ("fstatat", fstatat (dirfd, name, &there, 0)) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

int
sys_access_directory (int dirfd)
{
    if (FAULT ("faccessat"))
        return -1;
    return faccessat (dirfd, ".", R_OK | W_OK | X_OK, AT_EACCESS);
}

int
sys_mkdirat (int dirfd, const char *name, mode_t mode)
{
    return CALL ("mkdirat", mkdirat (dirfd, name, mode));
}

int
sys_unlinkat (int dirfd, const char *name)
{
    return CALL ("unlinkat", unlinkat (dirfd, name, 0));
}

int
sys_rename_new (int from_dirfd, const char *from, int to_dirfd, const char *to)
{
    struct stat st;

    if (CALL ("renameat", renameat2 (from_dirfd, from, to_dirfd, to, RENAME_NOREPLACE)) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* a file system that can't check and rename in one step */
    if (fstatat (to_dirfd, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return CALL ("renameat", renameat (from_dirfd, from, to_dirfd, to));
}

int
sys_rename_over (int dirfd, const char *from, const char *to)
{
    return CALL ("rename", renameat (dirfd, from, dirfd, to));
}

/* The temporary name starts with a dot, which no name of ours does. */
bool
sys_replace (int dirfd, const char *name, const void *buffer, size_t n)
{
    char temporary[NAME_MAX + 1];
    sys_autofd fd = -1;
    int saved;

    (void)snprintf (temporary, sizeof temporary, ".%s", name);
    fd = sys_openat (dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && sys_write_all (fd, buffer, n) == 0 && sys_fsync (fd) == 0 &&
        sys_rename_over (dirfd, temporary, name) == 0 && sys_fsync (dirfd) == 0)
        return true;
    saved = errno;
    (void)sys_unlinkat (dirfd, temporary);
    errno = saved;
    return false;
}

DIR *
sys_opendirat (int dirfd, const char *name)
{
    sys_autofd fd = sys_open_directory (dirfd, name);
    DIR *dir = fd < 0 ? NULL : fdopendir (fd);

    if (dir)
        fd = -1; /* the stream's now */
    return dir;
}

const struct dirent *
sys_readdir (DIR *dir)
{
    if (FAULT ("readdir"))
        return NULL;
    errno = 0;
    return readdir (dir);
}

int
sys_free_space (int dirfd, unsigned long long *ret_free, unsigned long long *ret_total,
                bool *ret_is_network)
{
    struct statfs fs;

    if (CALL ("statfs", fstatfs (dirfd, &fs)) < 0)
        return -1;
    *ret_free = (unsigned long long)fs.f_bavail * (unsigned long long)fs.f_bsize;
    *ret_total = (unsigned long long)fs.f_blocks * (unsigned long long)fs.f_bsize;
    *ret_is_network = fs.f_type == NFS_SUPER_MAGIC || (unsigned)fs.f_type == SMB_SUPER_MAGIC ||
                      (unsigned)fs.f_type == SMB2_SUPER_MAGIC ||
                      (unsigned)fs.f_type == CIFS_SUPER_MAGIC;
    return 0;
}

int
sys_watch (int dirfd, uint32_t events)
{
    sys_autofd fd = FAULT ("inotify") ? -1 : inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    char path[32];
    int watch;

    (void)snprintf (path, sizeof path, "/proc/self/fd/%d", dirfd);
    if (fd < 0 || inotify_add_watch (fd, path, events) < 0)
        return -1;
    watch = fd;
    fd = -1; /* the caller's now */
    return watch;
}

int
sys_accept (int fd)
{
    return CALL ("accept", accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

ssize_t
sys_send (int fd, const void *buffer, size_t n)
{
    return CALL ("send", send (fd, buffer, n, MSG_NOSIGNAL | MSG_DONTWAIT));
}

ssize_t
sys_recv (int fd, void *buffer, size_t n)
{
    return CALL ("recv", recv (fd, buffer, n, MSG_DONTWAIT));
}

void
sys_close (int *fd)
{
    const int saved = errno;

    if (*fd >= 0)
        (void)close (*fd); /* never repeated: the descriptor is gone whatever close says */
    *fd = -1;
    errno = saved;
}
