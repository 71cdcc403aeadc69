/* 32 hex digits; behind them the mark, in 20 digits, and its CRC-32C over all that stands before.
 * Versions that know no mark read the digits alone. A second line tells the file's own inode and
 * time of birth, in nanoseconds, and their CRC-32C; without it nobody knows whether it's a copy. */
#include "daemon/spool/idfile.h"

#include "daemon/base/sys.h"
#include "daemon/spool/error.h"

#include "core/event/spoolline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define NAME        "id"
#define ID_BYTES    (IDFILE_DIGITS / 2)
#define MARK_DIGITS 20
#define MARK_END    (IDFILE_DIGITS + 1 + MARK_DIGITS)
#define ALL_BYTES   (MARK_END + 1 + 8 + 1)
#define SELF_DIGITS 20
#define SELF_END    (2 * SELF_DIGITS + 1)
#define SELF_BYTES  (SELF_END + 1 + 8 + 1)

static void
format (const struct idfile *idfile, char ret_text[ALL_BYTES + 1])
{
    (void)g_snprintf (ret_text, ALL_BYTES + 1, "%s %0*" G_GUINT64_FORMAT, idfile->id, MARK_DIGITS,
                      idfile->mark);
    (void)g_snprintf (ret_text + MARK_END, ALL_BYTES + 1 - MARK_END, " %08x\n",
                      dsn_crc32c ((struct dsn_bytes){ ret_text, MARK_END }));
}

static void
read_mark (struct idfile *idfile, const char *text)
{
    struct idfile found = *idfile;
    char same[ALL_BYTES + 1];

    found.mark = g_ascii_strtoull (text + IDFILE_DIGITS, NULL, 10);
    format (&found, same);
    if (found.mark <= INT64_MAX && memcmp (text, same, ALL_BYTES) == 0)
        idfile->mark = found.mark;
}

/* What the file would say of itself. False: it can't be told. */
static bool
format_self (int fd, char ret_text[SELF_BYTES + 1])
{
    uint64_t inode, birth_ns;

    if (sys_birth (fd, &inode, &birth_ns) < 0)
        return false;
    (void)g_snprintf (ret_text, SELF_BYTES + 1, "%0*" G_GUINT64_FORMAT " %0*" G_GUINT64_FORMAT,
                      SELF_DIGITS, inode, SELF_DIGITS, birth_ns);
    (void)g_snprintf (ret_text + SELF_END, SELF_BYTES + 1 - SELF_END, " %08x\n",
                      dsn_crc32c ((struct dsn_bytes){ ret_text, SELF_END }));
    return true;
}

/* Whether @text is the second line of another file. */
static bool
is_of_another (int fd, const char text[SELF_BYTES])
{
    char self[SELF_BYTES + 1], sum[9];

    (void)g_snprintf (sum, sizeof sum, "%08x", dsn_crc32c ((struct dsn_bytes){ text, SELF_END }));
    return memcmp (text + SELF_END + 1, sum, 8) == 0 && format_self (fd, self) &&
           memcmp (text, self, SELF_END) != 0;
}

/* Not synced, and a failure is no harm: without it a copy isn't known for one. */
static void
write_self (const struct idfile *idfile)
{
    char self[SELF_BYTES + 1];

    if (format_self (idfile->fd, self))
        (void)sys_pwrite_all (idfile->fd, self, SELF_BYTES, ALL_BYTES);
}

static bool
make (struct idfile *idfile, int dirfd)
{
    char text[ALL_BYTES + 1];

    format (idfile, text);
    if (!sys_replace (dirfd, NAME, text, ALL_BYTES))
        return false;
    sys_close (&idfile->fd);
    idfile->fd = sys_openat (dirfd, NAME, O_RDWR, 0);
    if (idfile->fd >= 0)
        write_self (idfile);
    return idfile->fd >= 0;
}

static bool
make_id (struct idfile *idfile, int dirfd, GError **error)
{
    unsigned char bytes[ID_BYTES];

    if (getrandom (bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return spool_fail (error, SPOOL_ERROR_FATAL, "no random bytes for the spool's id");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)g_snprintf (idfile->id + 2 * i, 3, "%02x", bytes[i]);
    return make (idfile, dirfd) ||
           spool_fail (error, SPOOL_ERROR_FATAL, "can't write the spool's id");
}

bool
idfile_open (struct idfile *idfile, int dirfd, GError **error)
{
    char text[ALL_BYTES + SELF_BYTES] = { 0 };
    ssize_t n;

    *idfile = (struct idfile){ .fd = sys_openat (dirfd, NAME, O_RDWR, 0) };
    if (idfile->fd < 0 && errno == ENOENT)
        return make_id (idfile, dirfd, error);
    n = idfile->fd < 0 ? -1 : sys_read_full (idfile->fd, text, sizeof text);
    if (n < 0)
        return spool_fail (error, SPOOL_ERROR_FATAL, "can't read the spool's id");
    memcpy (idfile->id, text, IDFILE_DIGITS);
    if (strspn (idfile->id, "0123456789abcdefABCDEF") != IDFILE_DIGITS) {
        errno = EINVAL;
        return spool_fail (error, SPOOL_ERROR_FATAL,
                           "the spool's file 'id' holds no 32 hex digits");
    }
    read_mark (idfile, text);
    idfile->is_copied = is_of_another (idfile->fd, text + ALL_BYTES);
    if (idfile->is_copied)
        return make_id (idfile, dirfd, error);
    if (n >= ALL_BYTES)
        write_self (idfile);
    return true;
}

void
idfile_done (struct idfile *idfile)
{
    sys_close (&idfile->fd);
}

bool
idfile_set_mark (struct idfile *idfile, uint64_t mark)
{
    char text[ALL_BYTES + 1];

    idfile->mark = mark;
    format (idfile, text);
    return sys_pwrite_all (idfile->fd, text + IDFILE_DIGITS, ALL_BYTES - IDFILE_DIGITS,
                           IDFILE_DIGITS) == 0;
}

bool
idfile_keep (struct idfile *idfile, int dirfd)
{
    return sys_is_at (idfile->fd, dirfd, NAME) || make (idfile, dirfd);
}
