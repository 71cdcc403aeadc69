/* The signs that header and text leave, and the kind of what is no report. */
#include "core/notice/kind.h"

#include "builtinrules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *rules;

static struct kind_signs
signs_of (const char *text)
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = mail_read (dsn_bytes_str (text), &limits);
    struct notice notice;
    struct kind_signs signs;

    notice_read (&notice, mail->message, rules, &limits);
    notice_finish (&notice, rules);
    signs = kind_signs (mail->message, &notice);
    notice_clear (&notice);
    mail_free (mail);
    return signs;
}

static void
senders_that_are_systems (void **state)
{
    static const struct {
        const char *from;
        bool is_system;
    } cases[] = {
        { "From: MAILER-DAEMON@example.net", true },
        { "From: Mail Delivery System <x@example.net>", true },
        { "From: =?utf-8?q?Mail_Delivery_System?= <x@example.net>", true },
        { "From: postmaster@example.net", true },
        { "From: \"Post\" <a@example.net>", false },
        { "From: support@example.net", false },
        { "From: root@example.net", false },
        { "Sender: MAILER-DAEMON@example.net", false },
        { "From:", false },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *mail = g_strdup_printf ("%s\nSubject: x\n\nbody\n", cases[i].from);
        assert_int_equal (signs_of (mail).is_from_system, cases[i].is_system);
    }
}

static void
fields_are_signs (void **state)
{
    (void)state;
    assert_true (signs_of ("Return-Path: <>\nSubject: x\n\n").is_null_sender);
    assert_false (signs_of ("Return-Path: <a@example.net>\nSubject: x\n\n").is_null_sender);
    assert_false (signs_of ("Subject: x\n\n").is_null_sender);
    assert_true (signs_of ("Auto-Submitted: auto-generated\nSubject: x\n\n").is_auto);
    assert_false (signs_of ("Auto-Submitted: no\nSubject: x\n\n").is_auto);
    assert_true (signs_of ("X-Failed-Recipients: a@example.net\nSubject: x\n\n").has_failed_field);
    assert_true (signs_of ("Subject: Re: Undelivered Mail\n\n").is_reply);
    assert_true (signs_of ("Subject: Fwd: Undelivered Mail\n\n").is_forward);
    assert_false (signs_of ("Subject: Return\n\n").is_reply);
}

/* The score tells reports from mail about reports. */
static void
scores_rank_mails (void **state)
{
    struct kind_signs bounce = signs_of ("Return-Path: <>\nFrom: MAILER-DAEMON@example.net\n"
                                         "Subject: Undelivered Mail Returned to Sender\n\n"
                                         "Your message could not be delivered.\n");
    struct kind_signs question = signs_of ("Return-Path: <a@example.net>\nFrom: a@example.net\n"
                                           "Subject: Re: Undelivered Mail Returned to Sender\n\n"
                                           "What does this mean?\n");
    struct kind_signs lunch = signs_of ("From: a@example.net\nSubject: lunch\n\nAt one?\n");

    (void)state;
    assert_true (bounce.has_bounce_subject && bounce.says_failed);
    assert_true (kind_report_score (&bounce) >= 4);
    assert_true (kind_report_score (&question) < 2);
    assert_int_equal (kind_report_score (&lunch), 0);
}

static void
what_is_no_report_has_a_kind (void **state)
{
    static const struct {
        const char *mail;
        enum dsn_kind kind;
    } cases[] = {
        { "From: a@example.net\nSubject: lunch\n\nAt one?\n", DSN_KIND_OTHER },
        { "From: a@example.net\nAuto-Submitted: auto-replied\nSubject: x\n\nI'm away.\n",
          DSN_KIND_AUTO_REPLY },
        { "From: a@example.net\nX-Autoreply: yes\nSubject: x\n\nI'm away.\n", DSN_KIND_AUTO_REPLY },
        { "From: a@example.net\nSubject: Out of office\n\nI'm away.\n", DSN_KIND_AUTO_REPLY },
        { "From: a@example.net\nSubject: unsubscribe\n\n", DSN_KIND_UNSUBSCRIBE },
        { "", DSN_KIND_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct kind_signs signs = signs_of (cases[i].mail);
        assert_int_equal (kind_without_report (&signs), cases[i].kind);
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
        cmocka_unit_test (senders_that_are_systems),
        cmocka_unit_test (fields_are_signs),
        cmocka_unit_test (scores_rank_mails),
        cmocka_unit_test (what_is_no_report_has_a_kind),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
