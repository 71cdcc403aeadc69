/* Which worker reads a mail, and what comes of workers that die, hang, lie or grow old. The pool
 * starts this program itself as its workers, and a mail says what its worker is to do.
 */
#include "daemon/workers/pool.h"
#include "daemon/workers/wire.h"
#include "daemon/workers/worker.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_S 120 /* only a failure takes so long */

/* --- the worker ------------------------------------------------------------------------------ */

/* The text of the setup's first file: the rules' version, or a word on what to do with them; and
 * of its second: a path. */
static char *
setup_text (const struct setup *setup, unsigned i)
{
    const struct setup_file *file = g_ptr_array_index (setup->files, i);

    return g_strndup (g_bytes_get_data (file->text, NULL), g_bytes_get_size (file->text));
}

static struct setup *
read_setup (void)
{
    static char bytes[65536];
    const ssize_t n = pread (WORKER_FD_SETUP, bytes, sizeof bytes, 0);

    return setup_decode ((struct dsn_bytes){ bytes, (size_t)n });
}

static void
say (const void *p, size_t n)
{
    if (send (WORKER_FD_SOCKET, p, n, MSG_NOSIGNAL) != (ssize_t)n)
        _exit (0);
}

static void
say_hello (bool is_ready, const char *text)
{
    const struct wire_hello hello = { .magic = WIRE_HELLO,
                                      .is_ready = is_ready,
                                      .n_bytes = (uint32_t)strlen (text) };

    say (&hello, sizeof hello);
    say (text, strlen (text));
}

static void
answer (const struct wire_request *request, char what)
{
    struct dsn_report *report = dsn_report_new ();
    g_autoptr (GString) bytes = g_string_new (NULL);
    struct wire_reply reply = { .offset = request->offset + (what == 'o') };

    report->kind = DSN_KIND_BOUNCE;
    wire_encode (bytes, report);
    reply.n_bytes = (uint32_t)bytes->len;
    reply.peak_kib = what == 'l' ? 5000 : 10;
    reply.n_refused = what == 'r' ? 3 : 0;
    reply.refused_call = 42;
    say (&reply, sizeof reply);
    say (bytes->str, bytes->len);
    dsn_report_free (report);
}

