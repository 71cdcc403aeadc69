/* Turns, tries and parking. */
#include "cli/follow/turns.h"

#include "client/backlog.h"
#include "client/backoff.h"
#include "cli/follow/handler.h"
#include "client/park.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define BATCH_WAIT_US (500 * 1000)

struct consumer {
    struct consumer_options options;
    struct backlog *backlog;
    GPtrArray *turn;   /* what the handler is at: items of the backlog */
    pid_t pid;         /* of its command, 0: none runs */
    int64_t paused_us; /* nothing is tried before; monotonic */
    unsigned n_pauses; /* in a row */
    uint64_t n_done;
    uint64_t n_successes; /* turns that ended well */
    bool is_stopping, has_failed;
};

struct consumer *
consumer_new (const struct consumer_options *options)
{
    struct consumer *c = g_new0 (struct consumer, 1);

    c->options = *options;
    c->backlog = backlog_new ();
    c->turn = g_ptr_array_new ();
    return c;
}

void
consumer_free (struct consumer *c)
{
    backlog_free (c->backlog);
    g_ptr_array_unref (c->turn);
    g_free (c);
}

static int64_t
batch_wait_us (const struct consumer *c)
{
    return c->options.n_batch > 1 ? BATCH_WAIT_US : 0;
}

void
consumer_add (struct consumer *c, uint64_t seq, const char *id, struct dsn_bytes json)
{
    g_autoptr (GString) text = g_string_sized_new (json.n + 1);
    const bool has_record = output_append (&c->options.output, text, json);
    struct backlog_item *item = backlog_add (
        c->backlog, seq, id, (struct dsn_bytes){ text->str, text->len }, g_get_monotonic_time ());

    /* there's nothing to do for an event that the format has no record for */
    item->is_done = !has_record;
    if (item->is_done)
        c->n_done += backlog_drop_done (c->backlog);
}

bool
consumer_is_full (const struct consumer *c)
{
    return backlog_is_full (c->backlog);
}

static void
end_turn (struct consumer *c)
{
    for (unsigned i = 0; i < c->turn->len; i++)
        ((struct backlog_item *)g_ptr_array_index (c->turn, i))->is_done = true;
    g_ptr_array_set_size (c->turn, 0);
    c->n_done += backlog_drop_done (c->backlog);
    c->n_pauses = 0;
}

/* No fault of the event: nobody's turn comes before a while has passed. */
static void
pause_turns (struct consumer *c, const char *reason)
{
    const int64_t wait_us = backoff_us (++c->n_pauses, g_random_int ());

    tty_complain ("%s; trying again in %.1f s", reason, (double)wait_us / G_USEC_PER_SEC);
    c->paused_us = g_get_monotonic_time () + wait_us;
    g_ptr_array_set_size (c->turn, 0);
}

/* Its tries are used up. */
static void
give_up (struct consumer *c, const struct backlog_item *item, const char *reason)
{
    if (!c->options.park) {
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; giving up after %u tries", item->seq,
                      reason, item->n_failures);
        c->has_failed = true;
    } else if (park_event (c->options.park, item, reason)) {
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; parked in %s after %u tries", item->seq,
                      reason, c->options.park, item->n_failures);
        end_turn (c);
    } else {
        g_autofree char *trouble = g_strdup_printf ("%s: %s", c->options.park, g_strerror (errno));
        pause_turns (c, trouble);
    }
}

/* One of a batch may be to blame for all: from now on each is tried by itself. */
static void
fail_batch (struct consumer *c, const char *reason)
{
    const struct backlog_item *first = g_ptr_array_index (c->turn, 0);
    const int64_t due_us = g_get_monotonic_time () + backoff_us (1, g_random_int ());

    tty_complain ("%u events from %" G_GUINT64_FORMAT ": %s; trying each by itself", c->turn->len,
                  first->seq, reason);
    for (unsigned i = 0; i < c->turn->len; i++) {
        struct backlog_item *item = g_ptr_array_index (c->turn, i);
        item->is_alone = true;
        item->due_us = due_us;
    }
}

/* Whether it's the event that the command can't handle: the command has handled another since, or
 * patience is at its end. */
static bool
is_to_blame (const struct consumer *c, const struct backlog_item *item, int64_t now_us)
{
    return c->n_successes > item->n_successes_before ||
           now_us - item->failing_us >= c->options.patience_us;
}

