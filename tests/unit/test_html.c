/* HTML to the text that a person would read. */
#include "core/bytes/html.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *in, *out;
} cases[] = {
    { "plain", "plain" },
    { "a<br>b<BR/>c", "a\nb\nc" },
    { "<p>a</p>b", "\na\nb" },
    { "a<b>bold</b>c", "aboldc" },
    { "<td>a</td><td>b</td>", " a b" },
    { "&lt;user@example.net&gt;", "<user@example.net>" },
    { "a &amp;lt; b", "a &lt; b" },
    { "&#60;&#x3c;&#X3C;", "<<<" },
    { "&#x3042;", "\xe3\x81\x82" },
    { "&#0;&#xd800;&#99999999;", "&#0;&#xd800;&#99999999;" },
    { "&auml;&Auml;&euro;&hellip;&NotEqualTilde;",
      "\xc3\xa4\xc3\x84\xe2\x82\xac\xe2\x80\xa6\xe2\x89\x82\xcc\xb8" },
    { "M&uumlller &uuml &copy &copy=1 a&nbsp;b&nbsp c",
      "M&uumlller \xc3\xbc \xc2\xa9 &copy=1 a b  c" },
    { "&AMP;&LT;&commat;&CounterClockwiseContourIntegral;&zzzz;", "&<@\xe2\x88\xb3&zzzz;" },
    { "AT&T &unknown; &", "AT&T &unknown; &" },
    { "&auml;&Auml;&ccedil;&alpha;&nbsp;x", "\xC3\xA4\xC3\x84\xC3\xA7\xCE\xB1 x" },
    { "&LT;&AMP;&NBSP;&QUOT;", "<& \"" },
    { "&auml &;&CounterClockwiseContourIntegralX;", "ä &;&CounterClockwiseContourIntegralX;" },
    { "a<br>\r\n  b<br>\n\nc\nd", "a\n  b\n\nc\nd" },
    { "<style>b {}</style>a", "a" },
    { "<head><title>x</title></head>a", "a" },
    { "<script>if (a < b) x ()</script>a", "a" },
    { "<header>a</header>", "a" },
    { "<style>never closed", "never closed" },
    { "status <5.1.1> a < b", "status <5.1.1> a < b" },
    { "a<!-- note -->b", "ab" },
    { "a<!-- <b> x > y -->b", "ab" },
    { "<a href=\"x\">link</a>", "link" },
    { "cut <b", "cut <b" },
    { "<", "<" },
    { "&", "&" },
    { "", "" },
};

static void
text_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        html_append_text (out, dsn_bytes_str (cases[i].in));
        assert_string_equal (out->str, cases[i].out);
    }
}

static void
to_text (struct dsn_bytes in, void *data)
{
    g_autoptr (GString) out = g_string_new (NULL);

    (void)data;
    html_append_text (out, in);
    assert_true (out->len <= in.n);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, to_text, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
