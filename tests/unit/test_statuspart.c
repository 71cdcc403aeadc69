/* The machine part of a report, RFC 3464: the fields, and what real reports make of them. */
#include "core/gather/statuspart.h"

#include "prefixes.h"

#include "core/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* named for g_auto */
typedef struct {
    struct dsn_report *report;
    GPtrArray *drafts;
} reading;

static reading
read_part (struct dsn_bytes in, size_t max_recipients)
{
    reading r = { dsn_report_new (), g_ptr_array_new_with_free_func (draft_free) };
    struct dsn_limits limits = dsn_limits_default ();

    limits.recipients_count = max_recipients;
    statuspart_read (in, &limits, r.report, r.drafts);
    return r;
}

static void
reading_clear (reading *r)
{
    dsn_report_free (r->report);
    g_ptr_array_unref (r->drafts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (reading, reading_clear)

static const char *
or_none (const char *text)
{
    return text && *text ? text : "-";
}

/* "final/original/action/status/reply/type/diagnostic" of each recipient, '|' between them. */
static char *
summary (const reading *r)
{
    GString *out = g_string_new (NULL);

    for (guint i = 0; i < r->drafts->len; i++) {
        const struct draft *d = r->drafts->pdata[i];
        char status[DSN_STATUS_TEXT_SIZE];

        dsn_status_format (d->field_status, status);
        g_string_append_printf (
            out, "%s%s/%s/%s/%s/%u/%s/%s", i ? "|" : "", or_none (d->final->str),
            or_none (d->original->str), or_none (dsn_action_names[d->action]), or_none (status),
            d->field_reply, or_none (d->diagnostic_type), or_none (d->diagnostic->str));
    }
    return g_string_free (out, FALSE);
}

#define MTA "Reporting-MTA: dns; mail.example.net\n\n"

static const struct {
    const char *in, *out;
} cases[] = {
    { MTA "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n"
          "Diagnostic-Code: smtp; 550 5.1.1 unknown\n",
      "a@example.net/-/failed/5.1.1/0/smtp/550 5.1.1 unknown" },
    /* names and values without regard to case, no types */
    { "FINAL-RECIPIENT:<a@example.net>\naction:FAILED\nSTATUS:4.2.2\nDIAGNOSTIC-CODE:452 full\n",
      "a@example.net/-/failed/4.2.2/0/-/452 full" },
    /* a system's own field, where no Diagnostic-Code says anything */
    { "Final-Recipient: rfc822; a@example.net\nX-Exim-Diagnostic: X-str; TLS is required\n\n"
      "Final-Recipient: rfc822; b@example.net\nStatus: 5.1.1\n",
      "a@example.net/-/-/-/0/x-str/TLS is required|b@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: rfc822; a@example.net\nDiagnostic-Code: smtp; 550 no\n"
      "X-Supplementary-Info: <mx.example.net #5.1.1 smtp;550 unknown>\n",
      "a@example.net/-/-/-/0/smtp/550 no" },
    { "Final-Recipient: rfc822; a@example.net\n"
      "X-Supplementary-Info: <mx.example.net #5.1.1 smtp;550 unknown>\nX-Diagnosticish: no\n",
      "a@example.net/-/-/-/0/-/<mx.example.net #5.1.1 smtp;550 unknown>" },
    /* several, one empty line between them */
    { MTA "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n\n"
          "Final-Recipient: rfc822; b@example.net\nAction: delayed\nStatus: 4.4.1\n",
      "a@example.net/-/failed/5.1.1/0/-/-|b@example.net/-/delayed/4.4.1/0/-/-" },
    /* more empty lines, and empty lines within a recipient's fields */
    { MTA "\n\nFinal-Recipient: rfc822; a@example.net\n\nAction: failed\n\nStatus: 5.1.1\n\n\n\n"
          "Final-Recipient: rfc822; b@example.net\n\nAction: failed\n\nStatus: 5.2.2\n",
      "a@example.net/-/failed/5.1.1/0/-/-|b@example.net/-/failed/5.2.2/0/-/-" },
    /* no empty line at all */
    { "Reporting-MTA: dns; x.example\nFinal-Recipient: rfc822; a@example.net\nStatus: 5.1.1\n"
      "Final-Recipient: rfc822; b@example.net\nStatus: 5.2.2\n",
      "a@example.net/-/-/5.1.1/0/-/-|b@example.net/-/-/5.2.2/0/-/-" },
    /* the original recipient first, or last */
    { MTA "Original-Recipient: rfc822;a+2Bt@example.net\nFinal-Recipient: rfc822;b@example.net\n"
          "Action: failed\n\nOriginal-Recipient: rfc822;c@example.net\n"
          "Final-Recipient: rfc822;d@example.net\nAction: failed\n",
      "b@example.net/a+t@example.net/failed/-/0/-/-|d@example.net/c@example.net/failed/-/0/-/-" },
    { "Final-Recipient: rfc822;b@example.net\nAction: failed\n"
      "Original-Recipient: rfc822;a@example.net\n",
      "b@example.net/a@example.net/failed/-/0/-/-" },
    { "Original-Recipient: unknown;\nFinal-Recipient: rfc822;b@example.net\nAction: failed\n",
      "b@example.net/-/failed/-/0/-/-" },
    /* status: comments, replies in its place, compact forms */
    { "Final-Recipient: a@example.net\nStatus: 5.1.1 (bad destination mailbox address)\n",
      "a@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: a@example.net\nStatus: 5.1.1;\n", "a@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: a@example.net\nStatus: #5.1.1\n", "a@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: a@example.net\nStatus: 5.01.001.\n", "a@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: a@example.net\nStatus: 511\n", "a@example.net/-/-/5.1.1/0/-/-" },
    { "Final-Recipient: a@example.net\nStatus: 550\n", "a@example.net/-/-/-/550/-/-" },
    { "Final-Recipient: a@example.net\nStatus: 553 Exceeded maximum inbound message size\n",
      "a@example.net/-/-/-/553/-/-" },
    { "Final-Recipient: a@example.net\nStatus: unknown\n", "a@example.net/-/-/-/0/-/-" },
    /* diagnostics: other types, none, an empty first line, several */
    { "Final-Recipient: a@example.net\nDiagnostic-Code: X-Postfix; unknown user: \"a\"\n",
      "a@example.net/-/-/-/0/x-postfix/unknown user: \"a\"" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: x-unix; 75\n",
      "a@example.net/-/-/-/0/x-unix/75" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code:\n smtp; 550 no\n\t(in reply)\n",
      "a@example.net/-/-/-/0/smtp/550 no (in reply)" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: 550 no; really\n",
      "a@example.net/-/-/-/0/-/550 no; really" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: ;550 no\n",
      "a@example.net/-/-/-/0/-/550 no" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: smtp; 554 closing\n"
      "Diagnostic-Code: smtp; 550 5.1.1 unknown\n",
      "a@example.net/-/-/-/0/smtp/550 5.1.1 unknown" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n"
      "Diagnostic-Code: smtp; see above\n",
      "a@example.net/-/-/-/0/smtp/550 5.1.1 unknown" },
    { "Final-Recipient: a@example.net\nDiagnostic-Code: smtp; caf\xe9\n",
      "a@example.net/-/-/-/0/smtp/caf\xc3\xa9" },
    /* RFC 6533 */
    { "Final-Recipient: utf-8; \\x{3042}@example.jp\nAction: failed\n",
      "\xe3\x81\x82@example.jp/-/failed/-/0/-/-" },
    /* recipients that are no addresses */
    { "Final-Recipient: rfc822; nouser\nAction: failed\n", "nouser/-/failed/-/0/-/-" },
    { "Final-Recipient: rfc822;|/usr/bin/prog\nAction: failed\n",
      "|/usr/bin/prog/-/failed/-/0/-/-" },
    { "Final-Recipient:\nAction: failed\nStatus: 5.1.1\n", "-/-/failed/5.1.1/0/-/-" },
    /* other words for the actions */
    { "Final-Recipient: a@example.net\nAction: failure\n", "a@example.net/-/failed/-/0/-/-" },
    { "Final-Recipient: a@example.net\nAction: failed (permanent)\n",
      "a@example.net/-/failed/-/0/-/-" },
    { "Final-Recipient: a@example.net\nAction: relayed\n", "a@example.net/-/relayed/-/0/-/-" },
    { "Final-Recipient: a@example.net\nAction: expanded\n", "a@example.net/-/expanded/-/0/-/-" },
    /* no recipient */
    { MTA, "" },
    { "words\nmore words\n", "" },
    { "X-Foo: a@example.net\n", "" },
    { "", "" },
};

static void
recipients_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_auto (reading) r = read_part (dsn_bytes_str (cases[i].in), 100);
        g_autofree char *out = summary (&r);

        assert_string_equal (out, cases[i].out);
    }
}

