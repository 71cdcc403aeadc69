/* Explaining codes: every code of common SMTP code lists and of the registry has an entry that
 * tells something, with the class that the tables give; unknown codes get their class and subject.
 */
#include "core/explain/codename.h"
#include "core/rules/codetext.h"

#include "core/explain/codename.h"
#include "core/explain/explain.h"
#include "core/parse.h"

#include <jansson.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *set;

static int
load_rules (void **state)
{
    struct dsn_rules_error e = { 0 };

    (void)state;
    dsn_library_init ();
    set = dsn_rules_new ();
    if (!dsn_rules_add_builtin (set, &e) || !dsn_rules_finish (set, &e))
        fail_msg ("%s:%u:%u: %s", e.file, e.line, e.column, e.message);
    return 0;
}

static int
free_rules (void **state)
{
    (void)state;
    dsn_rules_free (set);
    return 0;
}

static struct dsn_explanation *
explain (const char *query)
{
    struct dsn_explanation *e = dsn_explain (set, dsn_bytes_str (query));

    if (!e)
        fail_msg ("'%s' isn't explained", query);
    return e;
}

/* An entry of the knowledge base, with something to read in each place. */
static void
expect_whole (const struct dsn_explanation *e)
{
    if (!e->is_known || !*e->meaning || !*e->why || e->causes->len == 0 || e->remedies->len == 0 ||
        e->sources->len == 0 || e->see->len == 0 || e->readings->len == 0)
        fail_msg ("the entry for %s isn't whole", e->code);
}

static bool
has_class (const struct dsn_explanation *e, enum dsn_class cls)
{
    bool is_found = e->cls == cls;

    for (unsigned i = 0; i < e->readings->len; i++)
        is_found |= g_array_index (e->readings, struct dsn_reading, i).cls == cls;
    return is_found;
}

/* The words of the next line that isn't a comment; NULL at the end. (transfer full) */
static char **
next_row (char ***lines)
{
    for (; **lines; (*lines)++)
        if (***lines && ***lines != '#')
            return g_strsplit (*(*lines)++, " ", -1);
    return NULL;
}

static char **
read_lines (const char *name)
{
    g_autofree char *path = g_build_filename (TEST_DATA, name, NULL);
    g_autofree char *text = NULL;

    assert_true (g_file_get_contents (path, &text, NULL, NULL));
    return g_strsplit (text, "\n", -1);
}

static void
every_code_of_the_tables (void **state)
{
    g_auto (GStrv) lines = read_lines ("code-tables.txt");
    char **at = lines, **words;
    unsigned n = 0, n_classes = 0;

    (void)state;
    for (; (words = next_row (&at)); n++) {
        g_auto (GStrv) row = words;
        g_autoptr (dsn_explanation) e = explain (row[1]);
        unsigned cls = dsn_name_lookup (dsn_class_names, _DSN_CLASS_N, dsn_bytes_str (row[2]));

        /* table 3 uses it as an example of the form: it stands for no code */
        if (strcmp (row[1], "2.1.23") != 0)
            expect_whole (e);
        if (cls && !has_class (e, (enum dsn_class)cls))
            fail_msg ("table %s calls %s %s; that stands nowhere", row[0], row[1], row[2]);
        if (row[1][0] == '2' || row[1][0] == '3')
            assert_int_equal (e->cls, DSN_CLASS_NEITHER);
        n_classes += cls != 0;
    }
    assert_int_equal (n, 222);
    assert_int_equal (n_classes, 87);
}

/* Where no table disagrees the class is the tables' own, not just one of the readings. */
static void
the_default_class_is_the_tables (void **state)
{
    g_auto (GStrv) lines = read_lines ("code-tables.txt");
    char **at = lines, **words;

    (void)state;
    while ((words = next_row (&at))) {
        g_auto (GStrv) row = words;
        g_autoptr (dsn_explanation) e = explain (row[1]);
        if (row[2][0] != '-' && strcmp (row[1], "553") != 0)
            assert_string_equal (dsn_class_names[e->cls], row[2]);
    }
}

