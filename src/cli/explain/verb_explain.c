/* dsnctl explain: what a code, a refusal's text or a whole bounce means, and what to do. */
#include "cli/explain/explainshow.h"
#include "cli/read/input.h"
#include "cli/read/rulebook.h"
#include "cli/terminal/verb.h"

#include "core/parse.h"

#include <errno.h>
#include <string.h>

struct explain {
    struct dsn_rules *rules;
    struct tty tty;
    bool is_json, is_all;
};

static void
show (const struct explain *x, const struct dsn_explanation *e)
{
    g_autoptr (GString) out = g_string_new (NULL);

    if (!x->is_json) {
        explainshow_append (out, e, x->is_all, &x->tty);
    } else {
        g_autoptr (GString) json = g_string_new (NULL);
        dsn_explanation_append_json (json, e);
        if (x->tty.is_terminal)
            tty_append_json (out, (struct dsn_bytes){ json->str, json->len });
        else
            g_string_append_len (out, json->str, (gssize)json->len);
        g_string_append_c (out, '\n');
    }
    (void)fwrite (out->str, 1, out->len, stdout);
}

/* Whether @bytes begin as a mail does: with a header field, or an mbox's From_ line. */
static bool
looks_like_mail (struct dsn_bytes bytes)
{
    size_t i = 0;

    if (bytes.n > 5 && memcmp (bytes.p, "From ", 5) == 0)
        return true;
    while (i < bytes.n && (g_ascii_isalnum (bytes.p[i]) || bytes.p[i] == '-'))
        i++;
    return i > 1 && i < bytes.n && bytes.p[i] == ':';
}

static bool
explain_text (const struct explain *x, struct dsn_bytes text)
{
    g_autoptr (dsn_explanation) e = dsn_explain (x->rules, text);
    g_autofree char *nearest = NULL;

    if (!e)
        e = dsn_explain_text (x->rules, text);
    if (e) {
        show (x, e);
        return true;
    }
    nearest = dsn_explain_nearest (x->rules, text);
    tty_complain ("nothing is known about '%.*s'; the nearest that is known: '%s'. Give a code "
                  "(550, 5.7.1), a provider's token (S3150), a category, the text of a refusal, or "
                  "a mail file",
                  (int)MIN (text.n, 200), text.p ? text.p : "", nearest);
    return false;
}

static void
explain_mail (const struct explain *x, struct dsn_bytes mail, size_t total, const char *name)
{
    const struct dsn_options options = { .limits = dsn_limits_default (), .want_evidence = true };
    struct dsn_report *report = dsn_parse (mail, total, x->rules, &options);
    size_t n = MAX (report->n_recipients, 1);

    for (size_t i = 0; i < n; i++) {
        g_autoptr (dsn_explanation) e =
            dsn_explain_event (x->rules, report, i, dsn_bytes_str (name));
        show (x, e);
    }
    dsn_report_free (report);
}

/* Explains each mail of the file, or its text, if that isn't a mail. */
static bool
explain_file (const struct explain *x, const char *path)
{
    struct input *input = input_new ();
    bool is_ok = input_add (input, path);

    for (size_t i = 0; i < input_count (input); i++) {
        const struct input_mail mail = input_get (input, i);
        g_autofree char *name = input_name (&mail);
        g_autofree char *bytes = NULL;
        size_t n, total;

        if (!input_read (&mail, dsn_limits_default ().mail_bytes, &bytes, &n, &total)) {
            tty_complain ("%s: %s", mail.path, g_strerror (errno));
            is_ok = false;
        } else if (looks_like_mail ((struct dsn_bytes){ bytes, n })) {
            explain_mail (x, (struct dsn_bytes){ bytes, n }, total, name);
        } else {
            is_ok = explain_text (x, (struct dsn_bytes){ bytes, n }) && is_ok;
        }
    }
    input_free (input);
    return is_ok;
}

static bool
is_file (const char *argument)
{
    return strcmp (argument, "-") == 0 || g_file_test (argument, G_FILE_TEST_EXISTS);
}

/* A code goes before a file of that name: ./550 is the file. */
static bool
is_code (const struct explain *x, const char *argument)
{
    g_autoptr (dsn_explanation) e = dsn_explain (x->rules, dsn_bytes_str (argument));

    return e != NULL;
}

/* Several arguments are either codes and files, or the words of one text. */
static bool
explain_all (const struct explain *x, int n, char **arguments)
{
    bool is_text = false, is_ok = true;

    for (int i = 0; i < n; i++)
        is_text |= !is_code (x, arguments[i]) && !is_file (arguments[i]);
    if (is_text && n == 1 && strchr (arguments[0], '/') && !strchr (arguments[0], ' ')) {
        tty_complain ("%s: there's no such file", arguments[0]);
        return false;
    }
    if (is_text) {
        g_autofree char *text = g_strjoinv (" ", arguments);
        return explain_text (x, dsn_bytes_str (text));
    }
    for (int i = 0; i < n; i++)
        is_ok = (is_code (x, arguments[i]) ? explain_text (x, dsn_bytes_str (arguments[i]))
                                           : explain_file (x, arguments[i])) &&
                is_ok;
    return is_ok;
}

int
verb_explain (int argc, char **argv)
{
    gboolean is_json = FALSE, is_all = FALSE;
    g_auto (GStrv) rules = NULL;
    const GOptionEntry entries[] = {
        { "all", 'a', 0, G_OPTION_ARG_NONE, &is_all,
          "All readings, providers, related codes and sources", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &is_json, "One JSON object a line", NULL },
        { "rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rules,
          "Rule file or directory to add (default: " RULEBOOK_DIRECTORY "; '': none)", "PATH" },
        { 0 },
    };
    struct explain x = { .tty = tty_of (stdout) };
    bool is_ok;

    if (!verb_options (&argc, &argv, entries, "CODE|TEXT|FILE...",
                       "Tells what a code, a refusal or a bounce means, why, and what to do."))
        return EXIT_USAGE;
    if (argc < 2) {
        tty_complain ("explain: name a code (550, 5.7.1), the text of a refusal, or a mail file");
        return EXIT_USAGE;
    }
    x.is_json = is_json;
    x.is_all = is_all;
    x.rules = rulebook (rules);
    if (!x.rules)
        return EXIT_FAILED;
    dsn_library_init ();
    is_ok = explain_all (&x, argc - 1, argv + 1);
    dsn_rules_free (x.rules);
    return is_ok ? EXIT_OK : EXIT_FAILED;
}