static void
fail_event (struct consumer *c, const char *reason)
{
    struct backlog_item *item = g_ptr_array_index (c->turn, 0);
    const int64_t now_us = g_get_monotonic_time ();
    int64_t wait_us;

    if (item->n_failures++ == 0) {
        item->failing_us = now_us;
        item->n_successes_before = c->n_successes;
    }
    if (item->n_failures >= c->options.n_tries && is_to_blame (c, item, now_us)) {
        give_up (c, item, reason);
        return;
    }
    wait_us = backoff_us (item->n_failures, g_random_int ());
    item->due_us = now_us + wait_us;
    if (item->n_failures < c->options.n_tries)
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; trying again in %.1f s (%u of %u)",
                      item->seq, reason, (double)wait_us / G_USEC_PER_SEC, item->n_failures + 1,
                      c->options.n_tries);
    else
        tty_complain ("event %" G_GUINT64_FORMAT
                      ": %s; no other event was handled since, so that the fault may be the "
                      "command's; trying again in %.1f s",
                      item->seq, reason, (double)wait_us / G_USEC_PER_SEC);
}

static void
fail_turn (struct consumer *c, const char *reason)
{
    if (c->turn->len > 1)
        fail_batch (c, reason);
    else
        fail_event (c, reason);
    g_ptr_array_set_size (c->turn, 0);
}

static void
start_command (struct consumer *c)
{
    c->pid = handler_start (c->turn, c->options.command);
    if (c->pid < 0) {
        g_autofree char *reason =
            g_strdup_printf ("the command couldn't be started: %s", g_strerror (errno));
        c->pid = 0;
        pause_turns (c, reason);
    }
}

static void
keep_turn (struct consumer *c)
{
    g_autofree char *reason = NULL;

    if (handler_keep (c->turn, c->options.dir, &reason))
        end_turn (c);
    else
        pause_turns (c, reason);
}

static void
print_turn (struct consumer *c)
{
    if (handler_print (c->turn))
        end_turn (c);
    else
        c->has_failed = true;
}

bool
consumer_run (struct consumer *c, bool wants_rest)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (c->pid || c->is_stopping || c->has_failed || c->paused_us > now_us)
        return false;
    backlog_next (c->backlog, now_us, c->options.n_batch, batch_wait_us (c), wants_rest, c->turn);
    if (c->turn->len == 0)
        return false;
    if (c->options.command)
        start_command (c);
    else if (c->options.dir)
        keep_turn (c);
    else
        print_turn (c);
    return true;
}

void
consumer_reap (struct consumer *c)
{
    g_autofree char *reason = NULL;
    int status;

    if (!c->pid || waitpid (c->pid, &status, WNOHANG) != c->pid)
        return;
    c->pid = 0;
    reason = handler_reason (status);
    if (!reason) {
        c->n_successes++;
        end_turn (c);
    } else if (c->is_stopping) /* it was told to stop: no fault of the event */
        g_ptr_array_set_size (c->turn, 0);
    else if (handler_is_temporary (status))
        pause_turns (c, reason);
    else
        fail_turn (c, reason);
}

int
consumer_wait_ms (const struct consumer *c)
{
    int64_t due_us = backlog_due_us (c->backlog, batch_wait_us (c));
    int64_t wait_us;

    if (c->pid || c->is_stopping || c->has_failed || due_us == INT64_MAX)
        return -1;
    wait_us = MAX (due_us, c->paused_us) - g_get_monotonic_time ();
    return wait_us > 0 ? (int)(wait_us / 1000 + 1) : 0;
}

void
consumer_stop (struct consumer *c, int signal)
{
    c->is_stopping = true;
    if (c->pid)
        (void)kill (-c->pid, signal);
}

bool
consumer_is_running (const struct consumer *c)
{
    return c->pid != 0;
}

bool
consumer_is_empty (const struct consumer *c)
{
    return backlog_is_empty (c->backlog);
}

bool
consumer_has_failed (const struct consumer *c)
{
    return c->has_failed;
}

uint64_t
consumer_done_seq (const struct consumer *c)
{
    return backlog_done_seq (c->backlog);
}

uint64_t
consumer_done_count (const struct consumer *c)
{
    return c->n_done;
}

void
consumer_forget_numbers (struct consumer *c)
{
    backlog_forget_numbers (c->backlog);
}
