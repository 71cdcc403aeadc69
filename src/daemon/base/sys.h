/* The syscall seam: every file and socket operation of the daemon goes through here, so that a
 * test can make any one of them fail. EINTR is dealt with here, nothing else is.
 * All return what the call of the same name returns, with errno. Never log.
 */
#ifndef DSND_SYS_H
#define DSND_SYS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef DSND_FAULTS
/* Whether this call of @name is planned to fail; sets errno. */
bool sys_is_planned (const char *name);
#endif

/* Opens relative to @dirfd, always with O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK and O_NOCTTY. */
int sys_openat (int dirfd, const char *name, int flags, mode_t mode);

/* Opens a directory; a symbolic link on the way is followed, since the operator named it. */
int sys_open_directory (int dirfd, const char *name);

/* Reads until @n bytes or the end of the file. */
ssize_t sys_read_full (int fd, void *buffer, size_t n);
ssize_t sys_read (int fd, void *buffer, size_t n);
ssize_t sys_pread (int fd, void *buffer, size_t n, off_t offset);

/* Writes all @n bytes, going on after a short write. 0, or -1 with errno: some may be written. */
int sys_write_all (int fd, const void *buffer, size_t n);

/* The same at @offset, whatever stands behind it. */
int sys_pwrite_all (int fd, const void *buffer, size_t n, off_t offset);

int sys_fdatasync (int fd);
int sys_fsync (int fd);
int sys_ftruncate (int fd, off_t length);
int sys_fstat (int fd, struct stat *ret);
int sys_fstatat (int dirfd, const char *name, struct stat *ret); /* never follows a link */
/* The file's inode and when it was made, in nanoseconds; 0: the file system doesn't know. */
int sys_birth (int fd, uint64_t *ret_inode, uint64_t *ret_ns);
/* Whether @name in @dirfd leads to the very file or directory that @fd is. */
bool sys_is_at (int fd, int dirfd, const char *name);
int sys_access_directory (int dirfd); /* whether files may be listed, made and taken away */
int sys_mkdirat (int dirfd, const char *name, mode_t mode);
int sys_unlinkat (int dirfd, const char *name);

/* Renames; never replaces a file that is there (EEXIST). */
int sys_rename_new (int from_dirfd, const char *from, int to_dirfd, const char *to);
/* Renames within one directory, replacing @to. */
int sys_rename_over (int dirfd, const char *from, const char *to);

/* Makes @name in @dirfd hold these bytes, durably; on failure it holds what it did, with errno. */
bool sys_replace (int dirfd, const char *name, const void *buffer, size_t n);

/* A directory stream of its own descriptor. */
DIR *sys_opendirat (int dirfd, const char *name);
/* The next entry; NULL with errno, which is 0 at the end. */
const struct dirent *sys_readdir (DIR *dir);

/* Bytes that an unprivileged process may still write below @dirfd, and the size of the whole file
 * system; *ret_is_network: it's NFS or the like. */
int sys_free_space (int dirfd, unsigned long long *ret_free, unsigned long long *ret_total,
                    bool *ret_is_network);

/* An inotify descriptor that watches the directory @dirfd for @events, whatever it's renamed to. */
int sys_watch (int dirfd, uint32_t events);

int sys_accept (int fd);                                 /* non-blocking, close-on-exec */
ssize_t sys_send (int fd, const void *buffer, size_t n); /* never SIGPIPE */
ssize_t sys_recv (int fd, void *buffer, size_t n);

/* Closes *@fd if it's open, and sets it to -1. Keeps errno. */
void sys_close (int *fd);
#define sys_autofd __attribute__ ((cleanup (sys_close))) int

#endif
