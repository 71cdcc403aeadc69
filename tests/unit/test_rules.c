/* Rule files: what good ones load as, what bad ones say and where, and every prefix of a good one.
 */
#include "core/rules/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

static void
expect (bool is_good, const struct dsn_rules_error *e)
{
    if (!is_good)
        fail_msg ("%s:%u:%u: %s", e->file, e->line, e->column, e->message);
}

/* A finished set of one file. (transfer full) */
static struct dsn_rules *
load (const char *text)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    expect (dsn_rules_add (rules, "test.rules", dsn_bytes_str (text), &e), &e);
    expect (dsn_rules_finish (rules, &e), &e);
    return rules;
}

#define MIN_RULE   "text \"mailbox full\"\nsays mailbox_full\nproof \"552 mailbox full\"\n"
#define MIN_FORMAT "format f\nname \"F\"\nwhen from \"daemon\"\nproof f.eml\n"

/* A file, and where and why it's wrong. */
static const struct {
    const char *text;
    unsigned line, column;
    const char *message;
} bad[] = {
    { "text \"mailbox full\"\n", 1, 1, "doesn't start a record" },
    { "# x\n\nruel a\n", 3, 1, "did you mean 'rule'?" },
    { "rule\n", 1, 1, "write `rule ID`" },
    { "rule a b\n", 1, 8, "too many words" },
    { "rule A\n", 1, 6, "isn't an id" },
    { "rule -a\n", 1, 6, "isn't an id" },
    { "rule a\n" MIN_RULE "rule a\n" MIN_RULE, 5, 6, "rule a stands in test.rules:1 already" },
    { "rule a\ntext \"ab\"\n", 2, 6, "fewer than 3 bytes" },
    { "rule a\ntext \"full\" \"*a *\"\n", 2, 13, "fewer than 3 bytes" },
    { "rule a\ntext \"user {adr}\"\n", 2, 6, "'{' begins {a|b}" },
    { "rule a\ntext \"user {a|b\"\n", 2, 6, "'{' begins {a|b}" },
    { "format f\nwhen subject \"{a|b} full\"\n", 2, 14, "has no alternatives" },
    { "rule a\ntext\n", 2, 1, "write `text PHRASE...`" },
    { "rule a\ntxt \"full\"\n", 2, 1, "did you mean 'text'?" },
    { "rule a\nfrobnicate \"full\"\n", 2, 1, "must be one of: text not at" },
    { "rule a\nsays mailbox_ful\n", 2, 6, "did you mean 'mailbox_full'?" },
    { "rule a\nsays mailbox_full none\n", 2, 19, "must be one of: hard soft" },
    { "rule a\nsays mailbox_full\nsays unknown\n", 3, 1, "a second line `says`" },
    { "rule a\nadvice wait\n", 2, 8, "must be one of: suppress retry" },
    { "rule a\nweight 0\n", 2, 8, "from 1 to 100" },
    { "rule a\nweight 101\n", 2, 8, "from 1 to 100" },
    { "rule a\nweight 8x\n", 2, 8, "from 1 to 100" },
    { "rule a\nstatus 5.1.1 5.1\n", 2, 14, "isn't an enhanced code" },
    { "rule a\nstatus 3.1.1\n", 2, 8, "isn't an enhanced code" },
    { "rule a\nstatus 5.7.9-3\n", 2, 8, "isn't an enhanced code" },
    { "rule a\nstatus 5.7.9-\n", 2, 8, "isn't an enhanced code" },
    { "rule a\nstatus 5.1.1234\n", 2, 8, "isn't an enhanced code" },
    { "rule a\nreply 5x0\n", 2, 7, "isn't a reply code" },
    { "rule a\nreply 650\n", 2, 7, "isn't a reply code" },
    { "rule a\nstage RCTP\n", 2, 7, "did you mean 'RCPT'?" },
    { "rule a\nin header\n", 2, 4, "must be one of: diagnostic notification" },
    { "rule a\nraw yes\n", 2, 5, "too many words after `raw`: write `raw`" },
    { "rule a\nproof \"\"\n", 2, 7, "nothing stands between the quotes" },
    { "\nrule a\nsays unknown\nproof \"x\"\n", 2, 1, "matches nothing" },
    { "rule a\ntext \"full\"\nproof \"x\"\n", 1, 1, "gives no verdict" },
    { "rule a\ntext \"full\"\nsays unknown\nrule b\n", 1, 1, "has no proof" },
    { "rule a\nat gogle\n" MIN_RULE "provider google\nname \"G\"\nseen \"gsmtp\"\n", 2, 4,
      "unknown provider 'gogle': did you mean 'google'?" },
    { "rule a\n  by \"nothing\"\n" MIN_RULE, 2, 6, "unknown format 'nothing'" },
    { "rule a\nat Google\n", 2, 4, "isn't an id" },
    { "rule \u00E9 \"a\n", 1, 8, "isn't closed" },
    { "provider p\nseen \"gsmtp\"\n", 1, 1, "has no name" },
    { "provider p\nname \"P\"\n", 1, 1, "nothing tells provider" },
    { "provider p\nhost mx..example.com\n", 2, 6, "isn't a host name" },
    { "provider p\nhost mx.example.com *.example.com\n", 2, 21, "isn't a host name" },
    { "provider p\ndomain example.com.\n", 2, 8, "isn't a host name" },
    { "phrases said en\n", 1, 1, "no phrases" },
    { "phrases sayd en\n", 1, 9, "did you mean 'said'?" },
    { "blocklist example.org\n", 1, 1, "has no name" },
    { "blocklist a!\n", 1, 11, "isn't an id" },
    { "code y.1.1\n", 1, 6, "isn't a code" },
    { "code x.1\n", 1, 6, "isn't a code" },
    { "code 5.1.1x\n", 1, 6, "isn't a code" },
    { "code 5.1.1111\n", 1, 6, "isn't a code" },
    { "code 55x\n", 1, 6, "isn't a code" },
    { "code 550\nsays unknown\n", 1, 1, "has no meaning" },
    { "code 550\nlisted firm \"x\"\n", 2, 8, "must be one of: hard soft" },
    { "code 550\nlisted 5 hard\n", 2, 10, "write: listed" },
    { "code 550\nfrom \"x\"\n", 2, 1, "put it below one" },
    { "code 550\nreading \"a\" unknown hard\n", 2, 1, "something is missing" },
    { "code 550\nreading 5 \"a\" unknown hard\n", 2, 11, "write: reading" },
    { "code 550\nreading \"a\" unknwn hard \"b\"\n", 2, 13, "did you mean 'unknown'?" },
    { "code 550\nsee 5.1\n", 2, 5, "isn't a code" },
    { "policy bad_mailbo\nclass soft\n", 1, 8, "did you mean 'bad_mailbox'?" },
    { "policy bad_mailbox\n", 1, 1, "says nothing" },
    { "policy bad_mailbox\nclass firm\n", 2, 7, "must be one of: hard soft" },
    { "policy bad_mailbox\nadvice wait\n", 2, 8, "must be one of: suppress" },
    { "reader word\noff\n", 1, 8, "did you mean 'words'?" },
    { "reader words\n", 1, 1, "nothing is said" },
    { "reader words\non\n", 2, 1, "unknown reader 'on'" },
    { "code 550\nmeaning \"\"\n", 2, 9, "nothing stands" },
    { "codes p\n", 1, 1, "no codes" },
    { "codes p\ntoken \"x1x\" policy\n", 2, 1, "something is missing" },
    { "codes p\ntoken \"x1x\" policy soft hard \"m\"\n", 2, 13, "write `token CODE" },
    { "codes p\ntoken \"x1x\" policy firm \"m\"\n", 2, 20, "must be one of: hard soft" },
    { "codes p\ntoken \"x1x\" polcy \"m\"\n", 2, 13, "did you mean 'policy'?" },
    { "codes p\ntoken \"x1x\" policy \"m\" \"r\" \"s\"\n", 2, 13, "write `token CODE" },
    { "codes p\ntoken \"x1\" policy \"m\"\n", 2, 7, "fewer than 3 bytes" },
    { "codes p\nstatus 5.7 policy \"m\"\n", 2, 8, "isn't an enhanced code" },
    { "codes p\nreply 5500 policy \"m\"\n", 2, 7, "isn't a reply code" },
    { "codes p\ntype \"x\" policy \"m\"\n", 1, 1, "no provider and no block list 'p'" },
    { "codes p\nname P\ntoken \"x1x\" policy \"m\"\n", 3, 1, "unknown provider 'p'" },
    { "format f\nname \"F\"\n", 1, 1, "nothing tells format" },
    { "format f\nname \"F\"\nwhen from x\n", 1, 1, "has no proof" },
    { "format f\nwhen body\n", 2, 6, "the phrase after `body` is missing" },
    { "format f\nwhen from \"a\" header\n", 2, 15, "the header's name after `header`" },
    { "marks colour\nfield x\n", 1, 7, "unknown kind of marks 'colour'" },
    { "marks bounce\n", 1, 1, "no marks" },
    { "marks reply\nprefix \"\"\n", 2, 8, "nothing stands between the quotes" },
    { "marks system-address\nword a \"\"\n", 2, 8, "nothing stands between the quotes" },
    { "format f\nwhen \"from\" \"a\"\n", 2, 6, "unknown condition" },
    { "format f\nwhen bdy \"a\"\n", 2, 6, "did you mean 'body'?" },
    { "format f\nwhen body \"ab\"\n", 2, 11, "fewer than 3 bytes" },
    { "format f\nwhen subject \"*\"\n", 2, 14, "an empty phrase" },
    { "format f\nrecipient \"to {adr}\"\n", 2, 11, "a '{' starts one of {addr}" },
    { "format f\nrecipient \"{addr}{text}\"\n", 2, 11, "without a text between" },
    { "format f\nrecipient \"to:\"\n", 2, 11, "has no {addr}" },
    { "format f\nalias \"{text}\"\n", 2, 7, "has no {addr}" },
    { "format f\nreply \"{any}\"\n", 2, 7, "has no {text}" },
    { "format f\nblock line\n", 2, 7, "must be one of: blank indent next" },
    { "format f\nstage \"after data\"\n", 2, 1, "write `stage PHRASE STAGE`" },
    { "format f\nstage \"after data\" DATE\n", 2, 20, "did you mean 'DATA'?" },
    { "format f\nproof ../x.eml\n", 2, 7, "below fixtures/" },
};

