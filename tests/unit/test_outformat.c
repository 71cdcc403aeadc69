/* Events in other tools' words: what each key says, which events have no record, and that nothing
 * that may be forged takes anybody off a list.
 */
#include "formats/outformat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/event/taxonomy.h"

#define BOUNCE                                                                                     \
    "\"kind\":\"bounce\",\"action\":\"failed\",\"recipient\":\"a@example.org\",\"status\":"        \
    "\"5.1.1\",\"reply_code\":\"550\",\"category\":\"bad_mailbox\",\"class\":\"hard\",\"advice\":" \
    "\"suppress\""

/* A case holds if the record of @format for the event {@event} has @text at @path, "a.b" or
 * "a.0.b"; NULL for a key that isn't there. */
static const struct {
    const char *format, *event, *path, *text;
} cases[] = {
    { "sisimai", BOUNCE, "reason", "\"userunknown\"" },
    { "sisimai", BOUNCE, "softbounce", "0" },
    { "sisimai", BOUNCE, "hardbounce", "1" },
    { "sisimai", BOUNCE, "deliverystatus", "\"5.1.1\"" },
    { "sisimai", BOUNCE, "replycode", "\"550\"" },
    { "sisimai", BOUNCE, "diagnostictype", "\"SMTP\"" },
    { "sisimai", BOUNCE, "smtpagent", "\"RFC3464\"" },
    { "sisimai", BOUNCE, "catch", "\"\"" },
    { "sisimai", BOUNCE, "addresser", "\"\"" },
    { "sisimai", BOUNCE, "timestamp", "0" },
    { "sisimai", BOUNCE, "destination", "\"example.org\"" },
    { "sisimai", BOUNCE ",\"final_recipient\":\"b@example.net\"", "recipient",
      "\"b@example.net\"" },
    { "sisimai", BOUNCE ",\"final_recipient\":\"b@example.net\"", "alias", "\"a@example.org\"" },
    { "sisimai", BOUNCE ",\"final_recipient\":\"A@Example.org\"", "alias", "\"\"" },
    /* the report says b, but we sent to a */
    { "sisimai",
      BOUNCE ",\"final_recipient\":\"b@example.net\",\"recipient_source\":\"return_path\"",
      "recipient", "\"a@example.org\"" },
    { "sisimai", BOUNCE ",\"format\":\"exchange\"", "smtpagent", "\"Exchange2007\"" },
    { "sisimai", BOUNCE ",\"format\":\"nobody-knows\"", "decodedby", "\"RFC3464\"" },
    { "sisimai", BOUNCE ",\"smtp_command\":\"CONNECT\"", "smtpcommand", "\"CONN\"" },
    { "sisimai", BOUNCE ",\"smtp_command\":\"EOM\"", "command", "\"DATA\"" },
    { "sisimai", BOUNCE ",\"smtp_command\":\"RCPT\"", "smtpcommand", "\"RCPT\"" },
    { "sisimai", BOUNCE ",\"diagnostic_type\":\"x-unix\"", "diagnostictype", "\"X-UNIX\"" },
    { "sisimai", BOUNCE ",\"remote_ip\":\"192.0.2.1\"", "rhost", "\"192.0.2.1\"" },
    { "sisimai", BOUNCE ",\"original\":{\"message_id\":\"<1@example.com>\"}", "messageid",
      "\"1@example.com\"" },
    { "sisimai", BOUNCE ",\"original\":{\"from\":\"s@example.com\"}", "senderdomain",
      "\"example.com\"" },
    { "sisimai", BOUNCE ",\"report\":{\"date\":\"2026-11-20T10:05:00Z\"}", "timestamp",
      "1795169100" },
    { "sisimai", BOUNCE ",\"last_attempt\":\"1970-01-01T01:00:01+01:00\"", "timestamp", "1" },
    { "sisimai", BOUNCE ",\"time\":\"1970-01-01T00:00:02.500Z\"", "timestamp", "2" },
    /* as libsisimai-perl 4.25 has it for the same mail */
    { "sisimai",
      BOUNCE ",\"final_recipient\":\"nouser@rcpt.example.net\",\"original\":{\"from\":"
             "\"bounces@example.com\"},\"report\":{\"date\":\"2026-11-21T21:03:59Z\"}",
      "token", "\"6c0243c194128b514a21d11ea47d1734e15496f5\"" },
    { "sisimai", BOUNCE ",\"source\":{\"file\":\"-\"}", "origin", "\"<STDIN>\"" },
    { "sisimai",
      "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"unknown\",\"class\":\"soft\"",
      "softbounce", "-1" },
    { "sisimai", "\"kind\":\"bounce\",\"recipient\":\"a\"", "reason", "\"undefined\"" },
    { "sisimai",
      "\"kind\":\"delayed\",\"recipient\":\"a\",\"category\":\"mailbox_full\",\"class\":\"soft\"",
      "softbounce", "1" },
    { "sisimai",
      "\"kind\":\"complaint\",\"recipient\":\"a\",\"report\":{\"feedback_type\":\"Abuse\"}",
      "feedbacktype", "\"abuse\"" },
    { "sisimai", "\"kind\":\"complaint\",\"recipient\":\"a\"", "reason", "\"feedback\"" },
    { "sisimai", "\"kind\":\"auto_reply\",\"recipient\":\"a\"", "reason", "\"vacation\"" },
    { "sisimai", "\"kind\":\"auto_reply\",\"recipient\":\"a\"", "softbounce", "-1" },

    { "ses", BOUNCE, "notificationType", "\"Bounce\"" },
    { "ses", BOUNCE, "eventType", NULL },
    { "ses", BOUNCE, "bounce.bounceType", "\"Permanent\"" },
    { "ses", BOUNCE, "bounce.bounceSubType", "\"NoEmail\"" },
    { "ses", BOUNCE, "bounce.bouncedRecipients.0.emailAddress", "\"a@example.org\"" },
    { "ses", BOUNCE, "bounce.bouncedRecipients.0.status", "\"5.1.1\"" },
    { "ses", BOUNCE, "bounce.bouncedRecipients.0.diagnosticCode", NULL },
    { "ses", BOUNCE ",\"id\":\"ab-1\"", "bounce.feedbackId", "\"ab-1\"" },
    { "ses", BOUNCE ",\"reporting_mta\":\"mx.example.org\"", "bounce.reportingMTA",
      "\"dns; mx.example.org\"" },
    { "ses", BOUNCE, "mail.destination.0", "\"a@example.org\"" },
    { "ses", BOUNCE ",\"original\":{\"message_id\":\"<0102-3@eu-west-1.amazonses.com>\"}",
      "mail.messageId", "\"0102-3\"" },
    { "ses", BOUNCE ",\"original\":{\"message_id\":\"eu-west-1.amazonses.com\"}", "mail.messageId",
      "\"eu-west-1.amazonses.com\"" },
    { "ses", BOUNCE ",\"return_path\":{\"address\":\"b+1@example.com\"}", "mail.source",
      "\"b+1@example.com\"" },
    { "ses", BOUNCE ",\"diagnostic\":\"550 no\"", "bounce.bouncedRecipients.0.diagnosticCode",
      "\"smtp; 550 no\"" },
    { "ses", BOUNCE ",\"diagnostic\":\"no\",\"diagnostic_type\":\"x-unix\"",
      "bounce.bouncedRecipients.0.diagnosticCode", "\"x-unix; no\"" },
    { "ses", BOUNCE ",\"report\":{\"date\":\"2026-11-20T10:05:00Z\"}", "bounce.timestamp",
      "\"2026-11-20T10:05:00.000Z\"" },
    { "ses", BOUNCE ",\"time\":\"2026-11-20T10:05:00.250Z\"", "bounce.timestamp",
      "\"2026-11-20T10:05:00.250Z\"" },
    { "ses", BOUNCE ",\"original\":{\"date\":\"2026-11-20T10:05:00Z\"}", "mail.commonHeaders.date",
      "\"Fri, 20 Nov 2026 10:05:00 +0000\"" },
    /* permanent is what is to be suppressed, and nothing else */
    { "ses",
      "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"mailbox_full\",\"class\":\"hard\","
      "\"advice\":\"suppress\"",
      "bounce.bounceType", "\"Permanent\"" },
    { "ses",
      "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"bad_mailbox\",\"class\":\"hard\","
      "\"advice\":\"review\"",
      "bounce.bounceType", "\"Transient\"" },
    { "ses",
      "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"unknown\",\"advice\":\"suppress\"",
      "bounce.bounceType", "\"Undetermined\"" },
    { "ses",
      "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"bad_mailbox\",\"class\":\"soft\"",
      "bounce.bounceType", "\"Transient\"" },
    { "ses", "\"kind\":\"bounce\",\"recipient\":\"a\"", "bounce.bounceType", "\"Undetermined\"" },
    { "ses", "\"kind\":\"complaint\",\"recipient\":\"a\"",
      "complaint.complainedRecipients.0.emailAddress", "\"a\"" },
    { "ses", "\"kind\":\"complaint\",\"recipient\":\"a\"", "complaint.complaintSubType", "null" },
    { "ses", "\"kind\":\"delivered\",\"action\":\"relayed\",\"recipient\":\"a\"",
      "delivery.recipients.0", "\"a\"" },
    { "ses", "\"kind\":\"delayed\",\"recipient\":\"a\",\"category\":\"mailbox_full\"",
      "deliveryDelay.delayType", "\"MailboxFull\"" },
    { "ses", "\"kind\":\"delayed\",\"recipient\":\"a\"", "deliveryDelay.delayType",
      "\"Undetermined\"" },
    { "ses", "\"kind\":\"delayed\",\"recipient\":\"a\"", "notificationType", NULL },
    { "ses", "\"kind\":\"delayed\",\"recipient\":\"a\"", "eventType", "\"DeliveryDelay\"" },

    { "kumomta", BOUNCE, "type", "\"OOB\"" },
    { "kumomta", BOUNCE, "bounce_classification", "\"InvalidRecipient\"" },
    { "kumomta", BOUNCE, "meta.bounce_cat", "\"bad-mailbox\"" },
    { "kumomta", BOUNCE, "response.code", "550" },
    { "kumomta", BOUNCE, "response.enhanced_code.detail", "1" },
    { "kumomta", BOUNCE ",\"smtp_command\":\"RCPT\"", "response.command", "\"RCPT TO\"" },
    { "kumomta", BOUNCE, "peer_address", "null" },
    { "kumomta", BOUNCE ",\"source\":{\"size\":77}", "size", "77" },
    { "kumomta", "\"kind\":\"delayed\",\"recipient\":\"a@b\",\"status\":\"4.x\"",
      "response.enhanced_code", "null" },
    { "kumomta", "\"kind\":\"delayed\",\"recipient\":\"a@b\"", "type", "\"TransientFailure\"" },
    { "kumomta", "\"kind\":\"delivered\",\"recipient\":\"a@b\"", "type", "\"Delivery\"" },
    { "kumomta", "\"kind\":\"complaint\",\"recipient\":\"a@b\"",
      "feedback_report.original_rcpto_to.0", "\"a@b\"" },
    { "kumomta", "\"kind\":\"complaint\",\"recipient\":\"a@b\"", "feedback_report.version",
      "\"\"" },
    { "kumomta", BOUNCE, "num_attempts", "0" },
    { "kumomta", BOUNCE, "headers", "{}" },
    { "kumomta", BOUNCE, "nodeid", "null" },
    { "kumomta", BOUNCE, "created_time", NULL },
    { "kumomta", BOUNCE ",\"last_attempt\":\"2026-11-20T11:05:00+01:00\"", "event_time",
      "\"2026-11-20T10:05:00Z\"" },
    { "kumomta", BOUNCE ",\"id\":\"0123abcd-2\"", "id", "\"0123abcd\"" },
    { "kumomta", BOUNCE ",\"id\":\"0123abcd-2\"", "meta.dsnd_id", "\"0123abcd-2\"" },
    { "kumomta", BOUNCE ",\"reporting_mta\":\"r\",\"remote_mta\":\"m\"", "peer_address.name",
      "\"r\"" },
    { "kumomta", BOUNCE ",\"remote_mta\":\"m\"", "peer_address.addr", "\"0.0.0.0\"" },
    { "kumomta", BOUNCE ",\"diagnostic\":\"550 5.1.1 no such user\"", "response.content",
      "\"no such user\"" },
    { "kumomta", BOUNCE ",\"diagnostic\":\"550-5.1.1 no such 550 5.1.1 user\"", "response.content",
      "\"no such user\"" },
    { "kumomta", BOUNCE ",\"diagnostic\":\"550 limit of 550 mails\"", "response.content",
      "\"limit of 550 mails\"" },
    { "kumomta", BOUNCE ",\"diagnostic\":\"550\"", "response.content", "\"550\"" },
    { "kumomta", BOUNCE ",\"diagnostic\":\"5501 no\"", "response.content", "\"5501 no\"" },
    { "kumomta", "\"kind\":\"complaint\",\"recipient\":\"a@b\"", "bounce_classification",
      "\"Uncategorized\"" },

    /* what may be forged is told, but as nothing to act on */
    { "sisimai", BOUNCE ",\"trust\":\"suspect\"", "reason", "\"undefined\"" },
    { "sisimai", BOUNCE ",\"trust\":\"suspect\"", "softbounce", "-1" },
    { "sisimai", BOUNCE ",\"trust\":\"suspect\"", "hardbounce", "0" },
    { "sisimai", BOUNCE ",\"trust\":\"verified\"", "softbounce", "0" },
    { "ses", BOUNCE ",\"trust\":\"suspect\"", "bounce.bounceType", "\"Undetermined\"" },
    { "kumomta", BOUNCE ",\"trust\":\"suspect\"", "bounce_classification", "\"Uncategorized\"" },
};

