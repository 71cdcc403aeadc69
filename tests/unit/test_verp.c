/* Templates of return paths: the usual forms, own ones, and what can't be a template. */
#include "core/returnpath/verp.h"

#include "prefixes.h"

#include "core/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *template; /* NULL: the first default that fits */
    const char *local;
    const char *user, *domain, *tag; /* all NULL: it doesn't fit */
} cases[] = {
    { NULL, "list-bounces+user=example.net", "user", "example.net", "" },
    { NULL, "owner-list+user+tag=example.net", "user+tag", "example.net", "" },
    { NULL, "bounces+a=b=example.net", "a=b", "example.net", "" },
    { NULL, "list-return-123-first-last=example.net", "first-last", "example.net", "" },
    { NULL, "list-owner-user=example.net", "user", "example.net", "" },
    { NULL, "bounce+user==a==example.net==news", "user", "example.net", "" },
    { NULL, "bounce+user==a==example.net==news==w", "user", "example.net", "" },
    { NULL, "bounces-first-last=example.net", "first-last", "example.net", "" },
    { NULL, "Bounces-User=Example.NET", "User", "Example.NET", "" },
    { NULL, "b-4711-0a1b2c3d", "", "", "4711" },
    { NULL, "bounces+0a1b2c3d", "", "", "0a1b2c3d" },
    { NULL, "list-return-x-user=example.net", NULL, NULL, NULL },
    { NULL, "first-last", NULL, NULL, NULL },
    { NULL, "bounces", NULL, NULL, NULL },
    { NULL, "bounces+", NULL, NULL, NULL },
    { NULL, "+user=example.net", NULL, NULL, NULL },
    { NULL, "", NULL, NULL, NULL },
    { "r{tag}.{user}={domain}", "r17.joe.x=example.org", "joe.x", "example.org", "17" },
    { "r{tag}.{user}={domain}", "r.joe=example.org", NULL, NULL, NULL },
    { "{user}={domain}", "joe=example.org", "joe", "example.org", "" },
    { "{user}={domain}", "joe=example_org", NULL, NULL, NULL },
    { "x-{number}-{tag}", "X-12-abc", "", "", "abc" },
    { "x-{number}-{tag}", "x-1a-abc", NULL, NULL, NULL },
    { "{user}={domain}-end", "joe=example.org-end", "joe", "example.org", "" },
    { "{user}={domain}-end", "joe=example.org-ends", NULL, NULL, NULL },
    { "fixed-{tag}", "fixed", NULL, NULL, NULL },
};

static bool
read_case (const char *template, struct dsn_bytes local, struct verp *ret)
{
    if (template)
        return verp_read (template, local, ret);
    for (const char *const *t = verp_default_templates; *t; t++)
        if (verp_read (*t, local, ret))
            return true;
    return false;
}

static void
assert_bytes (struct dsn_bytes is, const char *want)
{
    assert_int_equal (is.n, strlen (want));
    if (is.n)
        assert_memory_equal (is.p, want, is.n);
}

static void
places_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct verp verp;
        const bool fits = read_case (cases[i].template, dsn_bytes_str (cases[i].local), &verp);

        assert_int_equal (fits, cases[i].user != NULL);
        if (!fits)
            continue;
        assert_bytes (verp.user, cases[i].user);
        assert_bytes (verp.domain, cases[i].domain);
        assert_bytes (verp.tag, cases[i].tag);
    }
}

static void
templates_that_can_be (void **state)
{
    static const char *const good[] = { "{user}={domain}", "b-{tag}", "x{list}-{user}=={domain}" };
    static const char *const bad[] = { "",
                                       "bounces",
                                       "{user}",
                                       "{domain}",
                                       "{user}{domain}",
                                       "{user}={user}",
                                       "{user}={domain}-{domain}",
                                       "{tag}-{tag}",
                                       "{users}={domain}",
                                       "{user}={domain}@example.com",
                                       "{user} ={domain}",
                                       "{user}={domain",
                                       "{number}-{hash}" };
    g_autofree char *is_long = g_strnfill (140, 'x');
    g_autofree char *too_long = g_strconcat (is_long, "{tag}", NULL);

    (void)state;
    for (const char *const *t = verp_default_templates; *t; t++)
        assert_true (dsn_template_is_valid (*t));
    for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
        assert_true (dsn_template_is_valid (good[i]));
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
        assert_false (dsn_template_is_valid (bad[i]));
    assert_false (dsn_template_is_valid (too_long));
}

static void
read_all (struct dsn_bytes local, void *data)
{
    struct verp verp;

    (void)data;
    for (const char *const *t = verp_default_templates; *t; t++)
        (void)verp_read (*t, local, &verp);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].local), 1, read_all, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (places_of_the_cases),
        cmocka_unit_test (templates_that_can_be),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
