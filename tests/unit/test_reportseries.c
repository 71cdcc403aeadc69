/* Bars over time: nothing is lost, whatever the order, however long the time. */
#include "cli/report/reportseries.h"
#include "cli/report/reporttime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MIDNIGHT INT64_C (1795219200) /* 2026-11-21T00:00:00Z */

static uint64_t
sum_of (const GArray *bars, enum report_part part)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < bars->len; i++)
        n += g_array_index (bars, struct report_bar, i).n[part];
    return n;
}

static void
bars_have_no_holes (void **state)
{
    struct report_series *series = report_series_new ();
    g_autoptr (GArray) bars = NULL;
    int64_t width;

    (void)state;
    report_series_add (series, MIDNIGHT + 3600, REPORT_HARD);
    report_series_add (series, MIDNIGHT + 10, REPORT_SOFT);
    report_series_add (series, MIDNIGHT + 3601, REPORT_HARD);
    bars = report_series_bars (
        series, &(struct report_range){ MIDNIGHT + 10, MIDNIGHT + 3601, 0, 100 }, &width);
    assert_int_equal (width, 300);
    assert_int_equal (bars->len, 13);
    for (unsigned i = 0; i < bars->len; i++) {
        const struct report_bar *bar = &g_array_index (bars, struct report_bar, i);
        assert_int_equal (bar->start, MIDNIGHT + 300 * i);
        assert_int_equal (bar->n[REPORT_SOFT], i == 0);
        assert_int_equal (bar->n[REPORT_HARD], i == 12 ? 2 : 0);
    }
    report_series_free (series);
}

static void
what_is_outside_is_left_out (void **state)
{
    struct report_series *series = report_series_new ();
    g_autoptr (GArray) bars = NULL;
    int64_t width;

    (void)state;
    for (int64_t t = MIDNIGHT; t < MIDNIGHT + 86400; t += 300)
        report_series_add (series, t, REPORT_HARD);
    bars = report_series_bars (
        series, &(struct report_range){ MIDNIGHT + 3600, MIDNIGHT + 2 * 3600 - 1, 0, 100 }, &width);
    assert_int_equal (sum_of (bars, REPORT_HARD), 12);
    report_series_free (series);
}

/* Ten years in jumps that hit each day, backwards or to and fro. */
static void
bars_grow_and_keep_their_sum (void **state)
{
    enum { N = 20000 };
    const int64_t length = INT64_C (3652) * 86400;

    (void)state;
    for (unsigned way = 0; way < 3; way++) {
        struct report_series *series = report_series_new ();
        g_autoptr (GArray) bars = NULL;
        int64_t width;
        for (unsigned i = 0; i < N; i++) {
            const unsigned step = way == 0 ? i : way == 1 ? N - 1 - i : i * 7919 % N;
            report_series_add (series, MIDNIGHT - length + length * step / N, i % _REPORT_PART_N);
        }
        bars = report_series_bars (
            series, &(struct report_range){ MIDNIGHT - length, MIDNIGHT, 0, 100 }, &width);
        assert_int_equal (width, 52 * 7 * 86400);
        assert_true (bars->len <= 12);
        for (unsigned part = 0; part < _REPORT_PART_N; part++)
            assert_int_equal (sum_of (bars, part), N / _REPORT_PART_N);
        report_series_free (series);
    }
}

/* Asked for finer bars than were kept, it gives what it has. */
static void
kept_bars_limit_how_fine_they_are (void **state)
{
    struct report_series *series = report_series_new ();
    g_autoptr (GArray) bars = NULL;
    int64_t width;

    (void)state;
    for (int64_t i = 0; i < 2 * REPORT_BARS_KEPT; i++)
        report_series_add (series, MIDNIGHT + 300 * i, REPORT_HARD);
    bars = report_series_bars (series, &(struct report_range){ MIDNIGHT, MIDNIGHT + 3599, 0, 100 },
                               &width);
    assert_int_equal (width, 900);
    assert_int_equal (sum_of (bars, REPORT_HARD), 12);
    report_series_free (series);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (bars_have_no_holes),
        cmocka_unit_test (what_is_outside_is_left_out),
        cmocka_unit_test (bars_grow_and_keep_their_sum),
        cmocka_unit_test (kept_bars_limit_how_fine_they_are),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
