/* libdsn as programs see it: only <dsn/dsn.h>, and events.h's table to be complete.
 */
#include <dsn/dsn.h>

#include "core/event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char mail_text[] =
    "From: MAILER-DAEMON@mx.example.org\r\n"
    "Subject: Undelivered Mail\r\n"
    "Message-ID: <r1@mx.example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nNobody of that name.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.example.org\r\n\r\n"
    "Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
    "Final-Recipient: rfc822; b@example.com\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n"
    "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "From: s@example.net\r\nTo: a@example.com\r\nSubject: Letter\r\nX-Campaign: spring\r\n\r\n"
    "--b--\r\n";

static struct dsn_bytes
mail (void)
{
    return (struct dsn_bytes){ mail_text, sizeof mail_text - 1 };
}

static struct dsn_reader *
reader_with (const struct dsn_settings *settings)
{
    char *error = NULL;
    struct dsn_reader *reader = dsn_reader_new (settings, &error);

    assert_null (error);
    assert_non_null (reader);
    return reader;
}

static void
test_events (void **state)
{
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;
    struct dsn_events *events;

    (void)state;
    dsn_settings_add_original_header (settings, "X-Campaign");
    dsn_settings_set_evidence (settings, true);
    assert_false (dsn_settings_set_structure (settings, "both"));
    assert_true (dsn_settings_set_structure (settings, "gmime"));
    assert_true (dsn_settings_set_structure (settings, "auto"));
    reader = reader_with (settings);
    dsn_settings_free (settings);
    events = dsn_reader_read (reader, mail (), 0);
    assert_int_equal (dsn_events_count (events), 2);
    assert_string_equal (dsn_events_text (events, 0, "kind"), "bounce");
    assert_string_equal (dsn_events_text (events, 1, "kind"), "delayed");
    assert_string_equal (dsn_events_text (events, 0, "recipient"), "a@example.com");
    assert_string_equal (dsn_events_text (events, 0, "category"), "bad_mailbox");
    assert_string_equal (dsn_events_text (events, 0, "reply_code"), "550");
    assert_int_equal (dsn_events_number (events, 0, "reply_code"), 550);
    assert_null (dsn_events_text (events, 1, "reply_code"));
    assert_int_equal (dsn_events_number (events, 1, "reply_code"), -1);
    assert_in_range (dsn_events_number (events, 0, "confidence"), 1, 100);
    assert_string_equal (dsn_events_text (events, 1, "original.subject"), "Letter");
    assert_string_equal (dsn_events_text (events, 0, "original.headers.x-campaign"), "spring");
    assert_non_null (dsn_events_item (events, 0, "evidence", 0));
    assert_null (dsn_events_item (events, 0, "evidence", 1000));
    assert_non_null (strstr (dsn_events_text (events, 1, "id"), "-2"));
    assert_string_equal (dsn_events_text (events, 0, "ruleset"), dsn_reader_ruleset (reader));
    dsn_events_free (events);
    dsn_reader_free (reader);
}

static void
test_asked_wrongly (void **state)
{
    static const char *const keys[] = {
        "",          ".",       "recip",       "recipients",       "original",
        "original.", "subject", "recipient.x", "original.headers", "original.headers.",
        "evidence"
    };
    struct dsn_reader *reader = reader_with (NULL);
    struct dsn_events *events = dsn_reader_read (reader, mail (), 0);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
        assert_null (dsn_events_text (events, 0, keys[i]));
        assert_int_equal (dsn_events_number (events, 0, keys[i]), -1);
        assert_null (dsn_events_item (events, 0, keys[i], 0));
    }
    assert_null (dsn_events_text (events, 2, "recipient"));
    assert_null (dsn_events_text (events, 2, "id"));
    assert_null (dsn_events_text (events, SIZE_MAX, "kind"));
    assert_null (dsn_events_json (events, 2));
    assert_null (dsn_events_item (events, 0, "recipient", 0));
    dsn_events_free (events);
    dsn_reader_free (reader);
}

/* What a mail with nothing in it gives, and one cut at each byte. */
static void
test_any_bytes (void **state)
{
    struct dsn_reader *reader = reader_with (NULL);

    (void)state;
    for (size_t n = 0; n < sizeof mail_text; n++) {
        struct dsn_events *events = dsn_reader_read (reader, dsn_bytes_sub (mail (), 0, n), 0);

        assert_true (dsn_events_count (events) >= 1);
        assert_non_null (dsn_events_text (events, 0, "kind"));
        dsn_events_free (events);
    }
    dsn_reader_free (reader);
}

