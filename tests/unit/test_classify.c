/* The verdict: which evidence wins, and what is never claimed. */
#include "core/judge/classify.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* A set small enough to know each verdict's reason. */
static const char rules_text[] =
    "reader words\n    off\n"
    "provider prov\n    name \"Prov\"\n    host .prov.example\n"
    "rule strong\n    text \"mailbox is full\"\n    says mailbox_full\n    proof \"x\"\n"
    "rule weak\n    text \"refused\"\n    says policy\n    weight 40\n    proof \"x\"\n"
    "rule longer\n    text \"mailbox is full of spam\"\n    says spam_content\n    proof \"x\"\n"
    "rule own\n    text \"mailbox is full\"\n    at prov\n    says bad_mailbox\n    proof \"x\"\n"
    "rule staged\n    text \"gone\"\n    stage RCPT\n    says bad_mailbox\n    proof \"x\"\n"
    "rule vetoed\n    text \"spam\"\n    not \"no spam\"\n    says spam_content\n    proof \"x\"\n"
    "phrases said en\n    text \"said:\"\n"
    "rule nobody\n    text \"no such user\"\n    says bad_mailbox\n    proof \"x\"\n"
    "rule nobody-weak\n    text \"nobody\"\n    says bad_mailbox\n    weight 55\n    proof \"x\"\n"
    "rule later\n    text \"try later\"\n    says remote_error\n    weight 70\n    proof \"x\"\n"
    "rule bare-mail\n    reply 5xx\n    stage MAIL\n    bare\n    says sender_rejected\n    weight "
    "45\n"
    "    proof \"x\"\n"
    "phrases stage-rcpt\n    text \"*in reply to rcpt*\"\n"
    "phrases stage-mail\n    text \"*in reply to mail*\"\n"
    "blocklist list.example\n    name \"List\"\n    seen \"blocked using list.example\"\n"
    "code 5.1.1\n    says bad_mailbox\n    meaning \"m\"\n"
    "code 5.2.2\n    says mailbox_full\n    meaning \"m\"\n"
    "code x.1.0\n    says bad_mailbox\n    meaning \"m\"\n"
    "code 5.7.1\n    says policy\n    weak\n    meaning \"m\"\n"
    "code 550\n    says bad_mailbox\n    meaning \"m\"\n"
    "code 554\n    says policy\n    weak\n    meaning \"m\"\n"
    "code 450\n    says remote_error\n    meaning \"m\"\n"
    "code 451\n    says remote_error\n    meaning \"m\"\n";

static struct dsn_rules *rules;

struct verdict {
    struct dsn_report *report;
    struct dsn_recipient *r;
};

static struct verdict
verdict_on (const char *diagnostic, const char *told, const char *status, enum dsn_action action)
{
    struct classify_input in = { .rules = rules, .is_only = true, .want_evidence = true };
    struct verdict v = { .report = dsn_report_new () };
    struct draft *d = draft_new ();

    v.r = dsn_report_add_recipient (v.report);
    v.r->action = action;
    g_string_assign (d->diagnostic, diagnostic);
    g_string_assign (d->text, told);
    (void)dsn_status_scan (dsn_bytes_str (status), &d->field_status);
    d->has_fields = true;
    classify (&in, d, v.report, v.r);
    draft_free (d);
    return v;
}

