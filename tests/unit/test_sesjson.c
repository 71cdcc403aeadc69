/* Amazon SES's JSON: what each kind of notification becomes, what isn't one, every prefix.
 */
#include "core/gather/sesjson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define MAIL                                                                                       \
    "\"mail\":{\"timestamp\":\"2026-01-05T10:00:00.000Z\",\"messageId\":\"0102-ab\","              \
    "\"source\":\"sender@example.com\",\"destination\":[\"a@example.net\",\"b@example.net\"]"
#define HEAD                                                                                       \
    ",\"commonHeaders\":{\"from\":[\"S <sender@example.com>\"],\"to\":[\"a@example.net\"],"        \
    "\"messageId\":\"<id@example.com>\",\"subject\":\"A\\nletter\"}"
#define MESSAGE "Original-Envelope-Id: 0102-ab\nArrival-Date: 2026-01-05T10:00:00.000Z\n"
#define HEADER                                                                                     \
    "From: S <sender@example.com>\nTo: a@example.net\nSubject: A letter\nMessage-ID: "             \
    "<id@example.com>\n"
#define BOUNCE                                                                                     \
    "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\","                   \
    "\"bounceSubType\":\"General\",\"reportingMTA\":\"dns; mta.example.org\","                     \
    "\"bouncedRecipients\":[{\"emailAddress\":\"a@example.net\",\"action\":\"failed\","            \
    "\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 no\"},"                             \
    "{\"emailAddress\":\"b@example.net\"}]}," MAIL HEAD "}}"

static const struct {
    const char *in;
    enum dsn_kind kind; /* NONE: it isn't a notification */
    const char *status, *header, *words;
} cases[] = {
    { BOUNCE "\n\n--\nIf you wish to stop receiving notifications", DSN_KIND_BOUNCE,
      "Reporting-MTA: dns; mta.example.org\n" MESSAGE
      "\nFinal-Recipient: a@example.net\nAction: failed\nStatus: 5.1.1\n"
      "Diagnostic-Code: smtp; 550 5.1.1 no\n\nFinal-Recipient: b@example.net\nAction: failed\n",
      HEADER, "bounceType: Permanent, bounceSubType: General" },
    { "{\"Type\":\"Notification\",\"Message\":\"{\\\"eventType\\\":\\\"Delivery\\\","
      "\\\"delivery\\\":{\\\"smtpResponse\\\":\\\"250 "
      "ok\\\",\\\"recipients\\\":[\\\"a@b.example\\\"]"
      "},\\\"mail\\\":{\\\"headers\\\":[{\\\"name\\\":\\\"Message-ID\\\",\\\"value\\\":\\\"<x@y>"
      "\\\"},{\\\"name\\\":\\\"a b\\\",\\\"value\\\":\\\"c\\\"}]}}\"}",
      DSN_KIND_DELIVERED,
      "\nFinal-Recipient: a@b.example\nAction: delivered\nDiagnostic-Code: 250 ok\n",
      "Message-ID: <x@y>\n", "" },
    { "{\"eventType\":\"DeliveryDelay\",\"deliveryDelay\":{\"delayType\":\"MailboxFull\","
      "\"expirationTime\":\"2026-01-06T10:00:00.000Z\",\"delayedRecipients\":[{\"emailAddress\":"
      "\"a@example.net\",\"status\":\"4.2.2\"}]},\"mail\":{}}",
      DSN_KIND_DELAYED,
      "\nFinal-Recipient: a@example.net\nAction: delayed\nStatus: 4.2.2\n"
      "Will-Retry-Until: 2026-01-06T10:00:00.000Z\n",
      "", "delayType: MailboxFull" },
    { "{\"eventType\":\"Reject\",\"reject\":{\"reason\":\"Bad content\"}," MAIL "}}",
      DSN_KIND_BOUNCE,
      MESSAGE "\nFinal-Recipient: a@example.net\nAction: failed\n"
              "\nFinal-Recipient: b@example.net\nAction: failed\n",
      "", "reason: Bad content" },
    { "{\"notificationType\":\"Complaint\",\"complaint\":{\"complaintFeedbackType\":\"abuse\","
      "\"complainedRecipients\":[{\"emailAddress\":\"a@example.net\"}]},\"mail\":\n{}}",
      DSN_KIND_COMPLAINT, "\nFinal-Recipient: a@example.net\n", "", "" },
    { "{\"eventType\":\"Open\",\"open\":{},\"mail\":{}}", DSN_KIND_OTHER, "", "", "" },
    { "{\"notificationType\":\"Bounce\",\"bounce\":[],\"mail\":{}}", DSN_KIND_OTHER, "", "", "" },
    { "{\"notificationType\":\"Bounce\",\"bounce\":{}}", DSN_KIND_NONE, NULL, NULL, NULL },
    { "{\"Message\":\"hello\"}", DSN_KIND_NONE, NULL, NULL, NULL },
    { "{\"Message\":{}}", DSN_KIND_NONE, NULL, NULL, NULL },
    { "[" BOUNCE "]", DSN_KIND_NONE, NULL, NULL, NULL },
    { "Dear sender, " BOUNCE, DSN_KIND_NONE, NULL, NULL, NULL },
    { "{", DSN_KIND_NONE, NULL, NULL, NULL },
    { "", DSN_KIND_NONE, NULL, NULL, NULL },
};

static void
cases_come_out (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct sesjson ses;
        if (!sesjson_read (dsn_bytes_str (cases[i].in), 200, 10, &ses)) {
            assert_int_equal (cases[i].kind, DSN_KIND_NONE);
            continue;
        }
        assert_int_equal (ses.kind, cases[i].kind);
        assert_string_equal (ses.status->str, cases[i].status);
        assert_string_equal (ses.header->str, cases[i].header);
        assert_string_equal (ses.words->str, cases[i].words);
        assert_string_equal (ses.feedback_type->str, ses.kind == DSN_KIND_COMPLAINT ? "abuse" : "");
        sesjson_clear (&ses);
    }
}

static void
bounds_hold (void **state)
{
    g_autoptr (GString) deep = g_string_new ("{\"a\":");
    g_autoptr (GString) big = g_string_new (BOUNCE);
    struct sesjson ses;

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        g_string_append_c (deep, '[');
    assert_false (sesjson_read ((struct dsn_bytes){ deep->str, deep->len }, 200, 10, &ses));
    assert_true (sesjson_read ((struct dsn_bytes){ big->str, big->len }, 8, 1, &ses));
    assert_non_null (strstr (ses.status->str, "Status: 5.1.1\n"));
    assert_null (strstr (ses.status->str, "b@exampl"));
    assert_non_null (strstr (ses.header->str, "Subject: A letter\n"));
    sesjson_clear (&ses);
    while (big->len <= SESJSON_MAX_BYTES)
        g_string_append_c (big, 'x');
    assert_false (sesjson_read ((struct dsn_bytes){ big->str, big->len }, 8, 1, &ses));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        for (size_t n = 0; n < strlen (cases[i].in); n++) {
            g_autofree char *copy = g_memdup2 (cases[i].in, n); /* NULL for 0 bytes */
            struct sesjson ses;
            if (sesjson_read ((struct dsn_bytes){ copy, n }, 200, 10, &ses)) {
                assert_int_equal (ses.kind, cases[i].kind);
                sesjson_clear (&ses);
            }
        }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (cases_come_out),
        cmocka_unit_test (bounds_hold),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
