/* RabbitMQ, by AMQP 0-9-1: persistent messages, each confirmed by the broker, and mandatory: what
 * no queue takes comes back.
 */
#include "relay/sinks/sinks.h"

#include <errno.h>
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <string.h>
#include <sys/time.h>

#define CHANNEL     1
#define TIMEOUT_S   20
#define HEARTBEAT_S 30
#define FRAME_BYTES 131072

struct amqp_sink {
    char *host, *vhost, *exchange, *key, *user, *password, *ca;
    uint64_t port;
    bool has_tls;
    amqp_connection_state_t connection; /* NULL: not connected */
    uint64_t n_sent;                    /* on this channel: the broker counts along */
};

static void
disconnect (struct amqp_sink *s)
{
    if (s->connection)
        (void)amqp_destroy_connection (s->connection);
    s->connection = NULL;
}

static void
amqp_close (void *sink)
{
    struct amqp_sink *s = sink;

    disconnect (s);
    if (s->password)
        explicit_bzero (s->password, strlen (s->password));
    g_free (s->password);
    g_free (s->host);
    g_free (s->vhost);
    g_free (s->exchange);
    g_free (s->key);
    g_free (s->user);
    g_free (s->ca);
    g_free (s);
}

static bool
read_keys (struct amqp_sink *s, struct section *section, GError **error)
{
    s->host = g_strdup (section_text (section, "Host", "127.0.0.1"));
    s->vhost = g_strdup (section_text (section, "VHost", "/"));
    s->exchange = g_strdup (section_text (section, "Exchange", ""));
    s->key = g_strdup (section_text (section, "RoutingKey", NULL));
    s->user = g_strdup (section_text (section, "User", "guest"));
    s->ca = g_strdup (section_text (section, "CAFile", "/etc/ssl/certs/ca-certificates.crt"));
    if (!section_bool (section, "TLS", false, &s->has_tls, error) ||
        !section_number (section, "Port", s->has_tls ? 5671 : 5672, 1, 65535, &s->port, error) ||
        !section_secret (section, "Password", &s->password, error))
        return false;
    if (!*s->exchange && !s->key)
        return section_fail (section, "RoutingKey", error,
                             "without Exchange= this must be the name of a queue");
    return true;
}

static void *
amqp_open (struct section *section, const char *name, GError **error)
{
    struct amqp_sink *s = g_new0 (struct amqp_sink, 1);

    (void)name;
    if (read_keys (s, section, error))
        return s;
    amqp_close (s);
    return NULL;
}

static enum sink_result
lose (struct amqp_sink *s, enum sink_result result, const char *words, char **ret_trouble)
{
    g_free (*ret_trouble);
    *ret_trouble = g_strdup_printf ("RabbitMQ: %s", words);
    disconnect (s);
    return result;
}

/* What an answer that is an error means: the broker's own 403, 404 and 406 are for a person. */
static enum sink_result
judge (struct amqp_sink *s, const char *doing, amqp_rpc_reply_t reply, char **ret_trouble)
{
    g_autofree char *words = NULL;
    int code = 0;

    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return SINK_ANSWERED;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
        reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_connection_close_t *m = reply.reply.decoded;
        code = m->reply_code;
        words = g_strdup_printf ("%s: %d %.*s", doing, code, (int)m->reply_text.len,
                                 (const char *)m->reply_text.bytes);
    } else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
               reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const amqp_channel_close_t *m = reply.reply.decoded;
        code = m->reply_code;
        words = g_strdup_printf ("%s: %d %.*s", doing, code, (int)m->reply_text.len,
                                 (const char *)m->reply_text.bytes);
    } else {
        words = g_strdup_printf ("%s: %s", doing, amqp_error_string2 (reply.library_error));
    }
    return lose (
        s, code == 403 || code == 404 || code == 406 || code == 530 ? SINK_REFUSES : SINK_AWAY,
        words, ret_trouble);
}

static amqp_socket_t *
make_socket (struct amqp_sink *s)
{
    amqp_socket_t *socket =
        s->has_tls ? amqp_ssl_socket_new (s->connection) : amqp_tcp_socket_new (s->connection);

    if (s->has_tls && socket && amqp_ssl_socket_set_cacert (socket, s->ca) != AMQP_STATUS_OK)
        return NULL;
    return socket;
}

