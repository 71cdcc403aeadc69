/* A directory of parked events as the source, instead of dsnd. */
#include "cli/follow/retryparked.h"

#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"
#include "client/backlog.h"
#include "client/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SEQ_DIGITS 20
#define SUFFIX     ".json"

struct retry {
    const char *dir;
    struct consumer *consumer;
    GPtrArray *names; /* of parked events, in order; owned */
    unsigned next;
    unsigned n_handled;
    bool is_stopping, has_failed;
};

static bool
is_parked_name (const char *name)
{
    return strspn (name, "0123456789") == SEQ_DIGITS && name[SEQ_DIGITS] == '-' &&
           g_str_has_suffix (name, SUFFIX);
}

static int
compare_names (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

/* False if the directory can't be read: told. */
static bool
list_names (struct retry *r)
{
    g_autoptr (GError) error = NULL;
    GDir *dir = g_dir_open (r->dir, 0, &error);
    const char *name;

    if (!dir) {
        tty_complain ("follow: %s", error->message);
        return false;
    }
    while ((name = g_dir_read_name (dir)))
        if (is_parked_name (name))
            g_ptr_array_add (r->names, g_strdup (name));
    g_dir_close (dir);
    g_ptr_array_sort (r->names, compare_names);
    return true;
}

static void
add_event (struct retry *r, const char *name)
{
    g_autofree char *path = g_build_filename (r->dir, name, NULL);
    g_autofree char *text = NULL;
    const char *id = name + SEQ_DIGITS + 1;
    g_autofree char *bare_id = g_strndup (id, strlen (id) - strlen (SUFFIX));
    g_autoptr (GError) error = NULL;
    gsize n;

    if (g_file_get_contents (path, &text, &n, &error)) {
        (void)consumer_add_text (r->consumer, g_ascii_strtoull (name, NULL, 10), bare_id,
                                 (struct dsn_bytes){ text, n });
    } else {
        tty_complain ("follow: %s", error->message);
        r->has_failed = true;
    }
}

/* The event first: a reason without one harms nobody. */
static void
remove_event (void *data, const struct backlog_item *item)
{
    struct retry *r = data;
    g_autofree char *event_name = keep_name (item->seq, item->id, SUFFIX);
    g_autofree char *reason_name = keep_name (item->seq, item->id, ".reason");
    g_autofree char *event_path = g_build_filename (r->dir, event_name, NULL);
    g_autofree char *reason_path = g_build_filename (r->dir, reason_name, NULL);

    r->n_handled++;
    if (unlink (event_path) != 0) {
        tty_complain ("event %" G_GUINT64_FORMAT " was handled, but %s is still there: %s",
                      item->seq, event_path, g_strerror (errno));
        r->has_failed = true;
    } else {
        (void)unlink (reason_path);
    }
}

static bool
is_over (const struct retry *r)
{
    return !consumer_is_running (r->consumer) &&
           (r->is_stopping || consumer_has_failed (r->consumer) ||
            (consumer_is_empty (r->consumer) && r->next == r->names->len));
}

/* One round: what is there is handed out, then it waits for what comes next. */
static void
go_round (struct retry *r, int signals)
{
    struct pollfd fds[1 + CONSUMER_FDS] = { { signals, POLLIN, 0 } };

    while (r->next < r->names->len && !consumer_is_full (r->consumer))
        add_event (r, g_ptr_array_index (r->names, r->next++));
    consumer_listen (r->consumer);
    while (consumer_run (r->consumer, true))
        ;
    if (is_over (r) || (consumer_is_empty (r->consumer) && r->next < r->names->len))
        return;
    consumer_poll (r->consumer, fds + 1);
    (void)poll (fds, G_N_ELEMENTS (fds), consumer_wait_ms (r->consumer));
    r->is_stopping |= consumer_take_signals (r->consumer, signals);
}

int
retryparked_run (const struct consumer_options *options, int signals)
{
    struct retry r = { .dir = options->park, .names = g_ptr_array_new_with_free_func (g_free) };
    struct consumer_options own = *options;
    unsigned n_left = 0;
    int code = EXIT_FAILED;

    own.handled = remove_event;
    own.data = &r;
    r.consumer = consumer_new (&own);
    if (list_names (&r)) {
        while (!is_over (&r))
            go_round (&r, signals);
        n_left = r.names->len - r.n_handled;
        tty_complain ("%u of %u parked events were handled, %u are still in %s", r.n_handled,
                      r.names->len, n_left, r.dir);
        code = n_left || r.has_failed ? EXIT_FAILED : EXIT_OK;
    }
    consumer_free (r.consumer);
    g_ptr_array_unref (r.names);
    return code;
}
