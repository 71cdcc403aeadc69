/* What recovery makes of a segment: of every prefix, of every flipped bit, of half a mail. */
#include "daemon/spool/recovery.h"
#include "daemon/spool/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

/* Appends the event @part of @n_parts with @seq. */
static void
append (GString *out, unsigned seq, unsigned part, unsigned n_parts)
{
    const gsize start = out->len;

    g_string_append_printf (out,
                            "{\"v\":1,\"seq\":%u,\"part\":[%u,%u],\"kind\":\"bounce\",\"source\":{"
                            "\"mailbox\":\"in\",\"file\":\"%u.host\",\"size\":%u,\"ino\":5,"
                            "\"mtime_ns\":6}}",
                            seq, part, n_parts, seq - part, seq);
    dsn_spoolline_finish (out, start);
}

/* Ten events from seq 8 on: mails of 1, 3, 2, 1, 3 recipients. */
static GString *
segment (GArray *ends)
{
    static const unsigned counts[] = { 1, 3, 2, 1, 3 };
    GString *out = g_string_new (NULL);
    unsigned seq = 8;

    for (size_t i = 0; i < G_N_ELEMENTS (counts); i++) {
        for (unsigned part = 1; part <= counts[i]; part++)
            append (out, seq++, part, counts[i]);
        g_array_append_val (ends, out->len);
    }
    return out;
}

static struct recovery
scan (const char *p, size_t n, GPtrArray *recorded)
{
    /* an exact copy on the heap, so that a sanitizer sees a read past it */
    g_autofree char *copy = n ? g_memdup2 (p, n) : NULL;

    return recovery_scan ((struct dsn_bytes){ copy, n }, 8, recorded);
}

static void
a_whole_segment_is_kept (void **state)
{
    g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
    g_autoptr (GString) bytes = segment (ends);
    g_autoptr (GPtrArray) recorded = g_ptr_array_new_with_free_func (spool_recorded_free);
    const struct recovery r = scan (bytes->str, bytes->len, recorded);
    const struct spool_recorded *last;

    (void)state;
    assert_int_equal (r.good_bytes, bytes->len);
    assert_int_equal (r.next, 18);
    assert_int_equal (r.bad_bytes, 0);
    assert_false (r.is_damaged);
    assert_int_equal (recorded->len, 5);
    last = g_ptr_array_index (recorded, 4);
    assert_string_equal (last->mailbox, "in");
    assert_string_equal (last->file, "14.host");
    assert_string_equal (last->kind, "bounce");
    assert_int_equal (last->ino, 5);
    assert_int_equal (last->mtime_ns, 6);
}

/* A crash leaves a prefix: whole mails are kept, the rest is cut, and it's never damage. */
static void
every_prefix_keeps_its_whole_mails (void **state)
{
    g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
    g_autoptr (GString) bytes = segment (ends);
    static const unsigned nexts[] = { 8, 9, 12, 14, 15, 18 };

    (void)state;
    for (size_t n = 0; n <= bytes->len; n++) {
        const struct recovery r = scan (bytes->str, n, NULL);
        unsigned n_mails = 0;
        while (n_mails < ends->len && g_array_index (ends, gsize, n_mails) <= n)
            n_mails++;
        assert_int_equal (r.good_bytes, n_mails ? g_array_index (ends, gsize, n_mails - 1) : 0);
        assert_int_equal (r.next, nexts[n_mails]);
        assert_int_equal (r.good_bytes + r.bad_bytes, n);
        assert_false (r.is_damaged);
    }
}

/* P6, for many events of one recipient each. */
static void
each_cut_of_many_events_is_found (void **state)
{
    enum { EVENTS = 200 };
    g_autoptr (GString) bytes = g_string_new (NULL);
    gsize ends[EVENTS + 1] = { 0 };
    unsigned n_whole = 0;

    (void)state;
    for (unsigned i = 0; i < EVENTS; i++) {
        append (bytes, 8 + i, 1, 1);
        ends[i + 1] = bytes->len;
    }
    for (size_t n = 0; n <= bytes->len; n++) {
        const struct recovery r = scan (bytes->str, n, NULL);
        n_whole += n_whole < EVENTS && ends[n_whole + 1] <= n;
        assert_int_equal (r.good_bytes, ends[n_whole]);
        assert_int_equal (r.bad_bytes, n - ends[n_whole]);
        assert_int_equal (r.next, 8 + n_whole);
        assert_false (r.is_damaged);
    }
}

