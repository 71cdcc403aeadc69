/* Spool lines: the checksum, judging a line, and what every cut and every flipped bit gives. */
#include "core/event/spoolline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EVENT                                                                                      \
    "{\"v\":1,\"seq\":42,\"id\":\"00ff-2\",\"part\":[2,3],\"time\":\"2026-01-02T03:04:05.678Z\","  \
    "\"kind\":\"bounce\",\"diagnostic\":\"\\\",\\\"source\\\":{\",\"source\":{\"mailbox\":\"in\"," \
    "\"file\":\"1.M2\\\"P3.host\",\"size\":2048,\"ino\":77,\"mtime_ns\":-5}}"

static GString *
make_line (const char *json)
{
    GString *line = g_string_new (json);
    dsn_spoolline_finish (line, 0);
    return line;
}

static struct dsn_bytes
bytes_of (const GString *line)
{
    return (struct dsn_bytes){ line->str, line->len };
}

static void
crc_gives_the_published_values (void **state)
{
    char zeros[32] = { 0 };
    char ones[32];

    (void)state;
    memset (ones, 0xff, sizeof ones);
    assert_int_equal (dsn_crc32c (dsn_bytes_str ("123456789")), 0xe3069283u);
    assert_int_equal (dsn_crc32c ((struct dsn_bytes){ zeros, 32 }), 0x8a9136aau);
    assert_int_equal (dsn_crc32c ((struct dsn_bytes){ ones, 32 }), 0x62a8ab43u);
    assert_int_equal (dsn_crc32c ((struct dsn_bytes){ NULL, 0 }), 0);
}

/* Both ways give the same, at every length and from every address. */
static void
crc_is_the_same_on_every_processor (void **state)
{
    char bytes[300];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 3);
    assert_int_equal (dsn_crc32c_portable (dsn_bytes_str ("123456789")), 0xe3069283u);
    for (size_t from = 0; from < 9; from++)
        for (size_t n = 0; n <= sizeof bytes - from; n++) {
            const struct dsn_bytes in = { bytes + from, n };
            assert_int_equal (dsn_crc32c_portable (in), dsn_crc32c (in));
        }
}

static void
a_finished_line_is_valid (void **state)
{
    g_autoptr (GString) line = make_line (EVENT);
    struct dsn_spoolline got;

    (void)state;
    g_string_append (line, "{\"v\":1");
    assert_int_equal (dsn_spoolline_check (bytes_of (line), &got), DSN_SPOOLLINE_VALID);
    assert_int_equal (got.n_bytes, line->len - strlen ("{\"v\":1"));
    assert_int_equal (got.seq, 42);
    assert_int_equal (got.part, 2);
    assert_int_equal (got.n_parts, 3);
}

static void
finish_leaves_earlier_lines_alone (void **state)
{
    g_autoptr (GString) lines = make_line (EVENT);
    const size_t first = lines->len;
    struct dsn_spoolline got;

    (void)state;
    g_string_append (lines, EVENT);
    dsn_spoolline_finish (lines, first);
    assert_int_equal (lines->len, 2 * first);
    assert_memory_equal (lines->str, lines->str + first, first);
    assert_int_equal (dsn_spoolline_check (bytes_of (lines), &got), DSN_SPOOLLINE_VALID);
    assert_int_equal (got.n_bytes, first);
}

static void
every_prefix_is_torn (void **state)
{
    g_autoptr (GString) line = make_line (EVENT);
    struct dsn_spoolline got;

    (void)state;
    for (size_t n = 1; n < line->len; n++) {
        /* an exact copy on the heap, so that a sanitizer sees a read past it */
        g_autofree char *copy = g_memdup2 (line->str, n);
        assert_int_equal (dsn_spoolline_check ((struct dsn_bytes){ copy, n }, &got),
                          DSN_SPOOLLINE_TORN);
        assert_int_equal (got.n_bytes, n);
    }
}

static void
every_flipped_bit_is_seen (void **state)
{
    g_autoptr (GString) line = make_line (EVENT);
    struct dsn_spoolline got;

    (void)state;
    for (size_t i = 0; i < line->len * 8; i++) {
        g_autofree char *copy = g_memdup2 (line->str, line->len);
        copy[i / 8] = (char)((unsigned char)copy[i / 8] ^ (1u << (i % 8)));
        assert_int_not_equal (dsn_spoolline_check ((struct dsn_bytes){ copy, line->len }, &got),
                              DSN_SPOOLLINE_VALID);
        assert_in_range (got.n_bytes, 1, line->len);
    }
}

static const struct {
    const char *json;
    enum dsn_spoolline_state state;
} forms[] = {
    { "{\"v\":1,\"seq\":1,\"part\":[1,1]}", DSN_SPOOLLINE_VALID },
    { "{\"v\":1,\"seq\":9223372036854775807,\"x\":0,\"part\":[1,1]}", DSN_SPOOLLINE_VALID },
    { "{\"v\":2,\"seq\":1,\"part\":[1,1]}", DSN_SPOOLLINE_LATER },
    { "{\"v\":2,\"number\":1}", DSN_SPOOLLINE_LATER },
    { "{\"v\":x,\"seq\":1,\"part\":[1,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":9223372036854775808,\"part\":[1,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":0,\"part\":[1,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":1,\"part\":[0,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":1,\"part\":[2,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":1,\"part\":[1,1", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"seq\":1}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"v\":1,\"part\":[1,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{\"seq\":1,\"v\":1,\"part\":[1,1]}", DSN_SPOOLLINE_BAD_FORM },
    { "{}", DSN_SPOOLLINE_BAD_FORM },
};

