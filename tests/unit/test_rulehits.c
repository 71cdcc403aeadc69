/* Which rules a text's phrases lead to: order, range, masks, vetoes, candidates.
 */
#include "core/rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define SAYS "says unknown\nproof \"x\"\n"

static const char rules_text[] =
    "provider p\nname P\nseen gsmtp\n"
    "rule order\ntext \"mailbox\" \"over\" \"quota\"\n" SAYS
    "rule any\ntext \"user unknown\"\ntext \"no such user\" \"here\"\ntext \"no such user\"\n" SAYS
    "rule veto\ntext \"blocked\"\nnot \"not blocked\" \"unblocked\"\n" SAYS
    "rule spam\ntext \"spam\"\n" SAYS "rule spam-raw\ntext \"spam*\"\nraw\n" SAYS
    "rule spam-at\nat p\ntext \"spam\"\n" SAYS "rule off\ntext \"spam\"\noff\n" SAYS
    "rule code\nstatus 5.1.1\n" SAYS "rule twice\ntext \"again\" \"again\"\n" SAYS
    "rule overlap\ntext \"a b a\" \"a b a\"\n" SAYS;

/* The text's part from '[' to ']' is the range (none: all of it). The rules that match, with the
 * bytes matched. `code` has no text: never a candidate, always a match. */
static const struct {
    const char *text, *matches;
} cases[] = {
    { "", "" },
    { "The mailbox is over its quota.", "order=16" },
    { "over quota: the mailbox", "" },
    { "[mailbox over] quota", "" },
    { "mailbox [mailbox over quota] quota", "order=16" },
    { "mailbox [over quota mailbox]", "" },
    { "User\r\n  unknown", "any=12" },
    { "no such user, user unknown", "any=12" },
    { "No such user here; user unknown", "any=16" },
    { "blocked", "veto=7" },
    { "blocked, or not blocked", "" },
    { "[blocked], or not blocked", "veto=7" },
    { "unblocked and blocked", "" },
    { "it is spam", "spam=4 spam-raw=4 spam-at=4" },
    { "see http://example.com/spam", "spam-raw=4 spam-at=4" },
    { "mx.spam.example.com: spam", "spam=4 spam-raw=4 spam-at=4" },
    { "[mx.spam.example.com]: spam", "spam-raw=4 spam-at=4" },
    { "spammer@example.org", "spam-raw=4" },
    { "again", "" },
    { "again again", "twice=10" },
    { "a b a b a", "" },
    /* what the text names is stepped over */
    { "no such kim@shop.example user", "any=12" },
    { "mailbox <kim@shop.example> over quota", "order=16" },
    { "a b a b a b a", "overlap=10" },
};

static struct dsn_rules *
load (void)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    if (!dsn_rules_add (rules, "t", dsn_bytes_str (rules_text), &e) ||
        !dsn_rules_finish (rules, &e))
        fail_msg ("%u:%u: %s", e.line, e.column, e.message);
    return rules;
}

/* Takes the range's signs out of @text. */
static struct text_range
take_range (char *text)
{
    char *start = strchr (text, '['), *end;
    struct text_range range = { 0, UINT32_MAX };

    if (!start)
        return range;
    memmove (start, start + 1, strlen (start));
    end = strchr (start, ']');
    memmove (end, end + 1, strlen (end));
    return (struct text_range){ (uint32_t)(start - text), (uint32_t)(end - text) };
}

/* (transfer full) */
static char *
matches (const struct dsn_rules *rules, const char *text, struct text_range range)
{
    GString *out = g_string_new (NULL);
    g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (struct rule_candidate));
    struct normal_text normal;
    struct rule_hits hits;
    unsigned bytes;

    normal_text_init (&normal);
    normal_text_append (&normal, dsn_bytes_str (text));
    rule_hits_init (&hits, rules, &normal);
    normal_text_clear (&normal);
    ruleset_candidates (rules, &hits, candidates);
    for (guint i = 0, n; i < candidates->len; i += n) {
        const struct rule_candidate *c = &g_array_index (candidates, struct rule_candidate, i);
        const struct rule *r = g_ptr_array_index (rules->rules, c->rule);
        n = ruleset_candidates_of_rule (candidates, i);
        assert_true (i == 0 || c[-1].rule < c->rule);
        for (guint k = 1; k < n; k++)
            assert_true (c[k].rule == c->rule && c[k - 1].text < c[k].text);
        if (ruleset_rule_matches_text (r, c, n, &hits, range, &bytes))
            g_string_append_printf (out, "%s%s=%u", out->len ? " " : "", r->id, bytes);
    }
    rule_hits_clear (&hits);
    return g_string_free (out, FALSE);
}

static void
texts_lead_to_rules (void **state)
{
    struct dsn_rules *rules = load ();

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *text = g_strdup (cases[i].text);
        struct text_range range = take_range (text);
        g_autofree char *out = matches (rules, text, range);
        if (strcmp (out, cases[i].matches) != 0)
            fail_msg ("'%s': %s, not %s", cases[i].text, out, cases[i].matches);
    }
    dsn_rules_free (rules);
}

static void
rules_without_text_stand_apart (void **state)
{
    struct dsn_rules *rules = load ();
    struct rule_hits hits;
    struct normal_text normal;
    const struct rule *r;
    unsigned bytes = 1;

    (void)state;
    assert_int_equal (rules->index->codes_only->len, 1);
    r = g_ptr_array_index (rules->rules, g_array_index (rules->index->codes_only, unsigned, 0));
    assert_string_equal (r->id, "code");
    normal_text_init (&normal);
    rule_hits_init (&hits, rules, &normal);
    assert_true (
        ruleset_rule_matches_text (r, NULL, 0, &hits, (struct text_range){ 0, 0 }, &bytes));
    assert_int_equal (bytes, 0);
    rule_hits_clear (&hits);
    normal_text_clear (&normal);
    dsn_rules_free (rules);
}

static void
phrases_know_their_uses (void **state)
{
    struct dsn_rules *rules = load ();
    unsigned providers = 0, firsts = 0;

    (void)state;
    for (uint32_t id = 0; id < wordings_count (rules->wordings); id++) {
        const struct phrase_uses *uses = ruleset_uses (rules, id);
        for (unsigned i = 0; i < uses->n; i++) {
            providers += ruleset_use (rules, uses, i)->role == ROLE_PROVIDER;
            firsts += ruleset_use (rules, uses, i)->role == ROLE_RULE_FIRST;
        }
    }
    assert_int_equal (providers, 1);
    assert_int_equal (firsts, 10); /* one per text line, those of `off` left out */
    dsn_rules_free (rules);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (texts_lead_to_rules),
        cmocka_unit_test (rules_without_text_stand_apart),
        cmocka_unit_test (phrases_know_their_uses),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
