/* When most of the last mails fail, there's a pause; then counting begins anew. */
#include "daemon/record/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SECOND INT64_C (1000000)

static bool
take (struct breaker *breaker, unsigned n, bool is_unreadable, int64_t now_us)
{
    bool is_pause = false;

    for (unsigned i = 0; i < n; i++)
        is_pause |= breaker_take (breaker, is_unreadable, now_us);
    return is_pause;
}

static void
half_of_them_is_no_reason (void **state)
{
    struct breaker breaker = { 0 };

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_false (take (&breaker, 1, true, 1));
        assert_false (take (&breaker, 1, false, 1));
    }
    assert_null (breaker_reason (&breaker, 1));
}

static void
more_than_half_is_a_pause (void **state)
{
    struct breaker breaker = { 0 };

    (void)state;
    assert_false (take (&breaker, BREAKER_MAILS, false, 1));
    assert_false (take (&breaker, BREAKER_MAILS / 2, true, 1));
    assert_true (take (&breaker, 1, true, 1));
    assert_non_null (breaker_reason (&breaker, 1));
    assert_non_null (breaker_reason (&breaker, BREAKER_PAUSE_S * SECOND));
    assert_null (breaker_reason (&breaker, (BREAKER_PAUSE_S + 1) * SECOND));
    /* of what was before nothing counts */
    assert_false (take (&breaker, BREAKER_MAILS / 2, true, 100 * SECOND));
    assert_true (take (&breaker, 1, true, 100 * SECOND));
}

static void
old_failures_are_forgotten (void **state)
{
    struct breaker breaker = { 0 };

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_false (take (&breaker, BREAKER_MAILS / 2, true, 1));
        assert_false (take (&breaker, BREAKER_MAILS, false, 1));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (half_of_them_is_no_reason),
        cmocka_unit_test (more_than_half_is_a_pause),
        cmocka_unit_test (old_failures_are_forgotten),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
