/* The lexer: words and their columns, errors and their places, every prefix.
 */
#include "core/rules/rulefile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* Words are written LINE:COLUMN=TEXT, quoted ones with ~ for =. */
static const struct {
    const char *in, *out;
} cases[] = {
    { "", "" },
    { "\n\n  # only a comment\n\t\n", "" },
    { "rule a\n  text \"b c\"", "1:1=rule 1:6=a 2:3=text 2:8~b c" },
    { "a#b", "1:1=a" },
    { "a \"#\" #\"", "1:1=a 1:3~#" },
    { "\"a\\\"b\\\\\" c", "1:1~a\"b\\ 1:10=c" },
    { "a\r\nb\r\n", "1:1=a 2:1=b" },
    { "\xEF\xBB\xBF"
      "a\tb",
      "1:1=a 1:3=b" },
    { "\u00E9\u00E9 \"\u5B9B\" x", "1:1=\u00E9\u00E9 1:4~\u5B9B 1:8=x" },
    { "\"\"", "1:1~" },
    { "a\\b {addr}", "1:1=a\\b 1:5={addr}" },
};

/* What the lexer makes of @in, in the form above; errors as !LINE:COLUMN. (transfer full) */
static char *
lex (struct dsn_bytes in, char **ret_message)
{
    GString *out = g_string_new (NULL);
    struct dsn_rules_error e = { 0 };
    enum rulefile_result result;
    struct rule_line line;
    struct rulefile f;

    rulefile_init (&f, "t", in);
    while ((result = rulefile_next (&f, &line, &e)) == RULEFILE_LINE)
        for (unsigned i = 0; i < line.n; i++)
            g_string_append_printf (out, "%s%u:%u%c%s", out->len ? " " : "", line.line,
                                    line.words[i].column, line.words[i].is_quoted ? '~' : '=',
                                    line.words[i].text);
    if (result == RULEFILE_ERROR) {
        g_string_append_printf (out, "!%u:%u", e.line, e.column);
        *ret_message = g_steal_pointer (&e.message);
    }
    rulefile_clear (&f);
    dsn_rules_error_clear (&e);
    return g_string_free (out, FALSE);
}

static void
words_come_out (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *message = NULL;
        g_autofree char *out = lex (dsn_bytes_str (cases[i].in), &message);
        assert_string_equal (out, cases[i].out);
        assert_null (message);
    }
}

static const struct {
    struct dsn_bytes in;
    const char *out, *message;
} bad[] = {
    { { "a \"b", 4 }, "!1:3", "isn't closed" },
    { { "a\n \"b\\\"", 7 }, "1:1=a!2:2", "isn't closed" },
    { { "\"a\"b", 4 }, "!1:4", "put a blank after" },
    { { "a\"b\"", 4 }, "!1:2", "a quote within a word" },
    { { "\"\xC3\xA9\\n\"", 6 }, "!1:3", "before \" or \\ only" },
    { { "\"a\\", 3 }, "!1:3", "before \" or \\ only" },
    { { "ok\n\xC3\xA9 \xFF", 7 }, "1:1=ok!2:3", "not UTF-8" },
    { { "a\0b", 3 }, "!1:2", "not UTF-8" },
    { { "a\x1b", 2 }, "!1:2", "control character (0x1B)" },
    { { "a\rb", 3 }, "!1:2", "control character (0x0D)" },
    { { "# \x7f", 3 }, "!1:3", "control character (0x7F)" },
};

static void
errors_name_their_place (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autofree char *message = NULL;
        g_autofree char *out = lex (bad[i].in, &message);
        assert_string_equal (out, bad[i].out);
        assert_non_null (strstr (message, bad[i].message));
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases) + G_N_ELEMENTS (bad); i++) {
        struct dsn_bytes in = i < G_N_ELEMENTS (cases) ? dsn_bytes_str (cases[i].in)
                                                       : bad[i - G_N_ELEMENTS (cases)].in;
        for (size_t n = 0; n <= in.n; n++) {
            g_autofree char *copy = n ? g_memdup2 (in.p, n) : NULL;
            g_autofree char *message = NULL;
            g_autofree char *out = lex ((struct dsn_bytes){ copy, n }, &message);
            assert_int_equal (message != NULL, strchr (out, '!') != NULL);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_come_out),
        cmocka_unit_test (errors_name_their_place),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
