/* What a consumer tries next, what it may ack, and how long it waits. */
#include "client/backlog.h"
#include "client/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define SECOND ((int64_t)1000 * 1000)

static struct backlog_item *
add (struct backlog *b, uint64_t seq, int64_t now_us)
{
    return backlog_add (b, seq, "ab-1", (struct dsn_bytes){ "{}\n", 3 }, now_us);
}

/* The numbers that are next, as "1 2 ". */
static char *
next (const struct backlog *b, int64_t now_us, unsigned n_batch, bool wants_rest)
{
    g_autoptr (GPtrArray) turn = g_ptr_array_new ();
    GString *out = g_string_new (NULL);

    backlog_next (b, now_us, n_batch, SECOND, wants_rest, turn);
    for (unsigned i = 0; i < turn->len; i++)
        g_string_append_printf (out, "%d ",
                                (int)((struct backlog_item *)g_ptr_array_index (turn, i))->seq);
    return g_string_free (out, FALSE);
}

static void
assert_next (const struct backlog *b, int64_t now_us, unsigned n_batch, bool wants_rest,
             const char *expected)
{
    g_autofree char *found = next (b, now_us, n_batch, wants_rest);

    assert_string_equal (found, expected);
}

static void
a_batch_waits_a_moment_to_be_full (void **state)
{
    struct backlog *b = backlog_new ();

    (void)state;
    assert_true (backlog_is_empty (b));
    assert_true (backlog_due_us (b, SECOND) == INT64_MAX);
    add (b, 1, 0);
    add (b, 2, SECOND / 2);
    assert_next (b, SECOND / 2, 3, false, "");
    assert_true (backlog_due_us (b, SECOND) == SECOND);
    assert_next (b, SECOND, 3, false, "1 2 ");
    assert_next (b, SECOND / 2, 3, true, "1 2 ");
    assert_next (b, SECOND / 2, 2, false, "1 2 ");
    add (b, 3, SECOND / 2);
    assert_next (b, SECOND / 2, 2, false, "1 2 ");
    backlog_free (b);
}

static void
what_waits_for_another_try_delays_nobody (void **state)
{
    struct backlog *b = backlog_new ();
    struct backlog_item *first = add (b, 1, 0);
    struct backlog_item *second = add (b, 2, 0);

    (void)state;
    first->due_us = 5 * SECOND;
    assert_next (b, SECOND, 1, false, "2 ");
    second->is_done = true;
    assert_int_equal (backlog_drop_done (b), 0);
    assert_int_equal (backlog_done_seq (b), 0);
    assert_next (b, SECOND, 1, false, "");
    assert_true (backlog_due_us (b, SECOND) == 5 * SECOND);
    assert_next (b, 5 * SECOND, 1, false, "1 ");
    first->is_done = true;
    assert_int_equal (backlog_drop_done (b), 2);
    assert_int_equal (backlog_done_seq (b), 2);
    assert_true (backlog_is_empty (b));
    backlog_free (b);
}

static void
one_that_must_be_alone_comes_alone (void **state)
{
    struct backlog *b = backlog_new ();

    (void)state;
    add (b, 1, 0);
    add (b, 2, 0)->is_alone = true;
    add (b, 3, 0);
    assert_next (b, 0, 3, false, "2 ");
    backlog_free (b);
}

/* However often it comes up for another try, those that wait since before are handed out first. */
static void
one_that_fails_comes_after_those_that_wait (void **state)
{
    struct backlog *b = backlog_new ();
    struct backlog_item *first = add (b, 1, 0);
    struct backlog_item *third;

    (void)state;
    add (b, 2, SECOND / 2);
    first->due_us = SECOND;
    assert_next (b, 2 * SECOND, 1, false, "2 ");
    first->is_alone = true;
    assert_next (b, 2 * SECOND, 3, false, "2 ");
    third = add (b, 3, 2 * SECOND);
    assert_next (b, 2 * SECOND, 3, false, "2 3 ");
    third->is_alone = true;
    assert_next (b, 2 * SECOND, 3, false, "2 ");
    /* a batch that isn't full yet keeps nobody waiting */
    assert_next (b, SECOND, 3, false, "1 ");
    assert_next (b, SECOND, 3, true, "2 ");
    backlog_free (b);
}

static void
numbers_of_another_spool_are_not_acked (void **state)
{
    struct backlog *b = backlog_new ();
    struct backlog_item *old = add (b, 7, 0);

    (void)state;
    backlog_forget_numbers (b);
    old->is_done = true;
    assert_int_equal (backlog_drop_done (b), 1);
    assert_int_equal (backlog_done_seq (b), 0);
    add (b, 1, 0)->is_done = true;
    assert_int_equal (backlog_drop_done (b), 1);
    assert_int_equal (backlog_done_seq (b), 1);
    backlog_free (b);
}

static void
it_is_bounded (void **state)
{
    struct backlog *b = backlog_new ();
    unsigned n = 0;

    (void)state;
    while (!backlog_is_full (b) && n < 5000)
        add (b, ++n, 0)->is_done = true;
    assert_int_equal (n, 1000);
    assert_int_equal (backlog_drop_done (b), 1000);
    assert_false (backlog_is_full (b));
    backlog_free (b);
}

static void
waiting_grows_to_a_minute (void **state)
{
    static const struct {
        unsigned n_failures;
        int64_t longest_us;
    } cases[] = {
        { 0, SECOND },      { 1, SECOND },         { 2, 2 * SECOND },          { 6, 32 * SECOND },
        { 7, 60 * SECOND }, { 1000, 60 * SECOND }, { UINT32_MAX, 60 * SECOND }
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        assert_true (backoff_us (cases[i].n_failures, 0) == cases[i].longest_us);
        for (uint32_t random = 1; random < UINT32_MAX / 3; random = random * 3 + 1) {
            const int64_t wait_us = backoff_us (cases[i].n_failures, random);
            assert_true (wait_us >= cases[i].longest_us / 2 && wait_us <= cases[i].longest_us);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_batch_waits_a_moment_to_be_full),
        cmocka_unit_test (what_waits_for_another_try_delays_nobody),
        cmocka_unit_test (one_that_must_be_alone_comes_alone),
        cmocka_unit_test (one_that_fails_comes_after_those_that_wait),
        cmocka_unit_test (numbers_of_another_spool_are_not_acked),
        cmocka_unit_test (it_is_bounded),
        cmocka_unit_test (waiting_grows_to_a_minute),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
