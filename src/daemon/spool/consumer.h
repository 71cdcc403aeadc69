/* One named consumer: who may use it, how far it has acknowledged, and the line that says so on
 * disk. No file is touched here.
 */
#ifndef DSND_CONSUMER_H
#define DSND_CONSUMER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest name; it consists of letters, digits, '.', '-' and '_', and starts with one of the
 * first two. */
#define CONSUMER_NAME_MAX 64
/* Whose consumer it is when nobody knows: whoever uses it next. */
#define CONSUMER_NOBODY ((uid_t)-1)

/* Longest line of a cursor, which is all that its file holds. */
#define CURSOR_BYTES_MAX 256

struct consumer {
    char *name;
    uint64_t acked;    /* all events up to this are done */
    uint64_t durable;  /* what the file says */
    uid_t uid;         /* who may use the name */
    bool is_in_use;    /* a connection follows it now */
    bool has_acked;    /* it acknowledged something, ever */
    bool is_lapsed;    /* nothing is kept for it, until it acknowledges again */
    int64_t active_us; /* when it last did, or had nothing to acknowledge, monotonic */
};

/* Whether @name may be a consumer's. */
bool consumer_is_name (const char *name);

/* Reads "ACKED UID NAME[ new] SUM\n", where "new" says that it acknowledged nothing yet, and SUM is
 * the CRC-32C of what stands before its blank: a flipped bit would have the consumer miss events.
 * Earlier versions wrote no sum, or no name either. False: it's no cursor.
 * ret_consumer->name: (transfer full), or NULL */
bool consumer_read_line (const char *text, struct consumer *ret_consumer);

/* Writes that line; returns its length. */
int consumer_line (const struct consumer *consumer, char ret_line[CURSOR_BYTES_MAX + 1]);

/* Takes the acknowledgement of all up to @seq; consumers_store() makes it durable. */
void consumer_ack (struct consumer *consumer, uint64_t seq);

/* The connection that followed with the name is gone. */
void consumer_release (struct consumer *consumer);

/* When a consumer holds nothing back any more: 0 stands for never, but for new_max_bytes. Root's
 * consumers know the time alone. */
struct consumer_limits {
    uint64_t timeout_s;      /* without an acknowledgement, though there are events */
    uint64_t held_max_bytes; /* of events that wait for it */
    uint64_t new_max_bytes;  /* the same for one that never acknowledged anything */
};

/* Why events are no longer kept for a consumer that holds back @held_bytes; NULL: they are.
 * (static) */
const char *consumer_lapse (const struct consumer *consumer, uint64_t held_bytes,
                            const struct consumer_limits *limits);

#endif
