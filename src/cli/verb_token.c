/* dsnctl token: signed return paths, made and checked by hand, and keys for them. */
#include "cli/read/keyfile.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include "core/event/event.h"
#include "core/returnpath/tokenkeys.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define SECRET_BYTES 32
#define KEY_IDS      "abcdefghijklmnopqrstuvwxyz234567"

struct token_arguments {
    char *key, *tag, *sender, *day, *recipient;
    gboolean is_json;
};

/* "2026-11-21", or today if @text is NULL. */
static bool
read_day (const char *text, uint32_t *ret_day)
{
    g_autoptr (GDateTime) time = NULL;
    g_autofree char *whole = text ? g_strconcat (text, "T00:00:00Z", NULL) : NULL;

    if (!text) {
        *ret_day = keyfile_today ();
        return true;
    }
    if (strlen (text) == 10)
        time = g_date_time_new_from_iso8601 (whole, NULL);
    if (!time || g_date_time_to_unix (time) < 0) {
        tty_complain ("token: '%s' is no day; write it as 2026-11-21", text);
        return false;
    }
    *ret_day = (uint32_t)(g_date_time_to_unix (time) / 86400);
    return true;
}

/* --- make ----------------------------------------------------------------------------------- */

/* token make RECIPIENT: an address for each call, the local part alone if no sender is named. */
static int
make (const struct token_arguments *a, const struct dsn_token_keys *keys, uint32_t day,
      const char *recipient)
{
    const char *sender = a->sender ? a->sender : "bounces";
    const char *at = strrchr (sender, '@');
    const int n = at ? (int)(at - sender) : (int)strlen (sender);
    g_autofree char *prefix =
        g_strdup_printf (n && strchr ("+-", sender[n - 1]) ? "%.*s" : "%.*s+", n, sender);
    g_autofree char *local = dsn_token_make (&keys->keys[0], prefix, recipient, a->tag, day);

    if (!local) {
        tty_complain ("token: can't sign that: the recipient must be one address, the tag at most "
                      "%d letters, digits and '_', and the sender's local part at most %d bytes "
                      "without a tag",
                      DSN_TOKEN_TAG_MAX_BYTES, 64 - 21 - 1);
        return EXIT_FAILED;
    }
    (void)printf ("%s%s\n", local, at ? at : "");
    return EXIT_OK;
}

/* --- check ---------------------------------------------------------------------------------- */

static void
format_day (uint32_t day, char text[16])
{
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc ((gint64)day * 86400);
    g_autofree char *date = g_date_time_format (time, "%Y-%m-%d");

    (void)g_strlcpy (text, date, 16);
}

static void
show_json (GString *out, enum dsn_token_verdict verdict, const struct dsn_token *token,
           const char *day)
{
    g_string_append_printf (out, "{\"token\":\"%s\"", dsn_token_verdict_name (verdict));
    if (verdict == DSN_TOKEN_VALID || verdict == DSN_TOKEN_EXPIRED) {
        g_autofree char *recipient = g_utf8_make_valid (token->recipient, -1);
        g_string_append (out, ",\"recipient\":");
        dsn_json_append_string (out, dsn_bytes_str (recipient));
        if (token->tag[0])
            g_string_append_printf (out, ",\"tag\":\"%s\"", token->tag);
        g_string_append_printf (out, ",\"day\":\"%s\",\"key\":\"%c\"", day, token->key_id);
    }
    g_string_append (out, "}\n");
}

static void
show_text (GString *out, enum dsn_token_verdict verdict, const struct dsn_token *token,
           const char *day, const struct tty *tty)
{
    g_string_append (out, dsn_token_verdict_name (verdict));
    if (verdict == DSN_TOKEN_VALID || verdict == DSN_TOKEN_EXPIRED) {
        g_string_append (out, ": sent to ");
        tty_append_safe (out, dsn_bytes_str (token->recipient), tty->is_utf8);
        g_string_append_printf (out, " on %s, key %c", day, token->key_id);
        if (token->tag[0])
            g_string_append_printf (out, ", tag %s", token->tag);
    }
    g_string_append_c (out, '\n');
}

