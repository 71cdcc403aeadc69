/* Enhanced status codes: what is one, what only looks like one, and every prefix of each. */
#include "core/bytes/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

static const struct {
    const char *in;
    unsigned cls, subject, detail;
    size_t n;
} cases[] = {
    { "5.1.1", 5, 1, 1, 5 },    { "4.7.650 text", 4, 7, 650, 7 },
    { "5.7.25;", 5, 7, 25, 6 }, { "2.0.0", 2, 0, 0, 5 },
    { "5.1.1.", 5, 1, 1, 5 },   { "5.1.1x", 5, 1, 1, 5 },
    { "5.001.01", 5, 1, 1, 8 }, { "5.1", 0, 0, 0, 0 },
    { "5..1", 0, 0, 0, 0 },     { "3.1.1", 0, 0, 0, 0 },
    { "6.1.1", 0, 0, 0, 0 },    { "5.1.1.2", 0, 0, 0, 0 },
    { "5.1.1000", 0, 0, 0, 0 }, { "5.1000.1", 0, 0, 0, 0 },
    { "55.1.1", 0, 0, 0, 0 },   { "", 0, 0, 0, 0 },
};

static void
scan_reads_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_status s = { 0 };
        assert_int_equal (dsn_status_scan (dsn_bytes_str (cases[i].in), &s), cases[i].n);
        assert_int_equal (s.cls, cases[i].cls);
        assert_int_equal (s.subject, cases[i].subject);
        assert_int_equal (s.detail, cases[i].detail);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        size_t len = strlen (cases[i].in);
        for (size_t n = 0; n <= len; n++) {
            /* an exact copy on the heap, so that a sanitizer sees a read past it */
            g_autofree char *copy = n ? g_memdup2 (cases[i].in, n) : NULL;
            struct dsn_status s;
            assert_true (dsn_status_scan ((struct dsn_bytes){ copy, n }, &s) <= n);
        }
    }
}

static void
format_round_trips (void **state)
{
    char text[DSN_STATUS_TEXT_SIZE];
    struct dsn_status s;

    (void)state;
    assert_int_equal (dsn_status_scan (dsn_bytes_str ("5.999.999"), &s), 9);
    dsn_status_format (s, text);
    assert_string_equal (text, "5.999.999");
    dsn_status_format ((struct dsn_status){ 0 }, text);
    assert_string_equal (text, "");
}

static void
specific_means_subject_and_detail (void **state)
{
    (void)state;
    assert_true (dsn_status_is_specific ((struct dsn_status){ 5, 1, 1 }));
    assert_false (dsn_status_is_specific ((struct dsn_status){ 5, 1, 0 }));
    assert_false (dsn_status_is_specific ((struct dsn_status){ 5, 0, 0 }));
    assert_false (dsn_status_is_specific ((struct dsn_status){ 0 }));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (scan_reads_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (format_round_trips),
        cmocka_unit_test (specific_means_subject_and_detail),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
