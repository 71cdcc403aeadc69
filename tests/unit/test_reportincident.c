/* Incidents: what is a burst, where one ends, which place is told, and that memory has a bound. */
#include "cli/report/reportincident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MIDNIGHT INT64_C (1795219200) /* 2026-11-21T00:00:00Z */
#define DAY      86400

/* @n events, one a second from @at on. */
static void
add (struct report_watch *watch, int64_t at, unsigned n, const char *category, const char *place)
{
    for (unsigned i = 0; i < n; i++)
        report_watch_add (watch, at + i % 300, category, NULL, place, "550 no");
}

/* Counts of each 5 minutes of a day, at one place: all others are @usual. */
static const struct {
    const char *name;
    unsigned usual;
    struct {
        unsigned cell, n;
    } cells[4];
    unsigned n_incidents;
    unsigned n; /* of the heaviest */
} cases[] = {
    { "nothing", 0, { { 0 } }, 0, 0 },
    { "steady", 100, { { 0 } }, 0, 0 },
    { "too few", 0, { { 50, 19 } }, 0, 0 },
    { "enough", 0, { { 50, 20 } }, 1, 20 },
    { "not five times as many", 10, { { 50, 49 } }, 0, 0 },
    { "five times as many", 10, { { 50, 50 } }, 1, 50 },
    { "neighbours are one", 0, { { 50, 30 }, { 51, 40 } }, 1, 70 },
    { "with a pause between", 1, { { 50, 30 }, { 52, 40 } }, 1, 71 },
    { "a longer pause makes two", 0, { { 50, 30 }, { 53, 40 } }, 2, 40 },
    { "the first and the last", 0, { { 0, 30 }, { 287, 25 } }, 2, 30 },
    { "busy for a twentieth of the day",
      2,
      { { 50, 500 }, { 100, 400 }, { 150, 300 }, { 200, 200 } },
      4,
      500 },
};

static struct report_watch *
watch_of (size_t i)
{
    struct report_watch *watch = report_watch_new ();

    for (unsigned cell = 0; cell < 288; cell++) {
        unsigned n = cases[i].usual;
        for (unsigned c = 0; c < 4; c++)
            if (cases[i].cells[c].n && cases[i].cells[c].cell == cell)
                n = cases[i].cells[c].n;
        add (watch, MIDNIGHT + 300 * cell, n, "policy", "google");
    }
    return watch;
}

static void
bursts_are_found_by_the_rule (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct report_watch *watch = watch_of (i);
        g_autoptr (GArray) found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
        if (found->len != cases[i].n_incidents)
            fail_msg ("%s: %u incidents", cases[i].name, found->len);
        if (found->len)
            assert_int_equal (g_array_index (found, struct report_incident, 0).n, cases[i].n);
        report_watch_free (watch);
    }
}

static void
an_incident_tells_what_and_when (void **state)
{
    struct report_watch *watch = report_watch_new ();
    const struct report_incident *it;
    g_autoptr (GArray) found = NULL;

    (void)state;
    for (unsigned i = 0; i < 288; i++)
        report_watch_add (watch, MIDNIGHT + 300 * i, "ip_blocked", "zen.example", "microsoft",
                          "550 usual");
    for (unsigned i = 0; i < 100; i++)
        report_watch_add (watch, MIDNIGHT + 36010 + i, "ip_blocked", "zen.example", "microsoft",
                          "550 listed");
    found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
    assert_int_equal (found->len, 1);
    it = &g_array_index (found, struct report_incident, 0);
    assert_string_equal (it->category, "ip_blocked");
    assert_string_equal (it->block_list, "zen.example");
    assert_string_equal (it->place, "microsoft");
    assert_string_equal (it->sample, "550 listed");
    assert_int_equal (it->n, 101);
    assert_int_equal (it->from, MIDNIGHT + 36000);
    assert_int_equal (it->to, MIDNIGHT + 36109);
    assert_in_range (it->usual_tenths, 9, 10);
    assert_in_range (it->above, 100, 101);
    report_watch_free (watch);
}