static void
bad_files_name_the_place (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
        struct dsn_rules *rules = dsn_rules_new ();
        struct dsn_rules_error e = { 0 };
        if (dsn_rules_add (rules, "test.rules", dsn_bytes_str (bad[i].text), &e) &&
            dsn_rules_finish (rules, &e))
            fail_msg ("accepted: %s", bad[i].text);
        if (e.line != bad[i].line || e.column != bad[i].column ||
            !strstr (e.message, bad[i].message))
            fail_msg ("%s\n%u:%u: %s", bad[i].text, e.line, e.column, e.message);
        assert_string_equal (e.file, "test.rules");
        dsn_rules_error_clear (&e);
        dsn_rules_free (rules);
    }
}

static const struct rule *
rule_at (const struct dsn_rules *rules, unsigned i)
{
    return g_ptr_array_index (rules->rules, i);
}

static const char whole_rule[] =
    "rule a\n text \"Mailbox\" \"FULL*\"\n not \"not full\" \"never\"\n at p # later\n by f\n"
    " status 5.1.1 5.7.606-649 *.2.2 4.7.*\n reply 550 55x 4XX\n stage RCPT data\n"
    " in diagnostic\n says moved soft\n advice retry\n weight 7\n proof \"5 \\\"full\\\"\"\n"
    "provider p\n name P\n host .example.com MX.example.net\n seen gsmtp\n" MIN_FORMAT;

