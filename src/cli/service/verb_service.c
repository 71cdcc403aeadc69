/* dsnctl status, consumers, forget: questions to the running dsnd. */
#include "client/connection.h"
#include "cli/service/metrics.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include <glib.h>
#include <string.h>

struct service_arguments {
    gboolean is_json;
    bool takes_metrics;
    gboolean is_metrics;
    char *textfile;
    char *socket;
};

/* The options that all three take. @n_wanted: words after the options. */
static bool
read_arguments (int *argc, char ***argv, struct service_arguments *ret, const char *arguments,
                const char *help)
{
    const int n_wanted = *arguments ? 1 : 0;
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &ret->is_json, "JSON, even on a terminal", NULL },
        { "socket", 0, 0, G_OPTION_ARG_FILENAME, &ret->socket, "Default: " CLIENT_SOCKET, "PATH" },
        /* the other verbs' list ends here */
        { ret->takes_metrics ? "metrics" : NULL, 0, 0, G_OPTION_ARG_NONE, &ret->is_metrics,
          "OpenMetrics text", NULL },
        { "textfile", 0, 0, G_OPTION_ARG_FILENAME, &ret->textfile,
          "Metrics for node_exporter, into FILE in one step", "FILE" },
        { 0 },
    };
    g_autofree char *name = g_strdup ((*argv)[0]);

    if (!verb_options (argc, argv, entries, arguments, help))
        return false;
    if (*argc - 1 == n_wanted)
        return true;
    tty_complain (n_wanted ? "%s: name one consumer" : "%s takes no arguments", name);
    return false;
}

/* The answer to @words, of it what stands under @key (NULL: all); NULL after the error has been
 * told. (transfer full) */
static json_t *
ask (const struct service_arguments *a, const char *words, const char *key)
{
    g_autofree char *error = NULL;
    struct client *client = client_open (a->socket ? a->socket : CLIENT_SOCKET, &error);
    json_t *answer = client ? client_ask (client, words, &error) : NULL;
    json_t *value = key ? json_incref (json_object_get (answer, key)) : json_incref (answer);

    if (!value)
        tty_complain ("%s", error ? error : "dsnd's answer can't be read");
    json_decref (answer);
    client_free (client);
    return value;
}

static void
print_json (const json_t *json)
{
    char *text = json_dumps (json, JSON_COMPACT);
    g_autoptr (GString) safe = g_string_new (NULL);

    tty_append_json (safe, dsn_bytes_str (text));
    (void)puts (safe->str);
    free (text);
}

/* A value in a cell; (transfer full). */
static char *
cell (const json_t *value)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    char *text = json_is_string (value) ? g_strdup (json_string_value (value))
                                        : json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY);

    tty_append_safe (safe, dsn_bytes_str (text), tty_of (stdout).is_utf8);
    free (text);
    return g_strdup (safe->str);
}

/* Most of the many categories never occur in a mailbox: people needn't see their zeros. */
static bool
is_idle_category (const char *prefix, const json_t *value)
{
    return strcmp (prefix, "categories.") == 0 && json_integer_value (value) == 0;
}

/* One line a value; objects within are named "outer.inner", lists of objects are left to their
 * own verb. */
static void
print_values (const json_t *object, const char *prefix)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)object, key, value)
    {
        g_autofree char *name = g_strconcat (prefix, key, NULL);
        if (json_is_object (value)) {
            g_autofree char *inner = g_strconcat (name, ".", NULL);
            print_values (value, inner);
        } else if (!json_is_array (value) && !is_idle_category (prefix, value)) {
            g_autofree char *text = cell (value);
            (void)printf ("%-24s %s\n", name, text);
        }
    }
}

static int
print_answer (json_t *answer, const struct service_arguments *a)
{
    if (!answer)
        return EXIT_FAILED;
    if (a->is_json || !tty_of (stdout).is_terminal)
        print_json (answer);
    else
        print_values (answer, "");
    json_decref (answer);
    return EXIT_OK;
}

static int
print_metrics (const json_t *status)
{
    g_autoptr (GString) text = g_string_new (NULL);

    metrics_append (text, status, METRICS_OPENMETRICS);
    (void)fputs (text->str, stdout);
    return EXIT_OK;
}

/* By another file that takes the name, so that nobody reads half of it. */
static int
write_metrics (const json_t *status, const char *path)
{
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    metrics_append (text, status, METRICS_PROMETHEUS);
    if (g_file_set_contents_full (path, text->str, (gssize)text->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
        return EXIT_OK;
    tty_complain ("status: %s", error->message);
    return EXIT_FAILED;
}

static int
tell_metrics (const struct service_arguments *a)
{
    json_t *status = ask (a, "STATUS", "status");
    int code = EXIT_FAILED;

    if (status)
        code = a->textfile ? write_metrics (status, a->textfile) : print_metrics (status);
    json_decref (status);
    return code;
}

int
verb_status (int argc, char **argv)
{
    struct service_arguments a = { .takes_metrics = true };
    int code = EXIT_USAGE;

    if (read_arguments (&argc, &argv, &a, "", "What dsnd is doing: counters of mails and events."))
        code = a.is_metrics || a.textfile ? tell_metrics (&a)
                                          : print_answer (ask (&a, "STATUS", "status"), &a);
    g_free (a.textfile);
    g_free (a.socket);
    return code;
}

/* The widest of each column's cells; columns are the keys of the first row. */
static void
print_table (const json_t *rows)
{
    const json_t *first = json_array_get (rows, 0);
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)first, key, value) (void) printf ("%-20s ", key);
    (void)putchar ('\n');
    for (size_t i = 0; i < json_array_size (rows); i++) {
        json_object_foreach ((json_t *)first, key, value)
        {
            g_autofree char *text = cell (json_object_get (json_array_get (rows, i), key));
            (void)printf ("%-20s ", text);
        }
        (void)putchar ('\n');
    }
}

int
verb_consumers (int argc, char **argv)
{
    struct service_arguments a = { 0 };
    int code = EXIT_USAGE;

    if (read_arguments (&argc, &argv, &a, "", "The named consumers, and how far each is.")) {
        json_t *answer = ask (&a, "STATUS", "status");
        const json_t *consumers = json_object_get (answer, "consumers");
        if (answer && (a.is_json || !tty_of (stdout).is_terminal))
            for (size_t i = 0; i < json_array_size (consumers); i++)
                print_json (json_array_get (consumers, i));
        else if (json_array_size (consumers))
            print_table (consumers);
        else if (answer)
            (void)puts ("no named consumers yet: dsnctl follow NAME --ack makes one");
        code = answer ? EXIT_OK : EXIT_FAILED;
        json_decref (answer);
    }
    g_free (a.socket);
    return code;
}

int
verb_forget (int argc, char **argv)
{
    struct service_arguments a = { 0 };
    int code = EXIT_USAGE;

    if (read_arguments (&argc, &argv, &a, "NAME",
                        "Drops the named consumer: events aren't kept for it any more.")) {
        g_autofree char *words = g_strconcat ("FORGET ", argv[1], NULL);
        code = print_answer (ask (&a, words, NULL), &a);
    }
    g_free (a.socket);
    return code;
}