static enum sink_result
ensure_connection (struct amqp_sink *s, char **ret_trouble)
{
    struct timeval patience = { .tv_sec = TIMEOUT_S };
    amqp_rpc_reply_t reply;
    amqp_socket_t *socket;
    enum sink_result result;
    int status;

    if (s->connection)
        return SINK_ANSWERED;
    s->connection = amqp_new_connection ();
    socket = make_socket (s);
    if (!socket)
        return lose (s, SINK_REFUSES, "TLS: the file of authorities can't be read", ret_trouble);
    status = amqp_socket_open_noblock (socket, s->host, (int)s->port, &patience);
    if (status != AMQP_STATUS_OK)
        return lose (s, SINK_AWAY, amqp_error_string2 (status), ret_trouble);
    (void)amqp_set_rpc_timeout (s->connection, &patience);
    (void)amqp_set_handshake_timeout (s->connection, &patience);
    reply = amqp_login (s->connection, s->vhost, 0, FRAME_BYTES, HEARTBEAT_S,
                        AMQP_SASL_METHOD_PLAIN, s->user, s->password ? s->password : "guest");
    result = judge (s, "logging in", reply, ret_trouble);
    if (result != SINK_ANSWERED)
        return result;
    (void)amqp_channel_open (s->connection, CHANNEL);
    result = judge (s, "opening a channel", amqp_get_rpc_reply (s->connection), ret_trouble);
    if (result != SINK_ANSWERED)
        return result;
    (void)amqp_confirm_select (s->connection, CHANNEL);
    s->n_sent = 0;
    return judge (s, "asking for confirms", amqp_get_rpc_reply (s->connection), ret_trouble);
}

static int
publish (struct amqp_sink *s, const struct parcel *p)
{
    g_autofree char *name = parcel_name (p);
    g_autofree char *kinds =
        g_strdup_printf ("dsn.%s.%s", p->kind, *p->category ? p->category : "none");
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG |
                  AMQP_BASIC_CONTENT_TYPE_FLAG,
        .delivery_mode = 2,
        .message_id = amqp_cstring_bytes (name),
        .content_type = amqp_cstring_bytes ("application/json"),
    };

    return amqp_basic_publish (s->connection, CHANNEL, amqp_cstring_bytes (s->exchange),
                               amqp_cstring_bytes (s->key ? s->key : kinds), 1, 0, &properties,
                               (amqp_bytes_t){ p->n_text, p->text });
}

/* The turn, while its answers come: the broker numbers what was sent on the channel. */
struct answers {
    struct parcel **parcels;
    unsigned n, n_open;
    uint64_t first; /* number of the first parcel */
    bool is_returned, is_nacked;
};

static void
settle (struct answers *a, uint64_t tag, bool is_multiple, bool is_ack)
{
    const uint64_t from = is_multiple ? a->first : tag;

    for (uint64_t t = MAX (from, a->first); t <= tag && t < a->first + a->n; t++) {
        struct parcel *p = a->parcels[t - a->first];
        if (p->outcome != PARCEL_OPEN)
            continue;
        if (is_ack && !a->is_returned)
            parcel_confirm (p);
        a->is_nacked |= !is_ack;
        a->n_open--;
    }
}

/* Takes a frame of the broker's. */
static enum sink_result
take_frame (struct amqp_sink *s, struct answers *a, const amqp_frame_t *frame, char **ret_trouble)
{
    if (frame->frame_type != AMQP_FRAME_METHOD)
        return SINK_ANSWERED;
    if (frame->payload.method.id == AMQP_BASIC_ACK_METHOD) {
        const amqp_basic_ack_t *m = frame->payload.method.decoded;
        settle (a, m->delivery_tag, m->multiple, true);
    } else if (frame->payload.method.id == AMQP_BASIC_NACK_METHOD) {
        const amqp_basic_nack_t *m = frame->payload.method.decoded;
        settle (a, m->delivery_tag, m->multiple, false);
    } else if (frame->payload.method.id == AMQP_BASIC_RETURN_METHOD) {
        amqp_message_t message;
        a->is_returned = true;
        if (amqp_read_message (s->connection, CHANNEL, &message, 0).reply_type ==
            AMQP_RESPONSE_NORMAL)
            amqp_destroy_message (&message);
        return lose (s, SINK_REFUSES, "no queue takes the events: bind one to the exchange",
                     ret_trouble);
    } else if (frame->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD ||
               frame->payload.method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_rpc_reply_t reply = { .reply_type = AMQP_RESPONSE_SERVER_EXCEPTION,
                                         .reply = frame->payload.method };
        return judge (s, "publishing", reply, ret_trouble);
    }
    return SINK_ANSWERED;
}

