/* dsnctl parse: the events of mails in files, offline. */
#include "cli/read/input.h"
#include "cli/parse/jobs.h"
#include "cli/read/keyfile.h"
#include "cli/formats/output.h"
#include "cli/parse/progress.h"
#include "cli/read/rulebook.h"
#include "cli/parse/summary.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include "core/event/event.h"
#include "core/parse.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct parse {
    struct input *input;
    struct dsn_rules *rules;
    struct dsn_options options;
    struct dsn_token_keys keys; /* none: nothing is checked */
    uint32_t today;
    struct output output;
    bool has_failed;
    struct progress progress;
    struct summary *summary; /* NULL: none is wanted */
};

static void
append_events (GString *out, const struct parse *p, const struct dsn_report *report,
               const struct dsn_event_context *context)
{
    g_autoptr (GString) json = g_string_new (NULL);

    for (size_t i = 0; i < dsn_event_count (report); i++) {
        g_string_truncate (json, 0);
        dsn_event_append_json (json, report, i, context);
        (void)output_append (&p->output, out, (struct dsn_bytes){ json->str, json->len });
    }
}

/* The report for a mail at which the reader died. */
static struct dsn_report *
report_of_death (int signal)
{
    struct dsn_report *report = dsn_report_new ();
    g_autofree char *warning =
        g_strdup_printf ("the reader died: %s", signal ? g_strsignal (signal) : "it exited");

    report->kind = DSN_KIND_UNPROCESSABLE;
    dsn_report_warn (report, warning);
    return report;
}

/* Appends the events of mail @i, and what the summary counts to @note; @death is the signal of the
 * reader that died at it, -1: none has. False if the file can't be read, errno tells why. */
static bool
append_mail (GString *out, GString *note, const struct parse *p, size_t i, int death)
{
    const struct input_mail mail = input_get (p->input, i);
    g_autofree char *raw_name = input_name (&mail);
    g_autofree char *name = g_utf8_make_valid (raw_name, -1);
    g_autofree char *bytes = NULL, *id = NULL;
    struct dsn_event_context context;
    struct dsn_report *report;
    size_t n, total;

    if (!input_read (&mail, p->options.limits.mail_bytes, &bytes, &n, &total))
        return false;
    id = dsn_mail_id ((struct dsn_bytes){ bytes, n }, total);
    report = death >= 0 ? report_of_death (death)
                        : dsn_parse ((struct dsn_bytes){ bytes, n }, total, p->rules, &p->options);
    dsn_report_apply_trust (report, &p->keys, p->today);
    context = (struct dsn_event_context){
        .mail_id = id, .ruleset = dsn_rules_version (p->rules), .file = name, .size_bytes = total
    };
    append_events (out, p, report, &context);
    if (p->summary)
        summary_append_note (note, report);
    dsn_report_free (report);
    return true;
}

static void
work (size_t i, struct jobs_out *out, void *data)
{
    const struct parse *p = data;
    const struct input_mail mail = input_get (p->input, i);
    g_autoptr (GString) text = g_string_sized_new (4096);
    g_autoptr (GString) words = g_string_new (NULL);

    if (append_mail (text, words, p, i, -1)) {
        jobs_put (out, (struct dsn_bytes){ text->str, text->len });
        if (p->summary)
            jobs_note (out, words->str);
    } else {
        g_autofree char *message = g_strdup_printf ("%s: %s", mail.path, g_strerror (errno));
        jobs_complain (out, message);
    }
}

static bool
take (struct dsn_bytes piece, void *data)
{
    struct parse *p = data;

    if (fwrite (piece.p, 1, piece.n, stdout) == piece.n)
        return true;
    p->has_failed = true;
    return false;
}

static void
note (const char *words, void *data)
{
    struct parse *p = data;

    summary_add (p->summary, words);
}

static void
complain (const char *message, void *data)
{
    struct parse *p = data;

    p->has_failed = true;
    if (p->summary)
        summary_add_failure (p->summary);
    progress_clear (&p->progress);
    tty_complain ("%s", message);
}

static void
died (size_t i, int signal, void *data)
{
    struct parse *p = data;
    const struct input_mail mail = input_get (p->input, i);
    g_autoptr (GString) text = g_string_new (NULL), words = g_string_new (NULL);

    p->has_failed = true;
    progress_clear (&p->progress);
    tty_complain ("%s: the reader died (%s); please report this with the mail", mail.path,
                  signal ? g_strsignal (signal) : "it exited");
    if (append_mail (text, words, p, i, signal))
        (void)take ((struct dsn_bytes){ text->str, text->len }, p);
    if (p->summary)
        summary_add (p->summary, words->str);
}

static void
done (size_t i, void *data)
{
    struct parse *p = data;

    progress_show (&p->progress, i + 1);
}

static int
parse_all (struct parse *p, unsigned n_workers)
{
    const struct jobs jobs = {
        .n_items = input_count (p->input),
        .n_workers = n_workers,
        .work = work,
        .take = take,
        .done = done,
        .died = died,
        .complain = complain,
        .note = note,
        .data = p,
    };
    bool is_complete;

    /* a bar beside output that scrolls by on the same terminal would only be in the way */
    progress_start (&p->progress, jobs.n_items,
                    tty_of (stderr).is_terminal && !p->output.tty.is_terminal);
    is_complete = jobs_run (&jobs);
    progress_clear (&p->progress);
    if (!is_complete || fflush (stdout) != 0) {
        /* a reader that has seen enough, such as head(1), is no trouble */
        if (errno != EPIPE)
            tty_complain ("parsing stopped: %s", g_strerror (errno));
        return EXIT_FAILED;
    }
    return p->has_failed ? EXIT_FAILED : EXIT_OK;
}

