/* The order of mails: each comes out once, in the order in which it was taken, except those that a
 * worker died of, which hold nobody up.
 */
#include "daemon/record/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MAILS_MAX 40

static void
first_in_first_out (void **state)
{
    struct letter a = { .report_bytes = 10 }, b = { .report_bytes = 7 };
    struct order *order = order_new ();

    (void)state;
    assert_false (order_is_ready (order));
    order_add (order, &a);
    order_add (order, &b);
    order_tell (order, &b, LETTER_ANSWERED);
    assert_false (order_is_ready (order)); /* a is before it */
    assert_int_equal (order_waiting_bytes (order), 7);
    order_tell (order, &a, LETTER_ANSWERED);
    assert_int_equal (order_waiting_bytes (order), 17);
    assert_ptr_equal (order_take (order), &a);
    assert_ptr_equal (order_take (order), &b);
    assert_int_equal (order_waiting_bytes (order), 0);
    assert_int_equal (order_length (order), 0);
    order_free (order);
}

static void
a_stumbled_mail_holds_nobody_up (void **state)
{
    struct letter a = { 0 }, b = { 0 }, c = { 0 };
    struct order *order = order_new ();

    (void)state;
    order_add (order, &a);
    order_add (order, &b);
    order_add (order, &c);
    order_tell (order, &b, LETTER_ANSWERED);
    order_tell (order, &a, LETTER_STUMBLED);
    assert_ptr_equal (order_take (order), &b);
    assert_false (order_is_ready (order)); /* c has no report */
    order_tell (order, &a, LETTER_STUMBLED);
    order_tell (order, &a, LETTER_GAVE_UP); /* the next place is a's */
    assert_ptr_equal (order_take (order), &a);
    assert_ptr_equal (order_drop (order), &c);
    assert_null (order_drop (order));
    order_free (order);
}

static void
a_dropped_order_gives_back_all (void **state)
{
    struct letter mails[4] = { { 0 }, { 0 }, { 0 }, { 0 } };
    struct order *order = order_new ();
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        order_add (order, &mails[i]);
    order_tell (order, &mails[1], LETTER_STUMBLED);
    order_tell (order, &mails[2], LETTER_ANSWERED);
    while (order_drop (order))
        n++;
    assert_int_equal (n, 4);
    order_free (order);
}

/* One random event for one mail that can have one. */
static void
tell_something (struct order *order, GRand *chance, struct letter *mail, bool *has_died)
{
    if (mail->state == LETTER_READY)
        return;
    if (g_rand_int_range (chance, 0, 10) > 0) {
        order_tell (order, mail, LETTER_ANSWERED);
    } else if (*has_died) {
        order_tell (order, mail, LETTER_GAVE_UP);
    } else {
        order_tell (order, mail, LETTER_STUMBLED);
        *has_died = true;
    }
}

/* Whatever happens in whatever order, each mail comes out once, and those that met no accident
 * in the order in which they went in. */
static void
each_comes_out_once (void **state)
{
    (void)state;
    for (guint32 seed = 1; seed <= 500; seed++) {
        g_autoptr (GRand) chance = g_rand_new_with_seed (seed);
        struct letter mails[MAILS_MAX] = { { 0 } };
        bool has_died[MAILS_MAX] = { false }, is_out[MAILS_MAX] = { false };
        struct order *order = order_new ();
        unsigned n_in = 0, n_out = 0;
        gint last = -1;
        while (n_out < MAILS_MAX) {
            const guint32 i = (guint32)g_rand_int_range (chance, 0, MAILS_MAX);
            if (i >= n_in && n_in < MAILS_MAX) {
                mails[n_in].report_bytes = n_in;
                order_add (order, &mails[n_in++]);
            } else if (i < n_in && !is_out[i]) {
                tell_something (order, chance, &mails[i], &has_died[i]);
            }
            while (order_is_ready (order)) {
                const gint at = (gint)(order_take (order) - mails);
                assert_false (is_out[at]);
                is_out[at] = true;
                n_out++;
                assert_true (has_died[at] || at > last);
                last = has_died[at] ? last : at;
            }
        }
        assert_int_equal (order_waiting_bytes (order), 0);
        assert_null (order_drop (order));
        order_free (order);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (first_in_first_out),
        cmocka_unit_test (a_stumbled_mail_holds_nobody_up),
        cmocka_unit_test (a_dropped_order_gives_back_all),
        cmocka_unit_test (each_comes_out_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