static void
every_code_of_the_registry (void **state)
{
    g_auto (GStrv) lines = read_lines ("iana-codes.txt");
    char **at = lines, **words;
    unsigned n = 0;

    (void)state;
    for (; (words = next_row (&at)); n++) {
        g_auto (GStrv) row = words;
        g_autofree char *any = g_strconcat ("x.", row[0], NULL);
        g_autofree char *soft = g_strconcat ("4.", row[0], NULL);
        g_autofree char *hard = g_strconcat ("5.", row[0], NULL);
        g_autoptr (dsn_explanation) x = explain (any), e4 = explain (soft), e5 = explain (hard);

        expect_whole (x);
        assert_true (*e4->meaning && *e5->meaning && e4->is_known && e5->is_known);
        if (e4->category)
            assert_int_equal (e4->event_cls, DSN_CLASS_SOFT);
    }
    assert_int_equal (n, 81);
}

static const struct {
    const char *query;
    enum dsn_explain_kind kind;
    const char *code, *category;
    enum dsn_class cls, event_cls;
    bool is_known;
} cases[] = {
    { "550", DSN_EXPLAIN_REPLY, "550", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "511", DSN_EXPLAIN_REPLY, "511", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "523", DSN_EXPLAIN_REPLY, "523", "message_too_big", DSN_CLASS_HARD, DSN_CLASS_SOFT, true },
    { "521", DSN_EXPLAIN_REPLY, "521", "domain_no_mail", DSN_CLASS_SOFT, DSN_CLASS_HARD, true },
    { "553", DSN_EXPLAIN_REPLY, "553", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "911", DSN_EXPLAIN_REPLY, "911", "unknown", DSN_CLASS_HARD, DSN_CLASS_SOFT, true },
    { "250", DSN_EXPLAIN_REPLY, "250", NULL, DSN_CLASS_NEITHER, DSN_CLASS_NEITHER, true },
    { "5.7.1", DSN_EXPLAIN_STATUS, "5.7.1", "policy", DSN_CLASS_HARD, DSN_CLASS_SOFT, true },
    { "4.7.1", DSN_EXPLAIN_STATUS, "4.7.1", "policy", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "5.7.23", DSN_EXPLAIN_STATUS, "5.7.23", "auth_failed", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "X.7.30", DSN_EXPLAIN_STATUS, "x.7.30", "tls_required", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "4.4.4", DSN_EXPLAIN_STATUS, "4.4.4", "dns_failure", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "5.4.4", DSN_EXPLAIN_STATUS, "5.4.4", "bad_domain", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "3.5.4", DSN_EXPLAIN_STATUS, "3.5.4", NULL, DSN_CLASS_NEITHER, DSN_CLASS_NEITHER, true },
    { "1.1.1", DSN_EXPLAIN_STATUS, "1.1.1", "no_connection", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "2.1.6", DSN_EXPLAIN_STATUS, "2.1.6", NULL, DSN_CLASS_NEITHER, DSN_CLASS_NEITHER, false },
    { "(#5.1.1)", DSN_EXPLAIN_STATUS, "5.1.1", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD,
      true },
    { " 550-\n", DSN_EXPLAIN_REPLY, "550", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "5.7.x", DSN_EXPLAIN_STATUS, "5.7.0", "security", DSN_CLASS_HARD, DSN_CLASS_SOFT, true },
    { "5xx", DSN_EXPLAIN_CLASS, "5xx", "unknown", DSN_CLASS_HARD, DSN_CLASS_SOFT, true },
    { "4.X.X", DSN_EXPLAIN_CLASS, "4xx", "unknown", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "4.7.987", DSN_EXPLAIN_STATUS, "4.7.987", "security", DSN_CLASS_SOFT, DSN_CLASS_SOFT, false },
    /* no registry has it, but a provider */
    { "4.7.500", DSN_EXPLAIN_STATUS, "4.7.500", "rate_limited", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "5.7.515", DSN_EXPLAIN_STATUS, "5.7.515", "auth_failed", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "S3150", DSN_EXPLAIN_TOKEN, "S3150", "ip_blocked", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "(tss04)", DSN_EXPLAIN_TOKEN, "(tss04)", "bad_reputation", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "IB607", DSN_EXPLAIN_TOKEN, "IB607", "rate_limited", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "OFR_506", DSN_EXPLAIN_TOKEN, "OFR_506", "spam_content", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "OFR004_506", DSN_EXPLAIN_TOKEN, "OFR004_506", "spam_content", DSN_CLASS_SOFT, DSN_CLASS_SOFT,
      true },
    { "127.255.255.254", DSN_EXPLAIN_TOKEN, "127.255.255.254", "remote_error", DSN_CLASS_SOFT,
      DSN_CLASS_SOFT, true },
    { "Permanent/NoEmail", DSN_EXPLAIN_TOKEN, "Permanent/NoEmail", "bad_mailbox", DSN_CLASS_HARD,
      DSN_CLASS_HARD, true },
    { "NoEmail", DSN_EXPLAIN_TOKEN, "NoEmail", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD,
      true },
    { "CXBL", DSN_EXPLAIN_TOKEN, "CXBL", "ip_blocked", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "r0201", DSN_EXPLAIN_TOKEN, "r0201", "ip_blocked", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "(DIAL)", DSN_EXPLAIN_TOKEN, "(DIAL)", "ip_blocked", DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "HardBounce", DSN_EXPLAIN_TOKEN, "HardBounce", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD,
      true },
    { "Mailbox Unavailable", DSN_EXPLAIN_TOKEN, "Mailbox Unavailable", "mailbox_full",
      DSN_CLASS_SOFT, DSN_CLASS_SOFT, true },
    { "605", DSN_EXPLAIN_TOKEN, "605", "suppressed", DSN_CLASS_HARD, DSN_CLASS_HARD, true },
    { "5.1.99", DSN_EXPLAIN_STATUS, "5.1.99", "bad_mailbox", DSN_CLASS_HARD, DSN_CLASS_HARD,
      false },
    { "5.9.1", DSN_EXPLAIN_STATUS, "5.9.1", "unknown", DSN_CLASS_HARD, DSN_CLASS_SOFT, false },
    { "585", DSN_EXPLAIN_REPLY, "585", "unknown", DSN_CLASS_HARD, DSN_CLASS_SOFT, false },
    { "mailbox_full", DSN_EXPLAIN_CATEGORY, "mailbox_full", "mailbox_full", DSN_CLASS_SOFT,
      DSN_CLASS_SOFT, true },
};

