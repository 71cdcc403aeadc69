/* The id is made once and never changes: with another one all numbers would start anew. */
#include "daemon/spool/directory.h"

#include "daemon/spool/spool.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define ID_BYTES (SPOOLDIR_ID_DIGITS / 2)

/* Makes a new id: complete under another name first, so that there's never half an id. */
static bool
make_id (int dirfd, char ret_id[SPOOLDIR_ID_DIGITS + 1], GError **error)
{
    unsigned char bytes[ID_BYTES];
    sys_autofd fd = -1;

    if (getrandom (bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return spool_fail (error, SPOOL_ERROR_FATAL, "no random bytes for the spool's id");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)g_snprintf (ret_id + 2 * i, 3, "%02x", bytes[i]);
    fd = sys_openat (dirfd, "id.tmp", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || sys_write_all (fd, ret_id, SPOOLDIR_ID_DIGITS) < 0 || sys_fsync (fd) < 0 ||
        sys_rename_over (dirfd, "id.tmp", "id") < 0 || sys_fsync (dirfd) < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't write the spool's id");
    return true;
}

bool
spooldir_load_id (int dirfd, char ret_id[SPOOLDIR_ID_DIGITS + 1], GError **error)
{
    sys_autofd fd = sys_openat (dirfd, "id", O_RDONLY, 0);
    ssize_t n;

    if (fd < 0 && errno == ENOENT)
        return make_id (dirfd, ret_id, error);
    n = fd < 0 ? -1 : sys_read_full (fd, ret_id, SPOOLDIR_ID_DIGITS);
    if (n < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't read the spool's id");
    ret_id[n] = '\0';
    if (strspn (ret_id, "0123456789abcdefABCDEF") == SPOOLDIR_ID_DIGITS)
        return true;
    errno = EINVAL;
    return spool_fail (error, SPOOL_ERROR_FATAL, "the spool's file 'id' holds no 32 hex digits");
}

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
    *ret_lockfd = sys_openat (*ret_dirfd, "lock", O_RDWR | O_CREAT, 0600);
    if (*ret_lockfd < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't open the spool's lock");
    if (flock (*ret_lockfd, LOCK_EX | LOCK_NB) < 0)
        return spool_fail (error, errno == EWOULDBLOCK ? SPOOL_ERROR_BUSY : SPOOL_ERROR_FATAL,
                           "another dsnd holds the spool");
    return true;
}