static enum sink_result
await_confirms (struct amqp_sink *s, struct answers *a, char **ret_trouble)
{
    const int64_t until_us = g_get_monotonic_time () + (int64_t)TIMEOUT_S * G_USEC_PER_SEC;
    enum sink_result result = SINK_ANSWERED;

    while (a->n_open > 0 && result == SINK_ANSWERED) {
        struct timeval wait = { .tv_sec = 1 };
        amqp_frame_t frame;
        int status;
        amqp_maybe_release_buffers (s->connection);
        status = amqp_simple_wait_frame_noblock (s->connection, &frame, &wait);
        if (status == AMQP_STATUS_OK)
            result = take_frame (s, a, &frame, ret_trouble);
        else if (status != AMQP_STATUS_TIMEOUT)
            return lose (s, SINK_AWAY, amqp_error_string2 (status), ret_trouble);
        if (g_get_monotonic_time () > until_us)
            return lose (s, SINK_AWAY, "no confirm within twenty seconds", ret_trouble);
    }
    if (result == SINK_ANSWERED && a->is_nacked)
        return lose (s, SINK_AWAY, "the broker couldn't take all", ret_trouble);
    return result;
}

static enum sink_result
amqp_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
              char **ret_trouble)
{
    struct amqp_sink *s = sink;
    struct answers a = { .parcels = parcels };
    enum sink_result result = ensure_connection (s, ret_trouble);

    (void)source_is_ordered;
    if (result != SINK_ANSWERED)
        return result;
    a.first = s->n_sent + 1;
    for (; a.n < n; a.n++) {
        const int status = publish (s, parcels[a.n]);
        if (status != AMQP_STATUS_OK)
            return lose (s, SINK_AWAY, amqp_error_string2 (status), ret_trouble);
        s->n_sent++;
    }
    a.n_open = a.n;
    return await_confirms (s, &a, ret_trouble);
}

static enum sink_result
amqp_check (void *sink, char **ret_words)
{
    struct amqp_sink *s = sink;
    enum sink_result result = ensure_connection (s, ret_words);

    if (result != SINK_ANSWERED)
        return result;
    if (*s->exchange)
        (void)amqp_exchange_declare (s->connection, CHANNEL, amqp_cstring_bytes (s->exchange),
                                     amqp_cstring_bytes ("topic"), 1, 0, 0, 0, amqp_empty_table);
    else
        (void)amqp_queue_declare (s->connection, CHANNEL, amqp_cstring_bytes (s->key), 1, 0, 0, 0,
                                  amqp_empty_table);
    result = judge (s, *s->exchange ? s->exchange : s->key, amqp_get_rpc_reply (s->connection),
                    ret_words);
    if (result == SINK_ANSWERED)
        *ret_words = g_strdup_printf ("RabbitMQ lets us in; %s %s is there",
                                      *s->exchange ? "exchange" : "queue",
                                      *s->exchange ? s->exchange : s->key);
    return result;
}

/* Heartbeats are sent and heard only while we wait for frames. */
static void
amqp_tick (void *sink, char **ret_trouble)
{
    struct amqp_sink *s = sink;
    struct timeval none = { 0 };
    amqp_frame_t frame;
    int status;

    if (!s->connection)
        return;
    amqp_maybe_release_buffers (s->connection);
    status = amqp_simple_wait_frame_noblock (s->connection, &frame, &none);
    if (status != AMQP_STATUS_OK && status != AMQP_STATUS_TIMEOUT)
        (void)lose (s, SINK_AWAY, amqp_error_string2 (status), ret_trouble);
}

const struct sink_kind sink_amqp = {
    .name = "amqp",
    .open = amqp_open,
    .deliver = amqp_deliver,
    .check = amqp_check,
    .tick = amqp_tick,
    .close = amqp_close,
};