static void
codes_are_explained (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (dsn_explanation) e = explain (cases[i].query);
        const char *category = dsn_category_get (e->category)->name;
        if (e->kind != cases[i].kind || e->cls != cases[i].cls ||
            e->event_cls != cases[i].event_cls || e->is_known != cases[i].is_known ||
            g_strcmp0 (e->code, cases[i].code) != 0 || g_strcmp0 (category, cases[i].category) != 0)
            fail_msg ("%s: kind %s, code %s, %s, class %s, event class %s, %sknown", cases[i].query,
                      dsn_explain_kind_names[e->kind], e->code, category ? category : "no failure",
                      dsn_class_names[e->cls], dsn_class_names[e->event_cls],
                      e->is_known ? "" : "not ");
        assert_true (*e->meaning && e->readings->len);
    }
}

/* A number of several meanings shows each; the class digit of a reading counts. */
static void
readings_keep_their_context (void **state)
{
    g_autoptr (dsn_explanation) e552 = explain ("552"), e4 = explain ("4.5.2"),
                                e5 = explain ("5.5.2"), e420 = explain ("420");
    const struct dsn_reading *r = &g_array_index (e552->readings, struct dsn_reading, 0);

    (void)state;
    assert_int_equal (e552->readings->len, 3);
    assert_string_equal (r[0].context, "SMTP reply");
    assert_string_equal (dsn_category_get (r[0].category)->name, "mailbox_full");
    assert_string_equal (dsn_category_get (r[2].category)->name, "protocol_error");
    assert_int_equal (e4->readings->len, 2);
    assert_non_null (strstr (g_array_index (e4->readings, struct dsn_reading, 1).context, "452"));
    assert_int_equal (e5->readings->len, 2);
    assert_non_null (strstr (g_array_index (e5->readings, struct dsn_reading, 1).context, "552"));
    assert_string_equal (e420->system, "Novell GroupWise");
}

