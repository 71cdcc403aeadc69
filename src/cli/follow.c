/* dsnctl follow: events from the socket, as they come or from where a named consumer stopped. */
#include "client.h"
#include "handler.h"
#include "output.h"
#include "tty.h"
#include "verb.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#define RECONNECT_US (1000 * 1000)
#define ACK_EVERY    64 /* events, when there's no pause between them */

struct follow {
    const char *name; /* NULL: anonymous */
    const char *socket, *since, *kinds, *command, *dir;
    bool wants_acks;
    uint64_t count; /* events to handle, 0: no end */
    struct output output;

    struct client *client;
    char *spool;       /* id of the spool that the numbers below belong to */
    uint64_t last_seq; /* handled, 0: none */
    uint64_t n_handled, n_unacked;
    bool has_failed;
};

static json_t *
load (struct dsn_bytes line)
{
    return json_loadb (line.p, line.n, 0, NULL);
}

/* Asks for what wasn't handled yet. */
static bool
send_follow (struct follow *f)
{
    g_autoptr (GString) words = g_string_new ("FOLLOW ");

    g_string_append (words, f->name ? f->name : "-");
    if (!f->name && f->last_seq)
        g_string_append_printf (words, " %" PRIu64, f->last_seq + 1);
    else if (!f->name)
        g_string_append_printf (words, " %s", f->since ? f->since : "next");
    if (f->kinds)
        g_string_append_printf (words, " kinds=%s", f->kinds);
    return client_send (f->client, words->str);
}

/* Another spool counts anew: what was seen of the old one says nothing. */
static void
note_spool (struct follow *f)
{
    const char *spool = json_string_value (json_object_get (client_greeting (f->client), "spool"));

    if (f->spool && g_strcmp0 (f->spool, spool) != 0) {
        tty_complain ("this is another spool than before: starting with its first event");
        f->last_seq = 0;
        f->since = "first";
    }
    g_free (f->spool);
    f->spool = g_strdup (spool);
}

/* Waits until the acks are durable. A consumer that went away earlier might lose the last. */
static bool
await_ack (struct follow *f)
{
    struct dsn_bytes line;

    while (client_read (f->client, &line)) {
        json_t *answer = client_is_event (line) ? NULL : load (line);
        const json_int_t acked = json_integer_value (json_object_get (answer, "acked"));
        json_decref (answer);
        if (acked > 0 && (uint64_t)acked >= f->last_seq)
            return true;
    }
    return false;
}

static bool
send_ack (struct follow *f)
{
    g_autofree char *words = g_strdup_printf ("ACK %" PRIu64, f->last_seq);

    f->n_unacked = 0;
    return client_send (f->client, words);
}

/* An event that the format has no record for is done with. */
static bool
handle (struct follow *f, struct handler_event event)
{
    g_autoptr (GString) text = g_string_sized_new (event.json.n + 1);

    if (!output_append (&f->output, text, event.json))
        return true;
    if (!f->command && !f->dir)
        return handler_print (text->str, text->len);
    event.json = (struct dsn_bytes){ text->str, text->len - 1 };
    return f->command ? handler_exec (&event, f->command) : handler_keep (&event, f->dir);
}

enum step { STEP_ON, STEP_RECONNECT, STEP_END };

static enum step
take_event (struct follow *f, struct dsn_bytes line)
{
    json_t *json = load (line);
    const char *id = json_string_value (json_object_get (json, "id"));
    const json_int_t seq = json_integer_value (json_object_get (json, "seq"));
    const struct handler_event event = { (uint64_t)seq, id ? id : "", line };
    enum step step = STEP_ON;

    /* after a reconnection a named consumer gets what it hasn't acked again */
    if (seq > 0 && event.seq > f->last_seq) {
        if (handle (f, event)) {
            f->last_seq = event.seq;
            f->n_handled++;
            f->n_unacked++;
        } else {
            f->has_failed = true;
            step = STEP_END;
        }
    }
    json_decref (json);
    return f->count && f->n_handled == f->count ? STEP_END : step;
}

/* A line that isn't an event: gaps and errors are for people to know. */
static enum step
take_answer (struct follow *f, struct dsn_bytes line)
{
    json_t *answer = load (line);
    const json_t *gap = json_object_get (answer, "gap");
    const char *error = json_string_value (json_object_get (answer, "error"));
    enum step step = STEP_ON;

    if (gap)
        tty_complain ("events %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                      " are gone: the spool keeps them no more",
                      json_integer_value (json_object_get (gap, "from")),
                      json_integer_value (json_object_get (gap, "to")));
    if (error) {
        tty_complain ("%s", error);
        f->has_failed = true;
        step = STEP_END;
    }
    json_decref (answer);
    return step;
}

