/* One connection: a line from the client, events to it. What it doesn't read waits in the spool,
 * not in memory: the buffer holds one piece, and the next is read when that is gone.
 */
#include "client.h"

#include "command.h"
#include "log.h"
#include "stream.h"
#include "sys.h"

#include <dsnd/event.h>

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES      ((size_t)64 * 1024)
#define PIECES_MAX       16 /* sent in a row before others get their turn */
#define IN_BYTES         ((size_t)1024)
#define SILENT_MS        200 /* who says nothing for so long after the greeting means to say nothing */
#define ACK_DELAY_MS     20 /* acknowledgements that come together are stored once */
#define ACK_REST         10 /* and on a slow disk, after so many times what storing one took */
#define ACK_DELAY_MAX_MS 500
#define STORE_MS         10000 /* a cursor that moves without acknowledgements */
/* answers that a client does not read, beside the event being sent to it */
#define OUT_MAX (DSN_SPOOLLINE_MAX_BYTES + (size_t)256 * 1024)

enum client_mode {
    CLIENT_NEW,     /* was greeted: may be about to say something */
    CLIENT_SILENT,  /* has said nothing: gets the live events */
    CLIENT_TALKING, /* gave a command other than FOLLOW: gets answers only */
    CLIENT_FOLLOWING,
    CLIENT_CLOSING, /* was told its error; closed once that is sent */
};

struct client {
    struct client_options options;
    enum client_mode mode;
    struct stream stream;
    struct consumer *consumer; /* (borrowed) of a named FOLLOW */
    uint64_t sent;             /* the last event sent to the consumer */
    GString *out;
    size_t out_done; /* bytes of it that are sent */
    char in[IN_BYTES];
    size_t n_in;
    guint in_source, out_source, ack_timer, silent_timer;
    gint64 acked_us; /* when the cursor was last stored */
    gint64 store_us; /* what that took */
};

static gboolean
out_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct client *client = data;

    (void)fd;
    (void)condition;
    client->out_source = 0;
    client_pump (client);
    return G_SOURCE_REMOVE;
}

static void
wait_for_room (struct client *client)
{
    if (!client->out_source)
        client->out_source = g_unix_fd_add (client->options.fd, G_IO_OUT, out_ready, client);
}

/* Sends the buffer. 1: all is sent; 0: the client doesn't take more now; -1: it's gone. */
static int
send_out (struct client *client)
{
    while (client->out_done < client->out->len) {
        const ssize_t n = sys_send (client->options.fd, client->out->str + client->out_done,
                                    client->out->len - client->out_done);
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
            wait_for_room (client);
            return 0;
        }
        if (n <= 0)
            return -1;
        client->out_done += (size_t)n;
    }
    g_string_truncate (client->out, 0);
    client->out_done = 0;
    return 1;
}

static bool
is_streaming (const struct client *client)
{
    return client->mode == CLIENT_SILENT || client->mode == CLIENT_FOLLOWING;
}

static void
close_with_error (struct client *client, const char *reason)
{
    g_string_append (client->out, "{\"error\":");
    dsn_json_append_string (client->out, dsn_bytes_str (reason));
    g_string_append (client->out, "}\n");
    client->mode = CLIENT_CLOSING;
}

/* A consumer that asked for some kinds only is done with what it isn't sent: else its cursor
 * would hold the spool back for ever. */
static void
step_over_unwanted (struct client *client)
{
    struct consumer *consumer = client->consumer;

    if (!consumer || !client->stream.kinds || consumer->acked < client->sent)
        return;
    consumer->acked = MAX (consumer->acked, client->stream.seq - 1);
    if (g_get_monotonic_time () - client->acked_us < STORE_MS * 1000)
        return;
    client->acked_us = g_get_monotonic_time ();
    /* if it fails, the next time will do: nothing was promised */
    (void)consumers_store (client->options.consumers, consumer, NULL);
}