/* Reads one mail: k kills its worker, K does it once, h hangs it; o is answered by a lie. */
static void
read_mail (const struct wire_request *request, const char *once_path)
{
    char what = 0;

    if (pread (WORKER_FD_ARENA, &what, 1, request->offset) != 1 || what == 'k')
        _exit (1);
    if (what == 'K' && open (once_path, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0)
        _exit (1);
    while (what == 'h')
        (void)pause ();
    answer (request, what);
}

static int
work (void)
{
    struct setup *setup = read_setup ();
    char *version = setup_text (setup, 0);
    char *once_path = setup_text (setup, 1);
    struct wire_request request;

    if (strcmp (version, "end") == 0)
        return 0;
    say_hello (strcmp (version, "wrong") != 0, version);
    while (recv (WORKER_FD_SOCKET, &request, sizeof request, MSG_WAITALL) == sizeof request)
        read_mail (&request, once_path);
    return 0;
}

/* --- what the pool tells --------------------------------------------------------------------- */

struct fixture {
    char *path;
    struct pool_options options;
    struct pool *pool;
    GString *told; /* a letter and the mail for each thing that was told */
    char *ruleset; /* of the last answer */
    char *reload_error;
    unsigned n_reloaded, n_answered, n_given_up;
    int refused_call;
};

static void
tell (struct fixture *f, char what, const void *job)
{
    g_string_append_printf (f->told, "%c%s ", what, (const char *)job);
}

static void
answered (void *data, void *job, struct dsn_report *report, size_t n_bytes, const char *ruleset)
{
    struct fixture *f = data;

    assert_int_equal (report->kind, DSN_KIND_BOUNCE);
    assert_true (n_bytes > 0);
    tell (f, '+', job);
    f->n_answered++;
    g_free (f->ruleset);
    f->ruleset = g_strdup (ruleset);
    dsn_report_free (report);
}

static void
stumbled (void *data, void *job)
{
    tell (data, '?', job);
}

static void
gave_up (void *data, void *job, const char *ruleset)
{
    assert_string_equal (ruleset, "1");
    tell (data, '-', job);
    ((struct fixture *)data)->n_given_up++;
}

static void
was_refused (void *data, void *job, int call)
{
    tell (data, 'r', job);
    ((struct fixture *)data)->refused_call = call;
}

static void
reloaded (void *data, const char *error)
{
    struct fixture *f = data;

    f->n_reloaded++;
    g_free (f->reload_error);
    f->reload_error = g_strdup (error);
}

static void
has_room (void *data)
{
    (void)data;
}

static void
broke (void *data)
{
    tell (data, '!', "");
}

static const struct pool_handler handler = { .answered = answered,
                                             .stumbled = stumbled,
                                             .gave_up = gave_up,
                                             .was_refused = was_refused,
                                             .reloaded = reloaded,
                                             .has_room = has_room,
                                             .broke = broke };

/* --- the pool -------------------------------------------------------------------------------- */

static struct setup *
make_setup (const struct fixture *f, const char *version)
{
    struct setup *setup = setup_new ();
    g_autoptr (GString) text = g_string_new (version);
    g_autoptr (GString) once = g_string_new (f->path);

    g_string_append (once, "/once");
    setup_add_text (setup, "version", text);
    setup_add_text (setup, "once", once);
    return setup;
}

static int
set_up (void **state)
{
    struct fixture *f = g_new0 (struct fixture, 1);

    f->path = scratch_new ();
    f->told = g_string_new (NULL);
    f->options = (struct pool_options){ .workers_count = 1,
                                        .deadline_ms = 1000 * PATIENCE_S,
                                        .mails_max = 1000,
                                        .mails_large_max = 1000,
                                        .peak_kib_max = 1000,
                                        .limits = dsn_limits_default (),
                                        .handler = &handler,
                                        .data = f };
    *state = f;
    return 0;
}

static int
tear_down (void **state)
{
    struct fixture *f = *state;

    pool_free (f->pool);
    scratch_remove (f->path);
    (void)g_string_free (f->told, TRUE);
    g_free (f->ruleset);
    g_free (f->reload_error);
    g_free (f);
    return 0;
}

static gboolean
run_out (gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @is_done. */
static void
run_until (struct fixture *f, bool (*is_done) (const struct fixture *f))
{
    bool is_over = false;
    const guint source = g_timeout_add_seconds (PATIENCE_S, run_out, &is_over);

    while (!is_done (f) && !is_over) {
        (void)g_main_context_iteration (NULL, TRUE);
        pool_reap (f->pool);
    }
    (void)g_source_remove (source);
    if (is_over) {
        (void)fputs ("waited in vain; the tests that follow would, too\n", stderr);
        exit (EXIT_FAILURE);
    }
}

static bool
all_are_ready (const struct fixture *f)
{
    return pool_ready (f->pool) == f->options.workers_count;
}

static void
start (struct fixture *f)
{
    g_autoptr (setup_t) setup = make_setup (f, "1");

    f->pool = pool_new (&f->options, setup, NULL);
    assert_non_null (f->pool);
    run_until (f, all_are_ready);
}

/* Hands over a mail, which is its own name. False: there's no room. */
static bool
submit (struct fixture *f, const char *mail)
{
    struct pool_place place;

    if (!pool_reserve (f->pool, strlen (mail), &place))
        return false;
    memcpy (place.p, mail, strlen (mail));
    pool_submit (f->pool, &place, strlen (mail), strlen (mail), (void *)mail);
    return true;
}

static bool
one_is_told (const struct fixture *f)
{
    return f->n_answered + f->n_given_up == 1;
}

static bool
two_are_told (const struct fixture *f)
{
    return f->n_answered + f->n_given_up == 2;
}

static bool
three_are_told (const struct fixture *f)
{
    return f->n_answered + f->n_given_up == 3;
}

static bool
reload_is_told (const struct fixture *f)
{
    return f->n_reloaded > 0;
}

static void
mails_are_answered_in_their_order (void **state)
{
    struct fixture *f = *state;

    start (f);
    assert_true (submit (f, "a") && submit (f, "b") && submit (f, "c"));
    pool_flush (f->pool);
    run_until (f, three_are_told);
    assert_string_equal (f->told->str, "+a +b +c ");
    assert_string_equal (f->ruleset, "1");
    assert_int_equal (pool_started (f->pool), 1);
    assert_int_equal (pool_deaths (f->pool), 0);
    assert_int_equal (pool_refused (f->pool), 0);
}

static void
the_idlest_worker_is_next (void **state)
{
    struct fixture *f = *state;
    struct pool_place first, again, second, third;

    f->options.workers_count = 2;
    start (f);
    assert_int_equal (pool_started (f->pool), 2);
    assert_true (pool_reserve (f->pool, 10, &first));
    assert_true (pool_reserve (f->pool, 10, &again));
    assert_true (first.p == again.p && first.slot == again.slot && first.offset == again.offset);
    pool_submit (f->pool, &first, 10, 10, (void *)"a");
    assert_true (pool_reserve (f->pool, 10, &second));
    assert_int_not_equal (first.slot, second.slot);
    pool_submit (f->pool, &second, 10, 10, (void *)"b");
    assert_true (pool_reserve (f->pool, 10, &third));
    assert_int_equal (third.slot, first.slot);
    assert_true (third.p >= first.p + 10);
}

static void
the_second_death_is_the_last (void **state)
{
    struct fixture *f = *state;

    start (f);
    assert_true (submit (f, "a") && submit (f, "k") && submit (f, "b"));
    pool_flush (f->pool);
    run_until (f, three_are_told);
    assert_string_equal (f->told->str, "+a ?k +b -k ");
    assert_int_equal (pool_deaths (f->pool), 2);
    run_until (f, all_are_ready);
    assert_int_equal (pool_started (f->pool), 3);
    assert_true (submit (f, "c"));
}

static void
one_death_is_forgiven (void **state)
{
    struct fixture *f = *state;

    start (f);
    assert_true (submit (f, "K") && submit (f, "b"));
    pool_flush (f->pool);
    run_until (f, two_are_told);
    assert_string_equal (f->told->str, "?K +b +K ");
    assert_int_equal (pool_deaths (f->pool), 1);
}

static void
a_lie_is_as_bad_as_a_death (void **state)
{
    struct fixture *f = *state;

    start (f);
    assert_true (submit (f, "o"));
    pool_flush (f->pool);
    run_until (f, one_is_told);
    assert_string_equal (f->told->str, "?o -o ");
}

static void
a_worker_that_hangs_is_ended (void **state)
{
    struct fixture *f = *state;

    f->options.deadline_ms = 300;
    start (f);
    assert_true (submit (f, "h"));
    pool_flush (f->pool);
    run_until (f, one_is_told);
    assert_string_equal (f->told->str, "?h -h ");
}

static void
an_old_worker_takes_no_more (void **state)
{
    struct fixture *f = *state;

    f->options.mails_max = 2;
    start (f);
    assert_true (submit (f, "a") && submit (f, "b"));
    assert_false (submit (f, "c"));
    pool_flush (f->pool);
    run_until (f, two_are_told);
    assert_int_equal (pool_started (f->pool), 2);
    run_until (f, all_are_ready);
    assert_true (submit (f, "c"));
    assert_int_equal (pool_deaths (f->pool), 0);
}

static void
a_large_worker_goes_sooner (void **state)
{
    struct fixture *f = *state;

    f->options.mails_large_max = 2;
    start (f);
    assert_true (submit (f, "a") && submit (f, "l"));
    pool_flush (f->pool);
    run_until (f, two_are_told);
    assert_int_equal (pool_started (f->pool), 2);
}

static void
refusals_are_counted_and_the_first_is_told (void **state)
{
    struct fixture *f = *state;

    f->options.mails_max = 1;
    start (f);
    assert_true (submit (f, "r"));
    pool_flush (f->pool);
    run_until (f, one_is_told);
    run_until (f, all_are_ready);
    assert_true (submit (f, "r"));
    pool_flush (f->pool);
    run_until (f, two_are_told);
    assert_string_equal (f->told->str, "rr +r +r ");
    assert_int_equal (f->refused_call, 42);
    assert_int_equal (pool_refused (f->pool), 6);
}

static void
reload (struct fixture *f, const char *version)
{
    g_autoptr (setup_t) setup = make_setup (f, version);

    pool_reload (f->pool, setup);
    run_until (f, reload_is_told);
}

static void
a_new_setup_goes_to_all_workers (void **state)
{
    struct fixture *f = *state;

    f->options.workers_count = 2;
    start (f);
    reload (f, "2");
    assert_null (f->reload_error);
    assert_int_equal (f->n_reloaded, 1);
    run_until (f, all_are_ready);
    assert_int_equal (pool_started (f->pool), 4);
    assert_true (submit (f, "a") && submit (f, "b"));
    pool_flush (f->pool);
    run_until (f, two_are_told);
    assert_string_equal (f->ruleset, "2");
    assert_int_equal (pool_deaths (f->pool), 0);
}

static void
the_same_setup_starts_nothing (void **state)
{
    struct fixture *f = *state;
    g_autoptr (setup_t) setup = make_setup (f, "1");

    start (f);
    pool_reload (f->pool, setup);
    assert_int_equal (f->n_reloaded, 1);
    assert_null (f->reload_error);
    assert_int_equal (pool_started (f->pool), 1);
}

static void
a_setup_that_is_wrong_changes_nothing (void **state)
{
    struct fixture *f = *state;

    start (f);
    reload (f, "wrong");
    assert_string_equal (f->reload_error, "wrong");
    f->n_reloaded = 0;
    reload (f, "end");
    assert_non_null (strstr (f->reload_error, "it ended while it read them"));
    assert_int_equal (pool_started (f->pool), 1);
    assert_true (submit (f, "a"));
    pool_flush (f->pool);
    run_until (f, one_is_told);
    assert_string_equal (f->ruleset, "1");
}

static void
jobs_in_flight_are_dropped_silently (void **state)
{
    struct fixture *f = *state;

    start (f);
    assert_true (submit (f, "h") && submit (f, "a"));
    pool_flush (f->pool);
    pool_free (f->pool);
    f->pool = NULL;
    assert_string_equal (f->told->str, "");
}

#define POOL_TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST (mails_are_answered_in_their_order),
        POOL_TEST (the_idlest_worker_is_next),
        POOL_TEST (the_second_death_is_the_last),
        POOL_TEST (one_death_is_forgiven),
        POOL_TEST (a_lie_is_as_bad_as_a_death),
        POOL_TEST (a_worker_that_hangs_is_ended),
        POOL_TEST (an_old_worker_takes_no_more),
        POOL_TEST (a_large_worker_goes_sooner),
        POOL_TEST (refusals_are_counted_and_the_first_is_told),
        POOL_TEST (a_new_setup_goes_to_all_workers),
        POOL_TEST (the_same_setup_starts_nothing),
        POOL_TEST (a_setup_that_is_wrong_changes_nothing),
        POOL_TEST (jobs_in_flight_are_dropped_silently),
    };

    if (argc == 2 && strcmp (argv[1], "--worker") == 0)
        return work ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
