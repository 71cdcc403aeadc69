/* Our own return path: the header it's read from, and what it encodes. */
#include "returnpath.h"

#include "header.h"
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
      DSN_SCHEME_BATV, NULL },
    { "Delivered-To: SRS0=abcd=AB=example.net=user@example.com\n",
      "SRS0=abcd=AB=example.net=user@example.com", DSN_SCHEME_SRS, NULL },
    { "Delivered-To: srs1=abcd=example.org==AB=CD=example.net=user@example.com\n",
      "srs1=abcd=example.org==AB=CD=example.net=user@example.com", DSN_SCHEME_SRS, NULL },
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
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
