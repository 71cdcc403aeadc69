/* The built-in rules as constants, and as the loader reads them at start, say the same of every
 * fixture; so do both with users' rules behind them, and each form can be freed at any point. */
#include "core/event/event.h"
#include "core/parse.h"
#include "core/rules/builtin.h"
#include "core/rules/ruleload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

/* Replaces built-in records of each kind, adds some of each, and has phrases that the built-in
 * rules have too. */
static const char local_rules[] =
    "rule user-unknown\ntext \"user unknown\"\nsays mailbox_full\nproof \"550 User unknown\"\n"
    "rule house-quota\ntext \"mailbox full\" \"quota\"\ntext \"over quota\"\nsays mailbox_full\n"
    "weight 99\nproof \"552 over quota\"\n"
    "rule house-words\ntext \"{mailbox|user} of {addr} is {gone|away}\"\nsays bad_mailbox\n"
    "proof \"550 user of kim@shop.example is gone\"\n"
    "provider google\nname \"House\"\nhost .google.com\nseen \"gsmtp\"\n"
    "provider house\nname \"House\"\nhost .example.net\ndomain .example.org\nseen \"user "
    "unknown\"\n"
    "blocklist zen.spamhaus.org\nname \"House list\"\n"
    "codes google\ntoken HOUSE-7 bad_mailbox \"Gone\"\n"
    "codes house\nreply 550 bad_mailbox \"Gone\"\n"
    "policy mailbox_full\nadvice review\n"
    "phrases delayed\ntext \"will be tried again by the house\" \"delayed\"\n"
    "marks bounce\nfield X-House gone\nprefix \"house:\"\n"
    "code 5.1.1\nsays bad_mailbox\nmeaning \"Gone\"\n"
    "format house\nname \"House\"\nwhen body \"undelivered mail returned to sender\"\n"
    "recipient \"<{addr}>: {text}\"\nproof x.eml\n";

/* With @is_text, by the loader. (transfer full): dsn_rules_free() */
static struct dsn_rules *
make (bool is_text, const char *local)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error e = { 0 };
    bool is_good = is_text ? ruleload_builtin_texts (rules, &e) : dsn_rules_add_builtin (rules, &e);

    if (is_good && local)
        is_good = dsn_rules_add (rules, "local", dsn_bytes_str (local), &e);
    if (!is_good || !dsn_rules_finish (rules, &e))
        fail_msg ("%s:%u: %s", e.file, e.line, e.message);
    return rules;
}

/* (transfer full) */
static char *
events (struct dsn_bytes mail, const struct dsn_rules *rules)
{
    const struct dsn_options options = { .limits = dsn_limits_default (), .want_evidence = true };
    struct dsn_report *report = dsn_parse (mail, mail.n, rules, &options);
    GString *out = g_string_new (NULL);

    for (size_t i = 0; i < dsn_event_count (report); i++) {
        struct dsn_event_context context = { .mail_id = "00",
                                             .ruleset = dsn_rules_version (rules) };
        dsn_event_append_json (out, report, i, &context);
        g_string_append_c (out, '\n');
    }
    dsn_report_free (report);
    return g_string_free (out, FALSE);
}

struct pair {
    struct dsn_rules *text, *constant;
    unsigned n, n_local; /* mails; those of which a local rule says something */
};

static void
compare_mail (struct pair *pair, const char *path)
{
    g_autofree char *bytes = NULL, *expected = NULL, *found = NULL;
    gsize n;

    assert_true (g_file_get_contents (path, &bytes, &n, NULL));
    expected = events ((struct dsn_bytes){ bytes, n }, pair->text);
    found = events ((struct dsn_bytes){ bytes, n }, pair->constant);
    if (strcmp (expected, found) != 0)
        fail_msg ("%s:\n%s\n%s", path, expected, found);
    pair->n++;
    pair->n_local += strstr (found, "house") != NULL;
}

static void
compare_mails (struct pair *pair, const char *dir)
{
    g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
    const char *name;

    while (d && (name = g_dir_read_name (d))) {
        g_autofree char *path = g_build_filename (dir, name, NULL);

        if (g_file_test (path, G_FILE_TEST_IS_DIR))
            compare_mails (pair, path);
        else if (g_str_has_suffix (name, ".eml"))
            compare_mail (pair, path);
    }
}

static struct pair
compare (const char *local)
{
    struct pair pair = { make (true, local), make (false, local), 0, 0 };

    assert_non_null (pair.constant->builtin);
    assert_null (pair.text->builtin);
    assert_string_equal (dsn_rules_version (pair.constant), dsn_rules_version (pair.text));
    assert_int_equal (pair.constant->local_count, pair.text->local_count);
    compare_mails (&pair, FIXTURES);
    assert_true (pair.n > 300);
    dsn_rules_free (pair.text);
    dsn_rules_free (pair.constant);
    return pair;
}

static void
both_say_the_same (void **state)
{
    (void)state;
    compare (NULL);
}

static void
both_say_the_same_with_local_rules (void **state)
{
    (void)state;
    assert_true (compare (local_rules).n_local > 10);
}

static void
the_sets_are_of_one_size (void **state)
{
    struct dsn_rules *text = make (true, NULL), *constant = make (false, NULL);

    (void)state;
    assert_int_equal (text->rules->len, constant->rules->len);
    assert_int_equal (text->codes->len, constant->codes->len);
    assert_int_equal (text->senders->len, constant->senders->len);
    assert_int_equal (wordings_count (text->wordings), wordings_count (constant->wordings));
    assert_int_equal (g_hash_table_size (text->by_id), builtin_set.keys->len);
    dsn_rules_free (text);
    dsn_rules_free (constant);
}

static void
every_prefix_of_local_rules_is_safe (void **state)
{
    (void)state;
    for (size_t n = 0; n <= strlen (local_rules); n += 7) {
        struct dsn_rules *rules = dsn_rules_new ();
        struct dsn_rules_error e = { 0 };

        assert_true (dsn_rules_add_builtin (rules, &e));
        if (dsn_rules_add (rules, "local", (struct dsn_bytes){ local_rules, n }, &e))
            (void)dsn_rules_finish (rules, &e);
        dsn_rules_error_clear (&e);
        dsn_rules_free (rules);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (both_say_the_same),
        cmocka_unit_test (both_say_the_same_with_local_rules),
        cmocka_unit_test (the_sets_are_of_one_size),
        cmocka_unit_test (every_prefix_of_local_rules_is_safe),
    };

    dsn_library_init ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