static const struct {
    const char *diagnostic, *told, *status;
    const char *category, *rule, *want_status;
    unsigned reply;
} cases[] = {
    /* text beats code beats nothing */
    { "550 5.1.1 mailbox is full", "", "5.1.1", "mailbox_full", "strong", "5.1.1", 550 },
    { "550 5.1.1 who?", "", "5.0.0", "bad_mailbox", "code:5.1.1", "5.1.1", 550 },
    { "who?", "", "5.1.1", "bad_mailbox", "code:5.1.1", "5.1.1", 0 },
    { "who?", "", "", "unknown", "nothing", NULL, 0 },
    /* the code beats weak words */
    { "550 5.1.1 refused", "", "", "bad_mailbox", "code:5.1.1", "5.1.1", 550 },
    { "refused", "", "", "policy", "weak", NULL, 0 },
    /* the longer text of the same weight */
    { "mailbox is full of spam", "", "", "spam_content", "longer", NULL, 0 },
    /* the provider's own rule, by the host that is quoted */
    { "host mx.prov.example[192.0.2.1] said: 550 mailbox is full", "", "", "bad_mailbox", "own",
      NULL, 550 },
    /* a veto */
    { "no spam here", "", "", "unknown", "nothing", NULL, 0 },
    { "spam here", "", "", "spam_content", "vetoed", NULL, 0 },
    /* a stage */
    { "gone (in reply to RCPT TO command)", "", "", "bad_mailbox", "staged", NULL, 0 },
    { "gone (in reply to end of DATA command)", "", "", "unknown", "nothing", NULL, 0 },
    /* a block list */
    { "554 blocked using list.example", "", "", "ip_blocked", "blocklist:list.example", NULL, 554 },
    /* the innermost reply is the truth */
    { "said: 452 mailbox is full said: 550 5.1.1 who?", "", "4.4.7", "mailbox_full", "strong",
      "5.1.1", 550 },
    { "said: 554 5.2.2 x said: 550 5.1.1 who?", "", "5.0.0", "bad_mailbox", "code:5.1.1", "5.1.1",
      550 },
    /* what the notification says counts less, but counts */
    { "550 no", "mailbox is full", "", "mailbox_full", "strong", NULL, 550 },
    /* a reply code beside words that nobody understood gives nobody up */
    { "550 who?", "", "5.0.0", "unknown", "code:550", "5.0.0", 550 },
    { "554 who?", "", "", "unknown", "code:554", NULL, 554 },
    { "451 who?", "", "", "remote_error", "code:451", NULL, 451 },
    { "550 \xE7\x84\xA1", "", "", "unknown", "code:550", NULL, 550 },
    { "550 refused", "", "", "policy", "weak", NULL, 550 },
    { "550 who? (in reply to RCPT TO command)", "", "", "unknown", "code:550", NULL, 550 },
    /* a code that stands alone keeps its table's class; what stands around it is no word of it */
    { "550", "", "", "bad_mailbox", "code:550", NULL, 550 },
    { "550 <kim@shop.example>", "", "", "bad_mailbox", "code:550", NULL, 550 },
    { "said: 550 (in reply to RCPT TO command)", "", "", "bad_mailbox", "code:550", NULL, 550 },
    { "550 (in reply to MAIL FROM command)", "", "", "sender_rejected", "bare-mail", NULL, 550 },
    { "550 who? (in reply to MAIL FROM command)", "", "", "unknown", "code:550", NULL, 550 },
    /* at MAIL the sender is judged, whatever the words and codes */
    { "550 no such user (in reply to MAIL FROM command)", "", "", "sender_rejected", "nobody", NULL,
      550 },
    { "550 5.1.1 who? (in reply to MAIL FROM command)", "", "", "sender_rejected", "code:5.1.1",
      "5.1.1", 550 },
    /* a code that is given for many reasons: the reply's own words say more, weak ones only what
     * gives nobody up, and words elsewhere nothing */
    { "554 5.7.1 refused", "", "", "policy", "weak", "5.7.1", 554 },
    { "554 5.7.1 who?", "", "", "policy", "code:5.7.1", "5.7.1", 554 },
    { "554 5.7.1 no such user", "", "", "bad_mailbox", "nobody", "5.7.1", 554 },
    { "554 5.7.1 nobody", "", "", "policy", "code:5.7.1", "5.7.1", 554 },
    { "554 nobody", "", "", "bad_mailbox", "nobody-weak", NULL, 554 },
    /* what only puts off says less of the address */
    { "451 no such user, try later", "", "", "remote_error", "later", NULL, 451 },
};

static const char *
or_none (const char *text)
{
    return text ? text : "(none)";
}

static void
verdicts_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct verdict v =
            verdict_on (cases[i].diagnostic, cases[i].told, cases[i].status, DSN_ACTION_FAILED);

        if (strcmp (or_none (v.r->rule), cases[i].rule) != 0)
            print_error ("%s: %s\n", cases[i].diagnostic, or_none (v.r->rule));
        assert_string_equal (or_none (v.r->rule), cases[i].rule);
        assert_string_equal (dsn_category_get (v.r->category)->name, cases[i].category);
        assert_string_equal (or_none (v.r->status), or_none (cases[i].want_status));
        assert_int_equal (v.r->reply_code, cases[i].reply);
        assert_true (v.r->confidence > 0 && v.r->confidence <= 100);
        assert_non_null (v.r->evidence[0]);
        assert_non_null (strstr (v.r->evidence[0], "[won]"));
        dsn_report_free (v.report);
    }
}

static void
success_has_no_category (void **state)
{
    static const enum dsn_action actions[] = { DSN_ACTION_DELIVERED, DSN_ACTION_RELAYED,
                                               DSN_ACTION_EXPANDED };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (actions); i++) {
        struct verdict v = verdict_on ("250 2.1.5 mailbox is full", "", "2.0.0", actions[i]);

        assert_int_equal (v.r->category, 0);
        assert_int_equal (v.r->cls, DSN_CLASS_NEITHER);
        assert_int_equal (v.r->advice, DSN_ADVICE_NOTHING);
        assert_null (v.r->rule);
        dsn_report_free (v.report);
    }
}

static void
a_delay_is_soft (void **state)
{
    struct verdict v = verdict_on ("450 5.1.1 who?", "", "", DSN_ACTION_DELAYED);

    (void)state;
    assert_int_equal (v.r->cls, DSN_CLASS_SOFT);
    assert_int_not_equal (v.r->advice, DSN_ADVICE_SUPPRESS);
    dsn_report_free (v.report);
}