static void
a_whole_rule_is_read (void **state)
{
    struct dsn_rules *rules = load (whole_rule);
    const struct rule *r = rule_at (rules, 0);
    const struct rule_status_range *s = (void *)r->statuses->data;
    const struct rule_reply_range *p = (void *)r->replies->data;
    const struct provider *provider = g_ptr_array_index (rules->providers, 0);

    (void)state;
    assert_int_equal (g_array_index (r->texts, struct rule_sequence, 0).n_bytes, 11);
    assert_int_equal (r->nots->len, 2);
    assert_int_equal (g_array_index (r->providers, unsigned, 0), 0);
    assert_int_equal (r->formats->len, 1);
    assert_true (s[0].cls == 5 && s[0].subject == 1 && s[0].detail_last == 1);
    assert_true (s[1].detail_first == 606 && s[1].detail_last == 649);
    assert_true (s[2].cls == 0 && s[2].subject == 2 && s[2].detail_first == 2);
    assert_true (s[3].cls == 4 && s[3].subject == 7 && s[3].detail_first == -1);
    assert_true (p[0].first == 550 && p[0].last == 550);
    assert_true (p[1].first == 550 && p[1].last == 559);
    assert_true (p[2].first == 400 && p[2].last == 499);
    assert_int_equal (r->stages, 1 << DSN_STAGE_RCPT | 1 << DSN_STAGE_DATA);
    assert_int_equal (r->scope, RULE_SCOPE_DIAGNOSTIC);
    assert_int_equal (r->category, dsn_category_lookup (dsn_bytes_str ("moved")));
    assert_int_equal (r->cls, DSN_CLASS_SOFT);
    assert_int_equal (r->advice, DSN_ADVICE_RETRY);
    assert_int_equal (r->weight, 7);
    assert_true (r->is_raw && r->is_local);
    assert_string_equal (g_ptr_array_index (r->proofs, 0), "5 \"full\"");
    assert_string_equal (g_ptr_array_index (provider->hosts, 1), "mx.example.net");
    dsn_rules_free (rules);
}

