/* What a connection is being sent: a place in the spool and, if it follows with a name, the
 * consumer whose cursor goes along.
 */
#ifndef DSND_FOLLOWER_H
#define DSND_FOLLOWER_H

#include "daemon/socket/command.h"
#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"
#include "daemon/socket/stream.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct follower {
    struct spool *spool;         /* (borrowed) */
    struct consumers *consumers; /* (borrowed) */
    struct stream stream;
    struct consumer *consumer; /* (borrowed) NULL: anonymous */
    uint64_t sent;             /* the last event given */
    gint64 stored_us;          /* when the cursor was last stored, monotonic */
};

/* At the end of the spool, anonymous. Both arguments must outlive the follower. */
void follower_init (struct follower *follower, struct spool *spool, struct consumers *consumers);

/* Stores the cursor and gives the name back. */
void follower_done (struct follower *follower);

/* Goes where the FOLLOW @command of @uid asks for. False: it may not, and nothing changed.
 * *ret_from: the first event that it gets. */
bool follower_start (struct follower *follower, const struct command *command, uid_t uid,
                     uint64_t *ret_from, GError **error);

/* Appends a piece of lines to the empty @out. False: there's none now. *ret_is_more: all the same
 * it's to be called again, after other work: there's much that isn't wanted, or no descriptor. */
bool follower_read (struct follower *follower, GString *out, bool *ret_is_more);

/* Takes the acknowledgement of all events up to @seq; follower_store() makes it durable. NULL, or
 * why it can't be (static). */
const char *follower_ack (struct follower *follower, uint64_t seq);

/* Milliseconds to wait for more acknowledgements before the cursor is stored: a slow disk gets
 * fewer and larger steps. */
unsigned follower_ack_delay_ms (const struct follower *follower);

/* Makes the cursor durable. */
bool follower_store (struct follower *follower, GError **error);

#endif