static const struct {
    const char *format, *event;
} without[] = {
    { "sisimai", "" },
    { "sisimai", "\"kind\":\"bounce\"" },
    { "sisimai", "\"kind\":\"delivered\",\"recipient\":\"a\"" },
    { "sisimai", "\"kind\":\"other\",\"recipient\":\"a\"" },
    { "sisimai", "\"kind\":\"complaint\",\"recipient\":\"a\",\"trust\":\"suspect\"" },
    { "ses", "\"kind\":\"bounce\"" },
    { "ses", "\"kind\":\"auto_reply\",\"recipient\":\"a\"" },
    { "ses", "\"kind\":\"delivered\",\"action\":\"expanded\",\"recipient\":\"a\"" },
    { "ses", "\"kind\":\"complaint\",\"recipient\":\"a\",\"trust\":\"suspect\"" },
    { "kumomta", "\"kind\":\"unprocessable\"" },
    { "kumomta", "\"kind\":\"bounce\",\"recipient\":5" },
    { "kumomta", "\"kind\":\"delivered\",\"action\":\"expanded\",\"recipient\":\"a\"" },
    { "kumomta", "\"kind\":\"complaint\",\"recipient\":\"a\",\"trust\":\"suspect\"" },
};

/* The record for the event {@members}, NULL if there's none. */
static json_t *
render (const char *format, const char *members)
{
    g_autofree char *event = g_strconcat ("{", members, "}", NULL);
    g_autoptr (GString) out = g_string_new (NULL);
    const bool has_record =
        outformat_append (outformat_lookup (format), out, dsn_bytes_str (event));
    json_t *record = has_record ? json_loadb (out->str, out->len, 0, NULL) : NULL;

    assert_int_equal (has_record, record != NULL);
    assert_int_equal (has_record, out->len > 0);
    assert_null (strchr (out->str, '\n'));
    return record;
}

