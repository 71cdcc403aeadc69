#include "client/park.h"

#include "client/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The reason first: where there's an event, there's its reason. */
static bool
park_at (int dirfd, const struct backlog_item *item, const char *reason)
{
    g_autofree char *event_name = keep_name (item->seq, item->id, ".json");
    g_autofree char *reason_name = keep_name (item->seq, item->id, ".reason");
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *text = g_strdup_printf ("%s after %u %s: %s\n", time, item->n_failures,
                                             item->n_failures == 1 ? "try" : "tries", reason);

    return keep_begin (dirfd, reason_name, dsn_bytes_str (text)) &&
           keep_begin (dirfd, event_name, (struct dsn_bytes){ item->text, item->n_text }) &&
           keep_finish (dirfd, reason_name) && keep_finish (dirfd, event_name) &&
           keep_reveal (dirfd, reason_name) && keep_reveal (dirfd, event_name) && keep_sync (dirfd);
}

bool
park_event (const char *dir, const struct backlog_item *item, const char *reason)
{
    const int dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_ok = dirfd >= 0 && park_at (dirfd, item, reason);
    const int error = errno;

    if (dirfd >= 0)
        (void)close (dirfd);
    errno = error;
    return is_ok;
}
