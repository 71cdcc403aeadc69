/* Providers and block lists: whose refusal it is. */
#include "core/rules/hosts.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const char rules_text[] = "provider first\n    name \"First\"\n    host .first.example\n"
                                 "    seen \"first's own words\"\n    domain first-mail.example\n"
                                 "provider second\n    name \"Second\"\n"
                                 "    host mx.second.example\n"
                                 "blocklist list.example\n    name \"List\"\n"
                                 "    seen \"listed in the list\"\n";

static struct dsn_rules *rules;

static const struct {
    const char *host;
    int provider; /* -1: none */
} names[] = {
    { "mx1.first.example", 0 },
    { "MX1.FIRST.EXAMPLE", 0 },
    { "first.example", 0 },
    { "mx1.first.example.", 0 },
    { "notfirst.example", -1 },
    { "first.example.net", -1 },
    { "mx.second.example", 1 },
    { "a.mx.second.example", -1 },
    { "second.example", -1 },
    { "first-mail.example", -1 },
    { "", -1 },
    { ".", -1 },
};

static void
hosts_fit_by_suffix_or_whole (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
        struct hosts h = { .n = 0 };

        assert_int_equal (hosts_add_host (&h, rules, dsn_bytes_str (names[i].host)),
                          names[i].provider >= 0);
        assert_int_equal (h.n, names[i].provider >= 0);
        if (h.n) {
            assert_true (hosts_have (&h, (unsigned)names[i].provider));
            assert_false (hosts_have (&h, 1u - (unsigned)names[i].provider));
        }
    }
}

static void
domains_are_the_recipients (void **state)
{
    struct hosts h = { .n = 0 };

    (void)state;
    assert_false (hosts_add_domain (&h, rules, dsn_bytes_str ("a@first.example")));
    assert_false (hosts_add_domain (&h, rules, dsn_bytes_str ("first-mail.example")));
    assert_true (hosts_add_domain (&h, rules, dsn_bytes_str ("a@First-Mail.example")));
    assert_true (hosts_add_domain (&h, rules, dsn_bytes_str ("b@first-mail.example")));
    assert_int_equal (h.n, 1);
}

static void
words_tell_provider_and_list (void **state)
{
    struct normal_text text;
    struct rule_hits hits;
    struct hosts h = { .n = 0 };
    struct text_range all, none = { 0, 4 };

    (void)state;
    normal_text_init (&text);
    normal_text_append (&text, dsn_bytes_str ("Refused: First's own words. Listed in the list"));
    rule_hits_init (&hits, rules, &text);
    all = (struct text_range){ 0, (uint32_t)text.text->len };
    hosts_add_seen (&h, &hits, none);
    assert_int_equal (h.n, 0);
    assert_int_equal (hosts_blocklist (&hits, none), -1);
    hosts_add_seen (&h, &hits, all);
    assert_true (hosts_have (&h, 0));
    assert_int_equal (hosts_blocklist (&hits, all), 0);
    rule_hits_clear (&hits);
    normal_text_clear (&text);
}

static const struct {
    const char *text, *host, *ip;
} said[] = {
    { "host mx.example.net[192.0.2.1] said: 550 no", "mx.example.net", "192.0.2.1" },
    { "host mx.example.net [192.0.2.1]: 550 no", "mx.example.net", "192.0.2.1" },
    { "Host mx.example.net said: 550", "mx.example.net", "" },
    { "host a.example.net[192.0.2.1] said: 450 host b.example.org[192.0.2.2] said: 550",
      "b.example.org", "192.0.2.2" },
    { "host mx6.example.net[2001:db8::1] said: 550", "mx6.example.net", "2001:db8::1" },
    { "host unknown", "", "" },
    { "the host name is wrong", "", "" },
    { "host mx.example.net[192.0.2.1", "mx.example.net", "" },
    { "host ", "", "" },
    { "", "", "" },
};

static void
the_last_quoted_host_counts (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (said); i++) {
        struct dsn_bytes ip = { 0 };
        struct dsn_bytes host = hosts_said (dsn_bytes_str (said[i].text), &ip);

        assert_int_equal (host.n, strlen (said[i].host));
        assert_true (!host.n || memcmp (host.p, said[i].host, host.n) == 0);
        assert_int_equal (ip.n, strlen (said[i].ip));
        assert_true (!ip.n || memcmp (ip.p, said[i].ip, ip.n) == 0);
    }
}

static void
an_address_belongs_to_its_host (void **state)
{
    struct dsn_bytes ip = { 0 };

    (void)state;
    (void)hosts_said (dsn_bytes_str ("host a.example.net[192.0.2.1] said: host b.example.org said"),
                      &ip);
    assert_int_equal (ip.n, 0);
}

static void
zones_are_whole (void **state)
{
    static const struct {
        const char *text, *zone;
    } cases[] = {
        { "blocked using zen.list.example", "zen.list.example" },
        { "see https://www.list.example/query", "list.example" },
        { "listed (list.example)", "list.example" },
        { "it names no zone", "list.example" },
        { "ZEN.LIST.EXAMPLE", "ZEN.LIST.EXAMPLE" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_bytes zone = hosts_zone (dsn_bytes_str (cases[i].text), "list.example");
        assert_int_equal (zone.n, strlen (cases[i].zone));
        assert_memory_equal (zone.p, cases[i].zone, zone.n);
    }
}

static void
read_one (struct dsn_bytes in, void *data)
{
    struct dsn_bytes ip;
    struct hosts h = { .n = 0 };

    (void)data;
    (void)hosts_said (in, &ip);
    (void)hosts_zone (in, "list.example");
    (void)hosts_add_host (&h, rules, in);
    (void)hosts_add_domain (&h, rules, in);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
        each_prefix (dsn_bytes_str (said[i].text), 1, read_one, NULL);
    each_prefix (dsn_bytes_str ("a@zen.list.example"), 1, read_one, NULL);
}

static int
setup (void **state)
{
    (void)state;
    rules = rules_of (rules_text);
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    dsn_rules_free (rules);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (hosts_fit_by_suffix_or_whole),
        cmocka_unit_test (domains_are_the_recipients),
        cmocka_unit_test (words_tell_provider_and_list),
        cmocka_unit_test (the_last_quoted_host_counts),
        cmocka_unit_test (an_address_belongs_to_its_host),
        cmocka_unit_test (zones_are_whole),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
