/* dsnctl rules: list, show and try the rules. */
#include "cli/rules/rulelist.h"
#include "cli/read/rulebook.h"
#include "cli/rules/ruletest.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include "core/event/event.h"
#include "core/parse.h"

#include <string.h>

struct rules_arguments {
    gboolean is_json;
    char **rules; /* paths */
};

static bool
is_text (struct dsn_bytes in, const char *text)
{
    return in.n == strlen (text) && memcmp (in.p, text, in.n) == 0;
}

static void
append_pair (GString *out, const char *key, struct dsn_bytes value)
{
    if (!value.n)
        return;
    g_string_append_printf (out, "%s\"%s\":", out->str[out->len - 1] == '{' ? "" : ",", key);
    dsn_json_append_string (out, value);
}

static void
print_record (const struct rulelist_record *r, bool is_json)
{
    g_autoptr (GString) line = g_string_new (NULL);

    if (is_json) {
        g_string_append_c (line, '{');
        append_pair (line, "type", r->type);
        append_pair (line, "id", r->id);
        append_pair (line, "says", r->says);
        append_pair (line, "file", dsn_bytes_str (r->file));
        g_string_append_printf (line, ",\"line\":%u%s}", r->line,
                                r->is_replaced ? ",\"replaced\":true" : "");
    } else {
        g_string_append_printf (line, "%-9.*s %-36.*s %-24.*s %s:%u%s", (int)r->type.n, r->type.p,
                                (int)r->id.n, r->id.p, (int)r->says.n, r->says.n ? r->says.p : "",
                                r->file, r->line, r->is_replaced ? " (replaced)" : "");
    }
    (void)puts (line->str);
}

/* rules list [TYPE] */
static int
list (const GArray *records, const char *type, bool is_json)
{
    unsigned n = 0;

    for (unsigned i = 0; i < records->len; i++) {
        const struct rulelist_record *r = &g_array_index (records, struct rulelist_record, i);
        if (type && !is_text (r->type, type))
            continue;
        print_record (r, is_json);
        n++;
    }
    if (n || !type)
        return EXIT_OK;
    tty_complain ("there are no records of type '%s': use rule, provider, format, phrases, marks, "
                  "blocklist, code or policy",
                  type);
    return EXIT_FAILED;
}

/* rules show ID: the records with that id, as they're written */
static int
show (const GArray *records, const char *id)
{
    unsigned n = 0;

    for (unsigned i = 0; i < records->len; i++) {
        const struct rulelist_record *r = &g_array_index (records, struct rulelist_record, i);
        if (!is_text (r->id, id))
            continue;
        (void)printf ("%s# %s:%u%s\n%.*s\n", n ? "\n" : "", r->file, r->line,
                      r->is_replaced ? " (replaced by a later one)" : "", (int)r->text.n,
                      r->text.p);
        n++;
    }
    if (n)
        return EXIT_OK;
    tty_complain ("there's no rule '%s': dsnctl rules list names them all", id);
    return EXIT_FAILED;
}

/* rules lint: the proofs of the rules added, or of the built-in ones if none are. */
static int
lint (const GPtrArray *texts)
{
    struct dsn_rules *rules = rulebook_build (texts, NULL);
    size_t n = rules ? ruletest_lint (rules, texts) : 0;
    bool is_ok;

    if (rules && !n)
        (void)printf ("%s: every proof leads to its rule\n", dsn_rules_version (rules));
    if (n)
        tty_complain ("%zu rules have a proof that doesn't lead to them", n);
    is_ok = rules && !n;
    dsn_rules_free (rules);
    return is_ok ? EXIT_OK : EXIT_FAILED;
}

/* rules test FILE [MAIL...]: the file's own proofs, and what it changes in the verdicts on mails.
 */
static int
test (const GPtrArray *texts, char **arguments)
{
    char *file[] = { arguments[0], NULL };
    g_autoptr (GPtrArray) added = rulebook_texts (file);
    struct dsn_rules *before = NULL, *after = NULL;
    size_t n = 0;
    bool is_ok = false;

    if (!added)
        return EXIT_FAILED;
    before = rulebook_build (texts, NULL);
    after = before ? rulebook_build (texts, added) : NULL;
    if (after) {
        n = ruletest_lint (after, added);
        is_ok = n == 0;
        (void)printf ("%s: %s\n", arguments[0],
                      is_ok ? "it can be read, and each proof leads to its rule"
                            : "some proofs don't lead to their rule");
        if (arguments[1])
            is_ok = ruletest_compare (before, after, arguments + 1) && is_ok;
    }
    dsn_rules_free (before);
    dsn_rules_free (after);
    return is_ok ? EXIT_OK : EXIT_FAILED;
}

#define USAGE "list [TYPE], show ID, lint, or test FILE [MAIL...]"

static int
run (int n, char **arguments, const GPtrArray *texts, bool is_json)
{
    const char *what = n ? arguments[0] : "";

    if (strcmp (what, "lint") == 0 && n == 1)
        return lint (texts);
    if (strcmp (what, "test") == 0 && n > 1)
        return test (texts, arguments + 1);
    if (n == 1 || n == 2) {
        g_autoptr (GArray) records = rulelist_new (texts);
        if (strcmp (what, "list") == 0)
            return list (records, arguments[1], is_json);
        if (strcmp (what, "show") == 0 && n == 2)
            return show (records, arguments[1]);
    }
    tty_complain ("rules: say " USAGE);
    return EXIT_USAGE;
}

int
verb_rules (int argc, char **argv)
{
    struct rules_arguments a = { 0 };
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &a.is_json, "list: JSON lines", NULL },
        { "rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.rules,
          "Rule file or directory to add (default: " RULEBOOK_DIRECTORY "; '': none)", "PATH" },
        { 0 },
    };
    int code = EXIT_USAGE;

    if (verb_options (&argc, &argv, entries, "list [TYPE] | show ID | lint | test FILE [MAIL...]",
                      "The rules that verdicts come from: to list, to read, and to try.")) {
        g_autoptr (GPtrArray) texts = rulebook_texts (a.rules);
        dsn_library_init ();
        code = texts ? run (argc - 1, argv + 1, texts, a.is_json) : EXIT_FAILED;
    }
    g_strfreev (a.rules);
    return code;
}
