/* Our own return path: the header it's read from, and what it encodes. */
#include "core/returnpath/returnpath.h"

#include "core/mail/header.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_report *
read_path (struct dsn_bytes header, const char *const *names)
{
    struct dsn_options options = { .limits = dsn_limits_default (), .envelope_headers = names };
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct dsn_report *report = dsn_report_new ();

    (void)header_read (header, 100, fields);
    returnpath_read (fields, &options, report);
    return report;
}

static const char *const trusted[] = { "X-Envelope-To", "Delivered-To", NULL };

static const struct {
    const char *header, *address;
    enum dsn_scheme scheme;
    const char *recipient;
} cases[] = {
    { "Delivered-To: bounces@example.com\n", "bounces@example.com", DSN_SCHEME_NONE, NULL },
    { "Delivered-To: <bounces@example.com>\n", "bounces@example.com", DSN_SCHEME_NONE, NULL },
    { "To: bounces@example.com\n", NULL, DSN_SCHEME_NONE, NULL },
    { "Delivered-To: b@example.com\nX-Envelope-To: a@example.com\n", "a@example.com",
      DSN_SCHEME_NONE, NULL },
    { "Delivered-To: nobody\n", NULL, DSN_SCHEME_NONE, NULL },
    { "Delivered-To: bounces+user=example.net@example.com\n",
      "bounces+user=example.net@example.com", DSN_SCHEME_VERP, "user@example.net" },
    { "Delivered-To: list-bounces+a.user=mail.example.net@example.com\n",
      "list-bounces+a.user=mail.example.net@example.com", DSN_SCHEME_VERP,
      "a.user@mail.example.net" },
    { "Delivered-To: list-return-12-user=example.net@example.com\n",
      "list-return-12-user=example.net@example.com", DSN_SCHEME_VERP, "user@example.net" },
    { "Delivered-To: a=b@example.com\n", "a=b@example.com", DSN_SCHEME_NONE, NULL },
    { "Delivered-To: bounces+=example.net@example.com\n", "bounces+=example.net@example.com",
      DSN_SCHEME_NONE, NULL },
    { "Delivered-To: prvs=1234abcd56=user@example.com\n", "prvs=1234abcd56=user@example.com",
      DSN_SCHEME_BATV, "user@example.com" },
    { "Delivered-To: btv1==1234abcd56==user@example.com\n", "btv1==1234abcd56==user@example.com",
      DSN_SCHEME_BATV, "user@example.com" },
    { "Delivered-To: prvs=12=user@example.com\n", "prvs=12=user@example.com", DSN_SCHEME_NONE,
      NULL },
    { "Delivered-To: SRS0=abcd=AB=example.net=user@example.com\n",
      "SRS0=abcd=AB=example.net=user@example.com", DSN_SCHEME_SRS, "user@example.net" },
    { "Delivered-To: srs1=abcd=example.org==AB12=CD=example.net=user@example.com\n",
      "srs1=abcd=example.org==AB12=CD=example.net=user@example.com", DSN_SCHEME_SRS,
      "user@example.net" },
    /* what's wrapped is decoded too: our VERP address behind a forwarder, behind BATV */
    { "Delivered-To: SRS0=abcd=AB=example.net=b+joe=example.org@example.com\n",
      "SRS0=abcd=AB=example.net=b+joe=example.org@example.com", DSN_SCHEME_VERP,
      "joe@example.org" },
    { "Delivered-To: prvs=1234abcd56=b+Joe=Example.ORG@example.com\n",
      "prvs=1234abcd56=b+Joe=Example.ORG@example.com", DSN_SCHEME_VERP, "Joe@Example.ORG" },
    { "Delivered-To: SRS0=abcd=AB=example.net=prvs=1234abcd56=joe@example.com\n",
      "SRS0=abcd=AB=example.net=prvs=1234abcd56=joe@example.com", DSN_SCHEME_SRS,
      "joe@example.net" },
    /* the first address that says something counts, in the order of the configuration */
    { "Delivered-To: local@example.com\nDelivered-To: b+joe=example.org@example.com\n",
      "b+joe=example.org@example.com", DSN_SCHEME_VERP, "joe@example.org" },
    { "Delivered-To: b+joe=example.org@example.com\nX-Envelope-To: b+ann=example.org@example.com\n",
      "b+ann=example.org@example.com", DSN_SCHEME_VERP, "ann@example.org" },
    { "Delivered-To: bounces+taujkoyo5pikczvgv4aid-user=example.net@example.com\n",
      "bounces+taujkoyo5pikczvgv4aid-user=example.net@example.com", DSN_SCHEME_TOKEN,
      "user@example.net" },
    { "Delivered-To: bounces+taujkltsjfbumtixk6vku@example.com\n",
      "bounces+taujkltsjfbumtixk6vku@example.com", DSN_SCHEME_TOKEN, NULL },
};

static void
assert_same (const char *is, const char *want)
{
    assert_string_equal (is ? is : "(none)", want ? want : "(none)");
}

