/* dsnctl suppressed: may I send to this address, and why not. */
#include "cli/suppressed/suppressed.h"
#include "cli/suppressed/suppresshand.h"
#include "cli/suppressed/suppresslist.h"
#include "cli/terminal/verb.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 10000

/* Looks up each address. */
static int
ask (struct suppressed *s, char **addresses)
{
    int code = EXIT_OK;

    if (!suppressed_open (s, true))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        g_autoptr (GError) error = NULL;
        g_autofree char *key = suppressed_key (s, *addresses);
        struct store_state state;
        bool is_forgotten;
        if (!key)
            return EXIT_CANNOT_TELL;
        if (!ledger_find (s->ledger, key, &state, &error) ||
            !ledger_is_forgotten (s->ledger, key, &is_forgotten, &error))
            return suppressed_complain (error);
        suppressshow (&s->show, s->ledger, *addresses, key, &state, is_forgotten);
        if (is_forgotten || store_state_judge (&state, &s->options.policy, s->show.now).standing ==
                                STORE_SUPPRESSED)
            code = EXIT_SUPPRESSED;
    }
    return code;
}

static bool
show_row (const struct ledger_row *row, void *data)
{
    const struct suppressed *s = data;

    if (store_state_judge (&row->state, &s->options.policy, s->show.now).standing != STORE_OK)
        suppressshow (&s->show, NULL, row->key, row->key, &row->state, false);
    return true;
}

static int
list (struct suppressed *s, char **rest)
{
    g_autoptr (GError) error = NULL;

    (void)rest;
    if (!suppressed_open (s, true))
        return EXIT_CANNOT_TELL;
    return ledger_each (s->ledger, show_row, s, &error) ? EXIT_OK : suppressed_complain (error);
}

struct export
{
    const struct suppressed *s;
    enum suppresslist_form form;
};

static bool
export_row (const struct ledger_row *row, void *data)
{
    const struct export *e = data;
    const struct store_verdict v =
        store_state_judge (&row->state, &e->s->options.policy, e->s->show.now);
    g_autoptr (GString) line = g_string_new (NULL);

    if (v.standing == STORE_SUPPRESSED) {
        suppresslist_append (line, e->form, row->key, v.reason, v.since, v.until);
        (void)fputs (line->str, stdout);
    }
    return true;
}

static int
export_all (struct suppressed *s, char **rest)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) header = g_string_new (NULL);
    struct export e = { .s = s };

    (void)rest;
    if (!suppresslist_form (s->form ? s->form : "csv", &e.form)) {
        tty_complain ("suppressed: there's no format '%s': choose csv, ses or sendgrid", s->form);
        return EXIT_CANNOT_TELL;
    }
    if (!suppressed_open (s, true))
        return EXIT_CANNOT_TELL;
    suppresslist_append_header (header, e.form);
    (void)fputs (header->str, stdout);
    return ledger_each (s->ledger, export_row, &e, &error) ? EXIT_OK : suppressed_complain (error);
}

static const struct {
    const char *name;
    int (*run) (struct suppressed *s, char **rest);
    bool needs_arguments;
} acts[] = {
    { "list", list, false },
    { "add", suppresshand_add, true },
    { "lift", suppresshand_lift, true },
    { "import", suppresshand_import, true },
    { "export", export_all, false },
    { "forget", suppresshand_forget, true },
};

static int
choose (struct suppressed *s, int argc, char **argv)
{
    if (argc < 2) {
        tty_complain ("suppressed: name an ADDRESS, or list, add, lift, import, export or forget");
        return EXIT_CANNOT_TELL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS (acts); i++)
        if (strcmp (acts[i].name, argv[1]) == 0) {
            if (acts[i].needs_arguments == (argc > 2))
                return acts[i].run (s, argv + 2);
            tty_complain (acts[i].needs_arguments ? "suppressed: %s: what?"
                                                  : "suppressed: %s takes nothing more",
                          argv[1]);
            return EXIT_CANNOT_TELL;
        }
    return ask (s, argv + 1);
}

static bool
read_hash (struct suppressed *s)
{
    g_autoptr (GError) error = NULL;

    if (!s->hash)
        return true;
    if (!g_file_get_contents (s->hash, &s->secret, NULL, &error)) {
        (void)suppressed_complain (error);
        return false;
    }
    s->secret[strcspn (s->secret, "\r\n")] = '\0';
    return true;
}

static int
run (struct suppressed *s, int argc, char **argv)
{
    if (!read_hash (s))
        return EXIT_CANNOT_TELL;
    s->options = (struct ledger_options){
        .place = s->place ? s->place : LEDGER_DEFAULT_PATH,
        .keying = { s->is_case_sensitive, dsn_bytes_str (s->secret) },
        .policy = store_policy_default,
        .patience_ms = PATIENCE_MS,
    };
    s->show.tty = tty_of (stdout);
    s->show.is_json = s->is_json;
    s->show.now = g_get_real_time () / G_USEC_PER_SEC;
    return choose (s, argc, argv);
}

int
verb_suppressed (int argc, char **argv)
{
    struct suppressed s = { 0 };
    const GOptionEntry entries[] = {
        { "store", 0, 0, G_OPTION_ARG_FILENAME, &s.place,
          "The store (default: " LEDGER_DEFAULT_PATH ")", "PATH" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &s.is_json, "A line of JSON for each address", NULL },
        { "why", 0, 0, G_OPTION_ARG_STRING, &s.why, "add, lift, import: the reason, for others",
          "TEXT" },
        { "until", 0, 0, G_OPTION_ARG_STRING, &s.until, "add: up to this day (default: for good)",
          "YYYY-MM-DD" },
        { "format", 0, 0, G_OPTION_ARG_STRING, &s.form, "export: csv, ses, sendgrid", "FORMAT" },
        { "keep-hash", 0, 0, G_OPTION_ARG_NONE, &s.keeps_hash,
          "forget: keep a digest that suppresses for good", NULL },
        { "case-sensitive", 0, 0, G_OPTION_ARG_NONE, &s.is_case_sensitive,
          "As the relay's CaseSensitive=yes", NULL },
        { "hash", 0, 0, G_OPTION_ARG_FILENAME, &s.hash, "As the relay's Hash=FILE", "FILE" },
        { 0 },
    };
    int code = EXIT_CANNOT_TELL;

    if (verb_options (
            &argc, &argv, entries,
            "ADDRESS... | list | add ADDRESS... | lift ADDRESS... | import FILE | export | "
            "forget ADDRESS...",
            "Whether an address may be mailed: exit status 0 if so, 1 if it is suppressed, 2 if "
            "that can't be told."))
        code = run (&s, argc, argv);
    ledger_close (s.ledger);
    g_free (s.place);
    g_free (s.why);
    g_free (s.until);
    g_free (s.form);
    g_free (s.hash);
    g_free (s.secret);
    return code;
}
