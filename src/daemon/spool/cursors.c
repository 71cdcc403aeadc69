/* Cursors on disk. A file is replaced as a whole, and the old one stays until the new is safe:
 * losing a cursor would send a consumer everything again, or nothing.
 */
#include "daemon/spool/cursors.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CURSOR_BYTES_MAX 64

struct consumers {
    int dirfd;
    GPtrArray *all; /* struct consumer *, sorted by name */
};

G_DEFINE_QUARK (dsnd - consumer - error, consumer_error)

static void
consumer_free (gpointer data)
{
    struct consumer *consumer = data;

    g_free (consumer->name);
    g_free (consumer);
}

bool
consumer_is_name (const char *name)
{
    const size_t n = strlen (name);

    if (n == 0 || n > CONSUMER_NAME_MAX || !g_ascii_isalnum (name[0]))
        return false;
    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum (*p) && !strchr ("._-", *p))
            return false;
    return true;
}

static bool
fail (GError **error, const char *what, const char *name)
{
    const int saved = errno;

    g_set_error (error, CONSUMER_ERROR, CONSUMER_ERROR_FAILED, "%s %s: %s", what, name,
                 g_strerror (saved));
    return false;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    const struct consumer *const *x = a, *const *y = b;

    return strcmp ((*x)->name, (*y)->name);
}

/* Reads "ACKED UID\n". */
static bool
parse_cursor (const char *text, size_t n, uint64_t *ret_acked, uid_t *ret_uid)
{
    g_autofree char *copy = g_strndup (text, n);
    char *end = NULL;
    guint64 acked, uid;

    if (n == 0 || text[n - 1] != '\n' || !g_ascii_isdigit (copy[0]))
        return false;
    acked = g_ascii_strtoull (copy, &end, 10);
    if (end[0] != ' ' || !g_ascii_isdigit (end[1]) || acked > INT64_MAX)
        return false;
    uid = g_ascii_strtoull (end + 1, &end, 10);
    if (end != copy + n - 1 || uid > UINT32_MAX)
        return false;
    *ret_acked = acked;
    *ret_uid = (uid_t)uid;
    return true;
}

static bool
load_one (struct consumers *consumers, const char *name, GError **error)
{
    char text[CURSOR_BYTES_MAX];
    sys_autofd fd = sys_openat (consumers->dirfd, name, O_RDONLY, 0);
    const ssize_t n = fd < 0 ? -1 : sys_read_full (fd, text, sizeof text);
    struct consumer *consumer;
    uint64_t acked;
    uid_t uid;

    if (n < 0)
        return fail (error, "can't read the cursor of consumer", name);
    if (!parse_cursor (text, (size_t)n, &acked, &uid)) {
        g_set_error (error, CONSUMER_ERROR, CONSUMER_ERROR_FAILED,
                     "the cursor of consumer %s is damaged; write \"SEQ UID\" into its file, or "
                     "delete it to start the consumer anew",
                     name);
        return false;
    }
    consumer = g_new0 (struct consumer, 1);
    consumer->name = g_strdup (name);
    consumer->acked = consumer->durable = acked;
    consumer->uid = uid;
    g_ptr_array_add (consumers->all, consumer);
    return true;
}

/* Reads all cursors. One that is passed over would be a consumer whose events aren't kept. */
static bool
load_all (struct consumers *consumers, GError **error)
{
    DIR *dir = sys_opendirat (consumers->dirfd, ".");
    const struct dirent *entry = NULL;
    bool is_ok = true;

    while (dir && is_ok && (entry = sys_readdir (dir)))
        if (consumer_is_name (entry->d_name))
            is_ok = load_one (consumers, entry->d_name, error);
    if (is_ok && (!dir || errno != 0))
        is_ok = fail (error, "can't read the spool's directory", "consumer");
    if (dir)
        (void)closedir (dir);
    return is_ok;
}

struct consumers *
consumers_open (int spool_dirfd, GError **error)
{
    struct consumers *consumers = g_new0 (struct consumers, 1);
    bool is_ok;

    consumers->all = g_ptr_array_new_with_free_func (consumer_free);
    consumers->dirfd = -1;
    if (sys_mkdirat (spool_dirfd, "consumer", 0700) == 0 || errno == EEXIST)
        consumers->dirfd = sys_open_directory (spool_dirfd, "consumer");
    is_ok = consumers->dirfd >= 0 ? load_all (consumers, error)
                                  : fail (error, "can't open the spool's directory", "consumer");
    if (!is_ok) {
        consumers_free (consumers);
        return NULL;
    }
    g_ptr_array_sort (consumers->all, compare_names);
    return consumers;
}

void
consumers_free (struct consumers *consumers)
{
    if (!consumers)
        return;
    sys_close (&consumers->dirfd);
    g_ptr_array_unref (consumers->all);
    g_free (consumers);
}