static void
path_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_report *report = read_path (dsn_bytes_str (cases[i].header), trusted);

        assert_same (report->return_path.address, cases[i].address);
        assert_int_equal (report->return_path.scheme, cases[i].scheme);
        assert_same (report->return_path.recipient, cases[i].recipient);
        dsn_report_free (report);
    }
}

static void
no_header_is_trusted_by_itself (void **state)
{
    struct dsn_report *report = read_path (dsn_bytes_str (cases[0].header), NULL);

    (void)state;
    assert_null (report->return_path.address);
    dsn_report_free (report);
}

static const struct {
    const char *told; /* by the report */
    enum dsn_recipient_source source;
    const char *original, *final; /* afterwards */
} moves[] = {
    { NULL, DSN_RECIPIENT_SOURCE_NONE, NULL, NULL },
    { "joe@example.org", DSN_RECIPIENT_SOURCE_TEXT, NULL, NULL },
    { "box@example.net", DSN_RECIPIENT_SOURCE_TEXT, NULL, "box@example.net" },
    { "box@example.net", DSN_RECIPIENT_SOURCE_FINAL, NULL, "box@example.net" },
    { "box@example.net", DSN_RECIPIENT_SOURCE_ORIGINAL, "box@example.net", NULL },
};

static struct dsn_report *
report_of (size_t n_recipients, const char *told, enum dsn_recipient_source source)
{
    struct dsn_report *report = dsn_report_new ();

    report->kind = DSN_KIND_BOUNCE;
    report->return_path.recipient = "joe@example.org";
    for (size_t i = 0; i < n_recipients; i++) {
        struct dsn_recipient *r = dsn_report_add_recipient (report);
        r->recipient = told;
        r->recipient_source = source;
    }
    return report;
}

static void
the_only_recipient_is_the_path_s (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (moves); i++) {
        struct dsn_report *report = report_of (1, moves[i].told, moves[i].source);
        const struct dsn_recipient *r = &report->recipients[0];

        for (unsigned twice = 0; twice < 2; twice++) {
            returnpath_take_recipient (report);
            assert_string_equal (r->recipient, "joe@example.org");
            assert_int_equal (r->recipient_source, DSN_RECIPIENT_SOURCE_RETURN_PATH);
            assert_same (r->original_recipient, moves[i].original);
            assert_same (r->final_recipient, moves[i].final);
        }
        dsn_report_free (report);
    }
}

static void
many_recipients_stay_as_told (void **state)
{
    struct dsn_report *report = report_of (2, "box@example.net", DSN_RECIPIENT_SOURCE_FINAL);

    (void)state;
    returnpath_take_recipient (report);
    assert_string_equal (report->recipients[0].recipient, "box@example.net");
    assert_int_equal (report->recipients[1].recipient_source, DSN_RECIPIENT_SOURCE_FINAL);
    dsn_report_free (report);
}

static void
a_report_that_names_nobody_gets_one (void **state)
{
    struct dsn_report *report = report_of (0, NULL, DSN_RECIPIENT_SOURCE_NONE);

    (void)state;
    report->kind = DSN_KIND_COMPLAINT;
    returnpath_take_recipient (report);
    assert_int_equal (report->n_recipients, 1);
    assert_string_equal (report->recipients[0].recipient, "joe@example.org");
    assert_int_equal (report->recipients[0].advice, DSN_ADVICE_SUPPRESS);
    dsn_report_free (report);
    report = report_of (0, NULL, DSN_RECIPIENT_SOURCE_NONE);
    report->kind = DSN_KIND_OTHER;
    returnpath_take_recipient (report);
    assert_int_equal (report->n_recipients, 0);
    dsn_report_free (report);
}

static void
two_tokens_are_suspect (void **state)
{
    static const char one[] =
        "Delivered-To: bounces+taujkoyo5pikczvgv4aid-user=example.net@example.com\n";
    static const char other[] = "Delivered-To: bounces+taujkltsjfbumtixk6vku@example.com\n";
    g_autofree char *same = g_strconcat (one, one, NULL), *both = g_strconcat (one, other, NULL);
    struct dsn_report *report = read_path (dsn_bytes_str (same), trusted);

    (void)state;
    assert_int_equal (report->trust, DSN_TRUST_NONE);
    dsn_report_free (report);
    report = read_path (dsn_bytes_str (both), trusted);
    assert_int_equal (report->trust, DSN_TRUST_SUSPECT);
    dsn_report_free (report);
}

static void
read_one (struct dsn_bytes in, void *data)
{
    (void)data;
    dsn_report_free (read_path (in, trusted));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].header), 1, read_one, NULL);
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
        cmocka_unit_test (path_of_the_cases),
        cmocka_unit_test (no_header_is_trusted_by_itself),
        cmocka_unit_test (the_only_recipient_is_the_path_s),
        cmocka_unit_test (many_recipients_stay_as_told),
        cmocka_unit_test (a_report_that_names_nobody_gets_one),
        cmocka_unit_test (two_tokens_are_suspect),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