/* What a provider means by a code comes from the rules that name it, one use a category. */
static void
providers_are_named (void **state)
{
    g_autoptr (dsn_explanation) e = explain ("5.7.26"), edge = explain ("5.4.1");
    bool is_google = false;

    (void)state;
    for (unsigned i = 0; i < e->providers->len; i++) {
        const struct dsn_provider_use *u =
            &g_array_index (e->providers, struct dsn_provider_use, i);
        is_google |= strcmp (u->provider, "google") == 0;
        for (unsigned k = 0; k < i; k++) {
            const struct dsn_provider_use *v =
                &g_array_index (e->providers, struct dsn_provider_use, k);
            assert_false (v->category == u->category && strcmp (v->provider, u->provider) == 0);
        }
    }
    assert_true (is_google);
    assert_true (edge->providers->len > 0);
}

/* Each "see also" leads somewhere, and every record can be read again. */
static void
the_web_has_no_loose_ends (void **state)
{
    (void)state;
    for (unsigned i = 0; i < set->codes->len; i++) {
        const struct code *c = g_ptr_array_index (set->codes, i);
        g_autoptr (code_text) text = code_text_new (c);
        assert_non_null (text->meaning);
        for (unsigned k = 0; k < text->see->len; k++)
            if (!ruleset_code (set, g_ptr_array_index (text->see, k)))
                fail_msg ("code %s: see %s, which has no record", c->id,
                          (const char *)g_ptr_array_index (text->see, k));
    }
}

/* A word of 63 bytes is compared, a longer one is as far as can be. */
static void
distances_are_bounded (void **state)
{
    static const struct {
        size_t n, m;
        unsigned distance;
    } lengths[] = { { 0, 0, 0 },   { 0, 1, 1 },    { 1, 0, 1 },    { 62, 63, 1 },  { 63, 62, 1 },
                    { 63, 63, 0 }, { 63, 64, 99 }, { 64, 63, 99 }, { 64, 64, 99 }, { 65, 1, 99 } };
    char word[65];

    (void)state;
    memset (word, 'a', sizeof word);
    for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
        assert_int_equal (codename_distance ((struct dsn_bytes){ word, lengths[i].n },
                                             (struct dsn_bytes){ word, lengths[i].m }, 99),
                          lengths[i].distance);
}

/* A category that would give the address up says something else where the code doesn't. */
static void
advice_and_remedy_agree (void **state)
{
    static const char *const soft[] = { "4.1.1", "4.1.2", "4.2.1", "450" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (soft); i++) {
        g_autoptr (dsn_explanation) e = explain (soft[i]);
        assert_int_not_equal (e->event_cls, DSN_CLASS_HARD);
        assert_int_not_equal (e->advice, DSN_ADVICE_SUPPRESS);
        for (unsigned k = 0; k < e->remedies->len; k++)
            assert_null (strstr (g_ptr_array_index (e->remedies, k), "Stop sending"));
    }
}

