/* Bounded counting: exact as long as there's room, and no more wrong than promised beyond. */
#include "cli/report/reportdistinct.h"
#include "cli/report/reporttop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct report_entry *
entry_of (GPtrArray *sorted, unsigned i)
{
    return g_ptr_array_index (sorted, i);
}

static void
few_keys_are_counted_exactly (void **state)
{
    static const char *const keys[] = { "b", "a", "c", "a", "b", "a" };
    struct report_top *top = report_top_new (3);
    g_autoptr (GPtrArray) sorted = NULL;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        report_top_add (top, keys[i], i == 5 ? REPORT_SOFT : REPORT_HARD);
    sorted = report_top_sorted (top);
    assert_int_equal (sorted->len, 3);
    assert_string_equal (entry_of (sorted, 0)->key, "a");
    assert_int_equal (entry_of (sorted, 0)->n, 3);
    assert_int_equal (entry_of (sorted, 0)->parts[REPORT_HARD], 2);
    assert_int_equal (entry_of (sorted, 0)->parts[REPORT_SOFT], 1);
    assert_string_equal (entry_of (sorted, 1)->key, "b");
    assert_int_equal (report_top_count (top, "b"), 2);
    assert_int_equal (report_top_count (top, "d"), 0);
    assert_int_equal (report_top_over (top), 0);
    assert_int_equal (report_top_total (top), 6);
    report_top_free (top);
}

static void
equal_counts_go_by_their_keys (void **state)
{
    static const char *const keys[] = { "z", "b", "y", "a" };
    struct report_top *top = report_top_new (4);
    g_autoptr (GPtrArray) sorted = NULL;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        report_top_add (top, keys[i], REPORT_OTHER);
    sorted = report_top_sorted (top);
    for (unsigned i = 0; i < 4; i++)
        assert_string_equal (entry_of (sorted, i)->key,
                             ((const char *[]){ "a", "b", "y", "z" })[i]);
    report_top_free (top);
}

/* The promise of space-saving, over many keys of which few are frequent: key k comes 1000 / k
 * times, in an order that is no help. */
static void
many_keys_are_counted_as_promised (void **state)
{
    enum { KEYS = 1000, COUNTERS = 50 };
    struct report_top *top = report_top_new (COUNTERS);
    g_autoptr (GPtrArray) sorted = NULL;
    uint64_t sum = 0;

    (void)state;
    for (unsigned turn = 1; turn <= KEYS; turn++)
        for (unsigned key = KEYS / turn; key >= 1; key--) {
            g_autofree char *name = g_strdup_printf ("%u", key);
            report_top_add (top, name, REPORT_HARD);
        }
    sorted = report_top_sorted (top);
    assert_int_equal (sorted->len, COUNTERS);
    for (unsigned i = 0; i < COUNTERS; i++) {
        const struct report_entry *entry = entry_of (sorted, i);
        const uint64_t really = KEYS / g_ascii_strtoull (entry->key, NULL, 10);
        assert_true (entry->n >= really && entry->n - entry->n_over <= really);
        assert_true (entry->n_over <= report_top_total (top) / COUNTERS);
        assert_int_equal (entry->parts[REPORT_HARD], entry->n - entry->n_over);
        sum += entry->n;
    }
    assert_int_equal (sum, report_top_total (top));
    assert_true (report_top_over (top) > 0);
    /* whatever comes more often than the bound has a counter */
    for (unsigned key = 1; KEYS / key > report_top_total (top) / COUNTERS; key++) {
        g_autofree char *name = g_strdup_printf ("%u", key);
        assert_true (report_top_count (top, name) >= KEYS / key);
    }
    report_top_free (top);
}

static void
long_keys_are_cut_between_characters (void **state)
{
    struct report_top *top = report_top_new (8);
    g_autoptr (GPtrArray) sorted = NULL;

    (void)state;
    for (unsigned shift = 0; shift < 3; shift++) {
        g_autoptr (GString) key = g_string_new (shift == 0 ? "" : shift == 1 ? "a" : "ab");
        while (key->len < 1000)
            g_string_append (key, "日");
        report_top_add (top, key->str, REPORT_HARD);
    }
    sorted = report_top_sorted (top);
    assert_int_equal (sorted->len, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true (g_utf8_validate (entry_of (sorted, i)->key, -1, NULL));
        assert_in_range (strlen (entry_of (sorted, i)->key), REPORT_KEY_BYTES_MAX - 2,
                         REPORT_KEY_BYTES_MAX);
    }
    report_top_free (top);
}

/* Each of @n keys twice, and the count. */
static uint64_t
count_distinct (unsigned n, bool *ret_is_exact)
{
    struct report_distinct *d = report_distinct_new ();
    uint64_t count;

    for (unsigned i = 0; i < 2 * n; i++) {
        g_autofree char *key = g_strdup_printf ("user%u@Example.net", i % n);
        report_distinct_add (d, key);
    }
    report_distinct_add (d, n ? "USER0@example.NET" : "");
    count = report_distinct_count (d, ret_is_exact);
    report_distinct_free (d);
    return count;
}

static void
different_keys_are_counted_or_estimated (void **state)
{
    static const unsigned ns[] = {
        0, 1, 2, 1000, REPORT_DISTINCT_EXACT, REPORT_DISTINCT_EXACT + 1, 500000
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (ns); i++) {
        bool is_exact;
        const uint64_t n = count_distinct (ns[i], &is_exact), real = MAX (ns[i], 1);
        assert_int_equal (is_exact, ns[i] <= REPORT_DISTINCT_EXACT);
        if (is_exact)
            assert_int_equal (n, real);
        else /* 1.2 % are three standard errors */
            assert_in_range (n, real - real * 12 / 1000, real + real * 12 / 1000);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (few_keys_are_counted_exactly),
        cmocka_unit_test (equal_counts_go_by_their_keys),
        cmocka_unit_test (many_keys_are_counted_as_promised),
        cmocka_unit_test (long_keys_are_cut_between_characters),
        cmocka_unit_test (different_keys_are_counted_or_estimated),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
