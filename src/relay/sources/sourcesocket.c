/* dsnd's socket: a named consumer, as dsnctl follow is one. */
#include "client/connection.h"
#include "relay/sources/sources.h"

#include <poll.h>
#include <string.h>

#define WAIT_MS     1000
#define ACK_WAIT_US (10 * 1000 * 1000)

struct socket_source {
    char *path, *consumer, *kinds;
    struct client *client; /* NULL: not connected */
    char *spool;           /* that the numbers below are of; NULL: none yet */
    uint64_t last_seq;     /* taken */
    uint64_t done_seq;     /* all up to it are done */
    bool has_news;         /* another spool */

    /* on this connection */
    bool is_following;  /* what came before wasn't asked for */
    uint64_t sent_seq;  /* the last event that came: no later one may be acked */
    uint64_t asked_seq; /* the last ack */
    uint64_t acked_seq; /* the last answer to one */
};

static void
disconnect (struct socket_source *s)
{
    g_clear_pointer (&s->client, client_free);
}

static void
socket_close (void *source)
{
    struct socket_source *s = source;

    disconnect (s);
    g_free (s->path);
    g_free (s->consumer);
    g_free (s->kinds);
    g_free (s->spool);
    g_free (s);
}

static void *
socket_open (struct section *section, const char *name, GError **error)
{
    struct socket_source *s = g_new0 (struct socket_source, 1);

    s->path = g_strdup (section_text (section, "Path", CLIENT_SOCKET));
    s->consumer = g_strdup (section_text (section, "Consumer", name));
    s->kinds = g_strdup (section_text (section, "Kinds", NULL));
    if (strlen (s->consumer) <= 64)
        return s;
    (void)section_fail (section, "Consumer", error, "this is longer than 64 characters");
    socket_close (s);
    return NULL;
}

static bool
connect_client (struct socket_source *s, char **ret_trouble)
{
    const char *spool;

    s->client = client_open (s->path, ret_trouble);
    if (!s->client)
        return false;
    s->is_following = false;
    s->sent_seq = s->asked_seq = s->acked_seq = 0;
    spool = json_string_value (json_object_get (client_greeting (s->client), "spool"));
    if (g_strcmp0 (s->spool, spool) != 0) {
        /* its numbers start anew: those that we hold are nothing that it could be told */
        s->has_news = s->spool != NULL;
        g_free (s->spool);
        s->spool = g_strdup (spool ? spool : "");
        s->last_seq = s->done_seq = 0;
    }
    return true;
}

static bool
ask_to_follow (struct socket_source *s)
{
    g_autofree char *words =
        g_strconcat ("FOLLOW ", s->consumer, s->kinds ? " kinds=" : NULL, s->kinds, NULL);

    return client_send (s->client, words);
}

/* A line that isn't an event. False if the connection is no good any more. */
static bool
take_answer (struct socket_source *s, struct dsn_bytes line, char **ret_trouble)
{
    json_t *answer = json_loadb (line.p, line.n, 0, NULL);
    const json_t *gap = json_object_get (answer, "gap");
    const char *error = json_string_value (json_object_get (answer, "error"));
    const json_int_t acked = json_integer_value (json_object_get (answer, "acked"));

    if (gap)
        *ret_trouble = g_strdup_printf ("events %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                                        " are gone: the spool keeps them no more",
                                        json_integer_value (json_object_get (gap, "from")),
                                        json_integer_value (json_object_get (gap, "to")));
    if (error)
        *ret_trouble = g_strdup_printf ("dsnd says: %s", error);
    if (acked > 0)
        s->acked_seq = (uint64_t)acked;
    s->is_following |= json_object_get (answer, "following") != NULL;
    json_decref (answer);
    return !error;
}

static enum source_result
take_event (struct socket_source *s, struct dsn_bytes line, const struct parcel_style *style,
            struct parcel **ret_parcel, char **ret_trouble)
{
    g_autoptr (parcel_t) p = parcel_new (line, s->spool, style);

    if (!p) {
        *ret_trouble = g_strdup_printf (
            "dsnd sent an event that can't be read, after %" G_GUINT64_FORMAT, s->last_seq);
        return SOURCE_ENDED;
    }
    s->sent_seq = p->seq;
    /* after a new connection what we hold comes again */
    if (p->seq <= s->last_seq)
        return SOURCE_NOTHING;
    s->last_seq = p->seq;
    *ret_parcel = g_steal_pointer (&p);
    return SOURCE_PARCEL;
}

/* Reads what has come, if anything has. False at the end of the connection. */
static bool
fill (struct socket_source *s)
{
    struct pollfd fd = { client_fd (s->client), POLLIN, 0 };

    return poll (&fd, 1, 0) <= 0 || client_fill (s->client);
}

