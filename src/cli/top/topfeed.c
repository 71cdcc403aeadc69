#include "cli/top/topfeed.h"

#include "client/connection.h"

#define STATUSES     10
#define HISTORY      20000 /* events before now, for the windows */
#define TURN_US      (50 * 1000)
#define ASK_US       (1000 * 1000)
#define RECONNECT_US (1000 * 1000)

struct moment {
    json_t *status; /* (owned) NULL: none */
    int64_t us;     /* monotonic */
};

struct topfeed {
    const char *socket;
    struct toptally *tally;
    struct client *client; /* NULL: not connected */
    char *trouble;
    struct moment moments[STATUSES];
    unsigned n_moments; /* so far; the latest at (n - 1) % STATUSES */
    int64_t asked_us, connect_us;
    uint64_t seq;    /* the last event */
    uint64_t wanted; /* the last that was there when we came */
    bool is_following;
};

struct topfeed *
topfeed_new (const char *socket, struct toptally *tally)
{
    struct topfeed *f = g_new0 (struct topfeed, 1);

    f->socket = socket;
    f->tally = tally;
    return f;
}

/* Of another daemon, or another spool: nothing to compare with. */
static void
forget_moments (struct topfeed *f)
{
    for (unsigned i = 0; i < STATUSES; i++)
        g_clear_pointer (&f->moments[i].status, json_decref);
    f->n_moments = 0;
}

void
topfeed_free (struct topfeed *f)
{
    forget_moments (f);
    client_free (f->client);
    g_free (f->trouble);
    g_free (f);
}

int
topfeed_fd (const struct topfeed *f)
{
    return f->client ? client_fd (f->client) : -1;
}

static void
drop (struct topfeed *f, const char *trouble)
{
    g_clear_pointer (&f->client, client_free);
    g_free (f->trouble);
    f->trouble = g_strdup_printf ("%s; trying again until it's back", trouble);
    f->connect_us = g_get_monotonic_time () + RECONNECT_US;
}

static json_int_t
greeting_number (const struct topfeed *f, const char *key)
{
    return json_integer_value (json_object_get (client_greeting (f->client), key));
}

static void
connect_client (struct topfeed *f)
{
    g_autofree char *error = NULL;
    g_autofree char *words = NULL;
    json_int_t next, from;

    f->client = client_open (f->socket, &error);
    if (!f->client) {
        drop (f, error);
        return;
    }
    g_clear_pointer (&f->trouble, g_free);
    forget_moments (f);
    next = greeting_number (f, "next");
    from = MAX (MAX (greeting_number (f, "first"), next - HISTORY), 1);
    /* what was counted before the connection ended isn't counted again */
    if (f->seq && (json_int_t)f->seq < next)
        from = MAX (from, (json_int_t)f->seq + 1);
    f->wanted = (uint64_t)MAX (next - 1, 0);
    f->seq = MIN (f->seq, f->wanted);
    f->asked_us = 0;
    f->is_following = false;
    words = g_strdup_printf ("FOLLOW - %" JSON_INTEGER_FORMAT, from);
    if (!client_send (f->client, words))
        drop (f, "the connection to dsnd ended");
}

static void
take_answer (struct topfeed *f, struct dsn_bytes line)
{
    json_t *answer = json_loadb (line.p, line.n, 0, NULL);
    json_t *status = json_object_get (answer, "status");
    const char *error = json_string_value (json_object_get (answer, "error"));
    struct moment *moment = &f->moments[f->n_moments % STATUSES];

    if (status) {
        json_decref (moment->status);
        *moment = (struct moment){ json_incref (status), g_get_monotonic_time () };
        f->n_moments++;
    }
    if (json_object_get (answer, "following"))
        f->is_following = true;
    if (error)
        drop (f, error);
    json_decref (answer);
}

static void
take_line (struct topfeed *f, struct dsn_bytes line)
{
    static const char key[] = "\"seq\":";
    const char *at;

    if (!client_is_event (line)) {
        take_answer (f, line);
        return;
    }
    /* whoever is slow to speak is sent live events that weren't asked for */
    at = f->is_following ? g_strstr_len (line.p, (gssize)line.n, key) : NULL;
    if (at) {
        f->seq = g_ascii_strtoull (at + sizeof key - 1, NULL, 10);
        (void)toptally_add (f->tally, line);
    }
}

static void
ask (struct topfeed *f)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (!f->client || now_us - f->asked_us < ASK_US)
        return;
    f->asked_us = now_us;
    if (!client_send (f->client, "STATUS"))
        drop (f, "the connection to dsnd ended");
}

void
topfeed_fill (struct topfeed *f)
{
    if (f->client && !client_fill (f->client))
        drop (f, "the connection to dsnd ended");
}

bool
topfeed_take (struct topfeed *f)
{
    const int64_t until_us = g_get_monotonic_time () + TURN_US;
    struct dsn_bytes line;

    if (!f->client && g_get_monotonic_time () >= f->connect_us)
        connect_client (f);
    ask (f);
    while (f->client && client_has_line (f->client) && g_get_monotonic_time () < until_us)
        if (client_read (f->client, &line))
            take_line (f, line);
        else
            drop (f, "the connection to dsnd ended");
    return f->client && client_has_line (f->client);
}

const char *
topfeed_trouble (const struct topfeed *f)
{
    return f->client ? NULL : f->trouble;
}

const json_t *
topfeed_status (const struct topfeed *f)
{
    return f->n_moments ? f->moments[(f->n_moments - 1) % STATUSES].status : NULL;
}

double
topfeed_rate (const struct topfeed *f, const char *key)
{
    const unsigned first = f->n_moments > STATUSES ? f->n_moments - STATUSES : 0;
    const struct moment *old = &f->moments[first % STATUSES];
    const struct moment *latest = &f->moments[(f->n_moments - 1) % STATUSES];
    json_int_t grown;

    if (f->n_moments < 2 || latest->us <= old->us)
        return 0;
    grown = json_integer_value (json_object_get (latest->status, key)) -
            json_integer_value (json_object_get (old->status, key));
    return grown > 0 ? (double)grown * G_USEC_PER_SEC / (double)(latest->us - old->us) : 0;
}

bool
topfeed_is_current (const struct topfeed *f)
{
    return f->client && f->is_following && f->n_moments && f->seq >= f->wanted;
}