static char *
text_at (const json_t *json, const char *path)
{
    g_auto (GStrv) keys = g_strsplit (path, ".", -1);

    for (char **key = keys; *key && json; key++)
        json = json_is_array (json) ? json_array_get (json, (size_t)g_ascii_digit_value (**key))
                                    : json_object_get (json, *key);
    return json ? json_dumps (json, JSON_ENCODE_ANY) : NULL;
}

static void
keys_say_what_they_should (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        json_t *record = render (cases[i].format, cases[i].event);
        char *text = text_at (record, cases[i].path);
        if (g_strcmp0 (text, cases[i].text) != 0)
            fail_msg ("%s of %s: %s is %s, not %s", cases[i].format, cases[i].event, cases[i].path,
                      text, cases[i].text);
        free (text);
        json_decref (record);
    }
}

static void
some_events_have_no_record (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (without); i++)
        assert_null (render (without[i].format, without[i].event));
    assert_null (outformat_lookup ("nonsense"));
}

/* Every category has a name in each format, and SES's has two parts. */
static void
every_category_has_its_words (void **state)
{
    (void)state;
    for (unsigned c = 1; c < dsn_category_count (); c++) {
        const struct dsn_category *row = dsn_category_get (c);
        g_autofree char *event = g_strdup_printf (
            "\"kind\":\"bounce\",\"recipient\":\"a\",\"category\":\"%s\",\"class\":\"%s\"",
            row->name, dsn_class_names[row->cls]);
        g_autofree char *expected = g_strdup_printf ("\"%s\"", row->sisimai);
        json_t *sisimai = render ("sisimai", event), *ses = render ("ses", event);
        char *reason = text_at (sisimai, "reason"), *sub = text_at (ses, "bounce.bounceSubType");
        assert_string_equal (reason, expected);
        assert_non_null (sub);
        free (reason);
        free (sub);
        json_decref (sisimai);
        json_decref (ses);
    }
}

static void
what_is_no_event_is_harmless (void **state)
{
    static const char event[] = "{" BOUNCE ",\"original\":[1],\"report\":{\"date\":\"x\"},"
                                "\"source\":3,\"format\":{},\"diagnostic\":\"\\u001b[2J\"}";
    static const char *const names[] = { "sisimai", "ses", "kumomta" };

    (void)state;
    for (size_t f = 0; f < G_N_ELEMENTS (names); f++)
        for (size_t n = 0; n < sizeof event; n++) {
            g_autofree char *copy = n ? g_memdup2 (event, n) : NULL;
            g_autoptr (GString) out = g_string_new ("before");
            const bool has_record =
                outformat_append (outformat_lookup (names[f]), out, (struct dsn_bytes){ copy, n });
            assert_int_equal (has_record, n == sizeof event - 1);
            assert_int_equal (has_record, out->len > strlen ("before"));
            assert_null (strchr (out->str, '\033'));
        }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (keys_say_what_they_should),
        cmocka_unit_test (some_events_have_no_record),
        cmocka_unit_test (every_category_has_its_words),
        cmocka_unit_test (what_is_no_event_is_harmless),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
