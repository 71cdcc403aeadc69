/* Whether mail is taken: by what the spool says, and a failure that may pass. */
#include "scratch.h"

#include "daemon/record/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct fixture {
    char *path, *spool_path;
    struct spool *spool;
    struct consumers *consumers;
    struct config config;
    struct gate *gate;
    unsigned n_retries;
};

static void
retry (void *data)
{
    struct fixture *f = data;

    f->n_retries++;
    gate_check (f->gate);
}

static int
set_up (void **state)
{
    struct fixture *f = g_new0 (struct fixture, 1);

    f->path = scratch_new ();
    f->spool_path = g_build_filename (f->path, "spool", NULL);
    f->spool = spool_open (f->spool_path, 1000, NULL);
    f->consumers = consumers_open (spool_dirfd (f->spool), NULL);
    f->config = (struct config){ .spool_max_bytes = 3000, .spool_keep_s = 1000 };
    f->gate = gate_new (&f->config, f->spool, f->consumers, retry, f);
    *state = f;
    return 0;
}

static int
tear_down (void **state)
{
    struct fixture *f = *state;

    gate_free (f->gate);
    consumers_free (f->consumers);
    spool_free (f->spool);
    scratch_remove (f->path);
    g_free (f->spool_path);
    g_free (f);
    return 0;
}

static void
a_full_spool_shuts_it_until_there_is_room (void **state)
{
    struct fixture *f = *state;
    struct consumer *mailer = consumers_claim (f->consumers, "mailer", 1000, 0, NULL);

    assert_null (gate_reason (f->gate));
    while (spool_bytes (f->spool) < 3000)
        scratch_record (f->spool, 8, "bounce");
    gate_check (f->gate);
    assert_non_null (gate_reason (f->gate));
    consumer_ack (mailer, spool_next (f->spool) - 1);
    assert_true (consumers_store (f->consumers, mailer, NULL));
    gate_check (f->gate);
    assert_null (gate_reason (f->gate));
    assert_true (spool_first (f->spool) > 1);
}

static void
what_may_pass_is_tried_again (void **state)
{
    struct fixture *f = *state;

    gate_shut (f->gate, "no luck");
    assert_string_equal (gate_reason (f->gate), "no luck");
    while (f->n_retries == 0)
        (void)g_main_context_iteration (NULL, TRUE);
    assert_null (gate_reason (f->gate));
}

static void
a_spool_that_moved_shuts_it (void **state)
{
    struct fixture *f = *state;
    g_autofree char *elsewhere = g_build_filename (f->path, "elsewhere", NULL);

    assert_int_equal (g_rename (f->spool_path, elsewhere), 0);
    spool_watch (f->spool);
    gate_check (f->gate);
    assert_non_null (gate_reason (f->gate));
    assert_int_equal (g_rename (elsewhere, f->spool_path), 0);
    spool_watch (f->spool);
    gate_check (f->gate);
    assert_null (gate_reason (f->gate));
}

#define TEST(name_) cmocka_unit_test_setup_teardown (name_, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_full_spool_shuts_it_until_there_is_room),
        TEST (what_may_pass_is_tried_again),
        TEST (a_spool_that_moved_shuts_it),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
