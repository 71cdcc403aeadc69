/* Phrases with alternatives and holes, and texts that name things: what is found, and where. */
#include "core/phrase/elide.h"
#include "core/phrase/wordings.h"

#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* Where the phrase stands in the text, its first occurrence from '[' to ']'; no bracket: nowhere.
 */
static const struct {
    const char *phrase, *text;
} cases[] = {
    { "user unknown", "550 [user unknown]" },
    { "{user|mailbox} {is |}unknown", "the [mailbox is unknown] here" },
    { "{user|mailbox} {is |}unknown", "the [user unknown] here" },
    { "{user|mailbox} {is |}unknown", "the user was unknown here" },
    { "{no|not} such", "knot such" },
    { "user {addr} is", "[user kim@shop.example is] gone" },
    { "user {addr} is", "[user <kim@shop.example> is] gone" },
    { "user {addr} is", "[user '<kim@shop.example>': is] gone" },
    { "user {addr} is", "user kim is gone" },
    { "user {addr} is", "user @ is gone" },
    { "user {addr} is", "user kim@shop.example island" },
    { "user {addr}", "no [user ]kim@shop.example" },
    { "host {host} said", "[host mx.shop.example said] no" },
    { "host {host} said", "host 192.0.2.1 said no" },
    { "from {ip} refused", "[from (192.0.2.1) refused]" },
    { "from {ip} refused", "[from 2001:db8::1 refused]" },
    { "from {ip} refused", "from mx.shop.example refused" },
    { "over {num} messages", "[over 1,000 messages] sent" },
    { "over {num} messages", "over many messages sent" },
    { "see {url} for", "[see https://shop.example/a?b=c for] more" },
    { "see {url} for", "see shop.example for more" },
    { "user {name} not", "[user \"kim the first\" not] there" },
    { "user {name} not", "[user <kim> not] there" },
    { "user {name} not", "user kim not there" },
    { "user {name} not", "user \"kim not there" },
    { "mailbox {...} full", "the [mailbox of this user is full]" },
    { "mailbox {...} full", "the mailbox of this user is fullness" },
    { "mailbox {...} full",
      "the mailbox of this user, who has been with us for a good many long years, is full" },
    { "mailbox {...} full", "mailbox\nis full" },
    { "mailbox {...} full", "the [mailbox full] of mail" },
    { "{size|limit} of {num} bytes {is |}exceeded", "[limit of 10 bytes exceeded]" },
    { "account {addr} {...} closed", "[account kim@shop.example was long since closed]" },
};

static struct wordings *
wordings_of (const char *phrase)
{
    struct wordings *w = wordings_new ();
    const char *error = NULL;
    uint32_t id, again;
    unsigned n;

    if (!wordings_add (w, phrase, false, false, &id, &n, &error))
        fail_msg ("%s: %s", phrase, error);
    assert_true (wordings_add (w, phrase, false, false, &again, &n, &error));
    assert_int_equal (again, id);
    assert_true (n >= MATCHER_MIN_BYTES);
    wordings_finish (w);
    assert_int_equal (wordings_count (w), 1);
    return w;
}

/* The text with brackets round the first hit. (transfer full) */
static char *
marked (const struct wordings *w, const char *in, bool is_elided)
{
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
    GString *out = g_string_new (in);
    struct normal_text text;

    normal_text_init (&text);
    normal_text_append (&text, dsn_bytes_str (in));
    g_string_assign (text.text, in);
    if (is_elided)
        elide_run (w, &text, hits, 0);
    else
        wordings_run (w, dsn_bytes_str (in), hits);
    for (guint i = 0; i < hits->len; i++) {
        const struct match_hit *hit = &g_array_index (hits, struct match_hit, i);
        assert_int_equal (hit->phrase, 0);
        assert_true (hit->start < hit->end && hit->end <= strlen (in));
        assert_true (i == 0 || hit[-1].start <= hit->start);
    }
    if (hits->len) {
        const struct match_hit *hit = &g_array_index (hits, struct match_hit, 0);
        g_string_insert_c (out, hit->end, ']');
        g_string_insert_c (out, hit->start, '[');
    }
    normal_text_clear (&text);
    return g_string_free (out, FALSE);
}

