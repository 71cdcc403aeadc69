/* The statistical reader beside the rules: where it's asked, and what it never does. */
#include "core/judge/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const char rules_text[] =
    "provider prov\n    name \"Prov\"\n    host .prov.example\n"
    "rule sure\n    text \"green mailbox\"\n    says policy\n    weight 90\n    proof \"x\"\n"
    "rule general\n    text \"red mailbox\"\n    says policy\n    proof \"x\"\n"
    "rule general-hard\n    text \"blue\"\n    says bad_mailbox\n    proof \"x\"\n"
    "rule weak\n    text \"mailbox\"\n    says policy\n    weight 50\n    proof \"x\"\n"
    "rule full-weak\n    text \"box full\"\n    says mailbox_full\n    weight 50\n    proof \"x\"\n"
    "rule own\n    text \"quota\"\n    at prov\n    says policy\n    weight 50\n    proof \"x\"\n"
    "code 5.1.1\n    says bad_mailbox\n    meaning \"m\"\n"
    "code 5.2.2\n    says mailbox_full\n    meaning \"m\"\n"
    "code 550\n    says bad_mailbox\n    meaning \"m\"\n"
    "code 450\n    says remote_error\n    meaning \"m\"\n";

/* The rules above and @more as the site's own, or as if they were built in. */
static struct dsn_rules *
load (const char *more, bool is_local)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };

    assert_true (dsn_rules_add (rules, "a.rules", dsn_bytes_str (rules_text), &error));
    assert_true (dsn_rules_add (rules, "b.rules", dsn_bytes_str (more), &error));
    assert_true (dsn_rules_finish (rules, &error));
    for (guint i = 0; i < rules->rules->len; i++)
        ((struct rule *)rules->rules->pdata[i])->is_local = is_local;
    return rules;
}

struct verdict {
    struct dsn_report *report;
    struct dsn_recipient *r;
};

static struct verdict
read_text (const struct dsn_rules *rules, const char *text, enum dsn_stage stage)
{
    struct verdict v = { .report = dsn_report_new () };

    v.r = dsn_report_add_recipient (v.report);
    classify_text (rules, dsn_bytes_str (text), -1, -1, stage, true, v.report, v.r);
    return v;
}

static const struct {
    const char *text, *category, *rule;
    enum dsn_stage stage;
    enum dsn_class cls;
    enum dsn_advice advice;
} cases[] = {
    /* a bare code, or nothing */
    { "550 there is no such user, nobody of that name", "bad_mailbox", "words:bad_mailbox",
      DSN_STAGE_NONE, DSN_CLASS_HARD, DSN_ADVICE_SUPPRESS },
    { "550 the storage of this user is exhausted, over quota", "mailbox_full", "words:mailbox_full",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_RETRY },
    /* an enhanced code that the words contradict */
    { "550 5.1.1 over quota, no space left for this user", "mailbox_full", "words:mailbox_full",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_RETRY },
    /* nobody is given up for what only puts off, nor where no code says that it's final ... */
    { "450 there is no such user, nobody of that name", "bad_mailbox", "words:bad_mailbox",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_REVIEW },
    { "there is no such user, nobody of that name", "bad_mailbox", "words:bad_mailbox",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_REVIEW },
    /* ... nor at MAIL, where the sender is judged */
    { "550 there is no such user, nobody of that name", "sender_rejected", "words:bad_mailbox",
      DSN_STAGE_MAIL, DSN_CLASS_SOFT, DSN_ADVICE_FIX_SENDER },
    /* a rule that is sure, and one that isn't */
    { "550 green mailbox full, over quota", "policy", "sure", DSN_STAGE_NONE, DSN_CLASS_SOFT,
      DSN_ADVICE_REVIEW },
    { "550 mailbox full, over quota, storage exhausted", "mailbox_full", "words:mailbox_full",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_RETRY },
    /* a general one, where the words are quite sure, and where they aren't ... */
    { "550 red mailbox full, over quota, storage exhausted", "mailbox_full", "words:mailbox_full",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_RETRY },
    { "550 red mailbox of no use", "policy", "general", DSN_STAGE_NONE, DSN_CLASS_SOFT,
      DSN_ADVICE_REVIEW },
    /* ... and never to give an address up that the rule doesn't */
    { "550 5.1.1 red mailbox: no such user, nobody of that name here", "policy", "general",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_REVIEW },
    /* a code for the sender's address */
    { "550 5.1.7 blue", "sender_rejected", "general-hard", DSN_STAGE_NONE, DSN_CLASS_SOFT,
      DSN_ADVICE_FIX_SENDER },
    { "450 4.1.8 blue", "sender_rejected", "general-hard", DSN_STAGE_NONE, DSN_CLASS_SOFT,
      DSN_ADVICE_FIX_SENDER },
    /* the provider's rule, however weak */
    { "host mx.prov.example[192.0.2.1] said: 550 over quota, storage exhausted", "policy", "own",
      DSN_STAGE_NONE, DSN_CLASS_SOFT, DSN_ADVICE_REVIEW },
};

