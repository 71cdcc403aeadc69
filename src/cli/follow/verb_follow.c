/* dsnctl follow: events from the socket, as they come or from where a named consumer stopped. One
 * loop waits for the socket, the command that handles events, signals and time.
 */
#include "client/connection.h"
#include "cli/follow/turns.h"
#include "cli/follow/followargs.h"
#include "cli/follow/retryparked.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define RECONNECT_US (1000 * 1000)
#define LAST_ACK_US  (10 * 1000 * 1000)
#define FDS_OWN      2  /* descriptors of ours; those of the consumer follow */
#define ACK_EVERY    64 /* events that are only shown, when there's no pause between them */

struct follow {
    struct followargs args;
    bool wants_acks;
    struct consumer *consumer;
    int signals; /* signalfd, -1: signals do what they always do */

    struct client *client; /* NULL: not connected */
    int64_t connect_us;    /* when to try again; monotonic */
    char *spool;           /* id of the spool that the numbers below belong to */
    uint64_t last_seq;     /* taken, 0: none */
    uint64_t n_taken;

    /* on this connection */
    bool is_following;  /* dsnd has heard what we want; what it sent before wasn't asked for */
    uint64_t sent_seq;  /* the last event that it brought: no higher one may be acked on it */
    uint64_t asked_seq; /* the last ack */
    uint64_t acked_seq; /* the last that is durable */
    uint64_t n_acked;   /* events done at the last ack, since the start */

    int64_t ending_us; /* since when all is done but the last ack; 0: not yet */
    bool is_stopping, has_failed;
};

/* Asks for what wasn't taken yet. */
static bool
send_follow (struct follow *f)
{
    g_autoptr (GString) words = g_string_new ("FOLLOW ");

    g_string_append (words, f->args.name ? f->args.name : "-");
    if (!f->args.name && f->last_seq)
        g_string_append_printf (words, " %" PRIu64, f->last_seq + 1);
    else if (!f->args.name)
        g_string_append_printf (words, " %s", f->args.since ? f->args.since : "next");
    if (f->args.kinds)
        g_string_append_printf (words, " kinds=%s", f->args.kinds);
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
        g_free (f->args.since);
        f->args.since = g_strdup ("first");
        consumer_forget_numbers (f->consumer);
    }
    g_free (f->spool);
    f->spool = g_strdup (spool);
}

/* All that was to be done is done, but for the last acks. */
static bool
is_ending (const struct follow *f)
{
    const bool has_all = f->args.count && f->n_taken >= (uint64_t)f->args.count;

    return !consumer_is_running (f->consumer) &&
           (f->is_stopping || f->has_failed || consumer_has_failed (f->consumer) ||
            (has_all && consumer_is_empty (f->consumer)));
}

static void
drop_connection (struct follow *f)
{
    g_clear_pointer (&f->client, client_free);
    f->connect_us = g_get_monotonic_time () + RECONNECT_US;
    /* what was done and not acked comes again: there's nothing to wait for */
    if (!is_ending (f))
        tty_complain ("the connection to dsnd ended: trying again until it's back");
}

/* Connects; false if there's nobody, which *@ret_error tells. */
static bool
connect_client (struct follow *f, char **ret_error)
{
    f->client = client_open (f->args.socket ? f->args.socket : CLIENT_SOCKET, ret_error);
    f->sent_seq = f->asked_seq = f->acked_seq = 0;
    f->is_following = false;
    f->connect_us = g_get_monotonic_time () + RECONNECT_US;
    if (!f->client)
        return false;
    note_spool (f);
    if (!send_follow (f))
        drop_connection (f);
    return true;
}

static void
reconnect (struct follow *f)
{
    g_autofree char *error = NULL;

    if (!f->client && !f->is_stopping && g_get_monotonic_time () >= f->connect_us)
        (void)connect_client (f, &error);
}

/* Whether another event may be taken now. */
static bool
wants_events (const struct follow *f)
{
    return !f->is_stopping && !f->has_failed && !consumer_has_failed (f->consumer) &&
           !consumer_is_full (f->consumer) &&
           !(f->args.count && f->n_taken >= (uint64_t)f->args.count);
}

static json_t *
load (struct dsn_bytes line)
{
    return json_loadb (line.p, line.n, 0, NULL);
}

static void
take_event (struct follow *f, struct dsn_bytes line)
{
    json_t *json = load (line);
    const char *id = json_string_value (json_object_get (json, "id"));
    const json_int_t seq = json_integer_value (json_object_get (json, "seq"));

    /* to pass it over would be to ack it with the next */
    if (seq <= 0) {
        tty_complain ("dsnd sent an event that can't be read, after %" PRIu64, f->last_seq);
        f->has_failed = true;
    } else {
        f->sent_seq = (uint64_t)seq;
    }
    /* after a reconnection a named consumer gets what it hasn't acked again */
    if (seq > 0 && (uint64_t)seq > f->last_seq && wants_events (f)) {
        f->last_seq = (uint64_t)seq;
        f->n_taken++;
        consumer_add (f->consumer, f->last_seq, id ? id : "", line);
    }
    json_decref (json);
}

/* A line that isn't an event: gaps and errors are for people to know. */
static void
take_answer (struct follow *f, struct dsn_bytes line)
{
    json_t *answer = load (line);
    const json_t *gap = json_object_get (answer, "gap");
    const char *error = json_string_value (json_object_get (answer, "error"));
    const json_int_t acked = json_integer_value (json_object_get (answer, "acked"));

    if (gap)
        tty_complain ("events %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                      " are gone: the spool keeps them no more",
                      json_integer_value (json_object_get (gap, "from")),
                      json_integer_value (json_object_get (gap, "to")));
    if (error) {
        tty_complain ("%s", error);
        f->has_failed = true;
    }
    if (acked > 0)
        f->acked_seq = (uint64_t)acked;
    f->is_following |= json_object_get (answer, "following") != NULL;
    json_decref (answer);
}

