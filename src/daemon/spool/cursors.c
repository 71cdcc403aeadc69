/* Cursors on disk. A file is replaced as a whole, and the old one stays until the new is safe:
 * losing a cursor would send a consumer everything again, or nothing.
 */
#include "daemon/spool/cursors.h"

#include "daemon/base/log.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define REST        10 /* times what storing one took */
#define REST_MAX_US 500000
#define DIRECTORY   "consumer"

struct consumers {
    int spool_dirfd; /* (borrowed) */
    int dirfd;
    GPtrArray *all;   /* struct consumer *, sorted by name */
    int64_t rests_us; /* until when no cursor is stored, monotonic */
};

G_DEFINE_QUARK (dsnd - consumer - error, consumer_error)

static void
consumer_free (gpointer data)
{
    struct consumer *consumer = data;

    g_free (consumer->name);
    g_free (consumer);
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

static void
add (struct consumers *consumers, const char *name, const struct consumer *cursor)
{
    struct consumer *consumer = g_new (struct consumer, 1);

    *consumer = *cursor;
    consumer->name = g_strdup (name);
    consumer->durable = consumer->acked;
    consumer->active_us = g_get_monotonic_time ();
    g_ptr_array_add (consumers->all, consumer);
}

static bool
load_one (struct consumers *consumers, const char *name, GError **error)
{
    char text[CURSOR_BYTES_MAX + 1];
    sys_autofd fd = sys_openat (consumers->dirfd, name, O_RDONLY, 0);
    const ssize_t n = fd < 0 ? -1 : sys_read_full (fd, text, CURSOR_BYTES_MAX);
    struct consumer cursor = { .uid = CONSUMER_NOBODY, .has_acked = true };
    g_autofree char *written = NULL;

    if (n < 0)
        return fail (error, "can't read the cursor of consumer", name);
    text[n] = '\0';
    if (n == 0 || !consumer_read_line (text, &cursor)) {
        log_event (LOG_ERR, "cursor-damaged",
                   "a consumer's cursor is damaged; it gets all events that are kept", "CONSUMER",
                   name, NULL);
    }
    written = cursor.name;
    if (written && strcmp (written, name) != 0)
        log_event (LOG_WARNING, "cursor-copy",
                   "a copy of a cursor stands in the spool's directory consumer; left alone",
                   "FILE", name, "CONSUMER", written, NULL);
    else
        add (consumers, name, &cursor);
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
        is_ok = fail (error, "can't read the spool's directory", DIRECTORY);
    if (dir)
        (void)closedir (dir);
    return is_ok;
}

static bool
open_directory (struct consumers *consumers)
{
    sys_close (&consumers->dirfd);
    if (sys_mkdirat (consumers->spool_dirfd, DIRECTORY, 0700) == 0 || errno == EEXIST)
        consumers->dirfd = sys_open_directory (consumers->spool_dirfd, DIRECTORY);
    return consumers->dirfd >= 0;
}

struct consumers *
consumers_open (int spool_dirfd, GError **error)
{
    struct consumers *consumers = g_new0 (struct consumers, 1);
    bool is_ok;

    consumers->all = g_ptr_array_new_with_free_func (consumer_free);
    consumers->spool_dirfd = spool_dirfd;
    consumers->dirfd = -1;
    is_ok = open_directory (consumers)
                ? load_all (consumers, error)
                : fail (error, "can't open the spool's directory", DIRECTORY);
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

static bool
write_cursor (const struct consumers *consumers, const struct consumer *consumer, GError **error)
{
    char text[CURSOR_BYTES_MAX + 1];
    const int n = consumer_line (consumer, text);

    return sys_replace (consumers->dirfd, consumer->name, text, (size_t)n) ||
           fail (error, "can't store the cursor of consumer", consumer->name);
}

unsigned
consumers_rest_ms (const struct consumers *consumers)
{
    const int64_t left_us = consumers->rests_us - g_get_monotonic_time ();

    return left_us > 0 ? (unsigned)(left_us / 1000) + 1 : 0;
}

bool
consumers_store (struct consumers *consumers, struct consumer *consumer, GError **error)
{
    const int64_t began_us = g_get_monotonic_time ();
    bool is_stored;

    if (consumer->durable == consumer->acked)
        return true;
    is_stored = write_cursor (consumers, consumer, error);
    consumers->rests_us = g_get_monotonic_time ();
    consumers->rests_us += MIN ((consumers->rests_us - began_us) * REST, REST_MAX_US);
    if (!is_stored)
        return false;
    consumer->durable = consumer->acked;
    return true;
}

/* Why @uid may not have one more name; NULL: it may. The last names are root's. */
static const char *
quota (const struct consumers *consumers, uid_t uid)
{
    unsigned n = 0;

    for (unsigned i = 0; i < consumers->all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        n += consumer->uid == uid;
    }
    if (consumers->all->len >= CONSUMERS_MAX - (uid == 0 ? 0 : CONSUMERS_FOR_ROOT))
        return "there are 64 consumers already, the last of them root's; FORGET one that isn't "
               "needed any more";
    if (uid != 0 && n >= CONSUMERS_PER_UID)
        return "this user has 16 consumers already; FORGET one that isn't needed any more";
    return NULL;
}

static bool
refuse (GError **error, const char *reason)
{
    g_set_error_literal (error, CONSUMER_ERROR, CONSUMER_ERROR_REFUSED, reason);
    return false;
}

/* Makes a consumer whose cursor is durable when this returns. */
static struct consumer *
add_consumer (struct consumers *consumers, const char *name, uid_t uid, uint64_t acked,
              GError **error)
{
    const char *too_many = quota (consumers, uid);
    struct consumer *consumer;

    if (too_many) {
        (void)refuse (error, too_many);
        return NULL;
    }
    add (consumers, name, &(struct consumer){ .acked = acked, .uid = uid });
    consumer = g_ptr_array_index (consumers->all, consumers->all->len - 1);
    if (!write_cursor (consumers, consumer, error)) {
        (void)g_ptr_array_remove (consumers->all, consumer);
        return NULL;
    }
    g_ptr_array_sort (consumers->all, compare_names);
    return consumer;
}

/* Whether @uid may use the consumer's name. */
static bool
is_permitted (const struct consumer *consumer, uid_t uid, GError **error)
{
    g_autofree char *reason = NULL;

    if (uid == consumer->uid || uid == 0 || consumer->uid == CONSUMER_NOBODY)
        return true;
    reason = g_strdup_printf ("the consumer %s belongs to another user (uid %u): take another "
                              "name, or go on as that user; root and that user can free the name "
                              "with 'dsnctl forget %s', after which it starts anew with the first "
                              "event kept",
                              consumer->name, (unsigned)consumer->uid, consumer->name);
    return refuse (error, reason);
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
    if (!consumer)
        return NULL;
    if (consumer->uid == CONSUMER_NOBODY)
        consumer->uid = uid;
    consumer->is_in_use = true;
    consumer->active_us = g_get_monotonic_time ();
    return consumer;
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

void
consumers_judge (struct consumers *consumers, const struct consumer_limits *limits, uint64_t next,
                 uint64_t (*bytes_from) (const void *data, uint64_t seq), const void *data)
{
    for (unsigned i = 0; i < consumers->all->len; i++) {
        struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        const bool is_done = consumer->durable + 1 >= next;
        const char *why =
            is_done ? NULL
                    : consumer_lapse (consumer, bytes_from (data, consumer->durable + 1), limits);
        if (is_done)
            consumer->active_us = g_get_monotonic_time ();
        if (why && !consumer->is_lapsed)
            log_event (LOG_WARNING, "consumer-lapsed",
                       "events are no longer kept for a consumer; it will be told of a gap",
                       "CONSUMER", consumer->name, "REASON", why, NULL);
        consumer->is_lapsed = why != NULL;
    }
}

void
consumers_keep (struct consumers *consumers)
{
    const bool is_new = !sys_is_at (consumers->dirfd, consumers->spool_dirfd, DIRECTORY);
    unsigned n = 0;

    if (is_new && !open_directory (consumers))
        return;
    for (unsigned i = 0; i < consumers->all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        struct stat st;
        if (is_new || (sys_fstatat (consumers->dirfd, consumer->name, &st) < 0 && errno == ENOENT))
            n += write_cursor (consumers, consumer, NULL);
    }
    if (n)
        log_event (LOG_WARNING, "cursors-restored",
                   "somebody deleted cursors of consumers; they are written again", NULL);
}

uint64_t
consumers_floor (const struct consumers *consumers)
{
    uint64_t floor = UINT64_MAX;

    for (unsigned i = 0; i < consumers->all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (consumers->all, i);
        if (!consumer->is_lapsed)
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
