/* dsnctl suppressed: may I send to this address, and why not. */
#include "cli/suppressed/suppresslist.h"
#include "cli/suppressed/suppressshow.h"
#include "cli/terminal/verb.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_SUPPRESSED  1
#define EXIT_CANNOT_TELL 2
#define PATIENCE_MS      10000

struct suppressed {
    char *place, *why, *until, *form, *hash; /* owned; NULL: not given */
    gboolean is_json, keeps_hash, is_case_sensitive;
    char *secret;
    struct ledger *ledger;
    struct ledger_options options;
    struct suppressshow show;
};

static int
complain (const GError *error)
{
    tty_complain ("suppressed: %s", error->message);
    return EXIT_CANNOT_TELL;
}

/* The key of @address, told if it has none. */
static char *
key_of (const struct suppressed *s, const char *address)
{
    char *key = store_key (dsn_bytes_str (address), &s->options.keying);

    if (!key)
        tty_complain ("suppressed: %s: this is no address", address);
    return key;
}

static bool
open_store (struct suppressed *s, bool is_read_only)
{
    g_autoptr (GError) error = NULL;

    s->options.is_read_only = is_read_only;
    s->ledger = ledger_open (&s->options, &error);
    if (!s->ledger)
        (void)complain (error);
    return s->ledger != NULL;
}

/* Looks up each address. */
static int
ask (struct suppressed *s, char **addresses)
{
    int code = EXIT_OK;

    if (!open_store (s, true))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        g_autoptr (GError) error = NULL;
        g_autofree char *key = key_of (s, *addresses);
        struct store_state state;
        bool is_forgotten;
        if (!key)
            return EXIT_CANNOT_TELL;
        if (!ledger_find (s->ledger, key, &state, &error) ||
            !ledger_is_forgotten (s->ledger, key, &is_forgotten, &error))
            return complain (error);
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
    if (!open_store (s, true))
        return EXIT_CANNOT_TELL;
    return ledger_each (s->ledger, show_row, s, &error) ? EXIT_OK : complain (error);
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
    if (!open_store (s, true))
        return EXIT_CANNOT_TELL;
    suppresslist_append_header (header, e.form);
    (void)fputs (header->str, stdout);
    return ledger_each (s->ledger, export_row, &e, &error) ? EXIT_OK : complain (error);
}

/* Who is deciding: a login name, or a number. */
static void
name_user (struct store_hand *hand)
{
    const struct passwd *user = getpwuid (getuid ());

    if (user)
        (void)g_strlcpy (hand->who, user->pw_name, sizeof hand->who);
    else
        (void)g_snprintf (hand->who, sizeof hand->who, "%u", getuid ());
    for (char *p = hand->who; *p; p++)
        if (!g_ascii_isgraph (*p))
            *p = '_';
}

/* The decision, without line ends, which would end it in the store. */
static void
fill_hand (const struct suppressed *s, enum store_hand_act act, const char *why,
           struct store_hand *ret)
{
    *ret = (struct store_hand){ .act = act, .at = s->show.now };
    name_user (ret);
    (void)g_strlcpy (ret->why, why, sizeof ret->why);
    for (char *p = ret->why; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
}

/* The end of the day --until in UTC; false after a complaint. */
static bool
read_until (const struct suppressed *s, int64_t *ret)
{
    g_autofree char *text = s->until ? g_strconcat (s->until, "T23:59:59Z", NULL) : NULL;
    g_autoptr (GDateTime) time = text ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

    *ret = time ? g_date_time_to_unix (time) : 0;
    if (!s->until || (time && *ret > s->show.now))
        return true;
    tty_complain ("suppressed: --until takes a day to come, as 2027-01-31");
    return false;
}

static int
decide (struct suppressed *s, char **addresses, enum store_hand_act act)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
    struct store_hand hand;
    int64_t until;

