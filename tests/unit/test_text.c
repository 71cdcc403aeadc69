/* The border to clean text: lines, numbers, invalid bytes, charsets. */
#include "core/bytes/text.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define FFFD "\xef\xbf\xbd"

static void
lines_end_with_lf_or_crlf (void **state)
{
    static const char *const want[] = { "a", "", "b\r", "c" };
    struct dsn_bytes rest = dsn_bytes_str ("a\r\n\nb\r\r\nc"), line;
    size_t n = 0;

    (void)state;
    for (; text_next_line (&rest, &line); n++) {
        assert_int_equal (line.n, strlen (want[n]));
        assert_memory_equal (line.p, want[n], line.n);
    }
    assert_int_equal (n, G_N_ELEMENTS (want));
}

static void
comparing_folds_ascii_only (void **state)
{
    struct dsn_bytes in = dsn_bytes_str ("Status: 5.1.1");

    (void)state;
    assert_true (text_equal (in, "STATUS: 5.1.1"));
    assert_false (text_equal (in, "status: 5.1.10"));
    assert_false (text_equal (dsn_bytes_str ("\xc3\x84"), "\xc3\xa4"));
    assert_true (text_has_prefix (in, "status:"));
    assert_false (text_has_prefix (dsn_bytes_sub (in, 0, 6), "status:"));
    assert_true (text_has_suffix (in, "5.1.1"));
    assert_false (text_has_suffix (dsn_bytes_str ("1"), "5.1.1"));
    assert_int_equal (text_find (in, "5."), 8);
    assert_true (text_find (in, "status") == G_MAXSIZE);
    assert_int_equal (text_find_nocase (in, "TUS"), 3);
    assert_true (text_find_nocase (in, "5.1.1.") == G_MAXSIZE);
    assert_true (text_find ((struct dsn_bytes){ 0 }, "a") == G_MAXSIZE);
    assert_true (text_is_ascii (in));
    assert_false (text_is_ascii (dsn_bytes_str ("a\x80")));
    assert_int_equal (text_trim (dsn_bytes_str (" \t\r\n a b \r\n")).n, 3);
    assert_int_equal (text_trim (dsn_bytes_str (" \r\n")).n, 0);
}

static void
numbers_are_bounded (void **state)
{
    static const struct {
        const char *in;
        unsigned max, value;
        size_t n;
    } cases[] = {
        { "550 x", 599, 550, 3 }, { "600", 599, 7, 0 },
        { "007", 9, 7, 3 },       { "", 9, 7, 0 },
        { "x1", 9, 7, 0 },        { "99999999999999999999999", 9, 7, 0 },
        { "-1", 9, 7, 0 },        { "4294967295", 4294967295u, 4294967295u, 10 },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        unsigned value = 7; /* untouched on failure */
        assert_int_equal (text_scan_number (dsn_bytes_str (cases[i].in), cases[i].max, &value),
                          cases[i].n);
        assert_int_equal (value, cases[i].value);
    }
}

static const struct {
    const char *in, *line, *lines;
} cleaned[] = {
    { "  a  \t b \r\n c ", "a b c", "  a  \t b \n c " },
    { "a\r\rb\n\nc\r\n", "a b c", "a\n\nb\n\nc\n" },
    { "a\x01\x02z\x7f", "a z", "a  z " },
    { "a\x80\xff z", "a" FFFD FFFD " z", "a" FFFD FFFD " z" },
    { "\xe3\x81", FFFD FFFD, FFFD FFFD },
    { "\xed\xa0\x80", FFFD FFFD FFFD, FFFD FFFD FFFD },
    { "\xc0\xaf", FFFD FFFD, FFFD FFFD },
    { "\xe3\x81\x82", "\xe3\x81\x82", "\xe3\x81\x82" },
    { "a\xc2\x85z", "a z", "a z" },     /* C1 */
    { "a\xe2\x80\xaez", "a z", "a z" }, /* right-to-left override */
    { "\xef\xbb\xbf"
      "a",
      "a", " a" }, /* byte order mark */
    { "", "", "" },
};

static void
text_is_cleaned (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cleaned); i++) {
        g_autoptr (GString) line = g_string_new ("x");
        g_autoptr (GString) lines = g_string_new ("y");

        assert_false (text_append_line (line, dsn_bytes_str (cleaned[i].in), 100));
        assert_string_equal (line->str + 1, cleaned[i].line);
        assert_false (text_append_lines (lines, dsn_bytes_str (cleaned[i].in), 100));
        assert_string_equal (lines->str + 1, cleaned[i].lines);
    }
}

