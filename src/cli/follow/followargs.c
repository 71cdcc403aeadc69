/* Options of follow, and which go together. */
#include "cli/follow/followargs.h"

#include "client/connection.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TRIES_DEFAULT 5
#define TRIES_MAX     1000
#define BATCH_MAX     1000
#define PATIENCE_S    (6 * 60 * 60)
#define TIMEOUT_S     (5 * 60)
#define TIMEOUT_MAX   (24 * 60 * 60)
#define PATIENCE_MAX  (365 * 24 * 60 * 60)

static bool
is_since (const char *since)
{
    return strcmp (since, "first") == 0 || strcmp (since, "next") == 0 ||
           g_ascii_string_to_unsigned (since, 10, 1, INT64_MAX, NULL, NULL);
}

bool
followargs_has_program (const struct followargs *a)
{
    return a->command || a->lines;
}

/* What doesn't go together; NULL: all does. */
static const char *
find_clash (bool is_named, const struct followargs *a)
{
    const bool has_program = followargs_has_program (a);

    if (is_named && a->since)
        return "--since is for a consumer without a name: a named one goes on after its last ack";
    if (!is_named && a->wants_acks)
        return "--ack needs the consumer's NAME";
    if ((a->command != NULL) + (a->lines != NULL) + (a->dir != NULL) > 1)
        return "choose one of --exec, --exec-lines and --dir: run two consumers";
    if ((a->park || a->n_tries || a->patience_s != PATIENCE_S) && !has_program)
        return "--park, --tries and --patience are about --exec and --exec-lines";
    if (a->timeout_s != TIMEOUT_S && !a->lines)
        return "--timeout is about --exec-lines";
    if (a->wants_parked && !(has_program && a->park))
        return "--retry-parked needs --park DIR, and the --exec or --exec-lines that is to handle "
               "what is in it";
    if ((has_program || a->dir) && a->output.is_pretty)
        return "--pretty is for people: choose another format for a program or --dir";
    return NULL;
}

/* What's wrong with the arguments; NULL if nothing is. */
static const char *
find_fault (int argc, const struct followargs *a)
{
    if (argc > 2)
        return "name one consumer";
    if (a->since && !is_since (a->since))
        return "--since takes first, next or a number from 1";
    if (a->count < 0)
        return "--count takes a number from 1";
    if (a->n_tries < 0 || a->n_tries > TRIES_MAX)
        return "--tries takes a number from 1 to 1000";
    if (a->patience_s < 0 || a->patience_s > PATIENCE_MAX)
        return "--patience takes a number of seconds, a year at most";
    if (a->timeout_s < 1 || a->timeout_s > TIMEOUT_MAX)
        return "--timeout takes a number of seconds from 1, a day at most";
    if (a->n_batch < 0 || a->n_batch > BATCH_MAX)
        return "--batch takes a number from 1 to 1000";
    return find_clash (argc == 2, a);
}

/* Better now than at the first event. */
static bool
is_writable_directory (const char *dir)
{
    if (!dir || (g_file_test (dir, G_FILE_TEST_IS_DIR) && access (dir, W_OK | X_OK) == 0))
        return true;
    tty_complain ("follow: %s: %s", dir,
                  g_file_test (dir, G_FILE_TEST_EXISTS) ? "can't write there, or no directory"
                                                        : g_strerror (ENOENT));
    return false;
}

static bool
choose_options (struct followargs *a)
{
    struct output output;

    if (!output_choose (&a->output, "follow", &output))
        return false;
    if (followargs_has_program (a) || a->dir) /* a program reads it, not the terminal */
        output = (struct output){ .format = output.format };
    a->options = (struct consumer_options){
        .output = output,
        .command = a->command,
        .lines = a->lines,
        .dir = a->dir,
        .park = a->park,
        .n_tries = a->n_tries        ? (unsigned)a->n_tries
                   : a->wants_parked ? 1
                                     : TRIES_DEFAULT,
        .n_batch = a->n_batch ? (unsigned)a->n_batch : 1,
        .patience_us = a->wants_parked ? 0 : (int64_t)a->patience_s * G_USEC_PER_SEC,
        .timeout_us = (int64_t)a->timeout_s * G_USEC_PER_SEC,
        .is_once = a->wants_parked,
    };
    return is_writable_directory (a->dir) && is_writable_directory (a->park);
}

bool
followargs_read (int argc, char **argv, struct followargs *ret)
{
    const GOptionEntry entries[] = {
        { "ack", 0, 0, G_OPTION_ARG_NONE, &ret->wants_acks, "Ack each event once it's written out",
          NULL },
        { "exec", 0, 0, G_OPTION_ARG_STRING, &ret->command,
          "Run CMD for each event, which is its input; ack it if CMD succeeds", "CMD" },
        { "exec-lines", 0, 0, G_OPTION_ARG_STRING, &ret->lines,
          "Start CMD once: it reads events, and answers each with a line: ok, retry, park or wait",
          "CMD" },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &ret->timeout_s,
          "Kill that CMD if it gives no answer for S seconds (default: 300)", "S" },
        { "tries", 0, 0, G_OPTION_ARG_INT, &ret->n_tries,
          "Run CMD up to N times for an event, with pauses (default: 5)", "N" },
        { "park", 0, 0, G_OPTION_ARG_FILENAME, &ret->park,
          "Put events that failed N times in DIR and go on (default: stop)", "DIR" },
        { "retry-parked", 0, 0, G_OPTION_ARG_NONE, &ret->wants_parked,
          "Hand out what is parked in DIR once more, take away what was handled, and exit", NULL },
        { "patience", 0, 0, G_OPTION_ARG_INT, &ret->patience_s,
          "Try on for S seconds while CMD handles no event at all (default: 21600)", "S" },
        { "dir", 0, 0, G_OPTION_ARG_FILENAME, &ret->dir, "Keep each event as a file in DIR",
          "DIR" },
        { "batch", 0, 0, G_OPTION_ARG_INT, &ret->n_batch, "Handle and ack up to N events at a time",
          "N" },
        { "since", 0, 0, G_OPTION_ARG_STRING, &ret->since,
          "Start at first, next (default) or a number", "SEQ" },
        { "kinds", 0, 0, G_OPTION_ARG_STRING, &ret->kinds, "Only these, as bounce,complaint",
          "LIST" },
        { "count", 'n', 0, G_OPTION_ARG_INT64, &ret->count, "Stop after N events", "N" },
        OUTPUT_OPTIONS (&ret->output),
        { "socket", 0, 0, G_OPTION_ARG_FILENAME, &ret->socket, "Default: " CLIENT_SOCKET, "PATH" },
        { 0 },
    };
    const char *fault;

    ret->patience_s = PATIENCE_S;
    ret->timeout_s = TIMEOUT_S;
    if (!verb_options (&argc, &argv, entries, "[NAME]",
                       "Events from dsnd, live, or for the consumer NAME from where it stopped."))
        return false;
    fault = find_fault (argc, ret);
    if (fault)
        tty_complain ("follow: %s", fault);
    ret->name = argc == 2 ? argv[1] : NULL;
    return !fault && choose_options (ret);
}

void
followargs_clear (struct followargs *a)
{
    g_free (a->socket);
    g_free (a->since);
    g_free (a->kinds);
    g_free (a->command);
    g_free (a->lines);
    g_free (a->dir);
    g_free (a->park);
    g_free (a->output.format);
}