/* The same with CRLF, and with an empty line's blanks. */
static void
line_ends_do_not_matter (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_auto (GStrv) lines = g_strsplit (cases[i].in, "\n", -1);
        g_autofree char *crlf = g_strjoinv ("\r\n", lines);
        g_auto (reading) r = read_part (dsn_bytes_str (crlf), 100);
        g_autofree char *out = summary (&r);

        assert_string_equal (out, cases[i].out);
    }
}

static void
message_fields_go_to_the_report (void **state)
{
    g_auto (reading) r = read_part (
        dsn_bytes_str (
            "Reporting-MTA: dns; mail.example.net (Postfix)\n"
            "Original-Envelope-Id: env-1\nArrival-Date: Sat, 21 Nov 2026 09:30:15 (JST)\n"
            "\nFinal-Recipient: rfc822; a@example.net\n"
            "Remote-MTA: dns; mx.example.net (192.0.2.1)\n"
            "Last-Attempt-Date: Sat, 21 Nov 2026 10:00:00 UTC\n"
            "Will-Retry-Until: Sun, 22 Nov 2026 10:00:00 +0100\n"),
        100);
    const struct draft *d = r.drafts->pdata[0];

    (void)state;
    assert_string_equal (r.report->reporting_mta, "mail.example.net");
    assert_string_equal (r.report->envelope_id, "env-1");
    assert_string_equal (r.report->arrival_date, "2026-11-21T00:30:15Z");
    assert_string_equal (d->remote_mta, "mx.example.net");
    assert_string_equal (d->last_attempt, "2026-11-21T10:00:00Z");
    assert_string_equal (d->will_retry_until, "2026-11-22T09:00:00Z");
    assert_null (r.report->warnings);
}

static void
what_is_wrong_is_told (void **state)
{
    g_auto (reading) r = read_part (dsn_bytes_str ("Arrival-Date: yesterday\n\n"
                                                   "Final-Recipient: a@example.net\nAction: hm\n\n"
                                                   "Final-Recipient: b@example.net\n\n"
                                                   "Final-Recipient: c@example.net\n"),
                                    2);

    (void)state;
    assert_int_equal (r.drafts->len, 2);
    assert_null (r.report->arrival_date);
    assert_string_equal (r.report->warnings[0], "bad-date");
    assert_string_equal (r.report->warnings[1], "bad-action");
    assert_string_equal (r.report->warnings[2], "recipients-count");
}

static void
read_one (struct dsn_bytes in, void *data)
{
    g_auto (reading) r = read_part (in, 2);

    (void)data;
    assert_true (r.drafts->len <= 2);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_one, NULL);
}

static int
setup (void **state)
{
    (void)state;
    dsn_library_init ();
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (recipients_of_the_cases),
        cmocka_unit_test (line_ends_do_not_matter),
        cmocka_unit_test (message_fields_go_to_the_report),
        cmocka_unit_test (what_is_wrong_is_told),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