static int
check (const struct token_arguments *a, const struct dsn_token_keys *keys, uint32_t today,
       const char *address)
{
    const char *const candidates[] = { a->recipient, NULL };
    const struct tty tty = tty_of (stdout);
    g_autoptr (GString) out = g_string_new (NULL);
    struct dsn_token token = { 0 };
    const enum dsn_token_verdict verdict =
        dsn_token_check (keys, today, dsn_bytes_str (address), candidates, &token);
    char day[16];

    format_day (token.day, day);
    if (a->is_json || !tty.is_terminal)
        show_json (out, verdict, &token, day);
    else
        show_text (out, verdict, &token, day, &tty);
    (void)fputs (out->str, stdout);
    return verdict == DSN_TOKEN_VALID ? EXIT_OK : EXIT_FAILED;
}

/* --- new-key -------------------------------------------------------------------------------- */

/* A line for a key file, with a letter that @keys (NULL: there's no file) doesn't use. */
static int
new_key (const struct dsn_token_keys *keys)
{
    uint8_t secret[SECRET_BYTES];
    char used[DSN_TOKEN_KEYS_MAX + 1] = "";

    for (size_t i = 0; keys && i < keys->n; i++)
        used[i] = keys->keys[i].id;
    if (getrandom (secret, sizeof secret, 0) != (ssize_t)sizeof secret) {
        tty_complain ("token: no random numbers: %s", g_strerror (errno));
        return EXIT_FAILED;
    }
    (void)printf ("%c ", KEY_IDS[strspn (KEY_IDS, used)]);
    for (size_t i = 0; i < sizeof secret; i++)
        (void)printf ("%02x", secret[i]);
    (void)printf ("\n");
    explicit_bzero (secret, sizeof secret);
    return EXIT_OK;
}

#define USAGE "make RECIPIENT, check ADDRESS, or new-key"

static int
run (const struct token_arguments *a, int n, char **words)
{
    const char *what = n ? words[0] : "";
    const bool is_new = strcmp (what, "new-key") == 0 && n == 1;
    const bool is_make = strcmp (what, "make") == 0 && n == 2;
    struct dsn_token_keys keys;
    uint32_t day;
    int code;

    if (is_new && !a->key)
        return new_key (NULL);
    if (!is_new && !is_make && !(strcmp (what, "check") == 0 && n == 2)) {
        tty_complain ("token: say " USAGE);
        return EXIT_USAGE;
    }
    if (!read_day (a->day, &day))
        return EXIT_USAGE;
    if (!keyfile_read (a->key ? a->key : KEYFILE_PATH, &keys))
        return EXIT_FAILED;
    code = is_new    ? new_key (&keys)
           : is_make ? make (a, &keys, day, words[1])
                     : check (a, &keys, day, words[1]);
    dsn_token_keys_clear (&keys);
    return code;
}

int
verb_token (int argc, char **argv)
{
    struct token_arguments a = { 0 };
    const GOptionEntry entries[] = {
        { "key", 0, 0, G_OPTION_ARG_FILENAME, &a.key, "Key file (default: " KEYFILE_PATH ")",
          "FILE" },
        { "tag", 0, 0, G_OPTION_ARG_STRING, &a.tag, "make: a campaign or list to sign along",
          "TAG" },
        { "sender", 0, 0, G_OPTION_ARG_STRING, &a.sender,
          "make: the address to extend (default: bounces)", "ADDRESS" },
        { "recipient", 0, 0, G_OPTION_ARG_STRING, &a.recipient,
          "check: who is meant, where the address doesn't carry it", "ADDRESS" },
        { "day", 0, 0, G_OPTION_ARG_STRING, &a.day, "The day it is (default: today, UTC)",
          "YYYY-MM-DD" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &a.is_json, "check: JSON, even on a terminal", NULL },
        { 0 },
    };
    int code = EXIT_USAGE;

    if (verb_options (&argc, &argv, entries, "make RECIPIENT | check ADDRESS | new-key",
                      "Signed return paths, by which a bounce proves that it's one of ours."))
        code = run (&a, argc - 1, argv + 1);
    g_free (a.key);
    g_free (a.tag);
    g_free (a.sender);
    g_free (a.recipient);
    g_free (a.day);
    return code;
}
