/* The directory is held by a descriptor; the path may come to lead elsewhere. */
#include "daemon/spool/directory.h"

#include "daemon/spool/error.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_NAME "lock"

/* Makes the directory, and its name as durable as what will be in it. */
static bool
make_directory (const char *path)
{
    g_autofree char *parent = g_path_get_dirname (path);
    sys_autofd fd = -1;

    if (sys_mkdirat (AT_FDCWD, path, 0700) < 0)
        return errno == EEXIST;
    fd = sys_open_directory (AT_FDCWD, parent);
    return fd >= 0 && sys_fsync (fd) == 0;
}

/* The lock, taken; -1 with errno, which is EWOULDBLOCK if another process has it. */
static int
lock (int dirfd)
{
    int fd = sys_openat (dirfd, LOCK_NAME, O_RDWR | O_CREAT, 0600);

    if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0)
        sys_close (&fd);
    return fd;
}

bool
spooldir_open (const char *path, int *ret_dirfd, int *ret_lockfd, GError **error)
{
    unsigned long long n_free, total;
    bool is_network;

    *ret_dirfd = *ret_lockfd = -1;
    if (!make_directory (path))
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't make the spool's directory");
    *ret_dirfd = sys_open_directory (AT_FDCWD, path);
    if (*ret_dirfd < 0 || sys_free_space (*ret_dirfd, &n_free, &total, &is_network) < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't open the spool's directory");
    if (is_network) {
        g_set_error (error, SPOOL_ERROR, SPOOL_ERROR_FATAL,
                     "the spool is on a network file system, which can't promise durable writes; "
                     "put it on a local disk");
        return false;
    }
    *ret_lockfd = lock (*ret_dirfd);
    if (*ret_lockfd < 0)
        return spool_fail (error, errno == EWOULDBLOCK ? SPOOL_ERROR_BUSY : SPOOL_ERROR_FATAL,
                           errno == EWOULDBLOCK ? "another dsnd holds the spool"
                                                : "can't lock the spool");
    return true;
}

const char *
spooldir_keep (const char *path, int dirfd, int *lockfd)
{
    int again;

    if (!sys_is_at (dirfd, AT_FDCWD, path))
        return "the spool's path no longer leads to the directory that dsnd opened; put that back, "
               "or restart dsnd";
    if (sys_is_at (*lockfd, dirfd, LOCK_NAME))
        return NULL;
    again = lock (dirfd);
    if (again < 0)
        return "the spool's lock was replaced, and can't be taken again";
    sys_close (lockfd);
    *lockfd = again;
    return NULL;
}