static char *
without_marks (const char *text)
{
    GString *s = g_string_new (text);

    g_string_replace (s, "[", "", 1);
    g_string_replace (s, "]", "", 1);
    return g_string_free (s, FALSE);
}

static void
phrases_are_found (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct wordings *w = wordings_of (cases[i].phrase);
        g_autofree char *text = without_marks (cases[i].text);
        g_autofree char *found = marked (w, text, false);
        assert_string_equal (found, cases[i].text);
        wordings_free (w);
    }
}

static void
bad_phrases_are_refused (void **state)
{
    static const struct {
        const char *phrase, *error;
    } bad[] = {
        { "ab", "fewer than 3 bytes" },
        { "{addr} unknown", "fewer than 3 bytes" },
        { "{a|user} unknown {b|}", NULL },
        { "{a|user unknown}", "fewer than 3 bytes" },
        { "user {adr} unknown", "'{' begins" },
        { "user {addr", "'{' begins" },
        { "user {a|b", "'{' begins" },
        { "user {addr} {host} unknown", "between two holes" },
        { "user {...}", "follow the gap" },
        { "x {a|b}{a|b}{a|b}{a|b}{a|b}{a|b}{a|b}{a|b}{a|b}", "more than 256" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
        struct wordings *w = wordings_new ();
        const char *error = NULL;
        uint32_t id;
        unsigned n;
        bool is_good = wordings_add (w, bad[i].phrase, false, false, &id, &n, &error);
        assert_int_equal (is_good, bad[i].error == NULL);
        if (bad[i].error)
            assert_non_null (strstr (error, bad[i].error));
        wordings_free (w);
    }
}

/* Only what is found with something left out counts here. */
static void
things_are_stepped_over (void **state)
{
    static const struct {
        const char *phrase, *text;
    } elided[] = {
        { "user does not exist", "550 [user kim@shop.example does not exist] here" },
        { "user does not exist", "550 [user <kim@shop.example>: does not exist] here" },
        { "user does not exist", "550 [user \"kim\" does not exist] here" },
        { "user does not exist", "550 [user (kim@shop.example), <kim> does not exist] here" },
        { "user does not exist", "<kim@shop.example>: [user mx.shop.example does not exist]" },
        { "user does not exist", "550 user kim@shop.example. does not exist" },
        { "user does not exist", "550 user does not exist" },
        { "user does not exist", "550 user\nkim@shop.example does not exist" },
        { "user does not exist", "user does kim@shop.example kim@shop.example" },
        { "client blocked", "[client [192.0.2.1] blocked]" },
        { "client blocked", "[client 2001:db8::7 blocked]" },
        { "client blocked", "client 1.2 blocked" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (elided); i++) {
        struct wordings *w = wordings_of (elided[i].phrase);
        GString *plain = g_string_new (elided[i].text);
        g_autofree char *found = NULL;
        /* the marks are the first '[' and the last ']' */
        if (strstr (plain->str, "does not exist]") || g_str_has_suffix (plain->str, "blocked]")) {
            char *close = strrchr (plain->str, ']');
            g_string_erase (plain, close - plain->str, 1);
            g_string_erase (plain, strchr (plain->str, '[') - plain->str, 1);
        }
        found = marked (w, plain->str, true);
        assert_string_equal (found, elided[i].text);
        g_string_free (plain, TRUE);
        wordings_free (w);
    }
}

static void
run_prefix (struct dsn_bytes in, void *data)
{
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
    struct normal_text text;

    normal_text_init (&text);
    normal_text_append (&text, in);
    wordings_run (data, in, hits);
    elide_run (data, &text, hits, 0);
    normal_text_clear (&text);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct wordings *w = wordings_of (cases[i].phrase);
        each_prefix (dsn_bytes_str (cases[i].text), 1, run_prefix, w);
        wordings_free (w);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (phrases_are_found),
        cmocka_unit_test (bad_phrases_are_refused),
        cmocka_unit_test (things_are_stepped_over),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
