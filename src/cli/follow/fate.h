/* What becomes of events that were handed out: done, tried again after a while, or parked; and
 * pauses for all of them, where it's no event's fault.
 */
#ifndef CLI_FATE_H
#define CLI_FATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct consumer_options;
struct backlog_item;

struct fate {
    const struct consumer_options *options;
    struct backlog *backlog;
    int64_t paused_us; /* nothing is tried before; monotonic */
    unsigned n_pauses; /* in a row */
    uint64_t n_done;
    uint64_t n_successes; /* what the handler did well */
    bool has_failed;      /* it can't go on: told */
};

/* @turn is of struct backlog_item *, borrowed from the backlog: those that are done may be gone
 * when these return. Reasons are for people. */

/* @n events from @first on were handled. */
void fate_succeed (struct fate *f, const GPtrArray *turn, unsigned first, unsigned n);

/* All from @first on weren't. One of several may be to blame for all: from now on each is tried by
 * itself. A single one is tried again later, or its tries are used up. */
void fate_fail (struct fate *f, const GPtrArray *turn, unsigned first, const char *reason);
void fate_fail_event (struct fate *f, struct backlog_item *item, const char *reason);

/* It isn't to be tried any more. */
void fate_give_up (struct fate *f, struct backlog_item *item, const char *reason);

/* No fault of an event: nobody's turn comes before a while has passed. */
void fate_pause (struct fate *f, const char *reason);

/* The same for who has told the reason already. */
void fate_rest (struct fate *f);

#endif