struct consumer *
consumers_find (struct consumers *consumers, const char *name)
{
    for (unsigned i = 0; i < consumers->all->len; i++) {
        struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        if (strcmp (consumer->name, name) == 0)
            return consumer;
    }
    return NULL;
}

const GPtrArray *
consumers_all (const struct consumers *consumers)
{
    return consumers->all;
}

/* The temporary name starts with a dot, which no consumer's may. */
static bool
write_cursor (const struct consumers *consumers, const struct consumer *consumer, GError **error)
{
    g_autofree char *temporary = g_strconcat (".", consumer->name, NULL);
    char text[CURSOR_BYTES_MAX];
    const int n = g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT " %u\n", consumer->acked,
                              (unsigned)consumer->uid);
    sys_autofd fd = sys_openat (consumers->dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0 && sys_write_all (fd, text, (size_t)n) == 0 && sys_fsync (fd) == 0 &&
        sys_rename_over (consumers->dirfd, temporary, consumer->name) == 0 &&
        sys_fsync (consumers->dirfd) == 0)
        return true;
    (void)fail (error, "can't store the cursor of consumer", consumer->name);
    (void)sys_unlinkat (consumers->dirfd, temporary);
    return false;
}

bool
consumers_store (struct consumers *consumers, struct consumer *consumer, GError **error)
{
    if (consumer->durable == consumer->acked)
        return true;
    if (!write_cursor (consumers, consumer, error))
        return false;
    consumer->durable = consumer->acked;
    return true;
}

/* Makes a consumer whose cursor is durable when this returns. */
static struct consumer *
add_consumer (struct consumers *consumers, const char *name, uid_t uid, uint64_t acked,
              GError **error)
{
    struct consumer *consumer;

    if (consumers->all->len >= CONSUMERS_MAX) {
        g_set_error (error, CONSUMER_ERROR, CONSUMER_ERROR_REFUSED,
                     "there are %d consumers already; FORGET one that isn't needed any more",
                     CONSUMERS_MAX);
        return NULL;
    }
    consumer = g_new0 (struct consumer, 1);
    consumer->name = g_strdup (name);
    consumer->acked = consumer->durable = acked;
    consumer->uid = uid;
    if (!write_cursor (consumers, consumer, error)) {
        consumer_free (consumer);
        return NULL;
    }
    g_ptr_array_add (consumers->all, consumer);
    g_ptr_array_sort (consumers->all, compare_names);
    return consumer;
}

static bool
refuse (GError **error, const char *reason)
{
    g_set_error_literal (error, CONSUMER_ERROR, CONSUMER_ERROR_REFUSED, reason);
    return false;
}

/* Whether @uid may use the consumer's name. */
static bool
is_permitted (const struct consumer *consumer, uid_t uid, GError **error)
{
    return uid == consumer->uid || uid == 0 ||
           refuse (error, "this consumer belongs to another user");
}

struct consumer *
consumers_claim (struct consumers *consumers, const char *name, uid_t uid, uint64_t acked,
                 GError **error)
{
    struct consumer *consumer = consumers_find (consumers, name);

    if (!consumer)
        consumer = add_consumer (consumers, name, uid, acked, error);
    else if (!is_permitted (consumer, uid, error) ||
             (consumer->is_in_use && !refuse (error, "another connection follows with this name")))
        return NULL;
    if (consumer)
        consumer->is_in_use = true;
    return consumer;
}

void
consumer_release (struct consumer *consumer)
{
    consumer->is_in_use = false;
}

bool
consumers_forget (struct consumers *consumers, const char *name, uid_t uid, GError **error)
{
    struct consumer *consumer = consumers_find (consumers, name);

    if (!consumer)
        return refuse (error, "there's no consumer with this name");
    if (!is_permitted (consumer, uid, error))
        return false;
    if (consumer->is_in_use)
        return refuse (error, "a connection follows with this name; end it first");
    if ((sys_unlinkat (consumers->dirfd, name) < 0 && errno != ENOENT) ||
        sys_fsync (consumers->dirfd) < 0)
        return fail (error, "can't delete the cursor of consumer", name);
    (void)g_ptr_array_remove (consumers->all, consumer);
    return true;
}

uint64_t
consumers_floor (const struct consumers *consumers)
{
    uint64_t floor = UINT64_MAX;

    for (unsigned i = 0; i < consumers->all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        floor = MIN (floor, consumer->durable + 1);
    }
    return floor;
}

uint64_t
consumers_highest (const struct consumers *consumers)
{
    uint64_t highest = 0;

    for (unsigned i = 0; i < consumers->all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        highest = MAX (highest, consumer->acked);
    }
    return highest;
}