static void
a_nul_is_a_control_character (void **state)
{
    g_autoptr (GString) line = g_string_new (NULL);

    (void)state;
    (void)text_append_line (line, (struct dsn_bytes){ "a\0b", 3 }, 100);
    assert_string_equal (line->str, "a b");
}

static void
cutting_keeps_characters_whole (void **state)
{
    (void)state;
    for (size_t max = 0; max <= 8; max++) {
        g_autoptr (GString) line = g_string_new (NULL);
        bool is_cut = text_append_line (line, dsn_bytes_str ("a\xe3\x81\x82 b\xc3\xa9"), max);

        assert_true (line->len <= max);
        assert_true (g_utf8_validate (line->str, (gssize)line->len, NULL));
        assert_int_equal (is_cut, max < 8);
        assert_true (line->len == 0 || line->str[line->len - 1] != ' ');
    }
}

static const struct {
    const char *in, *charset, *out;
    bool is_kept; /* false: it degraded */
} charsets[] = {
    { "abc", NULL, "abc", true },
    { "abc", "nonsense", "abc", true },
    { "caf\xc3\xa9", NULL, "caf\xc3\xa9", true },
    { "caf\xc3\xa9", "iso-8859-1", "caf\xc3\xa9", true }, /* mislabelled: it's valid UTF-8 */
    { "caf\xe9", "iso-8859-1", "caf\xc3\xa9", true },
    { "caf\xe9", "ISO-8859-15", "caf\xc3\xa9", true },
    { "caf\xe9", "uft-8", "caf\xc3\xa9", false },
    { "caf\xe9", NULL, "caf\xc3\xa9", false },
    { "caf\xe9", "", "caf\xc3\xa9", false },
    { "\x93q\x94", NULL, "\xe2\x80\x9cq\xe2\x80\x9d", false },
    { "\x82\xa0", "Shift_JIS", "\xe3\x81\x82", true },
    { "\xa4\xa2", "euc-jp", "\xe3\x81\x82", true },
    { "\033$B$\"\033(B", "iso-2022-jp", "\xe3\x81\x82", true },
    { "\033$B$\"\033(B", "us-ascii", "\xe3\x81\x82", true },
    { "\033$B$\"\033(B", NULL, "\xe3\x81\x82", true },
    { "\033$B$+", "iso-2022-jp", "\xe3\x81\x8b", true }, /* a letter that may wait for a mark */
    { "\033$B$+\033(B", "iso-2022-jp", "\xe3\x81\x8b", true },
    { "\033$)C\x0e"
      "0!\x0f",
      "iso-2022-kr", "\xea\xb0\x80", true },
    { "+MEI-", "utf-7", "\xe3\x81\x82", true },
    { "+MEI-", "UTF-7", "\xe3\x81\x82", true },
    { "+MEI-", "unicode-1-1-utf-7", "+MEI-", false },
    { "", "utf-16", "", true },
    { "\xd0\xcf", "koi8-r", "\xd0\xbf\xd0\xbe", true },
    { "\xb0\xa1", "gb2312", "\xe5\x95\x8a", true },
};

static void
charsets_are_converted (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (charsets); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        bool is_kept =
            text_append_converted (out, dsn_bytes_str (charsets[i].in), charsets[i].charset);

        assert_string_equal (out->str, charsets[i].out);
        assert_int_equal (is_kept, charsets[i].is_kept);
    }
}

static void
utf_16_has_bytes_below_0x80 (void **state)
{
    g_autoptr (GString) out = g_string_new (NULL);

    (void)state;
    assert_true (text_append_converted (out, (struct dsn_bytes){ "a\0b\0", 4 }, "UTF-16LE"));
    assert_string_equal (out->str, "ab");
}

static void
convert (struct dsn_bytes in, void *data)
{
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GString) clean = g_string_new (NULL);

    (void)text_append_converted (out, in, data);
    (void)text_append_lines (clean, in, 64);
    (void)text_append_line (clean, in, 64);
    assert_true (g_utf8_validate (clean->str, (gssize)clean->len, NULL));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cleaned); i++)
        each_prefix (dsn_bytes_str (cleaned[i].in), 1, convert, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS (charsets); i++)
        each_prefix (dsn_bytes_str (charsets[i].in), 1, convert, (char *)charsets[i].charset);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (lines_end_with_lf_or_crlf),
        cmocka_unit_test (comparing_folds_ascii_only),
        cmocka_unit_test (numbers_are_bounded),
        cmocka_unit_test (text_is_cleaned),
        cmocka_unit_test (a_nul_is_a_control_character),
        cmocka_unit_test (cutting_keeps_characters_whole),
        cmocka_unit_test (charsets_are_converted),
        cmocka_unit_test (utf_16_has_bytes_below_0x80),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
