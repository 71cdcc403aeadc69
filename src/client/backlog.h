/* The events that a consumer has received and not yet acked, in the order of their numbers. One may
 * wait for another try while later ones are done; the ack never passes it.
 */
#ifndef CLI_BACKLOG_H
#define CLI_BACKLOG_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct backlog_item {
    uint64_t seq;
    char *id;      /* owned */
    char *text;    /* owned: as the handler gets it, with its line feed */
    size_t n_text; /* bytes */
    int64_t came_us;
    int64_t due_us; /* not to be tried before; monotonic */
    unsigned n_failures;
    int64_t failing_us;          /* since when; monotonic, 0: it has not failed */
    uint64_t n_successes_before; /* of the handler, when this one first failed */
    bool is_alone; /* it was in a batch that failed: try it by itself, to find who is to blame */
    bool is_done;
    bool is_stale; /* of another spool than the one we're connected to: there's nothing to ack */
};

struct backlog;

struct backlog *backlog_new (void);
void backlog_free (struct backlog *b);

/* Adds the next event; @text is copied. (borrowed) */
struct backlog_item *backlog_add (struct backlog *b, uint64_t seq, const char *id,
                                  struct dsn_bytes text, int64_t now_us);

/* Whether no more should be taken: 1,000 events, or 16 MiB of them. */
bool backlog_is_full (const struct backlog *b);
bool backlog_is_empty (const struct backlog *b);

/* What to try next: up to @n_batch items that are due, into @ret_turn, which is emptied first; the
 * items are borrowed. What has been due for longest comes first; one that must be alone comes
 * alone. A batch that isn't full is given only when its first event came @wait_us ago, or with
 * @wants_rest. */
void backlog_next (const struct backlog *b, int64_t now_us, unsigned n_batch, int64_t wait_us,
                   bool wants_rest, GPtrArray *ret_turn);

/* When backlog_next() may give something, as of now; INT64_MAX if nothing waits. */
int64_t backlog_due_us (const struct backlog *b, int64_t wait_us);

/* Drops the done events at the head. Returns how many. */
size_t backlog_drop_done (struct backlog *b);

/* The highest number below which all events are done and dropped, 0: none yet. */
uint64_t backlog_done_seq (const struct backlog *b);

/* The numbers of what's here are of a spool that's no more. */
void backlog_forget_numbers (struct backlog *b);

#endif
