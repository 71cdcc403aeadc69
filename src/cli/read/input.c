/* Walking the arguments. Only names are kept, not mails: an mbox costs a few bytes a mail, and
 * standard input goes to a file without a name.
 */
#include "cli/read/input.h"
#include "cli/read/mbox.h"
#include "cli/terminal/tty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (256 * 1024)

struct input {
    GStringChunk *paths;
    GArray *mails; /* struct input_mail */
    GArray *fds;   /* int: owned */
};

struct input *
input_new (void)
{
    struct input *in = g_new (struct input, 1);

    in->paths = g_string_chunk_new (64 * 1024);
    in->mails = g_array_new (FALSE, FALSE, sizeof (struct input_mail));
    in->fds = g_array_new (FALSE, FALSE, sizeof (int));
    return in;
}

void
input_free (struct input *in)
{
    for (unsigned i = 0; i < in->fds->len; i++)
        (void)close (g_array_index (in->fds, int, i));
    g_array_unref (in->fds);
    g_array_unref (in->mails);
    g_string_chunk_free (in->paths);
    g_free (in);
}

static void
add_mail (struct input *in, struct input_mail mail)
{
    g_array_append_val (in->mails, mail);
}

/* Adds the mails of the open file, which is an mbox if it has more than one From_ line. */
static bool
add_open_file (struct input *in, const char *path, int fd, bool is_kept)
{
    g_autofree char *piece = g_malloc (PIECE_BYTES);
    const char *kept_path = g_string_chunk_insert (in->paths, path);
    const int kept_fd = is_kept ? fd : -1;
    struct mbox_scanner s;
    uint64_t offset = 0;
    ssize_t n;

    mbox_scanner_init (&s);
    while ((n = pread (fd, piece, PIECE_BYTES, (off_t)offset)) > 0) {
        bool is_mbox = offset > 0 || (n >= 5 && memcmp (piece, "From ", 5) == 0);
        if (!is_mbox)
            break;
        mbox_scanner_feed (&s, (struct dsn_bytes){ piece, (size_t)n });
        offset += (uint64_t)n;
    }
    mbox_scanner_finish (&s);
    if (n < 0) {
        tty_complain ("%s: %s", path, g_strerror (errno));
    } else if (s.mails->len <= 1) {
        add_mail (in, (struct input_mail){ .path = kept_path, .fd = kept_fd });
    } else {
        for (unsigned i = 0; i < s.mails->len; i++) {
            const struct mbox_mail *m = &g_array_index (s.mails, struct mbox_mail, i);
            add_mail (in, (struct input_mail){ kept_path, kept_fd, i + 1, m->start, m->end,
                                               !m->is_counted });
        }
    }
    mbox_scanner_clear (&s);
    return n >= 0;
}

/* Copies what can be read only once to a file without a name; its descriptor, -1 on an error. */
static int
copy_stream (int from)
{
    g_autofree char *piece = g_malloc (PIECE_BYTES);
    int to = open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    ssize_t n = 0;

    /* not every file system has files without a name */
    if (to < 0)
        to = memfd_create ("input", MFD_CLOEXEC);
    while (to >= 0 && (n = read (from, piece, PIECE_BYTES)) > 0) {
        for (ssize_t done = 0; done < n;) {
            ssize_t w = write (to, piece + done, (size_t)(n - done));
            if (w < 0) {
                (void)close (to);
                return -1;
            }
            done += w;
        }
    }
    if (to >= 0 && n < 0) {
        (void)close (to);
        return -1;
    }
    return to;
}

static bool
add_stream (struct input *in, const char *name, int fd)
{
    int copy = copy_stream (fd);

    if (copy < 0) {
        tty_complain ("%s: %s", name, g_strerror (errno));
        return false;
    }
    g_array_append_val (in->fds, copy);
    return add_open_file (in, name, copy, true);
}

static int
compare_names (const struct dirent **a, const struct dirent **b)
{
    return strcmp ((*a)->d_name, (*b)->d_name);
}

static int
is_not_dots (const struct dirent *entry)
{
    return strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0;
}

/* What the entry is, DT_UNKNOWN for what isn't a mail file. A link to a file counts as the file; a
 * link to a directory doesn't, since it could lead back here. */
static unsigned char
entry_type (const char *path, unsigned char type)
{
    struct stat st;

    if (type == DT_REG || type == DT_DIR)
        return type;
    if (type == DT_UNKNOWN && lstat (path, &st) == 0 && S_ISDIR (st.st_mode))
        return DT_DIR;
    return stat (path, &st) == 0 && S_ISREG (st.st_mode) ? DT_REG : DT_UNKNOWN;
}

/* Whether @path is a Maildir: only its cur/ and new/ hold mails, beside them stand the files of
 * mail servers, and folders. */
static bool
is_maildir (const char *path)
{
    g_autofree char *cur = g_build_filename (path, "cur", NULL);
    g_autofree char *new = g_build_filename (path, "new", NULL);

    return g_file_test (cur, G_FILE_TEST_IS_DIR) && g_file_test (new, G_FILE_TEST_IS_DIR);
}

/* Whether only a look into the file can tell that it's no mbox: opening one costs a part of what
 * reading a mail does. Exports name mails *.eml, and MH and its kin by numbers. */
