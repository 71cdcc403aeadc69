/* One connection: lines from the client, events to it. What it doesn't read waits in the spool, not
 * in memory: the outbox holds one piece, and the next is read when that is gone.
 */
#include "daemon/socket/client.h"

#include "daemon/socket/answer.h"
#include "daemon/socket/command.h"
#include "daemon/socket/follower.h"
#include "daemon/base/log.h"
#include "daemon/socket/outbox.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>

#define PIECES_MAX 4 /* sent in a row before others get their turn */
#define IN_BYTES   ((size_t)1024)
#define SILENT_MS  1000 /* who says nothing for so long after the greeting means to say nothing */
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
    struct follower follower;
    struct outbox outbox;
    char in[IN_BYTES];
    size_t n_in;
    guint in_source, out_source, ack_timer, silent_timer;
};

static void
end (struct client *client)
{
    client->options.closed (client->options.closed_data, client);
}

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

static bool
is_streaming (const struct client *client)
{
    return client->mode == CLIENT_SILENT || client->mode == CLIENT_FOLLOWING;
}

static void
close_with_error (struct client *client, const char *reason)
{
    answer_error (client->outbox.text, reason);
    client->mode = CLIENT_CLOSING;
}

/* Fills the empty outbox from the spool. False: there's nothing to send. */
static bool
refill (struct client *client)
{
    bool is_more = false;
    const bool is_filled = follower_read (&client->follower, client->outbox.text, &is_more);

    if (!is_filled && is_more)
        wait_for_room (client);
    return is_filled;
}

void
client_pump (struct client *client)
{
    for (unsigned i = 0; i < PIECES_MAX; i++) {
        const enum outbox_result result = outbox_send (&client->outbox);
        if (result == OUTBOX_GONE || (result == OUTBOX_EMPTY && client->mode == CLIENT_CLOSING)) {
            end (client);
            return;
        }
        if (result == OUTBOX_EMPTY && (!is_streaming (client) || !refill (client)))
            return;
        if (result == OUTBOX_FULL)
            break;
    }
    wait_for_room (client);
}

void
client_check (struct client *client)
{
    const struct consumer *consumer = client->follower.consumer;

    if (!consumer || !consumer->is_lapsed || client->mode == CLIENT_CLOSING)
        return;
    close_with_error (client, "you acknowledge too little, and events are no longer kept for you; "
                              "FOLLOW again, a gap tells what is gone");
    client_pump (client);
}

/* --- commands -------------------------------------------------------------------------------- */

static void
store_cursor (struct client *client)
{
    const struct consumer *consumer = client->follower.consumer;
    g_autoptr (GError) error = NULL;

    if (follower_store (&client->follower, &error)) {
        answer_acked (client->outbox.text, consumer->durable);
        return;
    }
    log_event (LOG_ERR, "cursor-failed", "a consumer's acknowledgement can't be stored", "CONSUMER",
               consumer->name, "ERROR", error->message, NULL);
    close_with_error (client, "your acknowledgement can't be stored; it may be sent again");
}

static gboolean
ack_due (gpointer data)
{
    struct client *client = data;

    const unsigned rest_ms = consumers_rest_ms (client->options.consumers);

    /* another's was stored meanwhile */
    client->ack_timer = rest_ms ? g_timeout_add (rest_ms, ack_due, client) : 0;
    if (rest_ms)
        return G_SOURCE_REMOVE;
    store_cursor (client);
    client_pump (client);
    return G_SOURCE_REMOVE;
}

static void
do_ack (struct client *client, uint64_t seq)
{
    const char *wrong = follower_ack (&client->follower, seq);

    if (wrong)
        close_with_error (client, wrong);
    else if (!client->ack_timer)
        client->ack_timer =
            g_timeout_add (follower_ack_delay_ms (&client->follower), ack_due, client);
}

static void
do_follow (struct client *client, const struct command *command)
{
    g_autoptr (GError) error = NULL;
    uint64_t from;

    if (client->mode == CLIENT_FOLLOWING)
        close_with_error (client, "this connection follows already");
    else if (!follower_start (&client->follower, command, client->options.uid, &from, &error))
        close_with_error (client, error->message);
    else {
        client->mode = CLIENT_FOLLOWING;
        answer_following (client->outbox.text, command->name, from);
    }
}

static void
do_forget (struct client *client, const char *name)
{
    g_autoptr (GError) error = NULL;

    if (consumers_forget (client->options.consumers, name, client->options.uid, &error))
        answer_forgot (client->outbox.text, name);
    else
        close_with_error (client, error->message);
}

static void
do_command (struct client *client, const struct command *command)
{
    switch (command->verb) {
    case COMMAND_FOLLOW:
        do_follow (client, command);
        return;
    case COMMAND_ACK:
        do_ack (client, command->seq);
        return;
    case COMMAND_STATUS:
        answer_status (client->outbox.text, client->options.spool, client->options.consumers,
                       client->options.status, client->options.status_data);
        return;
    case COMMAND_FORGET:
        do_forget (client, command->name);
        return;
    }
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
    do_command (client, &command);
}

/* --- the connection -------------------------------------------------------------------------- */

/* Takes the whole lines of the input. */
static void
take_lines (struct client *client)
{
    size_t at = 0;

    while (client->mode != CLIENT_CLOSING) {
        const char *feed = memchr (client->in + at, '\n', client->n_in - at);
        if (!feed)
            break;
        do_line (client, (struct dsn_bytes){ client->in + at, (size_t)(feed - client->in) - at });
        at = (size_t)(feed - client->in) + 1;
        if (outbox_waiting (&client->outbox) > OUT_MAX)
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
    end (client);
    return G_SOURCE_REMOVE;
}

/* The peer says no more. It may still read: then only its leaving is waited for. */
static gboolean
end_input (struct client *client, bool is_gone)
{
    client->in_source = 0;
    if (is_gone || (client->mode == CLIENT_TALKING && outbox_waiting (&client->outbox) == 0))
        end (client);
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

struct client *
client_new (const struct client_options *options)
{
    struct client *client = g_new0 (struct client, 1);

    client->options = *options;
    outbox_init (&client->outbox, options->fd);
    follower_init (&client->follower, options->spool, options->consumers);
    client->in_source = g_unix_fd_add (options->fd, G_IO_IN, in_ready, client);
    client->silent_timer = g_timeout_add (SILENT_MS, silent_due, client);
    answer_greeting (client->outbox.text, options->spool);
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
    follower_done (&client->follower);
    outbox_done (&client->outbox);
    sys_close (&client->options.fd);
    g_free (client);
}

uid_t
client_uid (const struct client *client)
{
    return client->options.uid;
}
