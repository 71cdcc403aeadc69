/* Times of the bounce report: what people write, what events carry, and bars that line up. */
#include "cli/report/reporttime.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW INT64_C (1795219200) /* 2026-11-21T00:00:00Z, a Saturday */

static const struct {
    const char *text;
    int64_t time; /* 0: refused */
} points[] = {
    { "now", NOW },
    { "90m", NOW - 90 * 60 },
    { "12h", NOW - 12 * 3600 },
    { "7d", NOW - 7 * 86400 },
    { "2w", NOW - 14 * 86400 },
    { "2026-11-21", NOW },
    { "2026-11-20T08:00", NOW - 16 * 3600 },
    { "2026-11-20T08:00:30", NOW - 16 * 3600 + 30 },
    { "2026-11-20T08:00:00Z", NOW - 16 * 3600 },
    { "2026-11-20T08:00:00+01:00", NOW - 17 * 3600 },
    { "2026-11-20T08:00:00.5Z", NOW - 16 * 3600 },
    { "", 0 },
    { "7", 0 },
    { "d", 0 },
    { "0d", 0 },
    { "-7d", 0 },
    { "+7d", 0 },
    { "7 d", 0 },
    { "7days", 0 },
    { "7D", 0 },
    { "9999999999w", 0 },
    { "99999999999999999999d", 0 },
    { "40y", 0 },
    { "5000w", 0 },
    { "yesterday", 0 },
    { "2026-13-01", 0 },
    { "2026-02-30", 0 },
    { "1999-12-31", 0 },
    { "2100-01-01", 0 },
    { "Sat, 21 Nov 2026 08:00:00 +0000", 0 },
};

static void
points_are_read_or_refused (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (points); i++) {
        int64_t time = 0;
        const bool is_read = report_time_read_point (points[i].text, NOW, NULL, &time);
        if (is_read != (points[i].time != 0) || time != points[i].time)
            fail_msg ("'%s': %" G_GINT64_FORMAT, points[i].text, time);
    }
}

static const struct {
    const char *text;
    int64_t time;
} events[] = {
    { "2026-11-21T00:00:00.123Z", NOW },
    { "2026-11-21T00:00:00Z", NOW },
    { "2026-11-21", 0 },
    { "7d", 0 },
    { "1970-01-01T00:00:00Z", 0 },
    { "9999-01-01T00:00:00Z", 0 },
    { "", 0 },
};

static void
events_carry_whole_times (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (events); i++) {
        int64_t time = 0;
        assert_int_equal (report_time_read (events[i].text, &time), events[i].time != 0);
        assert_int_equal (time, events[i].time);
    }
}

static const struct {
    int64_t seconds;
    const char *text;
} lengths[] = {
    { 0, "1 minute" },       { 59, "1 minute" },          { 300, "5 minutes" },
    { 3600, "1 hour" },      { 5400, "90 minutes" },      { 7200, "2 hours" },
    { 86400, "1 day" },      { 36 * 3600, "36 hours" },   { 47 * 3600 + 1800, "48 hours" },
    { 7 * 86400, "7 days" }, { 100 * 86400, "100 days" },
};

static void
lengths_read_well (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++) {
        g_autofree char *text = report_time_length (lengths[i].seconds);
        assert_string_equal (text, lengths[i].text);
    }
}

/* A bar of a width holds whole bars of the widths below it. */
static void
bars_nest (void **state)
{
    (void)state;
    for (size_t i = 1; i < REPORT_WIDTHS; i++) {
        assert_int_equal (report_widths[i] % report_widths[i - 1], 0);
        for (int64_t t = NOW; t < NOW + 10 * 86400; t += 3571) {
            const int64_t narrow = report_time_floor (t, report_widths[i - 1]);
            assert_true (narrow <= t && t < narrow + report_widths[i - 1]);
            assert_int_equal (report_time_floor (narrow, report_widths[i]),
                              report_time_floor (t, report_widths[i]));
        }
    }
}

static void
weeks_begin_on_monday_midnight (void **state)
{
    g_autofree char *day =
        report_time_format (report_time_floor (NOW, 7 * 86400), NULL, "%a %H:%M");

    (void)state;
    assert_string_equal (day, "Mon 00:00");
    assert_int_equal (report_time_floor (NOW + 5, 86400), NOW);
}

static const struct {
    int64_t length;
    unsigned bars;
    int64_t width;
} widths[] = {
    { 0, 1, 300 },
    { 299, 1, 300 },
    { 300, 1, 900 },
    { 86399, 100, 900 },
    { 86399, 24, 3600 },
    { 7 * 86400 - 1, 100, 7200 },
    { 7 * 86400 - 1, 7, 86400 },
    { 90 * 86400, 100, 86400 },
    { INT64_C (3155760000), 10, 52 * 7 * 86400 },
};

static void
the_narrowest_width_that_fits_is_taken (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (widths); i++)
        assert_int_equal (report_time_width (NOW, NOW + widths[i].length, widths[i].bars),
                          widths[i].width);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (points_are_read_or_refused),
        cmocka_unit_test (events_carry_whole_times),
        cmocka_unit_test (lengths_read_well),
        cmocka_unit_test (bars_nest),
        cmocka_unit_test (weeks_begin_on_monday_midnight),
        cmocka_unit_test (the_narrowest_width_that_fits_is_taken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