static void
a_provider_tells_whom_to_ask (void **state)
{
    g_autoptr (dsn_explanation) token = explain ("S3150"), none = explain ("127.255.255.254");
    g_autoptr (dsn_explanation) text =
        dsn_explain_text (set, dsn_bytes_str ("550 5.7.1 refused (S3150)"));
    const struct dsn_contact *c = &g_array_index (token->contacts, struct dsn_contact, 0);

    (void)state;
    assert_int_equal (token->contacts->len, 1);
    assert_string_equal (c->id, "microsoft");
    assert_non_null (strstr (c->form, "https://"));
    assert_non_null (strstr (token->meaning, "blocks this address"));
    assert_int_equal (none->contacts->len, 0);
    assert_int_equal (text->contacts->len, 1);
    assert_string_equal (text->meaning,
                         g_array_index (token->providers, struct dsn_provider_use, 0).meaning);
}

static void
what_is_no_code_is_refused (void **state)
{
    static const struct {
        const char *query, *nearest;
    } bad[] = {
        { "", NULL },
        { "55", NULL },
        { "5511", NULL },
        { "5.1", NULL },
        { "5.1.1.1", NULL },
        { "5.1.1111", NULL },
        { "050", NULL },
        { "695", NULL },
        { "mailbox unavailable", NULL },
        { "192.0.2.1", NULL },
        { "user@example.com", NULL },
        { "S3151", "S3150" },
        { "6.1.1", NULL },
        { "x55", NULL },
        { "5.x.1", NULL },
        { "#", NULL },
        { "mailbox_ful", "mailbox_full" },
        { "gray_listed", "greylisted" },
        { "5.7.30x", "x.7.30" },
        { "55O", "550" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autofree char *nearest = dsn_explain_nearest (set, dsn_bytes_str (bad[i].query));
        assert_null (dsn_explain (set, dsn_bytes_str (bad[i].query)));
        assert_true (*nearest);
        if (bad[i].nearest)
            assert_string_equal (nearest, bad[i].nearest);
    }
}

static const struct {
    const char *text, *code, *category, *block_list;
} refusals[] = {
    { "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org",
      "5.7.1", "ip_blocked", "zen.spamhaus.org" },
    { "552 5.2.2 <user@example.net>: Mailbox is over quota", "5.2.2", "mailbox_full", NULL },
    { "550", "550", "bad_mailbox", NULL },
    { "550 5.7.987 no", "5.7.987", "security", NULL },
    { "the mailbox is over quota", "mailbox_full", "mailbox_full", NULL },
};

static void
refusals_are_explained (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++) {
        g_autoptr (dsn_explanation) e = dsn_explain_text (set, dsn_bytes_str (refusals[i].text));
        assert_non_null (e);
        assert_int_equal (e->kind, DSN_EXPLAIN_TEXT);
        assert_string_equal (e->code, refusals[i].code);
        assert_string_equal (dsn_category_get (e->category)->name, refusals[i].category);
        assert_true (*e->meaning && *e->why && e->causes->len && e->remedies->len);
        assert_true (e->verdict.evidence->len > 0);
        if (refusals[i].block_list)
            assert_string_equal (e->verdict.block_list, refusals[i].block_list);
    }
    assert_null (dsn_explain_text (set, dsn_bytes_str ("how are you today")));
    assert_null (dsn_explain_text (set, dsn_bytes_str ("")));
}

static const char bounce[] = "From: MAILER-DAEMON@example.org\n"
                             "Subject: Undelivered Mail Returned to Sender\n"
                             "Content-Type: multipart/report; report-type=delivery-status;\n"
                             " boundary=b\n\n"
                             "--b\nContent-Type: message/delivery-status\n\n"
                             "Reporting-MTA: dns; mx.example.org\n\n"
                             "Final-Recipient: rfc822; user@example.net\nAction: failed\n"
                             "Status: 5.2.2\n"
                             "Diagnostic-Code: smtp; 552 5.2.2 Mailbox is full\n\n"
                             "--b--\n";