static void
a_right_checksum_is_not_enough (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++) {
        g_autoptr (GString) line = g_string_new (forms[i].json);
        struct dsn_spoolline got;
        if (!g_str_has_suffix (forms[i].json, "}"))
            g_string_append_c (line, '}');
        dsn_spoolline_finish (line, 0);
        assert_int_equal (dsn_spoolline_check (bytes_of (line), &got), forms[i].state);
    }
    struct dsn_spoolline got;
    assert_int_equal (dsn_spoolline_check (dsn_bytes_str ("\n"), &got), DSN_SPOOLLINE_BAD_FORM);
    assert_int_equal (got.n_bytes, 1);
}

static void
a_line_without_end_is_too_long (void **state)
{
    g_autofree char *bytes = g_malloc (DSN_SPOOLLINE_MAX_BYTES);
    struct dsn_spoolline got;

    (void)state;
    memset (bytes, 'x', DSN_SPOOLLINE_MAX_BYTES);
    assert_int_equal (
        dsn_spoolline_check ((struct dsn_bytes){ bytes, DSN_SPOOLLINE_MAX_BYTES - 1 }, &got),
        DSN_SPOOLLINE_TORN);
    assert_int_equal (
        dsn_spoolline_check ((struct dsn_bytes){ bytes, DSN_SPOOLLINE_MAX_BYTES }, &got),
        DSN_SPOOLLINE_TOO_LONG);
    assert_int_equal (got.n_bytes, DSN_SPOOLLINE_MAX_BYTES);
}

static void
assert_bytes (struct dsn_bytes got, const char *expected)
{
    assert_int_equal (got.n, strlen (expected));
    assert_memory_equal (got.p, expected, got.n);
}

static void
source_and_kind_are_read (void **state)
{
    g_autoptr (GString) line = make_line (EVENT);
    struct dsn_spoolline_source source;

    (void)state;
    assert_true (dsn_spoolline_source (bytes_of (line), &source));
    assert_bytes (source.mailbox, "in");
    assert_bytes (source.file, "1.M2\\\"P3.host");
    assert_int_equal (source.size_bytes, 2048);
    assert_int_equal (source.ino, 77);
    assert_int_equal (source.mtime_ns, -5);
    assert_bytes (dsn_spoolline_kind (bytes_of (line)), "bounce");
    assert_bytes (dsn_spoolline_kind (dsn_bytes_str ("{\"v\":1}")), "");
    assert_false (dsn_spoolline_source (dsn_bytes_str ("{\"v\":1}"), &source));
}

static void
source_of_every_prefix_is_safe (void **state)
{
    g_autoptr (GString) line = make_line (EVENT);

    (void)state;
    for (size_t n = 0; n <= line->len; n++) {
        g_autofree char *copy = n ? g_memdup2 (line->str, n) : NULL;
        struct dsn_spoolline_source source = { 0 };
        const bool has = dsn_spoolline_source ((struct dsn_bytes){ copy, n }, &source);
        assert_true (has ? source.file.n > 0 : source.file.n == 0);
        assert_in_range (dsn_spoolline_kind ((struct dsn_bytes){ copy, n }).n, 0, 6);
    }
}

static void
segment_names_are_exact (void **state)
{
    (void)state;
    assert_int_equal (dsn_spool_segment_seq ("00000000000000000001.jsonl"), 1);
    assert_int_equal (dsn_spool_segment_seq ("09223372036854775807.jsonl"), INT64_MAX);
    assert_int_equal (dsn_spool_segment_seq ("99999999999999999999.jsonl"), 0);
    assert_int_equal (dsn_spool_segment_seq ("00000000000000000001.json"), 0);
    assert_int_equal (dsn_spool_segment_seq ("0000000000000000001.jsonl"), 0);
    assert_int_equal (dsn_spool_segment_seq ("0000000000000000000x.jsonl"), 0);
    assert_int_equal (dsn_spool_segment_seq ("id"), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (crc_gives_the_published_values),
        cmocka_unit_test (crc_is_the_same_on_every_processor),
        cmocka_unit_test (a_finished_line_is_valid),
        cmocka_unit_test (finish_leaves_earlier_lines_alone),
        cmocka_unit_test (every_prefix_is_torn),
        cmocka_unit_test (every_flipped_bit_is_seen),
        cmocka_unit_test (a_right_checksum_is_not_enough),
        cmocka_unit_test (a_line_without_end_is_too_long),
        cmocka_unit_test (source_and_kind_are_read),
        cmocka_unit_test (source_of_every_prefix_is_safe),
        cmocka_unit_test (segment_names_are_exact),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
