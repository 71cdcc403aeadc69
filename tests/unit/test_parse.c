/* dsn_parse() as a whole: any prefix of a mail gives a report, line ends don't matter, the limits
 * hold and are told. What each fixture says is another test's (fixtures/expected.tsv). */
#include "core/event/event.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

/* Bytes between two prefixes; DSND_PREFIX_STEP=7 is the thorough run. */
#define DEFAULT_STEP 499

static struct dsn_rules *rules;

static struct dsn_report *
parse (struct dsn_bytes mail)
{
    static const char *const asked[] = { "X-Token", NULL };
    static const char *const envelope[] = { "Delivered-To", NULL };
    struct dsn_options options = { dsn_limits_default (), asked, envelope, true };

    return dsn_parse (mail, mail.n, rules, &options);
}

/* All events of the mail, a line each. (transfer full) */
static char *
events (struct dsn_bytes mail)
{
    struct dsn_report *report = parse (mail);
    GString *out = g_string_new (NULL);

    for (size_t i = 0; i < dsn_event_count (report); i++) {
        struct dsn_event_context context = { .mail_id = "00" };
        dsn_event_append_json (out, report, i, &context);
        g_string_append_c (out, '\n');
    }
    assert_true (g_utf8_validate (out->str, (gssize)out->len, NULL));
    dsn_report_free (report);
    return g_string_free (out, FALSE);
}

/* Calls @check with each mail below the directory of fixtures. */
static size_t
each_fixture (const char *dir, void (*check) (const char *name, struct dsn_bytes))
{
    g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
    const char *name;
    size_t n = 0;

    while (d && (name = g_dir_read_name (d))) {
        g_autofree char *path = g_build_filename (dir, name, NULL);
        g_autofree char *text = NULL;
        gsize length = 0;

        if (g_file_test (path, G_FILE_TEST_IS_DIR))
            n += each_fixture (path, check);
        else if (g_str_has_suffix (name, ".eml") &&
                 g_file_get_contents (path, &text, &length, NULL)) {
            check (name, (struct dsn_bytes){ text, length });
            n++;
        }
    }
    return n;
}

/* @in with every line end, LF or CRLF, replaced. (transfer full) */
static GString *
with_line_ends (struct dsn_bytes in, const char *end)
{
    GString *out = g_string_sized_new (in.n * 2);

    for (size_t i = 0; i < in.n; i++)
        if (in.p[i] == '\n')
            g_string_append (out, end);
        else if (in.p[i] != '\r' || i + 1 == in.n || in.p[i + 1] != '\n')
            g_string_append_c (out, in.p[i]);
    return out;
}

static void
check_line_ends (const char *name, struct dsn_bytes mail)
{
    static const char *const ends[] = { "\r\n", "\r" };
    g_autoptr (GString) lf = with_line_ends (mail, "\n");
    g_autofree char *want = events ((struct dsn_bytes){ lf->str, lf->len });

    for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
        g_autoptr (GString) other = with_line_ends (mail, ends[i]);
        g_autofree char *is = events ((struct dsn_bytes){ other->str, other->len });
        if (strcmp (is, want) != 0)
            print_error ("%s with %s\n", name, i ? "CR" : "CRLF");
        assert_string_equal (is, want);
    }
}

static void
line_ends_do_not_matter (void **state)
{
    (void)state;
    assert_true (each_fixture (FIXTURES, check_line_ends) > 0);
}

static void
parse_prefix (struct dsn_bytes in, void *data)
{
    struct dsn_report *report = parse (in);

    (void)data;
    assert_true (report->kind > DSN_KIND_NONE && report->kind < _DSN_KIND_N);
    dsn_report_free (report);
}

static void
check_prefixes (const char *name, struct dsn_bytes mail)
{
    const char *step = g_getenv ("DSND_PREFIX_STEP");

    (void)name;
    each_prefix (mail, step ? (size_t)g_ascii_strtoull (step, NULL, 10) : DEFAULT_STEP,
                 parse_prefix, NULL);
}

static void
every_prefix_is_a_report (void **state)
{
    (void)state;
    assert_true (each_fixture (FIXTURES, check_prefixes) > 0);
}

#define HEAD "From: MAILER-DAEMON@example.net (Mail Delivery System)\nSubject: Undelivered Mail\n"

static void
odd_mails_are_reports_too (void **state)
{
    static const struct {
        const char *mail;
        enum dsn_kind kind;
    } mails[] = {
        { "", DSN_KIND_OTHER },
        { "\n", DSN_KIND_OTHER },
        { "\r", DSN_KIND_OTHER },
        { "\xff\xfe\xfd", DSN_KIND_OTHER },
        { "From: a@example.com\nSubject: lunch\n\nAt one?\n", DSN_KIND_OTHER },
        { "From MAILER-DAEMON Sat Nov 21 10:00:00 2026\n" HEAD
          "\n<a@example.net>: 550 5.1.1 user unknown\n",
          DSN_KIND_BOUNCE },
        { "\n\n" HEAD "\n<a@example.net>: 550 5.1.1 user unknown\n", DSN_KIND_BOUNCE },
        { HEAD "Content-Type: text/plain; charset=uft-8\n\n<a@example.net>: 550 5.1.1 caf\xe9\n",
          DSN_KIND_BOUNCE },
        { HEAD "Content-Type: multipart/report; boundary=b\n\nno part at all\n", DSN_KIND_BOUNCE },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (mails); i++) {
        struct dsn_report *report = parse (dsn_bytes_str (mails[i].mail));
        if (report->kind != mails[i].kind)
            print_error ("%s\n", mails[i].mail);
        assert_int_equal (report->kind, mails[i].kind);
        dsn_report_free (report);
    }
}