/* One place with most of a burst is told; without one, all places, and not its parts beside it. */
static void
the_place_that_matters_is_told (void **state)
{
    static const struct {
        unsigned n[3]; /* at three places */
        unsigned n_incidents;
        const char *place;
        unsigned told;
    } places[] = {
        { { 100, 0, 0 }, 1, "a", 100 },  { { 100, 50, 0 }, 2, "a", 100 },
        { { 50, 50, 0 }, 2, "a", 50 },   { { 40, 40, 40 }, 1, NULL, 120 },
        { { 10, 10, 10 }, 1, NULL, 30 }, { { 100, 10, 10 }, 1, "a", 100 },
        { { 5, 5, 5 }, 0, NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (places); i++) {
        struct report_watch *watch = report_watch_new ();
        g_autoptr (GArray) found = NULL;
        for (unsigned p = 0; p < 3; p++)
            add (watch, MIDNIGHT + 3600, places[i].n[p], "dns_failure",
                 ((const char *[]){ "a", "b", "c" })[p]);
        found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
        assert_int_equal (found->len, places[i].n_incidents);
        if (found->len) {
            const struct report_incident *it = &g_array_index (found, struct report_incident, 0);
            assert_int_equal (it->n, places[i].told);
            assert_int_equal (g_strcmp0 (it->place, places[i].place), 0);
        }
        report_watch_free (watch);
    }
}

static void
other_causes_at_the_same_time_stay_apart (void **state)
{
    struct report_watch *watch = report_watch_new ();
    g_autoptr (GArray) found = NULL;

    (void)state;
    add (watch, MIDNIGHT, 30, "policy", "a");
    add (watch, MIDNIGHT, 40, "expired", "a");
    for (unsigned i = 0; i < 50; i++)
        report_watch_add (watch, MIDNIGHT, "policy", "zen.example", "a", NULL);
    found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
    assert_int_equal (found->len, 3);
    assert_int_equal (g_array_index (found, struct report_incident, 0).n, 50);
    assert_null (g_array_index (found, struct report_incident, 0).sample);
    assert_string_equal (g_array_index (found, struct report_incident, 1).category, "expired");
    report_watch_free (watch);
}

static void
less_than_an_hour_has_nothing_usual (void **state)
{
    struct report_watch *watch = report_watch_new ();
    g_autoptr (GArray) none = NULL, one = NULL;

    (void)state;
    add (watch, MIDNIGHT, 300, "policy", "a");
    none = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + 3000);
    one = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + 3300);
    assert_int_equal (none->len, 0);
    assert_int_equal (one->len, 1);
    report_watch_free (watch);
}

static void
the_order_of_events_does_not_matter (void **state)
{
    enum { N = 20000 };

    (void)state;
    for (unsigned way = 0; way < 3; way++) {
        struct report_watch *watch = report_watch_new ();
        g_autoptr (GArray) found = NULL;
        for (unsigned i = 0; i < N; i++) {
            const unsigned step = way == 0 ? i : way == 1 ? N - 1 - i : i * 7919 % N;
            const int64_t at = step < N / 2 ? (int64_t)step * DAY / (N / 2) : 50000 + step % 300;
            report_watch_add (watch, MIDNIGHT + at, "policy", NULL, "a", NULL);
        }
        found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
        assert_int_equal (found->len, 1);
        assert_in_range (g_array_index (found, struct report_incident, 0).n, N / 2, N / 2 + 100);
        report_watch_free (watch);
    }
}

/* More causes than there's room for: light ones go, a burst stays, whatever comes after it. */
static void
a_burst_survives_a_flood_of_places (void **state)
{
    struct report_watch *watch = report_watch_new ();
    g_autoptr (GArray) found = NULL;
    uint64_t n = 0;

    (void)state;
    add (watch, MIDNIGHT + 40000, 200, "ip_blocked", "microsoft");
    for (unsigned i = 0; i < 5 * REPORT_WATCHED_MAX; i++) {
        g_autofree char *place = g_strdup_printf ("host%u.example", i);
        report_watch_add (watch, MIDNIGHT + 40000 + i % 40000, "bad_mailbox", NULL, place, NULL);
    }
    assert_true (report_watch_is_partial (watch));
    found = report_watch_incidents (watch, MIDNIGHT, MIDNIGHT + DAY - 1);
    for (unsigned i = 0; i < found->len; i++) {
        const struct report_incident *it = &g_array_index (found, struct report_incident, i);
        if (g_strcmp0 (it->place, "microsoft") == 0)
            n = it->n;
    }
    assert_int_equal (n, 200);
    report_watch_free (watch);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (bursts_are_found_by_the_rule),
        cmocka_unit_test (an_incident_tells_what_and_when),
        cmocka_unit_test (the_place_that_matters_is_told),
        cmocka_unit_test (other_causes_at_the_same_time_stay_apart),
        cmocka_unit_test (less_than_an_hour_has_nothing_usual),
        cmocka_unit_test (the_order_of_events_does_not_matter),
        cmocka_unit_test (a_burst_survives_a_flood_of_places),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