/* A temporary reply gives nobody up, unless its own code is about the address. */
static void
a_temporary_reply_is_soft (void **state)
{
    static const struct {
        const char *in;
        enum dsn_class cls;
    } replies[] = {
        { "450 no such user", DSN_CLASS_SOFT },       { "450 4.7.1 no such user", DSN_CLASS_SOFT },
        { "4.7.1 no such user", DSN_CLASS_SOFT },     { "450 4.1.1 no such user", DSN_CLASS_HARD },
        { "450 5.1.1 no such user", DSN_CLASS_HARD }, { "550 4.7.1 no such user", DSN_CLASS_HARD },
        { "406 no such user", DSN_CLASS_HARD }, /* no reply code that anybody knows */
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (replies); i++) {
        struct verdict v = verdict_on (replies[i].in, "", "", DSN_ACTION_FAILED);
        assert_string_equal (dsn_category_get (v.r->category)->name, "bad_mailbox");
        assert_int_equal (v.r->cls, replies[i].cls);
        assert_int_equal (v.r->advice == DSN_ADVICE_SUPPRESS, replies[i].cls == DSN_CLASS_HARD);
        dsn_report_free (v.report);
    }
}

/* On a delay 4.1.0 is filled in: an address doesn't mend by waiting. */
static void
a_delay_outweighs_a_filled_in_code (void **state)
{
    struct verdict v = verdict_on ("", "", "4.1.0", DSN_ACTION_DELAYED);

    (void)state;
    assert_string_equal (v.r->rule, "action:delayed");
    dsn_report_free (v.report);
    v = verdict_on ("", "", "4.1.0", DSN_ACTION_FAILED);
    assert_string_equal (v.r->rule, "code:4.1.0");
    dsn_report_free (v.report);
}

/* Numbers in the words never become codes of the event. */
static void
no_code_is_made_up (void **state)
{
    struct verdict v =
        verdict_on ("exim 4.94.2 at 192.0.2.5:25 refused 550 messages", "", "", DSN_ACTION_FAILED);

    (void)state;
    assert_null (v.r->status);
    assert_int_equal (v.r->reply_code, 0);
    assert_int_equal (v.r->status_source, DSN_STATUS_SOURCE_NONE);
    dsn_report_free (v.report);
}

static void
host_and_address_come_from_the_quote (void **state)
{
    struct verdict v =
        verdict_on ("host mx.prov.example[192.0.2.1] said: 550 no", "", "", DSN_ACTION_FAILED);

    (void)state;
    assert_string_equal (v.r->provider, "prov");
    assert_string_equal (v.r->remote_mta, "mx.prov.example");
    assert_string_equal (v.r->remote_ip, "192.0.2.1");
    dsn_report_free (v.report);
}

static void
judge_prefix (struct dsn_bytes in, void *data)
{
    struct dsn_report *report = dsn_report_new ();
    struct dsn_recipient *r = dsn_report_add_recipient (report);

    (void)data;
    classify_text (rules, in, -1, -1, DSN_STAGE_NONE, true, report, r);
    assert_true (r->category > 0 && r->category < dsn_category_count ());
    dsn_report_free (report);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].diagnostic), 1, judge_prefix, NULL);
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

static void
words_tell_the_stage (void **state)
{
    static const struct {
        const char *in;
        enum dsn_stage stage;
    } stages[] = {
        { "550 no (in reply to rcpt to command)", DSN_STAGE_RCPT },
        { "550 no (in reply to end of data command)", DSN_STAGE_EOM },
        { "550 no (in reply to mail from command)", DSN_STAGE_MAIL },
        { "550 no (in reply to data command)", DSN_STAGE_DATA },
        { "smtp error from remote mail server after rcpt to:<a@b.example>:", DSN_STAGE_RCPT },
        { "after end of data: 550", DSN_STAGE_EOM },
        { "after initial connection: 554", DSN_STAGE_CONNECT },
        { "host x refused to talk to me: 554", DSN_STAGE_CONNECT },
        { "in reply to ehlo command", DSN_STAGE_EHLO },
        { "in reply to starttls command", DSN_STAGE_STARTTLS },
        { "550 user unknown", DSN_STAGE_NONE },
        { "", DSN_STAGE_NONE },
    };

    struct dsn_rules *builtin = builtin_rules ();

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (stages); i++) {
        struct dsn_report *report = dsn_report_new ();
        struct dsn_recipient *r = dsn_report_add_recipient (report);
        classify_text (builtin, dsn_bytes_str (stages[i].in), -1, -1, DSN_STAGE_NONE, false, report,
                       r);
        assert_int_equal (r->stage, stages[i].stage);
        dsn_report_free (report);
    }
    dsn_rules_free (builtin);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_tell_the_stage),
        cmocka_unit_test (verdicts_of_the_cases),
        cmocka_unit_test (success_has_no_category),
        cmocka_unit_test (a_delay_is_soft),
        cmocka_unit_test (a_temporary_reply_is_soft),
        cmocka_unit_test (a_delay_outweighs_a_filled_in_code),
        cmocka_unit_test (no_code_is_made_up),
        cmocka_unit_test (host_and_address_come_from_the_quote),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