/* A status part in base64 (RFC 3464 forbids it), and one of a misspelt type. */
static void
encoded_status_parts_are_read (void **state)
{
    static const char fields[] = "Reporting-MTA: dns; mail.example.net\r\n\r\n"
                                 "Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\n"
                                 "Status: 5.1.1\r\n";
    g_autofree char *base64 = g_base64_encode ((const guchar *)fields, strlen (fields));
    static const char *const types[] = { "message/delivery-status", "message/xdelivery-status",
                                         "message/global-delivery-status" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
        g_autofree char *mail = g_strdup_printf (
            HEAD "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n\ntext\n"
                 "--b\nContent-Type: %s\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n",
            types[i], base64);
        struct dsn_report *r = parse (dsn_bytes_str (mail));

        assert_int_equal (r->n_recipients, 1);
        assert_string_equal (r->recipients[0].recipient, "a@example.net");
        assert_string_equal (r->recipients[0].status, "5.1.1");
        assert_string_equal (r->reporting_mta, "mail.example.net");
        dsn_report_free (r);
    }
}

/* One recipient failed, one is delayed, one was delivered: each says what it is. */
static void
recipients_differ_in_kind (void **state)
{
    struct dsn_report *r = parse (dsn_bytes_str (
        HEAD "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n\ntext\n"
             "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"
             "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n\n"
             "Final-Recipient: rfc822; b@example.net\nAction: delayed\nStatus: 4.4.1\n\n"
             "Final-Recipient: rfc822; c@example.net\nAction: delivered\nStatus: 2.0.0\n--b--\n"));

    (void)state;
    assert_int_equal (r->n_recipients, 3);
    assert_int_equal (dsn_report_event_kind (r, 0), DSN_KIND_BOUNCE);
    assert_int_equal (dsn_report_event_kind (r, 1), DSN_KIND_DELAYED);
    assert_int_equal (dsn_report_event_kind (r, 2), DSN_KIND_DELIVERED);
    assert_int_equal (r->recipients[0].category,
                      dsn_category_lookup (dsn_bytes_str ("bad_mailbox")));
    assert_int_equal (r->recipients[2].category, 0);
    dsn_report_free (r);
}

static bool
has_warning (const struct dsn_report *r, const char *warning)
{
    return r->warnings && g_strv_contains (r->warnings, warning);
}

static void
limits_are_told (void **state)
{
    struct dsn_options options = { .limits = dsn_limits_default () };
    g_autoptr (GString) mail = g_string_new (HEAD "\n");
    struct dsn_report *r;

    (void)state;
    r = dsn_parse ((struct dsn_bytes){ mail->str, mail->len }, mail->len + 1, rules, &options);
    assert_true (has_warning (r, "truncated"));
    dsn_report_free (r);
    r = parse ((struct dsn_bytes){ mail->str, mail->len });
    assert_false (has_warning (r, "truncated"));
    dsn_report_free (r);
    options.limits.mail_bytes = 16;
    r = dsn_parse ((struct dsn_bytes){ mail->str, mail->len }, mail->len, rules, &options);
    assert_true (has_warning (r, "truncated"));
    dsn_report_free (r);
    r = parse (dsn_bytes_str ("no header here"));
    assert_true (has_warning (r, "no-header"));
    dsn_report_free (r);
}

static void
recipients_are_bounded (void **state)
{
    struct dsn_options options = { .limits = dsn_limits_default () };
    g_autoptr (GString) mail = g_string_new (HEAD "\n");
    struct dsn_report *r;

    (void)state;
    options.limits.recipients_count = 10;
    for (int i = 0; i < 50; i++)
        g_string_append_printf (mail, "<user%d@example.net>: 550 5.1.1 user unknown\n", i);
    r = dsn_parse ((struct dsn_bytes){ mail->str, mail->len }, mail->len, rules, &options);
    assert_int_equal (r->n_recipients, 10);
    assert_string_equal (r->recipients[9].recipient, "user9@example.net");
    dsn_report_free (r);
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
        cmocka_unit_test (line_ends_do_not_matter),
        cmocka_unit_test (every_prefix_is_a_report),
        cmocka_unit_test (odd_mails_are_reports_too),
        cmocka_unit_test (encoded_status_parts_are_read),
        cmocka_unit_test (recipients_differ_in_kind),
        cmocka_unit_test (limits_are_told),
        cmocka_unit_test (recipients_are_bounded),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