/* On stderr: the events on stdout may be for a program. */
static void
show_summary (const struct parse *p)
{
    const struct tty tty = tty_of (stderr);
    g_autoptr (GString) text = g_string_new (NULL);

    summary_append (text, p->summary, &tty);
    (void)fwrite (text->str, 1, text->len, stderr);
}

struct parse_arguments {
    struct output_arguments output;
    gboolean is_explained, wants_summary;
    int n_jobs;
    char **rules; /* paths */
    char **envelope_headers;
    char *key;       /* path */
    char *structure; /* NULL: auto */
};

static bool
read_arguments (int *argc, char ***argv, struct parse_arguments *ret)
{
    const GOptionEntry entries[] = {
        OUTPUT_OPTIONS (&ret->output),
        { "explain", 0, 0, G_OPTION_ARG_NONE, &ret->is_explained,
          "Give the evidence for each verdict", NULL },
        { "summary", 0, 0, G_OPTION_ARG_NONE, &ret->wants_summary,
          "Say at the end what there was, on standard error (on a terminal: always)", NULL },
        { "jobs", 'j', 0, G_OPTION_ARG_INT, &ret->n_jobs, "Use N processes (default: all cores)",
          "N" },
        { "rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ret->rules,
          "Rule file or directory to add (default: " RULEBOOK_DIRECTORY "; '': none)", "PATH" },
        { "envelope-header", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ret->envelope_headers,
          "Header that tells the report's envelope recipient, such as Delivered-To", "NAME" },
        { "key", 0, 0, G_OPTION_ARG_FILENAME, &ret->key,
          "Check the tokens of return paths with the keys in this file", "FILE" },
        { "structure", 0, 0, G_OPTION_ARG_STRING, &ret->structure,
          "Who splits mails into their parts: auto, gmime", "HOW" },
        { 0 },
    };

    enum dsn_structure structure;

    if (!verb_options (argc, argv, entries, "FILE|DIR|MBOX|-...", "The events of mails in files."))
        return false;
    if (ret->n_jobs < 0 || ret->n_jobs > 1024) {
        tty_complain ("--jobs must be between 1 and 1024");
        return false;
    }
    if (ret->key && !ret->envelope_headers) {
        tty_complain ("parse: --key needs --envelope-header: say which header your mail system "
                      "writes the envelope recipient to");
        return false;
    }
    if (ret->structure && !dsn_structure_find (ret->structure, &structure)) {
        tty_complain ("--structure must be auto or gmime");
        return false;
    }
    if (*argc < 2) {
        tty_complain ("parse: name a file, a directory, an mbox, or - for standard input");
        return false;
    }
    return true;
}

/* Adds what the arguments name; returns how many of them couldn't be read. */
static unsigned
add_inputs (struct parse *p, int n, char **names)
{
    unsigned n_failures = 0;

    p->input = input_new ();
    for (int i = 0; i < n; i++)
        n_failures += !input_add (p->input, names[i]);
    p->has_failed = n_failures > 0;
    return n_failures;
}

static int
parse_inputs (struct parse *p, int n, char **names, const struct parse_arguments *a)
{
    const unsigned n_failures = add_inputs (p, n, names);
    int code;

    /* one mail is a summary of itself */
    if (a->wants_summary || (input_count (p->input) != 1 && tty_of (stderr).is_terminal))
        p->summary = summary_new (n_failures);
    dsn_library_init ();
    code = parse_all (p, a->n_jobs ? (unsigned)a->n_jobs : g_get_num_processors ());
    if (p->summary)
        show_summary (p);
    summary_free (p->summary);
    input_free (p->input);
    return code;
}

static int
parse_named (int n, char **names, const struct parse_arguments *a)
{
    struct parse p = { .today = keyfile_today () };
    int code = EXIT_FAILED;

    if (!output_choose (&a->output, "parse", &p.output))
        return EXIT_USAGE;
    p.rules = rulebook (a->rules);
    p.options = (struct dsn_options){
        .limits = dsn_limits_default (),
        .envelope_headers = (const char *const *)a->envelope_headers,
        .want_evidence = a->is_explained,
    };
    if (a->structure)
        (void)dsn_structure_find (a->structure, &p.options.structure);
    if (p.rules && (!a->key || keyfile_read (a->key, &p.keys)))
        code = parse_inputs (&p, n, names, a);
    dsn_rules_free (p.rules);
    dsn_token_keys_clear (&p.keys);
    return code;
}

int
verb_parse (int argc, char **argv)
{
    struct parse_arguments a = { 0 };
    const int code =
        read_arguments (&argc, &argv, &a) ? parse_named (argc - 1, argv + 1, &a) : EXIT_USAGE;

    g_strfreev (a.rules);
    g_strfreev (a.envelope_headers);
    g_free (a.key);
    g_free (a.structure);
    g_free (a.output.format);
    return code;
}
