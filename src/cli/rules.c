/* dsnctl rules: list, show and check the rules. */
#include "rulelist.h"
#include "rulebook.h"
#include "tty.h"
#include "verb.h"

#include <dsnd/event.h>

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
    tty_complain ("there are no records of type '%s': use rule, provider, format, phrases, "
                  "blocklist or code",
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

static void
complain (const struct dsn_rules_error *error, void *data)
{
    (void)data;
    tty_complain ("%s:%u: %s", error->file, error->line, error->message);
}

/* rules lint: that each proof leads to its rule */
static int
lint (const GPtrArray *texts, unsigned n_records)
{
    struct dsn_rules *rules = rulebook_build (texts);
    size_t n_failed;

    if (!rules)
        return EXIT_FAILED;
    n_failed = dsn_rules_lint (rules, complain, NULL);
    dsn_rules_free (rules);
    if (n_failed) {
        tty_complain ("%zu proofs lead elsewhere", n_failed);
        return EXIT_FAILED;
    }
    (void)printf ("%u records, and every proof leads to its rule\n", n_records);
    return EXIT_OK;
}

static int
run (const char *what, const char *argument, const GPtrArray *texts, bool is_json)
{
    g_autoptr (GArray) records = rulelist_new (texts);

    if (strcmp (what, "list") == 0)
        return list (records, argument, is_json);
    if (strcmp (what, "show") == 0 && argument)
        return show (records, argument);
    if (strcmp (what, "lint") == 0 && !argument)
        return lint (texts, records->len);
    tty_complain ("rules: say list [TYPE], show ID, or lint");
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

    if (verb_options (&argc, &argv, entries, "list [TYPE] | show ID | lint",
                      "The rules that verdicts come from.")) {
        g_autoptr (GPtrArray) texts = rulebook_texts (a.rules);
        if (!texts)
            code = EXIT_FAILED;
        else if (argc < 2 || argc > 3)
            tty_complain ("rules: say list [TYPE], show ID, or lint");
        else
            code = run (argv[1], argc > 2 ? argv[2] : NULL, texts, a.is_json);
    }
    g_strfreev (a.rules);
    return code;
}
