/* Reading the spool: in order, whole, with gaps told. */
#include "daemon/socket/stream.h"

#include "scratch.h"

#include "core/event/taxonomy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYTES 1000 /* some ten events */

struct scratch {
    char *path, *spool_path;
    struct spool *spool;
};

static int
set_up (void **state)
{
    struct scratch *scratch = g_new0 (struct scratch, 1);

    scratch->path = scratch_new ();
    scratch->spool_path = g_build_filename (scratch->path, "spool", NULL);
    scratch->spool = spool_open (scratch->spool_path, SEGMENT_BYTES, NULL);
    *state = scratch;
    return !scratch->spool;
}

static int
tear_down (void **state)
{
    struct scratch *scratch = *state;

    spool_free (scratch->spool);
    scratch_remove (scratch->path);
    g_free (scratch->spool_path);
    g_free (scratch);
    return 0;
}

/* The seqs that the stream gives to its end, as "1 2 [3-5] 6": gaps in brackets. (transfer full) */
static char *
read_all (struct stream *stream, const struct spool *spool, size_t n_bytes)
{
    g_autoptr (GString) seen = g_string_new (NULL);
    g_autoptr (GString) out = g_string_new (NULL);
    g_auto (GStrv) lines = NULL;

    while (stream_read (stream, spool, n_bytes, out))
        ;
    lines = g_strsplit (out->str, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        const char *seq = strstr (*line, "\"seq\":");
        unsigned from = 0, to = 0;
        g_string_append (seen, seen->len ? " " : "");
        if (seq)
            g_string_append_printf (seen, "%d", atoi (seq + strlen ("\"seq\":")));
        else if (sscanf (*line, "{\"gap\":{\"from\":%u,\"to\":%u}}", &from, &to) == 2)
            g_string_append_printf (seen, "[%u-%u]", from, to);
        else
            fail_msg ("neither event nor gap: %s", *line);
    }
    return g_strdup (seen->str);
}

static void
assert_reads (void **state, uint64_t from, unsigned kinds, const char *wanted)
{
    static const size_t sizes[] = { 1, 100, 65536 };
    const struct scratch *scratch = *state;

    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
        struct stream stream;
        g_autofree char *seen = NULL;
        stream_init (&stream, from, kinds);
        seen = read_all (&stream, scratch->spool, sizes[i]);
        assert_string_equal (seen, wanted);
        assert_int_equal (stream.seq, spool_next (scratch->spool));
        stream_done (&stream);
    }
}

/* The path of the segment that starts at @seq. (transfer full) */
static char *
segment (void **state, unsigned seq)
{
    const struct scratch *scratch = *state;
    g_autofree char *name = g_strdup_printf ("%020u.jsonl", seq);

    return g_build_filename (scratch->spool_path, name, NULL);
}

static void
events_come_in_order_over_segments (void **state)
{
    struct scratch *scratch = *state;

    assert_reads (state, 1, 0, "");
    for (unsigned i = 0; i < 6; i++)
        scratch_record (scratch->spool, 8, "bounce");
    assert_true (spool_segments (scratch->spool) > 2);
    assert_reads (state, 45, 0, "45 46 47 48");
    assert_reads (state, 49, 0, "");
    assert_reads (state, 40, 0, "40 41 42 43 44 45 46 47 48");
}

static void
what_comes_later_is_read_from_where_it_was (void **state)
{
    struct scratch *scratch = *state;
    struct stream stream;

    stream_init (&stream, 1, 0);
    for (unsigned i = 1; i < 40; i++) {
        g_autofree char *wanted = g_strdup_printf ("%u", i);
        g_autofree char *seen = NULL;
        scratch_record (scratch->spool, 1, "bounce");
        seen = read_all (&stream, scratch->spool, 65536);
        assert_string_equal (seen, wanted);
    }
    stream_done (&stream);
}

static void
kinds_select (void **state)
{
    struct scratch *scratch = *state;

    scratch_record (scratch->spool, 2, "bounce");
    scratch_record (scratch->spool, 2, "other");
    scratch_record (scratch->spool, 1, "complaint");
    assert_reads (state, 1, 1u << DSN_KIND_OTHER, "3 4");
    assert_reads (state, 1, 1u << DSN_KIND_BOUNCE | 1u << DSN_KIND_COMPLAINT, "1 2 5");
    assert_reads (state, 1, 1u << DSN_KIND_RECEIPT, "");
}

static void
a_deleted_segment_is_a_gap (void **state)
{
    struct scratch *scratch = *state;

    for (unsigned i = 0; i < 6; i++)
        scratch_record (scratch->spool, 16, "bounce");
    assert_true (spool_trim (scratch->spool, spool_next (scratch->spool), 0, 0) > 0);
    {
        const unsigned first = (unsigned)spool_first (scratch->spool);
        struct stream stream;
        g_autofree char *seen = NULL;
        g_autofree char *gap = g_strdup_printf ("[3-%u] %u ", first - 1, first);
        stream_init (&stream, 3, 0);
        seen = read_all (&stream, scratch->spool, 65536);
        assert_true (g_str_has_prefix (seen, gap));
        stream_done (&stream);
    }
}

static void
a_damaged_line_is_a_gap (void **state)
{
    struct scratch *scratch = *state;
    g_autofree char *path = segment (state, 1);
    g_autofree char *text = NULL;
    gsize n;

    scratch_record (scratch->spool, 5, "bounce");
    assert_true (g_file_get_contents (path, &text, &n, NULL));
    *strstr (text, "\"seq\":3") = '?';
    assert_true (g_file_set_contents (path, text, (gssize)n, NULL));
    assert_reads (state, 1, 0, "1 2 [3-3] 4 5");
}

static void
a_vanished_file_is_a_gap (void **state)
{
    struct scratch *scratch = *state;
    g_autofree char *path = segment (state, 1);
    struct stream stream;
    g_autofree char *seen = NULL;

    for (unsigned i = 0; i < 4; i++)
        scratch_record (scratch->spool, 16, "bounce");
    assert_int_equal (g_unlink (path), 0);
    stream_init (&stream, 1, 0);
    seen = read_all (&stream, scratch->spool, 65536);
    assert_true (g_str_has_prefix (seen, "[1-32] 33 "));
    assert_true (g_str_has_suffix (seen, " 64"));
    stream_done (&stream);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (events_come_in_order_over_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown (what_comes_later_is_read_from_where_it_was, set_up,
                                         tear_down),
        cmocka_unit_test_setup_teardown (kinds_select, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_deleted_segment_is_a_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_damaged_line_is_a_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_vanished_file_is_a_gap, set_up, tear_down),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
