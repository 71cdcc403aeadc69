/* A program of the first libdsn: compiled with the headers beside it, it must run with every later
 * library of the same soname. It calls each function that they declare. Reads a mail from standard
 * input, tells what it says.
 */
#include <dsn/dsn.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[] = {
    "id",
    "kind",
    "action",
    "recipient",
    "status",
    "category",
    "class",
    "fault",
    "advice",
    "reply_code",
    "rule",
    "reporting_mta",
    "original.subject",
    "original.message_id",
    "trust",
};

static const char key_file[] = "k 000102030405060708090a0b0c0d0e0f\n";

static void
tell (const struct dsn_events *events, size_t i)
{
    const char *item;
    char *json;

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        const char *text = dsn_events_text (events, i, texts[k]);
        printf ("%s: %s\n", texts[k], text ? text : "-");
    }
    printf ("confidence: %d\n", dsn_events_number (events, i, "confidence"));
    for (size_t k = 0; (item = dsn_events_item (events, i, "evidence", k)); k++)
        printf ("evidence: %s\n", item);
    json = dsn_events_json (events, i);
    assert (json[0] == '{');
    dsn_free (json);
}

static struct dsn_reader *
make_reader (const struct dsn_keys *keys)
{
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;
    char *error = NULL;

    dsn_settings_add_rules (settings, "own", dsn_bytes_str ("rule\n"));
    assert (!dsn_reader_new (settings, &error) && strncmp (error, "own:1:", 6) == 0);
    dsn_free (error);
    dsn_settings_free (settings);
    settings = dsn_settings_new ();
    assert (dsn_settings_set_limit (settings, "mail_bytes", 500000));
    assert (!dsn_settings_set_limit (settings, "nothing", 1));
    dsn_settings_set_evidence (settings, true);
    dsn_settings_add_original_header (settings, "Date");
    dsn_settings_add_envelope_header (settings, "Delivered-To");
    assert (!dsn_settings_add_envelope_template (settings, ""));
    dsn_settings_set_keys (settings, keys);
    dsn_settings_set_keys (settings, NULL);
    reader = dsn_reader_new (settings, NULL);
    dsn_settings_free (settings);
    assert (reader && dsn_reader_ruleset (reader)[0]);
    return reader;
}

static void
try_keys (const struct dsn_keys *keys)
{
    char *local = dsn_keys_sign (keys, "b+", "user@example.net", NULL, 20000);
    char *recipient = NULL, *tag = NULL;

    assert (strcmp (dsn_keys_check (keys, 20000, dsn_bytes_str (local), NULL, &recipient, &tag),
                    "valid") == 0);
    printf ("signed: %s for %s\n", local, recipient);
    dsn_free (local);
    dsn_free (recipient);
    dsn_free (tag);
}

static void
read_mail (const struct dsn_reader *reader, struct dsn_bytes mail)
{
    struct dsn_events *events = dsn_reader_read (reader, mail, 20000);
    char *lines = dsn_reader_read_json (reader, mail, 20000);

    assert (strchr (lines, '\n'));
    for (size_t i = 0; i < dsn_events_count (events); i++)
        tell (events, i);
    dsn_events_free (events);
    dsn_free (lines);
}

int
main (void)
{
    static char mail[65536];
    const size_t n = fread (mail, 1, sizeof mail, stdin);
    struct dsn_keys *keys = dsn_keys_new (dsn_bytes_str (key_file), NULL);
    struct dsn_reader *reader;
    char *meaning;

    dsn_init ();
    assert (dsn_version ()[0] && dsn_schema_version () >= 1 && n);
    assert (keys && dsn_keys_set_window (keys, 10));
    try_keys (keys);
    reader = make_reader (keys);
    read_mail (reader, (struct dsn_bytes){ mail, n });
    meaning = dsn_reader_explain_json (reader, dsn_bytes_str ("5.1.1"));
    assert (strstr (meaning, "5.1.1"));
    dsn_free (meaning);
    dsn_reader_free (reader);
    dsn_keys_free (keys);
    return 0;
}