static const char whole_codes[] =
    "provider p\nname P\nhost .p.example\npage \"https://p.example/\"\n"
    "codes p\nsource \"P's page\"\ntoken \"[X12]\" 421 rate_limited \"Too fast.\" \"Wait.\"\n"
    "token \"PXY*_12\" ip_blocked \"Blocked.\"\nstatus 5.7.600-609 550 policy soft \"No.\"\n"
    "status 5.7.0 policy \"No.\"\nreply 542 inactive_mailbox \"Closed.\"\n"
    "case \"550 so\" policy \"No.\"\ntype \"bounce\" bad_mailbox \"No such one.\"\n";

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof whole_rule + sizeof whole_codes; n++) {
        const char *whole = n < sizeof whole_rule ? whole_rule : whole_codes;
        size_t length = n < sizeof whole_rule ? n : n - sizeof whole_rule;
        g_autofree char *copy = length ? g_memdup2 (whole, length) : NULL;
        struct dsn_rules *rules = dsn_rules_new ();
        struct dsn_rules_error e = { 0 };
        bool is_good = dsn_rules_add (rules, "x", (struct dsn_bytes){ copy, length }, &e) &&
                       dsn_rules_finish (rules, &e);
        assert_int_equal (is_good, e.message == NULL);
        dsn_rules_error_clear (&e);
        dsn_rules_free (rules);
    }
}

static void
weights_have_defaults (void **state)
{
    struct dsn_rules *rules =
        load ("rule a\n" MIN_RULE "rule b\nat p\n" MIN_RULE "rule c\nby f\n" MIN_RULE
              "provider p\nname P\nseen gsmtp\n" MIN_FORMAT);

    (void)state;
    assert_int_equal (rule_at (rules, 0)->weight, 85);
    assert_int_equal (rule_at (rules, 1)->weight, 95);
    assert_int_equal (rule_at (rules, 2)->weight, 85);
    dsn_rules_free (rules);
}

static void
a_later_file_replaces_by_id (void **state)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    (void)state;
    expect (dsn_rules_add (rules, "1", dsn_bytes_str ("rule a\n" MIN_RULE "rule b\n" MIN_RULE), &e),
            &e);
    expect (dsn_rules_add (rules, "2", dsn_bytes_str ("rule a\noff\nrule c\n" MIN_RULE), &e), &e);
    expect (dsn_rules_finish (rules, &e), &e);
    assert_int_equal (rules->rules->len, 3);
    assert_true (rule_at (rules, 0)->is_off);
    assert_string_equal (rule_at (rules, 0)->file, "2");
    assert_string_equal (rule_at (rules, 2)->id, "c");
    assert_int_equal (rule_at (rules, 2)->order, 2);
    assert_string_equal (dsn_rules_version (rules), DSND_VERSION "+4");
    dsn_rules_free (rules);
}

