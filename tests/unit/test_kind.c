/* The signs that header and text leave, and the kind of what is no report. */
#include "core/notice/kind.h"

#include "builtinrules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *rules;

static sign_set
signs_of (const char *text)
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = mail_read (dsn_bytes_str (text), &limits);
    struct notice notice;
    sign_set signs;

    notice_read (&notice, mail->message, rules, &limits);
    notice_finish (&notice, rules);
    signs = kind_signs (mail->message, &notice, format_find (rules, mail->message, &notice));
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
        assert_int_equal (sign_has (signs_of (mail), SIGN_FROM_SYSTEM), cases[i].is_system);
    }
}

static void
mails_have_signs (void **state)
{
    static const struct {
        const char *mail;
        enum sign sign;
        bool is_there;
    } cases[] = {
        { "Return-Path: <>\nSubject: x\n\n", SIGN_NULL_SENDER, true },
        { "Return-Path: <a@example.net>\nSubject: x\n\n", SIGN_NULL_SENDER, false },
        { "Auto-Submitted: auto-generated\nSubject: x\n\n", SIGN_AUTO_SUBMITTED, true },
        { "Auto-Submitted: no\nSubject: x\n\n", SIGN_AUTO_SUBMITTED, false },
        { "X-Failed-Recipients: a@example.net\nSubject: x\n\n", SIGN_BOUNCE_FIELD, true },
        { "Subject: Re: Undelivered Mail\n\n", SIGN_REPLY_SUBJECT, true },
        { "Subject: Re: x\n\n", SIGN_ANSWER, false },
        { "Subject: Re: x\nReferences: <1@example.net>\n\n", SIGN_ANSWER, true },
        { "Subject: Return\n\n", SIGN_REPLY_SUBJECT, false },
        { "Subject: Fwd: Undelivered Mail\n\n", SIGN_FORWARD_SUBJECT, true },
        { "Subject: [list] AW: WG: x\n\n", SIGN_FORWARD_SUBJECT, true },
        { "Subject: [list] AW: WG: x\n\n", SIGN_REPLY_SUBJECT, true },
        { "Subject: =?utf-8?B?6L2s5Y+ROiB4?=\n\n", SIGN_FORWARD_SUBJECT, true },
        { "From: postmaster@example.net\nSubject: Re: x\n\n", SIGN_REPLY_SUBJECT, false },
        { "List-Id: <l.example.net>\nSubject: x\n\n", SIGN_LIST_FIELD, true },
        { "From: postmaster@example.net\nList-Id: <l>\n\n", SIGN_LIST_FIELD, false },
        { "From: postmaster@example.net\nList-Id: <l>\n\n", SIGN_LIST_OF_SYSTEM, true },
        { "From: postmaster@example.net\n\n", SIGN_LIST_OF_SYSTEM, false },
        { "Subject: x\n\n> The mail\n> could not be delivered\n", SIGN_QUOTED, true },
        { "Subject: x\n\nIt could not be delivered\n> Hello\n", SIGN_QUOTED, false },
        { "Subject: x\n\n>>> DATA\nIt could not be delivered\n", SIGN_QUOTED, false },
        { "X-HmXmrOriginalRecipient: a@example.net\nSubject: x\n\n", SIGN_COMPLAINT_FIELD, true },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        if (sign_has (signs_of (cases[i].mail), cases[i].sign) != cases[i].is_there)
            print_error ("%s: %s\n", sign_name (cases[i].sign), cases[i].mail);
        assert_int_equal (sign_has (signs_of (cases[i].mail), cases[i].sign), cases[i].is_there);
    }
}

/* Where a list writes in its own name, the one who really wrote counts; without a list the field
 * says nothing. */
static void
lists_name_the_author (void **state)
{
    static const char munged[] = "From: \"Mailer via List\" <l@example.net>\n"
                                 "X-Original-From: MAILER-DAEMON@mx.example.net\n";
    g_autofree char *listed = g_strconcat (munged, "List-Id: <l.example.net>\n\nx\n", NULL);
    g_autofree char *alone = g_strconcat (munged, "\nx\n", NULL);

    (void)state;
    assert_true (sign_has (signs_of (listed), SIGN_FROM_DAEMON));
    assert_false (sign_has (signs_of (alone), SIGN_FROM_DAEMON));
}

static void
signs_weigh_up_to_a_kind (void **state)
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
        { "From: a@example.net\nSubject: Ticket created by mail\n\nHello\n", DSN_KIND_OTHER },
        { "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\n"
          "Subject: Undelivered Mail Returned to Sender\n\nYour mail could not be delivered.\n",
          DSN_KIND_BOUNCE },
        { "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: Delivery problem\n\n"
          "Your mail could not be delivered yet. We keep trying.\n",
          DSN_KIND_DELAYED },
        { "From: a@example.net\nSubject: Re: Undelivered Mail Returned to Sender\n"
          "In-Reply-To: <1@example.net>\n\nWhat does this mean?\n",
          DSN_KIND_OTHER },
        { "", DSN_KIND_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        assert_int_equal (sign_weigh (signs_of (cases[i].mail)), cases[i].kind);
}

/* The words name the verdict, and each sign with its weight; for no report, too. */
static void
weighing_is_explained (void **state)
{
    g_auto (GStrv) bounce = sign_explain (
        SIGN_BIT (SIGN_FROM_SYSTEM) | SIGN_BIT (SIGN_SAYS_FAILED) | SIGN_BIT (SIGN_REFUSAL_CODE));
    g_auto (GStrv) other = sign_explain (SIGN_BIT (SIGN_SAYS_FAILED));
    g_auto (GStrv) away = sign_explain (SIGN_BIT (SIGN_AUTO_REPLY_SUBJECT));
    g_auto (GStrv) nothing = sign_explain (0);

    (void)state;
    assert_true (g_str_has_prefix (bounce[0], "bounce: a report weighs "));
    assert_non_null (strstr (bounce[1], " from-system"));
    assert_true (g_str_has_prefix (bounce[2], "+") && strstr (bounce[2], " says-failed, bounce +"));
    assert_int_equal (g_strv_length (bounce), 4);
    assert_true (g_str_has_prefix (other[0], "other: a report weighs "));
    assert_int_equal (g_strv_length (other), 2);
    assert_true (g_str_has_prefix (away[0], "auto_reply: auto_reply weighs "));
    assert_int_equal (g_strv_length (nothing), 1);
}

/* Every sign has a row, and the names differ. */
static void
each_sign_weighs_something (void **state)
{
    (void)state;
    for (unsigned s = 0; s < _SIGN_N; s++) {
        g_auto (GStrv) lines = sign_explain (SIGN_BIT (s));
        assert_non_null (sign_name ((enum sign)s));
        assert_non_null (strstr (lines[1], sign_name ((enum sign)s)));
        for (unsigned k = 0; k < s; k++)
            assert_string_not_equal (sign_name ((enum sign)s), sign_name ((enum sign)k));
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
        cmocka_unit_test (senders_that_are_systems), cmocka_unit_test (mails_have_signs),
        cmocka_unit_test (lists_name_the_author),    cmocka_unit_test (signs_weigh_up_to_a_kind),
        cmocka_unit_test (weighing_is_explained),    cmocka_unit_test (each_sign_weighs_something),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
