/* Nothing from a mail may steer the terminal, hide, or reorder what is shown. */
#include "cli/terminal/tty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *in;
    size_t n;
    const char *utf8, *ascii;
} cases[] = {
    { "plain", 5, "plain", "plain" },
    { "a\tb\r\nc", 6, "a b  c", "a b  c" },
    { "\x1b[31m", 5, "\xe2\x90\x9b[31m", "?[31m" },
    { "\x07\x7f", 2, "\xe2\x90\x87\xe2\x90\xa1", "??" },
    { "a\0b", 3,
      "a\xe2\x90\x80"
      "b",
      "a?b" },
    { "\xc2\x9b"
      "31m",
      5, BAD "31m", "?31m" }, /* CSI in one character */
    { "\xe2\x80\xae"
      "exe",
      6, BAD "exe", "?exe" }, /* right-to-left override */
    { "\xe2\x81\xa6\xd8\x9c\xef\xbb\xbf", 8, BAD BAD BAD, "???" },
    { "\xf3\xa0\x80\xa0", 4, BAD, "?" }, /* a tag character */
    { "\xe2\x80\xa8x", 4, " x", " x" },
    { "\xc3\xa9\xe6\x97\xa5", 5, "\xc3\xa9\xe6\x97\xa5", "??" },
    { "\xe2\x80\x8d", 3, "\xe2\x80\x8d", "?" }, /* joins emoji */
    { "\xff\xc3", 2, BAD BAD, "??" },
    { "\xed\xa0\x80", 3, BAD BAD BAD, "???" }, /* a surrogate */
};

static void
text_is_made_harmless (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GString) utf8 = g_string_new (NULL), ascii = g_string_new (NULL);
        tty_append_safe (utf8, (struct dsn_bytes){ cases[i].in, cases[i].n }, true);
        tty_append_safe (ascii, (struct dsn_bytes){ cases[i].in, cases[i].n }, false);
        assert_string_equal (utf8->str, cases[i].utf8);
        assert_string_equal (ascii->str, cases[i].ascii);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        for (size_t n = 0; n <= cases[i].n; n++) {
            g_autofree char *copy = n ? g_memdup2 (cases[i].in, n) : NULL;
            g_autoptr (GString) out = g_string_new (NULL);
            tty_append_safe (out, (struct dsn_bytes){ copy, n }, true);
            assert_true (g_utf8_validate (out->str, (gssize)out->len, NULL));
        }
}

/* Every byte, and every pair, gives text without a control. */
static void
no_control_gets_through (void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const char in[2] = { (char)a, (char)b };
            g_autoptr (GString) out = g_string_new (NULL);
            tty_append_safe (out, (struct dsn_bytes){ in, 2 }, true);
            for (const char *p = out->str; *p; p = g_utf8_next_char (p))
                assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
        }
}

static void
json_keeps_its_meaning (void **state)
{
    static const char in[] = "{\"a\":\"x\xe2\x80\xaey\xc3\xa9\xf3\xa0\x80\xa0\"}";
    g_autoptr (GString) out = g_string_new (NULL);

    (void)state;
    tty_append_json (out, dsn_bytes_str (in));
    assert_string_equal (out->str, "{\"a\":\"x\\u202ey\xc3\xa9\\udb40\\udc20\"}");
}

static void
columns_are_counted (void **state)
{
    (void)state;
    assert_int_equal (tty_columns (dsn_bytes_str ("")), 0);
    assert_int_equal (tty_columns (dsn_bytes_str ("abc")), 3);
    assert_int_equal (tty_columns (dsn_bytes_str ("\xe6\x97\xa5\xe6\x9c\xac")), 4);
    assert_int_equal (tty_columns (dsn_bytes_str ("e\xcc\x81")), 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_is_made_harmless),   cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (no_control_gets_through), cmocka_unit_test (json_keeps_its_meaning),
        cmocka_unit_test (columns_are_counted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