static void
verdicts_of_the_cases (void **state)
{
    struct dsn_rules *rules = load ("", false);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct verdict v = read_text (rules, cases[i].text, cases[i].stage);
        if (g_strcmp0 (v.r->rule, cases[i].rule) != 0 || v.r->cls != cases[i].cls)
            print_error ("%s: %s\n", cases[i].text, v.r->evidence[0]);
        assert_string_equal (v.r->rule, cases[i].rule);
        assert_string_equal (dsn_category_get (v.r->category)->name, cases[i].category);
        assert_int_equal (v.r->cls, cases[i].cls);
        assert_int_equal (v.r->advice, cases[i].advice);
        dsn_report_free (v.report);
    }
    dsn_rules_free (rules);
}

/* Both are as sure as the surer of them; the rule keeps the verdict, the words are named. */
static void
a_rule_that_agrees_wins (void **state)
{
    struct dsn_rules *rules = load ("rule weak\n off\n", false);
    struct verdict v = read_text (rules, "550 box full, over quota", DSN_STAGE_NONE);

    (void)state;
    assert_string_equal (v.r->rule, "full-weak");
    assert_true (v.r->confidence > 50);
    assert_non_null (strstr (v.r->evidence[0], "; words: "));
    dsn_report_free (v.report);
    dsn_rules_free (rules);
}

static void
a_sites_rule_outweighs_it (void **state)
{
    struct dsn_rules *rules = load ("", true);
    struct verdict v =
        read_text (rules, "550 mailbox full, over quota, storage exhausted", DSN_STAGE_NONE);

    (void)state;
    assert_string_equal (v.r->rule, "weak");
    dsn_report_free (v.report);
    dsn_rules_free (rules);
}

static void
it_can_be_switched_off (void **state)
{
    struct dsn_rules *rules = load ("reader words\n    off\n", true);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct verdict v = read_text (rules, cases[i].text, cases[i].stage);
        assert_false (g_str_has_prefix (v.r->rule, "words:"));
        for (unsigned k = 0; v.r->evidence[k]; k++)
            assert_null (strstr (v.r->evidence[k], "words: "));
        dsn_report_free (v.report);
    }
    dsn_rules_free (rules);
}

/* With and without the trail the verdict is the same. */
static void
the_trail_changes_nothing (void **state)
{
    struct dsn_rules *rules = load ("", false);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct verdict v = read_text (rules, cases[i].text, cases[i].stage);
        struct dsn_report *report = dsn_report_new ();
        struct dsn_recipient *r = dsn_report_add_recipient (report);
        classify_text (rules, dsn_bytes_str (cases[i].text), -1, -1, cases[i].stage, false, report,
                       r);
        assert_string_equal (r->rule, v.r->rule);
        assert_int_equal (r->confidence, v.r->confidence);
        dsn_report_free (report);
        dsn_report_free (v.report);
    }
    dsn_rules_free (rules);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (verdicts_of_the_cases),     cmocka_unit_test (a_rule_that_agrees_wins),
        cmocka_unit_test (a_sites_rule_outweighs_it), cmocka_unit_test (it_can_be_switched_off),
        cmocka_unit_test (the_trail_changes_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