/* Fills the empty buffer from the spool. False: there's nothing to send. */
static bool
refill (struct client *client)
{
    bool is_more = true;

    while (is_more && client->out->len == 0) {
        is_more = stream_read (&client->stream, client->options.spool, PIECE_BYTES, client->out);
        client->sent = MAX (client->sent, client->stream.given);
        step_over_unwanted (client);
    }
    if (!is_more && errno == EMFILE)
        wait_for_room (client);
    return client->out->len > 0;
}

void
client_pump (struct client *client)
{
    for (unsigned i = 0; i < PIECES_MAX; i++) {
        const int result = send_out (client);
        if (result < 0 || (result > 0 && client->mode == CLIENT_CLOSING)) {
            client->options.closed (client->options.closed_data, client);
            return;
        }
        if (result == 0 || !is_streaming (client) || !refill (client))
            return;
    }
    wait_for_room (client);
}

/* --- acknowledgements ----------------------------------------------------------------------- */

static void
store_cursor (struct client *client)
{
    g_autoptr (GError) error = NULL;
    const uint64_t before = client->consumer->durable;

    client->acked_us = g_get_monotonic_time ();
    if (!consumers_store (client->options.consumers, client->consumer, &error)) {
        log_event (LOG_ERR, "cursor-failed", "a consumer's acknowledgement can't be stored",
                   "CONSUMER", client->consumer->name, "ERROR", error->message, NULL);
        close_with_error (client, "your acknowledgement can't be stored; it may be sent again");
        return;
    }
    client->store_us = g_get_monotonic_time () - client->acked_us;
    if (client->consumer->durable != before || client->ack_timer)
        g_string_append_printf (client->out, "{\"acked\":%" G_GUINT64_FORMAT "}\n",
                                client->consumer->durable);
}

static gboolean
ack_due (gpointer data)
{
    struct client *client = data;

    store_cursor (client);
    client->ack_timer = 0;
    client_pump (client);
    return G_SOURCE_REMOVE;
}

static void
do_ack (struct client *client, uint64_t seq)
{
    const gint64 delay_ms =
        CLAMP (client->store_us * ACK_REST / 1000, ACK_DELAY_MS, ACK_DELAY_MAX_MS);
    const gint64 since_ms = (g_get_monotonic_time () - client->acked_us) / 1000;

    if (!client->consumer) {
        close_with_error (client, "ACK is for those who FOLLOW with a name");
        return;
    }
    if (seq > client->sent) {
        close_with_error (client, "ACK of an event that was not sent on this connection");
        return;
    }
    client->consumer->acked = MAX (client->consumer->acked, seq);
    if (!client->ack_timer)
        client->ack_timer =
            g_timeout_add (since_ms >= delay_ms ? 0 : (guint)delay_ms, ack_due, client);
}

/* --- the other commands --------------------------------------------------------------------- */

/* Whether the peer may use the consumer's name. */
static bool
may_use (const struct client *client, const struct consumer *consumer)
{
    return client->options.uid == consumer->uid || client->options.uid == 0;
}

static bool
take_consumer (struct client *client, const char *name)
{
    g_autoptr (GError) error = NULL;
    struct consumer *consumer = consumers_find (client->options.consumers, name);
    const uint64_t kept = spool_first (client->options.spool) - 1;

    if (!consumer)
        consumer =
            consumers_add (client->options.consumers, name, client->options.uid, kept, &error);
    if (!consumer)
        close_with_error (client, error->message);
    else if (!may_use (client, consumer))
        close_with_error (client, "this consumer belongs to another user");
    else if (consumer->is_in_use)
        close_with_error (client, "another connection follows with this name");
    else
        client->consumer = consumer;
    if (!client->consumer)
        return false;
    consumer->is_in_use = true;
    return true;
}

static uint64_t
start_of (const struct client *client, const struct command *command)
{
    const struct spool *spool = client->options.spool;

    if (client->consumer)
        return MIN (client->consumer->acked + 1, spool_next (spool));
    if (command->from == COMMAND_FROM_FIRST)
        return spool_first (spool);
    if (command->from == COMMAND_FROM_SEQ)
        return CLAMP (command->seq, 1, spool_next (spool));
    return spool_next (spool);
}

