/* Policies: what a site makes of a category goes before what the evidence says.
 */
#include "core/judge/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define RULES                                                                                      \
    "rule gone\ntext \"gone away\"\nsays inactive_mailbox\nproof \"550 gone away\"\n"              \
    "rule full\ntext \"no room\"\nsays mailbox_full\nproof \"552 no room\"\n"

static const struct {
    const char *policy, *text;
    enum dsn_action action;
    enum dsn_class cls;
    enum dsn_advice advice;
} cases[] = {
    { "", "550 gone away", DSN_ACTION_FAILED, DSN_CLASS_HARD, DSN_ADVICE_SUPPRESS },
    { "policy inactive_mailbox\nclass soft\n", "550 gone away", DSN_ACTION_FAILED, DSN_CLASS_SOFT,
      DSN_ADVICE_RETRY },
    { "policy inactive_mailbox\nclass soft\nadvice review\n", "550 gone away", DSN_ACTION_FAILED,
      DSN_CLASS_SOFT, DSN_ADVICE_REVIEW },
    { "policy mailbox_full\nclass hard\n", "552 no room", DSN_ACTION_FAILED, DSN_CLASS_HARD,
      DSN_ADVICE_SUPPRESS },
    { "policy mailbox_full\nadvice none\n", "552 no room", DSN_ACTION_FAILED, DSN_CLASS_SOFT,
      DSN_ADVICE_NOTHING },
    { "policy mailbox_full\nclass hard\n", "550 gone away", DSN_ACTION_FAILED, DSN_CLASS_HARD,
      DSN_ADVICE_SUPPRESS },
    { "policy mailbox_full\nclass hard\n", "452 no room", DSN_ACTION_DELAYED, DSN_CLASS_SOFT,
      DSN_ADVICE_RETRY },
};

static struct dsn_rules *
load (const char *first, const char *second)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    assert_true (dsn_rules_add (rules, "a.rules", dsn_bytes_str (RULES), &e));
    assert_true (dsn_rules_add (rules, "b.rules", dsn_bytes_str (first), &e));
    assert_true (dsn_rules_add (rules, "c.rules", dsn_bytes_str (second), &e));
    assert_true (dsn_rules_finish (rules, &e));
    return rules;
}

/* The verdict on a recipient with that diagnostic and action. */
static void
judge (const struct dsn_rules *rules, const char *text, enum dsn_action action,
       struct dsn_report *report, struct dsn_recipient *r)
{
    const struct classify_input in = { .rules = rules, .is_only = true };
    struct draft *draft = draft_new ();

    g_string_assign (draft->diagnostic, text);
    r->action = action;
    classify (&in, draft, report, r);
    draft_free (draft);
}

static void
policies_decide (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_rules *rules = load ("", cases[i].policy);
        struct dsn_report *report = dsn_report_new ();
        struct dsn_recipient *r = dsn_report_add_recipient (report);

        judge (rules, cases[i].text, cases[i].action, report, r);
        if (r->cls != cases[i].cls || r->advice != cases[i].advice)
            fail_msg ("%s, '%s': %s, %s", cases[i].policy, cases[i].text, dsn_class_names[r->cls],
                      dsn_advice_names[r->advice]);
        dsn_report_free (report);
        dsn_rules_free (rules);
    }
}

/* A later file's policy replaces an earlier one whole. */
static void
the_last_policy_holds (void **state)
{
    struct dsn_rules *rules = load ("policy mailbox_full\nclass hard\nadvice review\n",
                                    "policy mailbox_full\nadvice slow_down\n");
    struct dsn_report *report = dsn_report_new ();
    struct dsn_recipient *r = dsn_report_add_recipient (report);

    (void)state;
    judge (rules, "552 no room", DSN_ACTION_FAILED, report, r);
    assert_int_equal (r->cls, DSN_CLASS_SOFT);
    assert_int_equal (r->advice, DSN_ADVICE_SLOW_DOWN);
    dsn_report_free (report);
    dsn_rules_free (rules);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (policies_decide),
        cmocka_unit_test (the_last_policy_holds),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
