/* Line patterns: what a hole takes, and what doesn't fit. */
#include "core/notice/pattern.h"

#include "builtinrules.h"
#include "prefixes.h"
#include "core/rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* A set whose only format has @pattern. */
static struct dsn_rules *
rules_with (const char *pattern)
{
    g_autofree char *escaped = g_strescape (pattern, NULL);
    g_autofree char *text = g_strdup_printf ("format test\n    name \"Test\"\n"
                                             "    when subject \"undeliverable\"\n"
                                             "    recipient \"%s\"\n    proof none.eml\n",
                                             escaped);
    return rules_of (text);
}

static const GArray *
pieces_of (const struct dsn_rules *rules)
{
    const struct format *f = rules->formats->pdata[0];
    return f->recipients->pdata[0];
}

static const struct {
    const char *pattern, *line;
    bool fits;
    const char *addr, *host, *ip, *text;
} cases[] = {
    { "<{addr}>:", "<a@example.net>:", true, "a@example.net", "", "", "" },
    { "<{addr}>:", "  <a@example.net>:  ", true, "a@example.net", "", "", "" },
    { "<{addr}>:", "<a@example.net>: more", false, NULL, NULL, NULL, NULL },
    { "<{addr}>:", "a@example.net", false, NULL, NULL, NULL, NULL },
    { "<{addr}>: {text}", "<a@example.net>: no such user", true, "a@example.net", "", "",
      "no such user" },
    { "<{addr}> {text}", "<a@example.net>   x", true, "a@example.net", "", "", "x" },
    { "To: {addr}", "TO:\t<a@example.net>", true, "a@example.net", "", "", "" },
    { "To: {addr}", "To:a@example.net", false, NULL, NULL, NULL, NULL },
    { "To: {addr}", "To: nobody", false, NULL, NULL, NULL, NULL },
    { "host {host}[{ip}] said: {text}", "host mx.example.net[192.0.2.1] said: 550 no", true, "",
      "mx.example.net", "192.0.2.1", "550 no" },
    { "host {host} said: {text}", "host not a host said: 550 no", false, NULL, NULL, NULL, NULL },
    { "{addr}", "a@example.net", true, "a@example.net", "", "", "" },
    { "{addr}", "a@example.net b@example.net", false, NULL, NULL, NULL, NULL },
    { "{addr} {any} end", "a@example.net x y end", true, "a@example.net", "", "", "" },
    { "{addr} {any} end", "a@example.net x y", false, NULL, NULL, NULL, NULL },
    /* a hole ends where the next literal first occurs */
    { "{text}: {addr}", "a: b: c@example.net", false, NULL, NULL, NULL, NULL },
    { "{text} x", "a      y      x", true, "", "", "", "a      y" },
    { "{text} x", "a        ", false, NULL, NULL, NULL, NULL },
};

static void
assert_slice (struct dsn_bytes is, const char *want)
{
    assert_int_equal (is.n, strlen (want));
    if (is.n)
        assert_memory_equal (is.p, want, is.n);
}

static void
lines_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_rules *rules = rules_with (cases[i].pattern);
        struct pattern_fields fields = { 0 };
        bool fits = pattern_match (pieces_of (rules), dsn_bytes_str (cases[i].line), &fields);

        if (fits != cases[i].fits)
            print_error ("%s: %s\n", cases[i].pattern, cases[i].line);
        assert_int_equal (fits, cases[i].fits);
        if (fits) {
            assert_slice (fields.addr, cases[i].addr);
            assert_slice (fields.host, cases[i].host);
            assert_slice (fields.ip, cases[i].ip);
            assert_slice (fields.text, cases[i].text);
        } else
            assert_null (fields.addr.p);
        dsn_rules_free (rules);
    }
}

static void
match_one (struct dsn_bytes in, void *data)
{
    struct pattern_fields fields = { 0 };

    (void)pattern_match (data, in, &fields);
    assert_true (fields.addr.n <= in.n && fields.text.n <= in.n);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_rules *rules = rules_with (cases[i].pattern);
        each_prefix (dsn_bytes_str (cases[i].line), 1, match_one, (void *)pieces_of (rules));
        dsn_rules_free (rules);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (lines_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
