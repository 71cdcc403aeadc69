/* Complaints (RFC 5965 and older forms) and disposition notifications (RFC 8098). */
#include "core/gather/complaint.h"

#include "core/rules/ruleset.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *rules;

enum reader { COMPLAINT, DISPOSITION, HEADERS };

/* "address/source ..." of the drafts, then '|' and the feedback type or message id. */
static char *
read_mail_as (enum reader reader, struct dsn_bytes in)
{
    struct dsn_options options = { .limits = dsn_limits_default () };
    struct mail *mail = mail_read (in, &options.limits);
    const struct mail_part *part = mail->message->parts->pdata[0], *last;
    g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func (draft_free);
    struct dsn_report *report = dsn_report_new ();
    GString *out = g_string_new (NULL);

    last = mail->message->parts->pdata[mail->message->parts->len - 1];
    if (reader == COMPLAINT)
        complaint_read (part, last->message ? last->message->fields : NULL, &options, report,
                        drafts);
    else if (reader == DISPOSITION)
        disposition_read (part, &options, report, drafts);
    else
        complaint_read_headers (mail->message, &rules->marks, report, drafts);
    for (guint i = 0; i < drafts->len; i++) {
        const struct draft *d = drafts->pdata[i];
        g_string_append_printf (out, "%s/%s ", d->address->str,
                                dsn_recipient_source_names[d->source]);
    }
    g_string_append_printf (out, "|%s",
                            report->report.feedback_type  ? report->report.feedback_type
                            : report->original.message_id ? report->original.message_id
                                                          : "");
    dsn_report_free (report);
    mail_free (mail);
    return g_string_free (out, FALSE);
}

#define ARF "Subject: x\nContent-Type: message/feedback-report\n\n"
#define MDN "Subject: x\nContent-Type: message/disposition-notification\n\n"
#define WITH_MAIL(fields)                                                                          \
    "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n"           \
    "Content-Type: message/feedback-report\n\n" fields "\n--b\nContent-Type: message/rfc822\n\n"   \
    "From: list@example.com\nTo: U <u@example.net>\nSubject: s\n\nbody\n--b--\n"

static const struct {
    enum reader reader;
    const char *mail, *out;
} cases[] = {
    { COMPLAINT, ARF "Feedback-Type: abuse\nOriginal-Rcpt-To: <u@example.net>\n",
      "u@example.net/report |abuse" },
    { COMPLAINT, ARF "FEEDBACK-TYPE: opt-out\nRemoval-Recipient: rfc822; u@example.net\n",
      "u@example.net/report |opt-out" },
    { COMPLAINT,
      ARF
      "Feedback-Type: abuse\n\nOriginal-Rcpt-To: u@example.net\nOriginal-Rcpt-To: v@example.net\n",
      "u@example.net/report v@example.net/report |abuse" },
    /* the same one by two names */
    { COMPLAINT,
      ARF
      "Feedback-Type: abuse\nOriginal-Rcpt-To: u@example.net\nRemoval-Recipient: U@example.net\n",
      "u@example.net/report |abuse" },
    { COMPLAINT, ARF "Feedback-Type: fraud\nOriginal-Rcpt-To: redacted\n", "|fraud" },
    { COMPLAINT, ARF "\n", "|" },
    { COMPLAINT, WITH_MAIL ("Feedback-Type: abuse\n"), "u@example.net/original |abuse" },
    { COMPLAINT, WITH_MAIL ("Feedback-Type: abuse\nOriginal-Rcpt-To: v@example.net\n"),
      "v@example.net/report |abuse" },
    { DISPOSITION,
      MDN "Final-Recipient: rfc822; u@example.net\nOriginal-Message-ID: <1@example.com>\n",
      "u@example.net/report |<1@example.com>" },
    { DISPOSITION,
      MDN "Original-Recipient: rfc822; o@example.net\nFinal-Recipient: rfc822; u@example.net\n",
      "o@example.net/report |" },
    { DISPOSITION, MDN "Disposition: manual-action; displayed\n", "|" },
    { HEADERS, "Subject: x\nX-HmXmrOriginalRecipient: u@example.net\n\nbody\n",
      "u@example.net/report |abuse" },
    { HEADERS,
      "Subject: complaint about message from 192.0.2.1\nMIME-Version: 1.0\nContent-Type: "
      "message/rfc822\n\nTo: u@example.net\nSubject: s\n\nbody\n",
      "u@example.net/original |abuse" },
    { HEADERS, "Subject: complaint about message from 192.0.2.1\n\nbody\n", "|abuse" },
};

static void
people_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *out = read_mail_as (cases[i].reader, dsn_bytes_str (cases[i].mail));
        assert_string_equal (out, cases[i].out);
    }
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    g_free (read_mail_as (*(const enum reader *)data, in));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].mail), 1, read_prefix, (void *)&cases[i].reader);
}

static void
types_are_stated_or_not (void **state)
{
    static const struct {
        const char *mail;
        bool is_stated;
    } parts[] = {
        { ARF "Feedback-Type: abuse\n", true },
        { ARF "Version: 1\n\nfeedback-type: fraud\n", true },
        { ARF "Feedback-Type:\nVersion: 1\n", false },
        { ARF "Version: 1\n", false },
    };
    struct dsn_options options = { .limits = dsn_limits_default () };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        struct mail *mail = mail_read (dsn_bytes_str (parts[i].mail), &options.limits);
        assert_int_equal (complaint_states_type (mail->message->parts->pdata[0], &options),
                          parts[i].is_stated);
        mail_free (mail);
    }
}

static int
setup (void **state)
{
    (void)state;
    rules = builtin_rules ();
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    dsn_rules_free (rules);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (people_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (types_are_stated_or_not),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