static void
do_follow (struct client *client, const struct command *command)
{
    uint64_t from;

    if (client->mode == CLIENT_FOLLOWING) {
        close_with_error (client, "this connection follows already");
        return;
    }
    if (command->name[0] && !take_consumer (client, command->name))
        return;
    from = start_of (client, command);
    stream_done (&client->stream);
    stream_init (&client->stream, from, command->kinds);
    client->sent = from - 1;
    client->mode = CLIENT_FOLLOWING;
    g_string_append_printf (client->out, "{\"following\":\"%s\",\"from\":%" G_GUINT64_FORMAT "}\n",
                            command->name[0] ? command->name : "-", from);
}

static void
append_consumers (struct client *client)
{
    const GPtrArray *all = consumers_all (client->options.consumers);
    const uint64_t next = spool_next (client->options.spool);

    g_string_append (client->out, ",\"consumers\":[");
    for (unsigned i = 0; i < all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (all, i);
        const uint64_t done = consumer->acked + 1;
        g_string_append_printf (client->out,
                                "%s{\"name\":\"%s\",\"acked\":%" G_GUINT64_FORMAT
                                ",\"lag\":%" G_GUINT64_FORMAT ",\"connected\":%s,\"uid\":%u}",
                                i ? "," : "", consumer->name, consumer->acked,
                                next > done ? next - done : 0,
                                consumer->is_in_use ? "true" : "false", (unsigned)consumer->uid);
    }
    g_string_append (client->out, "]");
}

static void
do_status (struct client *client)
{
    const struct spool *spool = client->options.spool;

    g_string_append_printf (
        client->out,
        "{\"status\":{\"version\":\"" DSND_VERSION "\",\"pid\":%d,\"spool\":"
        "{\"id\":\"%s\",\"first\":%" G_GUINT64_FORMAT ",\"next\":%" G_GUINT64_FORMAT
        ",\"bytes\":%" G_GUINT64_FORMAT ",\"segments\":%u,\"damaged\":%u}",
        (int)getpid (), spool_id (spool), spool_first (spool), spool_next (spool),
        spool_bytes (spool), spool_segments (spool), spool_damaged (spool));
    client->options.status (client->out, client->options.status_data);
    append_consumers (client);
    g_string_append (client->out, "}}\n");
}

static void
do_forget (struct client *client, const char *name)
{
    g_autoptr (GError) error = NULL;
    struct consumer *consumer = consumers_find (client->options.consumers, name);

    if (!consumer)
        close_with_error (client, "there's no consumer with this name");
    else if (!may_use (client, consumer))
        close_with_error (client, "this consumer belongs to another user");
    else if (consumer->is_in_use)
        close_with_error (client, "a connection follows with this name; end it first");
    else if (!consumers_forget (client->options.consumers, consumer, &error))
        close_with_error (client, error->message);
    else
        g_string_append_printf (client->out, "{\"forgot\":\"%s\"}\n", name);
}

static void
do_line (struct client *client, struct dsn_bytes line)
{
    struct command command;
    const char *wrong = command_parse (line, &command);

    if (wrong) {
        close_with_error (client, wrong);
        return;
    }
    g_clear_handle_id (&client->silent_timer, g_source_remove);
    if (client->mode == CLIENT_NEW || client->mode == CLIENT_SILENT)
        client->mode = CLIENT_TALKING;
    switch (command.verb) {
    case COMMAND_FOLLOW:
        do_follow (client, &command);
        return;
    case COMMAND_ACK:
        do_ack (client, command.seq);
        return;
    case COMMAND_STATUS:
        do_status (client);
        return;
    case COMMAND_FORGET:
        do_forget (client, command.name);
        return;
    }
}

