/* Output in the order of the items whatever the number of workers, and workers that die. */
#include "cli/parse/jobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record {
    GString *output;
    size_t n_done, n_died, n_complaints, n_notes;
    size_t stop_at; /* bytes of output after which to stop; 0: never */
    int signal;     /* of the last death */
};

static void
work (size_t i, struct jobs_out *out, void *data)
{
    g_autofree char *line = g_strdup_printf ("%zu\n", i);

    (void)data;
    if (i % 100 == 7)
        _exit (3);
    if (i % 100 == 8)
        (void)raise (SIGKILL);
    if (i % 100 == 9)
        jobs_complain (out, "nine");
    if (i % 100 == 10)
        jobs_note (out, "ten");
    /* more than any buffer holds, in two pieces */
    if (i % 100 == 50) {
        g_autofree char *filler = g_strnfill (700 * 1024, '.');
        jobs_put (out, dsn_bytes_str (filler));
        jobs_put (out, dsn_bytes_str (filler));
    }
    jobs_put (out, dsn_bytes_str (line));
}

static bool
take (struct dsn_bytes piece, void *data)
{
    struct record *r = data;

    g_string_append_len (r->output, piece.p, (gssize)piece.n);
    return r->stop_at == 0 || r->output->len < r->stop_at;
}

static void
done (size_t i, void *data)
{
    struct record *r = data;

    assert_int_equal (i, r->n_done);
    r->n_done++;
}

static void
died (size_t i, int signal_number, void *data)
{
    struct record *r = data;

    r->n_died++;
    r->signal = signal_number;
    assert_int_equal (signal_number, i % 100 == 8 ? SIGKILL : 0);
    g_string_append_printf (r->output, "died %zu\n", i);
}

static void
complain (const char *message, void *data)
{
    struct record *r = data;

    assert_string_equal (message, "nine");
    r->n_complaints++;
}

static void
note (const char *text, void *data)
{
    struct record *r = data;

    assert_string_equal (text, "ten");
    r->n_notes++;
}

static bool
run (size_t n_items, unsigned n_workers, struct record *r)
{
    const struct jobs jobs = { n_items, n_workers, work, take, done, died, complain, note, r };

    r->output = g_string_new (NULL);
    return jobs_run (&jobs);
}

static void
output_is_in_order (void **state)
{
    static const size_t counts[] = { 0, 1, 7, 8, 9, 16, 17, 120, 333 };

    (void)state;
    for (size_t c = 0; c < G_N_ELEMENTS (counts); c++) {
        struct record one = { 0 };
        assert_true (run (counts[c], 1, &one));
        assert_int_equal (one.n_done, counts[c]);
        for (unsigned workers = 2; workers <= 5; workers += 3) {
            struct record many = { 0 };
            assert_true (run (counts[c], workers, &many));
            assert_int_equal (many.n_done, counts[c]);
            assert_int_equal (many.n_died, one.n_died);
            assert_int_equal (many.n_complaints, one.n_complaints);
            assert_string_equal (many.output->str, one.output->str);
            g_string_free (many.output, TRUE);
        }
        g_string_free (one.output, TRUE);
    }
}

static void
a_death_costs_one_item (void **state)
{
    struct record r = { 0 };

    (void)state;
    assert_true (run (12, 2, &r));
    assert_int_equal (r.n_died, 2);
    assert_int_equal (r.n_complaints, 1);
    assert_int_equal (r.n_notes, 1);
    assert_string_equal (r.output->str, "0\n1\n2\n3\n4\n5\n6\ndied 7\ndied 8\n9\n10\n11\n");
    g_string_free (r.output, TRUE);
}

static void
the_taker_can_stop (void **state)
{
    struct record r = { .stop_at = 5 };

    (void)state;
    assert_false (run (333, 3, &r));
    assert_true (r.n_done < 10);
    g_string_free (r.output, TRUE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (output_is_in_order),
        cmocka_unit_test (a_death_costs_one_item),
        cmocka_unit_test (the_taker_can_stop),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