static void
test_json (void **state)
{
    struct dsn_reader *reader = reader_with (NULL);
    struct dsn_events *events = dsn_reader_read (reader, mail (), 0);
    char *lines = dsn_reader_read_json (reader, mail (), 0);
    g_auto (GStrv) split = g_strsplit (lines, "\n", -1);

    (void)state;
    assert_int_equal (g_strv_length (split), 3);
    for (size_t i = 0; i < 2; i++) {
        char *one = dsn_events_json (events, i);

        assert_string_equal (one, split[i]);
        dsn_free (one);
    }
    assert_string_equal (split[2], "");
    dsn_free (lines);
    dsn_events_free (events);
    dsn_reader_free (reader);
}

static void
test_rules (void **state)
{
    static const char wrong[] = "rule x\n  nonsense\n";
    static const char right[] = "rule ours.letter\ntext \"nobody of that name\"\nsays policy\n"
                                "proof \"nobody of that name\"\n";
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;
    char *error = NULL;

    (void)state;
    dsn_settings_add_rules (settings, "mine.rules", dsn_bytes_str (wrong));
    assert_null (dsn_reader_new (settings, NULL));
    assert_null (dsn_reader_new (settings, &error));
    assert_non_null (g_str_has_prefix (error, "mine.rules:2:") ? error : NULL);
    dsn_free (error);
    dsn_settings_free (settings);

    settings = dsn_settings_new ();
    dsn_settings_add_rules (settings, "mine.rules", dsn_bytes_str (right));
    error = NULL;
    reader = dsn_reader_new (settings, &error);
    if (!reader)
        fail_msg ("%s", error);
    assert_non_null (strstr (dsn_reader_ruleset (reader), "+1"));
    dsn_reader_free (reader);
    dsn_settings_free (settings);
}

static void
test_limits (void **state)
{
    static const struct {
        const char *name;
        size_t value;
        bool is_right;
    } cases[] = {
        { "mail_bytes", 300, true },       { "mail_bytes", 0, false },
        { "mail_bytes", SIZE_MAX, false }, { "mime_depth", 64, true },
        { "mime_depth", 10000, false },    { "line_bytes", 100, true },
        { "nothing", 1, false },           { "", 1, false },
    };
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;
    struct dsn_events *events;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        assert_int_equal (dsn_settings_set_limit (settings, cases[i].name, cases[i].value),
                          cases[i].is_right);
    reader = reader_with (settings);
    events = dsn_reader_read (reader, mail (), 0);
    assert_string_equal (dsn_events_item (events, 0, "warnings", 0), "truncated");
    dsn_events_free (events);
    dsn_reader_free (reader);
    dsn_settings_free (settings);
}

static void
test_keys (void **state)
{
    static const char text[] = "k 000102030405060708090a0b0c0d0e0f\n";
    struct dsn_keys *keys = dsn_keys_new (dsn_bytes_str (text), NULL);
    char *error = NULL, *recipient = NULL, *tag = NULL, *local;
    g_autofree char *address = NULL;

    (void)state;
    assert_non_null (keys);
    assert_null (dsn_keys_new (dsn_bytes_str ("# none\nk 00\n"), &error));
    assert_non_null (strstr (error, "line 2"));
    dsn_free (error);
    assert_false (dsn_keys_set_window (keys, 0));
    assert_false (dsn_keys_set_window (keys, 3651));
    assert_true (dsn_keys_set_window (keys, 7));
    local = dsn_keys_sign (keys, "bounces+", "user@example.net", "may", 20000);
    assert_non_null (local);
    address = g_strconcat (local, "@example.org", NULL);
    assert_string_equal (
        dsn_keys_check (keys, 20007, dsn_bytes_str (address), NULL, &recipient, &tag), "valid");
    assert_string_equal (recipient, "user@example.net");
    assert_string_equal (tag, "may");
    assert_string_equal (dsn_keys_check (keys, 20008, dsn_bytes_str (address), NULL, NULL, NULL),
                         "expired");
    assert_string_equal (
        dsn_keys_check (keys, 20000, dsn_bytes_str ("x@example.org"), NULL, NULL, NULL), "absent");
    dsn_free (recipient);
    dsn_free (tag);
    dsn_free (local);
    dsn_keys_free (keys);
    dsn_keys_free (NULL);
}

