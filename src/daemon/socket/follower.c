/* Reading the spool for one client, and moving its cursor. */
#include "daemon/socket/follower.h"

#include <errno.h>

#define PIECE_BYTES  ((size_t)64 * 1024)
#define PIECES_MAX   4     /* read in a row if nothing in them is wanted */
#define ACK_DELAY_MS 20    /* acknowledgements that come together are stored once */
#define STORE_MS     10000 /* a cursor that moves without acknowledgements */

void
follower_init (struct follower *follower, struct spool *spool, struct consumers *consumers)
{
    *follower = (struct follower){ .spool = spool, .consumers = consumers };
    stream_init (&follower->stream, spool_next (spool), 0);
}

void
follower_done (struct follower *follower)
{
    if (follower->consumer) {
        /* if it fails, the file keeps an older place: events come again, none is missed */
        (void)consumers_store (follower->consumers, follower->consumer, NULL);
        consumer_release (follower->consumer);
    }
    follower->consumer = NULL;
    stream_done (&follower->stream);
}

static uint64_t
start_of (const struct follower *follower, const struct command *command)
{
    const struct spool *spool = follower->spool;

    if (follower->consumer)
        return MIN (follower->consumer->acked + 1, spool_next (spool));
    if (command->from == COMMAND_FROM_FIRST)
        return spool_first (spool);
    if (command->from == COMMAND_FROM_SEQ)
        return CLAMP (command->seq, 1, spool_next (spool));
    return spool_next (spool);
}

bool
follower_start (struct follower *follower, const struct command *command, uid_t uid,
                uint64_t *ret_from, GError **error)
{
    const uint64_t kept = spool_first (follower->spool) - 1;

    if (command->name[0]) {
        follower->consumer = consumers_claim (follower->consumers, command->name, uid, kept, error);
        if (!follower->consumer)
            return false;
    }
    *ret_from = start_of (follower, command);
    stream_done (&follower->stream);
    stream_init (&follower->stream, *ret_from, command->kinds);
    follower->sent = *ret_from - 1;
    return true;
}

/* A consumer that asked for some kinds only is done with what it isn't sent: else its cursor
 * would hold the spool back for ever. */
static void
step_over_unwanted (struct follower *follower)
{
    struct consumer *consumer = follower->consumer;

    if (!consumer || !follower->stream.kinds || consumer->acked < follower->sent)
        return;
    consumer->acked = MAX (consumer->acked, follower->stream.seq - 1);
    if (g_get_monotonic_time () - follower->stored_us < STORE_MS * 1000 ||
        consumers_rest_ms (follower->consumers))
        return;
    follower->stored_us = g_get_monotonic_time ();
    /* if it fails, the next time will do: nothing was promised */
    (void)consumers_store (follower->consumers, consumer, NULL);
}

bool
follower_read (struct follower *follower, GString *out, bool *ret_is_more)
{
    bool is_more = true;

    for (unsigned i = 0; i < PIECES_MAX && is_more && out->len == 0; i++) {
        is_more = stream_read (&follower->stream, follower->spool, PIECE_BYTES, out);
        *ret_is_more = is_more || errno == EMFILE;
        follower->sent = MAX (follower->sent, follower->stream.given);
        step_over_unwanted (follower);
    }
    return out->len > 0;
}

const char *
follower_ack (struct follower *follower, uint64_t seq)
{
    if (!follower->consumer)
        return "ACK is for those who FOLLOW with a name";
    if (seq > follower->sent)
        return "ACK of an event that was not sent on this connection";
    consumer_ack (follower->consumer, seq);
    return NULL;
}

unsigned
follower_ack_delay_ms (const struct follower *follower)
{
    const unsigned rest_ms = consumers_rest_ms (follower->consumers);
    const gint64 since_ms = (g_get_monotonic_time () - follower->stored_us) / 1000;

    return MAX (rest_ms, since_ms >= ACK_DELAY_MS ? 0 : ACK_DELAY_MS);
}

bool
follower_store (struct follower *follower, GError **error)
{
    follower->stored_us = g_get_monotonic_time ();
    return consumers_store (follower->consumers, follower->consumer, error);
}
