/* Tries, blame and pauses. */
#include "cli/follow/fate.h"

#include "cli/follow/turns.h"
#include "cli/terminal/tty.h"
#include "client/backlog.h"
#include "client/backoff.h"
#include "client/park.h"

#include <errno.h>

static void
drop_done (struct fate *f)
{
    f->n_done += backlog_drop_done (f->backlog);
}

void
fate_succeed (struct fate *f, const GPtrArray *turn, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++) {
        struct backlog_item *item = g_ptr_array_index (turn, i);
        item->is_done = true;
        if (f->options->handled)
            f->options->handled (f->options->data, item);
    }
    f->n_successes++;
    f->n_pauses = 0;
    drop_done (f);
}

static int64_t
rest (struct fate *f)
{
    const int64_t wait_us = backoff_us (++f->n_pauses, g_random_int ());

    f->paused_us = g_get_monotonic_time () + wait_us;
    return wait_us;
}

void
fate_rest (struct fate *f)
{
    (void)rest (f);
}

void
fate_pause (struct fate *f, const char *reason)
{
    if (f->options->is_once) {
        tty_complain ("%s", reason);
        f->has_failed = true;
    } else {
        tty_complain ("%s; trying again in %.1f s", reason, (double)rest (f) / G_USEC_PER_SEC);
    }
}

void
fate_give_up (struct fate *f, struct backlog_item *item, const char *reason)
{
    const char *s = item->n_failures == 1 ? "try" : "tries";

    if (!f->options->park) {
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; giving up after %u %s", item->seq, reason,
                      item->n_failures, s);
        f->has_failed = true;
    } else if (park_event (f->options->park, item, reason)) {
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; parked in %s after %u %s", item->seq,
                      reason, f->options->park, item->n_failures, s);
        item->is_done = true;
        f->n_pauses = 0;
        drop_done (f);
    } else {
        g_autofree char *trouble = g_strdup_printf ("%s: %s", f->options->park, g_strerror (errno));
        fate_pause (f, trouble);
    }
}

/* Whether it's the event that the command can't handle: the command has handled another since, or
 * patience is at its end. */
static bool
is_to_blame (const struct fate *f, const struct backlog_item *item, int64_t now_us)
{
    return f->n_successes > item->n_successes_before ||
           now_us - item->failing_us >= f->options->patience_us;
}

void
fate_fail_event (struct fate *f, struct backlog_item *item, const char *reason)
{
    const int64_t now_us = g_get_monotonic_time ();
    int64_t wait_us;

    if (item->n_failures++ == 0) {
        item->failing_us = now_us;
        item->n_successes_before = f->n_successes;
    }
    if (item->n_failures >= f->options->n_tries && is_to_blame (f, item, now_us)) {
        fate_give_up (f, item, reason);
        return;
    }
    wait_us = backoff_us (item->n_failures, g_random_int ());
    item->due_us = now_us + wait_us;
    if (item->n_failures < f->options->n_tries)
        tty_complain ("event %" G_GUINT64_FORMAT ": %s; trying again in %.1f s (%u of %u)",
                      item->seq, reason, (double)wait_us / G_USEC_PER_SEC, item->n_failures + 1,
                      f->options->n_tries);
    else
        tty_complain ("event %" G_GUINT64_FORMAT
                      ": %s; no other event was handled since, so that the fault may be the "
                      "command's; trying again in %.1f s",
                      item->seq, reason, (double)wait_us / G_USEC_PER_SEC);
}

/* One of them may be to blame for all. */
static void
fail_batch (const GPtrArray *turn, unsigned first, const char *reason)
{
    const struct backlog_item *head = g_ptr_array_index (turn, first);
    const int64_t due_us = g_get_monotonic_time () + backoff_us (1, g_random_int ());

    tty_complain ("%u events from %" G_GUINT64_FORMAT ": %s; trying each by itself",
                  turn->len - first, head->seq, reason);
    for (unsigned i = first; i < turn->len; i++) {
        struct backlog_item *item = g_ptr_array_index (turn, i);
        item->is_alone = true;
        item->due_us = due_us;
    }
}

void
fate_fail (struct fate *f, const GPtrArray *turn, unsigned first, const char *reason)
{
    if (turn->len - first > 1)
        fail_batch (turn, first, reason);
    else
        fate_fail_event (f, g_ptr_array_index (turn, first), reason);
}