/* The trust of a report is what the reader's keys say, and the day that it's read on. */
static void
test_trust (void **state)
{
    static const char text[] = "k 000102030405060708090a0b0c0d0e0f\n";
    struct dsn_keys *keys = dsn_keys_new (dsn_bytes_str (text), NULL);
    char *local = dsn_keys_sign (keys, "bounces+", "a@example.com", NULL, 20000);
    g_autofree char *signed_mail =
        g_strdup_printf ("Delivered-To: %s@example.org\r\nFrom: postmaster@mx.example.com\r\n"
                         "Subject: failure\r\n\r\n<a@example.com>: 550 5.1.1 no such user\r\n",
                         local);
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;

    (void)state;
    dsn_settings_add_envelope_header (settings, "Delivered-To");
    dsn_settings_set_keys (settings, keys);
    reader = reader_with (settings);
    for (unsigned late = 0; late < 2; late++) {
        struct dsn_events *events =
            dsn_reader_read (reader, dsn_bytes_str (signed_mail), 20000 + late * 1000);

        assert_string_equal (dsn_events_text (events, 0, "trust"), late ? "suspect" : "verified");
        dsn_events_free (events);
    }
    dsn_reader_free (reader);
    dsn_settings_free (settings);
    dsn_free (local);
    dsn_keys_free (keys);
}

/* A template of one's own takes the place of the usual forms, and what can't be one is refused. */
static void
test_envelope_template (void **state)
{
    static const char mail[] =
        "Delivered-To: lists/kim/example.org@example.com\r\nFrom: postmaster@mx.example.com\r\n"
        "Subject: failure notice\r\n\r\nYour message could not be delivered.\r\n"
        "550 5.1.1 no such user\r\n";
    struct dsn_settings *settings = dsn_settings_new ();
    struct dsn_reader *reader;
    struct dsn_events *events;

    (void)state;
    assert_false (dsn_settings_add_envelope_template (settings, "no place for a recipient"));
    dsn_settings_add_envelope_header (settings, "Delivered-To");
    assert_true (dsn_settings_add_envelope_template (settings, "lists/{user}/{domain}"));
    reader = reader_with (settings);
    events = dsn_reader_read (reader, dsn_bytes_str (mail), 20000);
    assert_int_equal (dsn_events_count (events), 1);
    assert_string_equal (dsn_events_text (events, 0, "recipient"), "kim@example.org");
    dsn_events_free (events);
    dsn_reader_free (reader);
    dsn_settings_free (settings);
}

static void
test_explain (void **state)
{
    struct dsn_reader *reader = reader_with (NULL);
    char *json = dsn_reader_explain_json (reader, dsn_bytes_str ("5.1.1"));

    (void)state;
    assert_non_null (strstr (json, "\"code\":\"5.1.1\""));
    dsn_free (json);
    json = dsn_reader_explain_json (reader, dsn_bytes_str ("550 mailbox full"));
    assert_non_null (strstr (json, "\"kind\":\"text\""));
    dsn_free (json);
    assert_null (dsn_reader_explain_json (reader, dsn_bytes_str ("")));
    dsn_reader_free (reader);
}

/* Each key of the table is found by its name, and by no other's. */
static void
test_all_keys (void **state)
{
    struct dsn_reader *reader = reader_with (NULL);
    struct dsn_events *events = dsn_reader_read (reader, mail (), 0);
    char *json = dsn_events_json (events, 0);
    size_t n, n_stated = 0;
    const struct dsn_field *fields = dsn_event_fields (&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        g_autofree char *key = fields[i].group
                                   ? g_strconcat (fields[i].group, ".", fields[i].key, NULL)
                                   : g_strdup (fields[i].key);
        const char *text = dsn_events_text (events, 0, key);
        g_autofree char *in_json = g_strdup_printf ("\"%s\":\"%s\"", fields[i].key, text);

        if (!text || fields[i].type == DSN_FIELD_PAIRS)
            continue;
        n_stated++;
        /* angle brackets and the like stand in JSON as they are */
        assert_non_null (strstr (json, in_json));
    }
    assert_true (n_stated > 15);
    dsn_free (json);
    dsn_events_free (events);
    dsn_reader_free (reader);
}

static void
test_version (void **state)
{
    (void)state;
    assert_string_equal (dsn_version (), DSND_VERSION);
    assert_int_equal (dsn_schema_version (), DSN_EVENT_SCHEMA_VERSION);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_events),
        cmocka_unit_test (test_asked_wrongly),
        cmocka_unit_test (test_any_bytes),
        cmocka_unit_test (test_json),
        cmocka_unit_test (test_rules),
        cmocka_unit_test (test_limits),
        cmocka_unit_test (test_keys),
        cmocka_unit_test (test_trust),
        cmocka_unit_test (test_envelope_template),
        cmocka_unit_test (test_explain),
        cmocka_unit_test (test_all_keys),
        cmocka_unit_test (test_version),
    };

    dsn_init ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