    if (!s->why) {
        tty_complain ("suppressed: --why tells those after you why you decided so");
        return EXIT_CANNOT_TELL;
    }
    if (!read_until (s, &until))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        char *key = key_of (s, *addresses);
        if (!key)
            return EXIT_CANNOT_TELL;
        g_ptr_array_add (keys, key);
    }
    g_ptr_array_add (keys, NULL);
    fill_hand (s, act, s->why, &hand);
    hand.until = act == STORE_HAND_ADD ? until : 0;
    if (!open_store (s, false))
        return EXIT_CANNOT_TELL;
    return ledger_decide (s->ledger, (const char *const *)keys->pdata, &hand, &error)
               ? EXIT_OK
               : complain (error);
}

static int
add (struct suppressed *s, char **addresses)
{
    return decide (s, addresses, STORE_HAND_ADD);
}

static int
lift (struct suppressed *s, char **addresses)
{
    return decide (s, addresses, STORE_HAND_LIFT);
}

struct import {
    const struct suppressed *s;
    GHashTable *reasons; /* reason -> GPtrArray of keys */
    uint64_t n_taken, n_bad;
};

static void
import_row (const char *address, const char *reason, void *data)
{
    struct import *i = data;
    char *key = store_key (dsn_bytes_str (address), &i->s->options.keying);
    GPtrArray *keys = g_hash_table_lookup (i->reasons, reason);

    if (!key) {
        i->n_bad++;
        return;
    }
    if (!keys) {
        keys = g_ptr_array_new_with_free_func (g_free);
        (void)g_hash_table_insert (i->reasons, g_strdup (reason), keys);
    }
    g_ptr_array_add (keys, key);
    i->n_taken++;
}

/* Enters the addresses of each reason together. */
static bool
enter_import (struct suppressed *s, struct import *i, const char *file, GError **error)
{
    GHashTableIter iter;
    gpointer reason, keys;

    g_hash_table_iter_init (&iter, i->reasons);
    while (g_hash_table_iter_next (&iter, &reason, &keys)) {
        g_autofree char *valid = g_utf8_make_valid (reason, -1);
        g_autofree char *why = g_strdup_printf ("imported from %s: %s", file, valid);
        struct store_hand hand;
        g_ptr_array_add (keys, NULL);
        fill_hand (s, STORE_HAND_ADD, s->why ? s->why : why, &hand);
        if (!ledger_decide (s->ledger, (const char *const *)((GPtrArray *)keys)->pdata, &hand,
                            error))
            return false;
    }
    return true;
}

static int
import_file (struct suppressed *s, char **files)
{
    g_autoptr (GHashTable) reasons =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    struct import i = { .s = s, .reasons = reasons };
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    gsize n;

    if (files[1]) {
        tty_complain ("suppressed: import takes one file");
        return EXIT_CANNOT_TELL;
    }
    if (!g_file_get_contents (*files, &text, &n, &error))
        return complain (error);
    suppresslist_read ((struct dsn_bytes){ text, n }, import_row, &i);
    if (!open_store (s, false))
        return EXIT_CANNOT_TELL;
    if (!enter_import (s, &i, *files, &error))
        return complain (error);
    (void)printf ("%" G_GUINT64_FORMAT " addresses imported", i.n_taken);
    (void)printf (i.n_bad ? ", %" G_GUINT64_FORMAT " passed over: no addresses\n" : "\n", i.n_bad);
    return EXIT_OK;
}

static int
forget (struct suppressed *s, char **addresses)
{
    g_autoptr (GError) error = NULL;

    if (!open_store (s, false))
        return EXIT_CANNOT_TELL;
    for (; *addresses; addresses++) {
        g_autofree char *key = key_of (s, *addresses);
        if (!key)
            return EXIT_CANNOT_TELL;
        if (!ledger_forget (s->ledger, key, s->keeps_hash, &error))
            return complain (error);
    }
    return EXIT_OK;
}

static const struct {
    const char *name;
    int (*run) (struct suppressed *s, char **rest);
    bool needs_arguments;
} acts[] = {
    { "list", list, false },         { "add", add, true },
    { "lift", lift, true },          { "import", import_file, true },
    { "export", export_all, false }, { "forget", forget, true },
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
        (void)complain (error);
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