/* Until the connection, the wanted number of events, or the handler ends it. */
static enum step
follow_connection (struct follow *f)
{
    enum step step = STEP_ON;
    struct dsn_bytes line;

    note_spool (f);
    if (!send_follow (f))
        return STEP_RECONNECT;
    while (step == STEP_ON) {
        if (!client_read (f->client, &line))
            return STEP_RECONNECT;
        step = client_is_event (line) ? take_event (f, line) : take_answer (f, line);
        if (!f->wants_acks || f->n_unacked == 0)
            continue;
        if (step == STEP_END)
            return send_ack (f) && await_ack (f) ? STEP_END : STEP_RECONNECT;
        if ((f->command || f->n_unacked >= ACK_EVERY || !client_has_line (f->client)) &&
            !send_ack (f))
            return STEP_RECONNECT;
    }
    return step;
}

static int
follow_on (struct follow *f)
{
    g_autofree char *error = NULL;

    f->client = client_open (f->socket, &error);
    if (!f->client) {
        tty_complain ("%s", error);
        return EXIT_FAILED;
    }
    while (follow_connection (f) == STEP_RECONNECT) {
        g_clear_pointer (&f->client, client_free);
        /* all that was wanted is done; only its last ack got lost, which is delivered again */
        if (f->count && f->n_handled >= f->count)
            break;
        tty_complain ("the connection to dsnd ended: trying again until it's back");
        do {
            g_usleep (RECONNECT_US);
            g_clear_pointer (&error, g_free);
        } while (!(f->client = client_open (f->socket, &error)));
    }
    g_clear_pointer (&f->client, client_free);
    return f->has_failed ? EXIT_FAILED : EXIT_OK;
}

struct follow_arguments {
    struct output_arguments output;
    gboolean wants_acks;
    gint64 count;
    char *socket, *since, *kinds, *command, *dir;
};

static bool
is_since (const char *since)
{
    return strcmp (since, "first") == 0 || strcmp (since, "next") == 0 ||
           g_ascii_string_to_unsigned (since, 10, 1, INT64_MAX, NULL, NULL);
}

/* What's wrong with the arguments; NULL if nothing is. */
static const char *
find_fault (int argc, const struct follow_arguments *a)
{
    const bool is_named = argc == 2;

    if (argc > 2)
        return "name one consumer";
    if (is_named && a->since)
        return "--since is for a consumer without a name: a named one goes on after its last ack";
    if (!is_named && a->wants_acks)
        return "--ack needs the consumer's NAME";
    if (a->command && a->dir)
        return "--exec and --dir can't go together: run two consumers";
    if (a->since && !is_since (a->since))
        return "--since takes first, next or a number from 1";
    if (a->count < 0)
        return "--count takes a number from 1";
    return NULL;
}

static bool
read_arguments (int *argc, char ***argv, struct follow_arguments *ret)
{
    const GOptionEntry entries[] = {
        { "ack", 0, 0, G_OPTION_ARG_NONE, &ret->wants_acks, "Ack each event once it's written out",
          NULL },
        { "since", 0, 0, G_OPTION_ARG_STRING, &ret->since,
          "Start at first, next (default) or a number", "SEQ" },
        { "kinds", 0, 0, G_OPTION_ARG_STRING, &ret->kinds, "Only these, as bounce,complaint",
          "LIST" },
        { "exec", 0, 0, G_OPTION_ARG_STRING, &ret->command,
          "Run CMD for each event, which is its input; stop if it fails", "CMD" },
        { "dir", 0, 0, G_OPTION_ARG_FILENAME, &ret->dir, "Keep each event as a file in DIR",
          "DIR" },
        { "count", 'n', 0, G_OPTION_ARG_INT64, &ret->count, "Stop after N events", "N" },
        OUTPUT_OPTIONS (&ret->output),
        { "socket", 0, 0, G_OPTION_ARG_FILENAME, &ret->socket, "Default: " CLIENT_SOCKET, "PATH" },
        { 0 },
    };
    const char *fault;

    if (!verb_options (argc, argv, entries, "[NAME]",
                       "Events from dsnd, live, or for the consumer NAME from where it stopped."))
        return false;
    fault = find_fault (*argc, ret);
    if (fault)
        tty_complain ("follow: %s", fault);
    return !fault;
}

int
verb_follow (int argc, char **argv)
{
    struct follow_arguments a = { 0 };
    struct follow f = { 0 };
    int code = EXIT_USAGE;

    if (read_arguments (&argc, &argv, &a) && output_choose (&a.output, "follow", &f.output)) {
        f.name = argc > 1 ? argv[1] : NULL;
        f.socket = a.socket ? a.socket : CLIENT_SOCKET;
        f.since = a.since;
        f.kinds = a.kinds;
        f.command = a.command;
        f.dir = a.dir;
        /* a command or a file is done with the event; one that is only shown may be looked at */
        f.wants_acks = f.name && (a.wants_acks || a.command || a.dir);
        if (f.command || f.dir) /* a program reads it, not the terminal */
            f.output = (struct output){ .format = f.output.format };
        f.count = (uint64_t)a.count;
        code = follow_on (&f);
    }
    g_free (f.spool);
    g_free (a.socket);
    g_free (a.since);
    g_free (a.kinds);
    g_free (a.command);
    g_free (a.dir);
    g_free (a.output.format);
    return code;
}