static void
each_flipped_bit_of_many_events_is_found (void **state)
{
    enum { EVENTS = 50 };
    g_autoptr (GString) bytes = g_string_new (NULL);

    (void)state;
    for (unsigned i = 0; i < EVENTS; i++)
        append (bytes, 8 + i, 1, 1);
    for (size_t bit = 0; bit < bytes->len * 8; bit++) {
        struct recovery r;
        bytes->str[bit / 8] = (char)((unsigned char)bytes->str[bit / 8] ^ (1u << (bit % 8)));
        r = recovery_scan ((struct dsn_bytes){ bytes->str, bytes->len }, 8, NULL);
        bytes->str[bit / 8] = (char)((unsigned char)bytes->str[bit / 8] ^ (1u << (bit % 8)));
        assert_true (r.bad_bytes > 0 && r.good_bytes <= bit / 8);
    }
}

/* A flipped bit never passes; with valid events behind it, it's damage and nothing is cut. */
static void
every_flipped_bit_is_found (void **state)
{
    g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
    g_autoptr (GString) bytes = segment (ends);
    const gsize last_line =
        (gsize)((char *)memrchr (bytes->str, '\n', bytes->len - 1) - bytes->str) + 1;

    (void)state;
    for (size_t bit = 0; bit < bytes->len * 8; bit++) {
        struct recovery r;
        bytes->str[bit / 8] = (char)((unsigned char)bytes->str[bit / 8] ^ (1u << (bit % 8)));
        r = scan (bytes->str, bytes->len, NULL);
        bytes->str[bit / 8] = (char)((unsigned char)bytes->str[bit / 8] ^ (1u << (bit % 8)));
        assert_true (r.bad_bytes > 0 && r.good_bytes <= bit / 8);
        /* the line feed before the last line keeps both from being read */
        if (bit / 8 < last_line - 1) {
            assert_true (r.is_damaged);
            assert_int_equal (r.next, 18);
        } else {
            assert_false (r.is_damaged);
            assert_int_equal (r.next, 15);
        }
    }
}

/* Their events are served, so the mails behind damage are as recorded as those before it; one that
 * was hit isn't. */
static void
mails_behind_damage_are_recorded (void **state)
{
    g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
    g_autoptr (GString) bytes = segment (ends);
    g_autoptr (GPtrArray) recorded = g_ptr_array_new_with_free_func (spool_recorded_free);
    const struct spool_recorded *second;

    (void)state;
    bytes->str[g_array_index (ends, gsize, 0) + 10] =
        '#'; /* in the first of the three of 9 to 11 */
    (void)scan (bytes->str, bytes->len, recorded);
    assert_int_equal (recorded->len, 4);
    second = g_ptr_array_index (recorded, 1);
    assert_string_equal (second->file, "11.host");
}

static void
what_does_not_follow_is_not_kept (void **state)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    struct recovery r;

    (void)state;
    append (bytes, 9, 1, 1); /* the segment starts at 8 */
    r = scan (bytes->str, bytes->len, NULL);
    assert_int_equal (r.good_bytes, 0);
    assert_true (r.is_damaged);
    assert_int_equal (r.next, 10);
    g_string_truncate (bytes, 0);
    append (bytes, 8, 2, 2); /* the first part isn't there */
    r = scan (bytes->str, bytes->len, NULL);
    assert_int_equal (r.good_bytes, 0);
    g_string_truncate (bytes, 0);
    append (bytes, 8, 1, 2);
    append (bytes, 9, 1, 1); /* the second part isn't there */
    r = scan (bytes->str, bytes->len, NULL);
    assert_int_equal (r.good_bytes, 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_whole_segment_is_kept),
        cmocka_unit_test (every_prefix_keeps_its_whole_mails),
        cmocka_unit_test (every_flipped_bit_is_found),
        cmocka_unit_test (each_cut_of_many_events_is_found),
        cmocka_unit_test (each_flipped_bit_of_many_events_is_found),
        cmocka_unit_test (mails_behind_damage_are_recorded),
        cmocka_unit_test (what_does_not_follow_is_not_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