static void
codes_are_looked_up (void **state)
{
    struct dsn_rules *rules = load ("code x.1.1\nmeaning \"any\"\ncode 550\nmeaning \"reply\"\n"
                                    "code 4.1.1\nmeaning \"four\"\nsays mailbox_full hard\n"
                                    "cause \"c\"\nremedy \"r\"\nsource \"s\"\n");

    (void)state;
    assert_string_equal (ruleset_code (rules, "5.1.1")->id, "x.1.1");
    assert_string_equal (ruleset_code (rules, "4.1.1")->id, "4.1.1");
    assert_int_equal (ruleset_code (rules, "4.1.1")->cls, DSN_CLASS_HARD);
    assert_string_equal (ruleset_code (rules, "550")->id, "550");
    assert_null (ruleset_code (rules, "5.1.2"));
    assert_null (ruleset_code (rules, "551"));
    assert_null (ruleset_code (rules, ""));
    dsn_rules_free (rules);
}

static void
codes_of_a_provider_are_read (void **state)
{
    struct dsn_rules *rules = load (whole_codes);
    const struct sender *s = g_ptr_array_index (rules->senders, 0);
    const struct provider *p = g_ptr_array_index (rules->providers, 0);
    const struct sent_code *c = g_ptr_array_index (s->codes, 0);

    (void)state;
    assert_int_equal (s->codes->len, 7);
    assert_int_equal (s->provider, 0);
    assert_string_equal (p->help.lines[HELP_PAGE], "https://p.example/");
    assert_null (p->help.lines[HELP_FORM]);
    assert_string_equal (c->reply, "421");
    assert_string_equal (c->meaning, "Too fast.");
    assert_string_equal (c->remedy, "Wait.");
    /* a whole token tells the provider; one with a gap doesn't */
    assert_int_equal (p->seen->len, 0);
    assert_true (c->mark.n_bytes == 5 && !c->is_raw);
    c = g_ptr_array_index (s->codes, 1);
    assert_int_equal (c->mark.n_bytes, 0);
    assert_int_equal (rules->rules->len, 5);
    assert_string_equal (rule_at (rules, 0)->id, "p:x12");
    assert_int_equal (rule_at (rules, 0)->weight, 96);
    assert_int_equal (g_array_index (rule_at (rules, 1)->texts, struct rule_sequence, 0).n, 2);
    assert_int_equal (rule_at (rules, 2)->weight, 78);
    assert_int_equal (rule_at (rules, 3)->weight, 52);
    assert_true (rule_at (rules, 4)->is_bare);
    dsn_rules_free (rules);
}

static void
formats_are_read (void **state)
{
    struct dsn_rules *rules =
        load ("format f\nname F\nwhen header X-Failed \"@\" subject \"Multipart/Report\"\n"
              "when header X-Only body \"this is the mailer\"\n"
              "recipient \"  To: <{addr}>:  {text} \"\nblock next\n"
              "stage \"after rcpt to\" RCPT\nproof a/f.eml\n");
    const struct format *f = g_ptr_array_index (rules->formats, 0);
    const struct format_cond *c = (void *)g_array_index (f->whens, GArray *, 0)->data;
    const struct pattern_piece *p = (void *)((GArray *)g_ptr_array_index (f->recipients, 0))->data;

    (void)state;
    assert_int_equal (f->whens->len, 2);
    assert_string_equal (c[0].header, "x-failed");
    assert_true (format_cond_matches (&c[0], dsn_bytes_str ("a@b")));
    assert_false (format_cond_matches (&c[0], dsn_bytes_str ("a")));
    assert_true (format_cond_matches (&c[1], dsn_bytes_str ("multipart/report; x")));
    assert_false (format_cond_matches (&c[1], dsn_bytes_str ("multipart/reports")));
    c = (void *)g_array_index (f->whens, GArray *, 1)->data;
    assert_null (c[0].text);
    assert_true (format_cond_matches (&c[0], dsn_bytes_str ("")));
    assert_int_equal (c[1].phrase.n_bytes, 18);
    assert_string_equal (p[0].literal, "to: <");
    assert_int_equal (p[0].hole, HOLE_ADDR);
    assert_string_equal (p[1].literal, ">: ");
    assert_int_equal (p[1].hole, HOLE_TEXT);
    assert_string_equal (p[2].literal, "");
    assert_int_equal (p[2].hole, HOLE_NONE);
    assert_int_equal (f->block, BLOCK_NEXT);
    assert_int_equal (g_array_index (f->stages, struct format_stage, 0).stage, DSN_STAGE_RCPT);
    dsn_rules_free (rules);
}