static void
mails_are_explained (void **state)
{
    static const char letter[] = "From: a@example.com\nSubject: hello\n\nHow are you?\n";
    const struct dsn_options options = { .limits = dsn_limits_default () };
    struct dsn_report *report = dsn_parse (dsn_bytes_str (bounce), strlen (bounce), set, &options);
    struct dsn_report *other = dsn_parse (dsn_bytes_str (letter), strlen (letter), set, &options);
    g_autoptr (dsn_explanation) e = dsn_explain_event (set, report, 0, dsn_bytes_str ("a.eml"));
    g_autoptr (dsn_explanation) o = dsn_explain_event (set, other, 0, dsn_bytes_str ("b.eml"));

    (void)state;
    dsn_report_free (report);
    dsn_report_free (other);
    assert_string_equal (e->query, "a.eml");
    assert_string_equal (e->code, "5.2.2");
    assert_string_equal (dsn_category_get (e->category)->name, "mailbox_full");
    assert_int_equal (e->cls, DSN_CLASS_SOFT);
    assert_string_equal (e->verdict.recipient, "user@example.net");
    assert_int_equal (e->readings->len, 2);
    assert_int_equal (o->verdict.kind, DSN_KIND_OTHER);
    assert_int_equal (o->category, 0);
    assert_int_equal (o->cls, DSN_CLASS_NEITHER);
    assert_true (*o->meaning);
}

/* Every prefix, on a heap block of its size, so that reading too far is seen. */
static void
every_prefix_is_safe (void **state)
{
    static const char *const texts[] = { "(#5.7.509)", "x.7.30", "550-", "5.x.x", "mailbox_full" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
        for (size_t n = 0; n <= strlen (texts[i]); n++) {
            g_autofree char *copy = g_memdup2 (texts[i], n);
            g_autofree char *nearest = dsn_explain_nearest (set, (struct dsn_bytes){ copy, n });
            g_autoptr (dsn_explanation) e = dsn_explain (set, (struct dsn_bytes){ copy, n });
            assert_true (*nearest);
            assert_true (!e || *e->code);
        }
}

static void
json_has_all_keys (void **state)
{
    static const char *const keys[] = { "query",    "kind",        "code",   "class",
                                        "category", "event_class", "fault",  "advice",
                                        "meaning",  "why",         "causes", "remedies",
                                        "readings", "providers",   "see",    "sources",
                                        "known",    "system" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (dsn_explanation) e = explain (cases[i].query);
        g_autoptr (GString) out = g_string_new (NULL);
        json_t *json;

        dsn_explanation_append_json (out, e);
        json = json_loadb (out->str, out->len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null (json);
        for (size_t k = 0; k < G_N_ELEMENTS (keys); k++)
            assert_non_null (json_object_get (json, keys[k]));
        assert_string_equal (json_string_value (json_object_get (json, "query")), cases[i].query);
        assert_string_equal (json_string_value (json_object_get (json, "code")), cases[i].code);
        assert_string_equal (json_string_value (json_object_get (json, "class")),
                             dsn_class_names[cases[i].cls]);
        assert_true (json_array_size (json_object_get (json, "readings")) > 0);
        json_decref (json);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_code_of_the_tables),
        cmocka_unit_test (the_default_class_is_the_tables),
        cmocka_unit_test (every_code_of_the_registry),
        cmocka_unit_test (codes_are_explained),
        cmocka_unit_test (readings_keep_their_context),
        cmocka_unit_test (providers_are_named),
        cmocka_unit_test (the_web_has_no_loose_ends),
        cmocka_unit_test (distances_are_bounded),
        cmocka_unit_test (what_is_no_code_is_refused),
        cmocka_unit_test (advice_and_remedy_agree),
        cmocka_unit_test (a_provider_tells_whom_to_ask),
        cmocka_unit_test (refusals_are_explained),
        cmocka_unit_test (mails_are_explained),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (json_has_all_keys),
    };

    return cmocka_run_group_tests (tests, load_rules, free_rules);
}