/* Whether to look at the connection: at its end, for the answers to acks. */
static bool
wants_lines (const struct follow *f)
{
    return f->client && (wants_events (f) || is_ending (f));
}

/* Takes a line, if there's one. */
static bool
take_line (struct follow *f)
{
    struct dsn_bytes line;

    if (!wants_lines (f) || !client_has_line (f->client) || !client_read (f->client, &line))
        return false;
    /* whoever was slow to speak was taken for silent, and sent live events */
    if (client_is_event (line) && f->is_following)
        take_event (f, line);
    else if (!client_is_event (line))
        take_answer (f, line);
    return true;
}

/* Acks what is done, as far as this connection allows: at once where a command or a batch did it;
 * else when there's a pause. */
static void
send_acks (struct follow *f, bool is_pause)
{
    const uint64_t seq = MIN (consumer_done_seq (f->consumer), f->sent_seq);
    const uint64_t n_done = consumer_done_count (f->consumer);
    const bool is_now = is_pause || followargs_has_program (&f->args) || f->args.n_batch ||
                        n_done - f->n_acked >= ACK_EVERY;
    g_autofree char *words = g_strdup_printf ("ACK %" PRIu64, seq);

    if (!f->wants_acks || !f->client || seq <= f->asked_seq || !is_now)
        return;
    f->asked_seq = seq;
    f->n_acked = n_done;
    if (!client_send (f->client, words))
        drop_connection (f);
}

/* Milliseconds until there's something to do but for input; -1: nothing. */
static int
wait_ms (const struct follow *f)
{
    const int64_t now_us = g_get_monotonic_time ();
    const int64_t until_us = is_ending (f) ? f->ending_us + LAST_ACK_US
                             : !f->client  ? f->connect_us
                                           : 0;
    const int until_ms = until_us == 0       ? -1
                         : until_us > now_us ? (int)((until_us - now_us) / 1000 + 1)
                                             : 0;
    const int turn_ms = consumer_wait_ms (f->consumer);

    return turn_ms < 0 || (until_ms >= 0 && until_ms < turn_ms) ? until_ms : turn_ms;
}

/* Waits for input, a signal or time. */
static void
wait_for_more (struct follow *f)
{
    struct pollfd fds[] = {
        { wants_lines (f) ? client_fd (f->client) : -1, POLLIN, 0 },
        { f->signals, POLLIN, 0 },
        [FDS_OWN] = { -1, 0, 0 },
        { -1, 0, 0 },
    };

    consumer_poll (f->consumer, fds + FDS_OWN);
    if (wants_lines (f) && client_has_line (f->client))
        return;
    if (poll (fds, G_N_ELEMENTS (fds), wait_ms (f)) < 0)
        return;
    if (fds[1].revents)
        f->is_stopping |= consumer_take_signals (f->consumer, f->signals);
    if (fds[0].revents && !client_fill (f->client))
        drop_connection (f);
}

static bool
is_over (struct follow *f)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (!is_ending (f))
        return false;
    if (!f->ending_us)
        f->ending_us = now_us;
    /* a consumer that went away earlier might lose its last ack; after a reconnection it's not
     * even asked for before the event has come again */
    return !f->client || !f->wants_acks || f->acked_seq >= consumer_done_seq (f->consumer) ||
           now_us - f->ending_us >= LAST_ACK_US;
}

/* Signals are taken in turn only where something must be finished before we go. */
static void
catch_signals (struct follow *f)
{
    sigset_t set;

    (void)sigemptyset (&set);
    (void)sigaddset (&set, SIGTERM);
    (void)sigaddset (&set, SIGINT);
    (void)sigaddset (&set, SIGHUP);
    (void)sigaddset (&set, SIGCHLD);
    f->signals = -1;
    if ((followargs_has_program (&f->args) || f->args.dir) &&
        sigprocmask (SIG_BLOCK, &set, NULL) == 0)
        f->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
follow_on (struct follow *f)
{
    g_autofree char *error = NULL;

    if (!connect_client (f, &error)) {
        tty_complain ("%s", error);
        return EXIT_FAILED;
    }
    for (;;) {
        while (take_line (f))
            ;
        consumer_listen (f->consumer);
        while (consumer_run (f->consumer, !wants_events (f)))
            send_acks (f, false);
        send_acks (f, true);
        if (is_over (f))
            break;
        reconnect (f);
        wait_for_more (f);
    }
    return f->has_failed || consumer_has_failed (f->consumer) ? EXIT_FAILED : EXIT_OK;
}

static int
follow_or_retry (struct follow *f)
{
    int code;

    catch_signals (f);
    if (f->args.wants_parked) {
        code = retryparked_run (&f->args.options, f->signals);
    } else {
        f->consumer = consumer_new (&f->args.options);
        code = follow_on (f);
        consumer_free (f->consumer);
    }
    if (f->signals >= 0)
        (void)close (f->signals);
    g_clear_pointer (&f->client, client_free);
    return code;
}

int
verb_follow (int argc, char **argv)
{
    struct follow f = { 0 };
    int code = EXIT_USAGE;

    if (followargs_read (argc, argv, &f.args)) {
        /* a program or a file is done with the event; one that is only shown may be looked at */
        f.wants_acks =
            f.args.name && (f.args.wants_acks || followargs_has_program (&f.args) || f.args.dir);
        code = follow_or_retry (&f);
    }
    g_free (f.spool);
    followargs_clear (&f.args);
    return code;
}