static const struct {
    const char *in;
    bool is_system, is_role;
} addresses[] = {
    { "DAEMON@example.net", true, true },
    { "daemon", true, true },
    { "daemons@example.net", false, false },
    { "Mailer@example.net", true, true },
    { "mailer-x", true, true },
    { "maile@example.net", false, false },
    { "Sales@example.net", false, true },
    { "sales-2@example.net", false, false },
    { "user@daemon.example", false, false },
    { "", false, false },
};

static void
marks_are_read (void **state)
{
    struct dsn_rules *rules = load ("marks bounce\nfield X-Gone\nfield X-State \"Gone away\"\n"
                                    "marks reply de\nprefix \"AW:\" \"Antw:\"\n"
                                    "marks forward\nprefix \"fwd:\"\n"
                                    "marks shown-from de\nlabel Von\n"
                                    "marks system-address\nword Daemon \"mailer*\"\n"
                                    "marks shared-address\nword sales\n");
    const struct marks *m = &rules->marks;
    struct dsn_bytes some = dsn_bytes_str ("it has gone AWAY");

    (void)state;
    assert_int_equal (marks_of_field (m, dsn_bytes_str ("x-GONE"), some), MARK_BIT (MARK_BOUNCE));
    assert_int_equal (marks_of_field (m, dsn_bytes_str ("x-state"), some), MARK_BIT (MARK_BOUNCE));
    assert_int_equal (marks_of_field (m, dsn_bytes_str ("x-state"), dsn_bytes_str ("here")), 0);
    assert_int_equal (marks_of_field (m, dsn_bytes_str ("x-gon"), some), 0);
    assert_int_equal (marks_of_subject (m, dsn_bytes_str ("[l] aw: [m] fwd: x")),
                      MARK_BIT (MARK_REPLY) | MARK_BIT (MARK_FORWARD));
    assert_int_equal (marks_of_subject (m, dsn_bytes_str ("x aw: y")), 0);
    assert_int_equal (marks_of_subject (m, dsn_bytes_str ("[aw: y")), 0);
    assert_int_equal (marks_of_label (m, dsn_bytes_str ("von")), MARK_SHOWN_FROM);
    assert_int_equal (marks_of_label (m, dsn_bytes_str ("vo")), _MARK_N);
    for (size_t i = 0; i < G_N_ELEMENTS (addresses); i++) {
        const struct dsn_bytes in = dsn_bytes_str (addresses[i].in);
        assert_int_equal (marks_is_system (m, in), addresses[i].is_system);
        assert_int_equal (marks_is_role (m, in), addresses[i].is_role);
    }
    dsn_rules_free (rules);
}

static void
a_format_is_switched_off (void **state)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    (void)state;
    expect (dsn_rules_add (rules, "a.rules", dsn_bytes_str (MIN_FORMAT), &e), &e);
    expect (dsn_rules_add (rules, "b.rules",
                           dsn_bytes_str ("format f\noff\nrule a\nby f\n" MIN_RULE), &e),
            &e);
    expect (dsn_rules_finish (rules, &e), &e);
    assert_int_equal (rules->formats->len, 1);
    assert_true (((const struct format *)g_ptr_array_index (rules->formats, 0))->is_off);
    dsn_rules_free (rules);
}

static void
the_builtin_rules_load (void **state)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };

    (void)state;
    expect (dsn_rules_add_builtin (rules, &e), &e);
    expect (dsn_rules_finish (rules, &e), &e);
    assert_true (rules->rules->len > 0);
    for (unsigned i = 0; i < _PHRASES_N; i++)
        assert_true (rules->phrases[i]->len > 0);
    assert_string_equal (dsn_rules_version (rules), DSND_VERSION);
    dsn_rules_free (rules);
    dsn_rules_free (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (bad_files_name_the_place),
        cmocka_unit_test (a_whole_rule_is_read),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (weights_have_defaults),
        cmocka_unit_test (a_later_file_replaces_by_id),
        cmocka_unit_test (codes_are_looked_up),
        cmocka_unit_test (formats_are_read),
        cmocka_unit_test (marks_are_read),
        cmocka_unit_test (a_format_is_switched_off),
        cmocka_unit_test (the_builtin_rules_load),
        cmocka_unit_test (codes_of_a_provider_are_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