static bool
may_be_mbox (const char *name)
{
    return !g_str_has_suffix (name, ".eml") && name[strspn (name, "0123456789")] != '\0';
}

/* What the directory that's walked is. */
enum place { PLACE_ANY, PLACE_MAILDIR, PLACE_MAILDIR_MAILS };

static enum place
place_of (const char *path, const char *name, enum place parent)
{
    const bool has_mails = strcmp (name, "cur") == 0 || strcmp (name, "new") == 0;

    if (parent == PLACE_MAILDIR && has_mails)
        return PLACE_MAILDIR_MAILS;
    return is_maildir (path) ? PLACE_MAILDIR : PLACE_ANY;
}

static bool add_directory (struct input *in, const char *path, enum place place);

static void
add_file (struct input *in, const char *path)
{
    add_mail (in, (struct input_mail){ .path = g_string_chunk_insert (in->paths, path), .fd = -1 });
}

/* Adds the file's mails, one or, if it's an mbox, many. */
static bool
add_unknown_file (struct input *in, const char *path)
{
    const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char start[5];
    bool is_ok = true;

    if (fd >= 0 && pread (fd, start, sizeof start, 0) == (ssize_t)sizeof start &&
        memcmp (start, "From ", sizeof start) == 0)
        is_ok = add_open_file (in, path, fd, false);
    else /* what can't be opened is told when it's read */
        add_file (in, path);
    if (fd >= 0)
        (void)close (fd);
    return is_ok;
}

/* An entry of a directory that is @place. */
static bool
add_entry (struct input *in, const char *path, const struct dirent *entry, enum place place)
{
    const char *name = entry->d_name;
    const unsigned char type = entry_type (path, entry->d_type);

    if (type == DT_DIR)
        return (place == PLACE_MAILDIR && strcmp (name, "tmp") == 0) ||
               add_directory (in, path, place_of (path, name, place));
    if (type != DT_REG || place == PLACE_MAILDIR ||
        (place == PLACE_MAILDIR_MAILS && name[0] == '.'))
        return true;
    if (place == PLACE_ANY && may_be_mbox (name))
        return add_unknown_file (in, path);
    add_file (in, path);
    return true;
}

static bool
add_directory (struct input *in, const char *path, enum place place)
{
    struct dirent **entries;
    int n = scandir (path, &entries, is_not_dots, compare_names);
    bool is_ok = n >= 0;

    if (n < 0)
        tty_complain ("%s: %s", path, g_strerror (errno));
    for (int i = 0; i < n; i++) {
        g_autofree char *child = g_build_filename (path, entries[i]->d_name, NULL);
        is_ok = add_entry (in, child, entries[i], place) && is_ok;
        free (entries[i]);
    }
    if (n >= 0)
        free (entries);
    return is_ok;
}

bool
input_add (struct input *in, const char *argument)
{
    struct stat st;
    bool is_ok;
    int fd;

    if (strcmp (argument, "-") == 0)
        return add_stream (in, "-", STDIN_FILENO);
    fd = open (argument, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat (fd, &st) < 0) {
        tty_complain ("%s: %s", argument, g_strerror (errno));
        if (fd >= 0)
            (void)close (fd);
        return false;
    }
    if (S_ISDIR (st.st_mode))
        is_ok = add_directory (in, argument, is_maildir (argument) ? PLACE_MAILDIR : PLACE_ANY);
    else if (S_ISREG (st.st_mode))
        is_ok = add_open_file (in, argument, fd, false);
    else
        is_ok = add_stream (in, argument, fd);
    (void)close (fd);
    return is_ok;
}

size_t
input_count (const struct input *in)
{
    return in->mails->len;
}

struct input_mail
input_get (const struct input *in, size_t i)
{
    return g_array_index (in->mails, struct input_mail, i);
}

char *
input_name (const struct input_mail *mail)
{
    return mail->number ? g_strdup_printf ("%s#%u", mail->path, mail->number)
                        : g_strdup (mail->path);
}

/* Fills @bytes from @start as far as the file goes; -1 on an error. */
static ssize_t
read_at (int fd, char *bytes, size_t n, uint64_t start)
{
    size_t done = 0;

    while (done < n) {
        ssize_t r = pread (fd, bytes + done, n - done, (off_t)(start + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (r == 0)
            break;
        done += (size_t)r;
    }
    return (ssize_t)done;
}

bool
input_read (const struct input_mail *mail, size_t max_bytes, char **ret_bytes, size_t *ret_n,
            size_t *ret_total)
{
    int fd = mail->fd >= 0 ? mail->fd : open (mail->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    ssize_t n = -1;
    int error;

    if (fd >= 0 && fstat (fd, &st) == 0) {
        size_t total = (size_t)(mail->number ? mail->end - mail->start : (uint64_t)st.st_size);
        size_t room = MIN (total, max_bytes);
        g_autofree char *bytes = g_malloc (room + 1);
        n = read_at (fd, bytes, room, mail->start);
        if (n >= 0) {
            *ret_n = mail->is_quoted ? mbox_unquote (bytes, (size_t)n) : (size_t)n;
            *ret_total = total - ((size_t)n - *ret_n);
            *ret_bytes = g_steal_pointer (&bytes);
        }
    }
    error = errno;
    if (fd >= 0 && fd != mail->fd)
        (void)close (fd);
    errno = error;
    return n >= 0;
}