/* Takes the whole lines of the input. */
static void
take_lines (struct client *client)
{
    size_t at = 0;

    while (client->mode != CLIENT_CLOSING) {
        const char *end = memchr (client->in + at, '\n', client->n_in - at);
        if (!end)
            break;
        do_line (client, (struct dsn_bytes){ client->in + at, (size_t)(end - client->in) - at });
        at = (size_t)(end - client->in) + 1;
        if (client->out->len - client->out_done > OUT_MAX)
            close_with_error (client, "you ask and don't read the answers");
    }
    client->n_in -= at;
    memmove (client->in, client->in + at, client->n_in);
    if (client->mode != CLIENT_CLOSING && client->n_in > COMMAND_LINE_MAX)
        close_with_error (client, "a line has at most 256 bytes");
    if (client->mode == CLIENT_CLOSING)
        client->n_in = 0;
}

static gboolean
hung_up (gint fd, GIOCondition condition, gpointer data)
{
    struct client *client = data;

    (void)fd;
    (void)condition;
    client->in_source = 0;
    client->options.closed (client->options.closed_data, client);
    return G_SOURCE_REMOVE;
}

/* The peer says no more. It may still read: then only its leaving is waited for. */
static gboolean
end_input (struct client *client, bool is_gone)
{
    client->in_source = 0;
    if (is_gone || (client->mode == CLIENT_TALKING && client->out->len == 0))
        client->options.closed (client->options.closed_data, client);
    else
        client->in_source = g_unix_fd_add (client->options.fd, G_IO_HUP, hung_up, client);
    return G_SOURCE_REMOVE;
}

static gboolean
in_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct client *client = data;
    const ssize_t n = sys_recv (fd, client->in + client->n_in, IN_BYTES - client->n_in);

    if (n < 0 && errno == EAGAIN)
        return G_SOURCE_CONTINUE;
    if (n <= 0)
        return end_input (client, n < 0 || (condition & G_IO_HUP));
    client->n_in += (size_t)n;
    take_lines (client);
    if (client->mode == CLIENT_CLOSING) {
        /* nothing more is listened to; a peer that doesn't read is dropped when it goes */
        client->in_source = 0;
        client_pump (client);
        return G_SOURCE_REMOVE;
    }
    client_pump (client);
    return G_SOURCE_CONTINUE;
}

static gboolean
silent_due (gpointer data)
{
    struct client *client = data;
    GPollFD in = { .fd = client->options.fd, .events = G_IO_IN };

    /* it has spoken, only we were too busy to hear */
    if (g_poll (&in, 1, 0) > 0)
        return G_SOURCE_CONTINUE;
    client->silent_timer = 0;
    client->mode = CLIENT_SILENT;
    client_pump (client);
    return G_SOURCE_REMOVE;
}

static void
greet (struct client *client)
{
    const struct spool *spool = client->options.spool;

    g_string_append_printf (client->out,
                            "{\"dsnd\":1,\"spool\":\"%s\",\"first\":%" G_GUINT64_FORMAT
                            ",\"next\":%" G_GUINT64_FORMAT "}\n",
                            spool_id (spool), spool_first (spool), spool_next (spool));
}

struct client *
client_new (const struct client_options *options)
{
    struct client *client = g_new0 (struct client, 1);

    client->options = *options;
    client->out = g_string_new (NULL);
    stream_init (&client->stream, spool_next (options->spool), 0);
    client->in_source = g_unix_fd_add (options->fd, G_IO_IN, in_ready, client);
    client->silent_timer = g_timeout_add (SILENT_MS, silent_due, client);
    greet (client);
    /* sent from the loop: nobody knows this client yet who could be told that it's gone */
    wait_for_room (client);
    return client;
}

void
client_free (struct client *client)
{
    if (!client)
        return;
    g_clear_handle_id (&client->in_source, g_source_remove);
    g_clear_handle_id (&client->out_source, g_source_remove);
    g_clear_handle_id (&client->ack_timer, g_source_remove);
    g_clear_handle_id (&client->silent_timer, g_source_remove);
    if (client->consumer) {
        (void)consumers_store (client->options.consumers, client->consumer, NULL);
        client->consumer->is_in_use = false;
    }
    stream_done (&client->stream);
    sys_close (&client->options.fd);
    g_string_free (client->out, TRUE);
    g_free (client);
}

uid_t
client_uid (const struct client *client)
{
    return client->options.uid;
}