static enum source_result
take_line (struct socket_source *s, const struct parcel_style *style, struct parcel **ret_parcel,
           char **ret_trouble)
{
    enum source_result result = SOURCE_NOTHING;
    struct dsn_bytes line;

    while (result == SOURCE_NOTHING && !*ret_trouble && client_has_line (s->client) &&
           client_read (s->client, &line))
        if (!client_is_event (line))
            result = take_answer (s, line, ret_trouble) ? SOURCE_NOTHING : SOURCE_AWAY;
        else if (s->is_following)
            result = take_event (s, line, style, ret_parcel, ret_trouble);
    return result;
}

static enum source_result
socket_take (void *source, const struct parcel_style *style, struct parcel **ret_parcel,
             char **ret_trouble)
{
    struct socket_source *s = source;
    enum source_result result;

    if (!s->client && (!connect_client (s, ret_trouble) || !ask_to_follow (s))) {
        disconnect (s);
        return SOURCE_AWAY;
    }
    if (s->has_news) {
        s->has_news = false;
        *ret_trouble =
            g_strdup ("this is another spool than before: starting with its first event");
        return SOURCE_NOTHING;
    }
    result = take_line (s, style, ret_parcel, ret_trouble);
    if (result == SOURCE_NOTHING && !*ret_trouble && !client_has_line (s->client)) {
        if (!fill (s)) {
            *ret_trouble = g_strdup ("the connection to dsnd ended");
            result = SOURCE_AWAY;
        } else {
            result = take_line (s, style, ret_parcel, ret_trouble);
        }
    }
    if (result == SOURCE_AWAY)
        disconnect (s);
    return result;
}

static int
socket_fd (void *source, int *ret_wait_ms)
{
    const struct socket_source *s = source;

    *ret_wait_ms = s->client && client_has_line (s->client) ? 0 : WAIT_MS;
    return s->client ? client_fd (s->client) : -1;
}

static void
socket_done (void *source, const struct parcel *p)
{
    struct socket_source *s = source;

    if (strcmp (p->spool, s->spool) == 0)
        s->done_seq = MAX (s->done_seq, p->seq);
}

/* Hears answers until the last ack is confirmed; events that come meanwhile come again. */
static void
await_ack (struct socket_source *s)
{
    const int64_t until_us = g_get_monotonic_time () + ACK_WAIT_US;
    struct dsn_bytes line;

    while (s->client && s->acked_seq < s->asked_seq && g_get_monotonic_time () < until_us) {
        struct pollfd fd = { client_fd (s->client), POLLIN, 0 };
        g_autofree char *trouble = NULL;
        if (!client_has_line (s->client) && poll (&fd, 1, WAIT_MS) > 0 && !client_fill (s->client))
            disconnect (s);
        else if (client_has_line (s->client) && client_read (s->client, &line) &&
                 !client_is_event (line) && !take_answer (s, line, &trouble))
            disconnect (s);
    }
}

static void
socket_acknowledge (void *source, bool waits)
{
    struct socket_source *s = source;
    const uint64_t seq = MIN (s->done_seq, s->sent_seq);
    g_autofree char *words = g_strdup_printf ("ACK %" G_GUINT64_FORMAT, seq);

    if (s->client && seq > s->asked_seq) {
        s->asked_seq = seq;
        if (!client_send (s->client, words))
            disconnect (s);
    }
    if (waits)
        await_ack (s);
}

static bool
socket_check (void *source, char **ret_words)
{
    struct socket_source *s = source;
    const json_t *greeting;

    if (!s->client && !connect_client (s, ret_words))
        return false;
    greeting = client_greeting (s->client);
    *ret_words = g_strdup_printf (
        "dsnd at %s, spool %s, events %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT, s->path,
        s->spool, json_integer_value (json_object_get (greeting, "first")),
        json_integer_value (json_object_get (greeting, "next")) - 1);
    return true;
}

static uint64_t
socket_lag (void *source)
{
    const struct socket_source *s = source;
    g_autofree char *trouble = NULL;
    struct client *c = s->client ? client_open (s->path, &trouble) : NULL;
    json_int_t next = 0;

    if (c)
        next = json_integer_value (json_object_get (client_greeting (c), "next"));
    client_free (c);
    return next > 0 && (uint64_t)next > s->done_seq ? (uint64_t)next - 1 - s->done_seq : 0;
}

const struct source_kind source_socket = {
    .name = "socket",
    .is_local = true,
    .is_ordered = true,
    .open = socket_open,
    .take = socket_take,
    .fd = socket_fd,
    .done = socket_done,
    .acknowledge = socket_acknowledge,
    .check = socket_check,
    .lag = socket_lag,
    .close = socket_close,
};
