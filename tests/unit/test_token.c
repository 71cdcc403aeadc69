/* Tokens: the vectors of docs/return-path.md, what's refused, and what a report may be believed. */
#include "core/returnpath/token.h"

#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define TODAY    20778 /* 2026-11-21 */
#define KEY_A    "a 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_B    "b ffffffffffffffffffffffffffffffff\n"
#define LONG_ONE "a.very.long.local.part.of.an.address@mail.example.org"
#define PATH     "bounces+taujkoyo5pikczvgv4aid-user=example.net@example.com"

static struct dsn_token_keys
keys_of (const char *text)
{
    struct dsn_token_keys keys;
    const char *reason;
    unsigned line;

    assert_true (dsn_token_keys_read (dsn_bytes_str (text), &keys, &line, &reason));
    return keys;
}

/* Made by another implementation: tests/cli/returnpath.py holds it to the document's example. */
static const struct {
    const char *key, *recipient, *tag;
    uint32_t day;
    const char *local;
} vectors[] = {
    { KEY_A, "user@example.net", NULL, TODAY, "bounces+taujkoyo5pikczvgv4aid-user=example.net" },
    { KEY_A, "user@example.net", "news_7", TODAY,
      "bounces+taujk2pi7fnsyzpezdizn.news_7-user=example.net" },
    { KEY_A, "User+Tag@Example.NET", "News_7", TODAY,
      "bounces+taujk7pz4xn6zhbjw5qyw.news_7-User+Tag=Example.NET" },
    { KEY_B, "user@example.net", NULL, TODAY, "bounces+tbujkswaov44gdnp7angb-user=example.net" },
    { KEY_A, LONG_ONE, NULL, TODAY, "bounces+taujkltsjfbumtixk6vku" },
    { KEY_A, LONG_ONE, "news_7", TODAY + 1, "bounces+taujliv6axkpgcclnyhgk.news_7" },
    { KEY_A, "\"john doe\"@example.com", NULL, 0, "bounces+taaaabfshevu6f4z7poyf" },
    { KEY_A, "user@example.net", NULL, 32768, "bounces+taaaa4i3f3zf7biudgfac-user=example.net" },
};

static void
vectors_are_made_and_checked (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (vectors); i++) {
        const struct dsn_token_keys keys = keys_of (vectors[i].key);
        const char *const candidates[] = { "other@example.net", vectors[i].recipient, NULL };
        g_autofree char *local = dsn_token_make (&keys.keys[0], "bounces+", vectors[i].recipient,
                                                 vectors[i].tag, vectors[i].day);
        g_autofree char *address = NULL, *folded = NULL;
        struct dsn_token token;

        assert_non_null (local);
        assert_string_equal (local, vectors[i].local);
        address = g_strconcat (local, "@example.com", NULL);
        assert_int_equal (
            dsn_token_check (&keys, vectors[i].day, dsn_bytes_str (address), candidates, &token),
            DSN_TOKEN_VALID);
        assert_string_equal (token.recipient, vectors[i].recipient);
        assert_int_equal (token.day, vectors[i].day);
        assert_int_equal (token.key_id, vectors[i].key[0]);
        folded = g_ascii_strup (address, -1);
        assert_int_equal (
            dsn_token_check (&keys, vectors[i].day, dsn_bytes_str (folded), candidates, &token),
            DSN_TOKEN_VALID);
        assert_string_equal (token.tag, vectors[i].tag && *vectors[i].tag ? "news_7" : "");
    }
}

static void
what_cant_be_made (void **state)
{
    static const struct {
        const char *prefix, *recipient, *tag;
    } bad[] = {
        { "bounces+", "user", NULL },
        { "bounces+", "", NULL },
        { "bounces+", "user@example.net\n", NULL },
        { "bounces+", "user@example.net", "with-dash" },
        { "bounces+", "user@example.net", "seventeen_letters" },
        { "bounces", "user@example.net", NULL },
        { "boun@ces+", "user@example.net", NULL },
        { "a.prefix.that.leaves.no.room.for.the.token.itself+", "user@example.net", NULL },
        { "taujkoyo5pikczvgv4aid-", "user@example.net", NULL },
    };
    const struct dsn_token_keys keys = keys_of (KEY_A);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
        assert_null (
            dsn_token_make (&keys.keys[0], bad[i].prefix, bad[i].recipient, bad[i].tag, TODAY));
}

static const struct {
    const char *address;
    int days_later;
    enum dsn_token_verdict verdict;
} checks[] = {
    { PATH, 0, DSN_TOKEN_VALID },
    { PATH, 30, DSN_TOKEN_VALID },
    { PATH, 31, DSN_TOKEN_EXPIRED },
    { PATH, 3000, DSN_TOKEN_EXPIRED },
    { PATH, -1, DSN_TOKEN_VALID }, /* clocks differ */
    { PATH, -2, DSN_TOKEN_BAD },
    { "prvs=1234abcd56=" PATH, 0, DSN_TOKEN_VALID },
    { "SRS0=abcd=AB=example.com=bounces+taujkoyo5pikczvgv4aid-user=example.net@example.org", 0,
      DSN_TOKEN_VALID },
    { "bounces-taujkoyo5pikczvgv4aid-user=example.net@example.com", 0, DSN_TOKEN_VALID },
    { "taujkoyo5pikczvgv4aid-user=example.net@example.com", 0, DSN_TOKEN_VALID },
    { "bounces+taujkoyo5pikczvgv4aid-USER=EXAMPLE.NET@example.com", 0, DSN_TOKEN_VALID },
    { "bounces+taujkoyo5pikczvgv4aid-user2=example.net@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid-user=example.org@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid.tag-user=example.net@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid.@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid-@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid+user=example.net@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid-taujkoyo5pikczvgv4aid-user=example.net@example.com", 0,
      DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4aid+taujkoyo5pikczvgv4aid-user=example.net@example.com", 0,
      DSN_TOKEN_BAD },
    { "bounces+tcujkoyo5pikczvgv4aid-user=example.net@example.com", 0, DSN_TOKEN_BAD },
    { "bounces+taujkoyo5pikczvgv4ai-user=example.net@example.com", 0, DSN_TOKEN_ABSENT },
    { "bounces+user=example.net@example.com", 0, DSN_TOKEN_ABSENT },
    { "bounces@example.com", 0, DSN_TOKEN_ABSENT },
    { "", 0, DSN_TOKEN_ABSENT },
};

static void
verdicts_of_the_cases (void **state)
{
    const struct dsn_token_keys keys = keys_of (KEY_A KEY_B);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (checks); i++) {
        struct dsn_token token;
        const enum dsn_token_verdict verdict =
            dsn_token_check (&keys, (uint32_t)(TODAY + checks[i].days_later),
                             dsn_bytes_str (checks[i].address), NULL, &token);

        assert_int_equal (verdict, checks[i].verdict);
    }
}

static void
keys_rotate (void **state)
{
    const struct dsn_token_keys before = keys_of (KEY_A), both = keys_of (KEY_B KEY_A),
                                after = keys_of (KEY_B);
    struct dsn_token token;

    (void)state;
    assert_int_equal (both.keys[0].id, 'b');
    assert_int_equal (dsn_token_check (&before, TODAY, dsn_bytes_str (PATH), NULL, &token),
                      DSN_TOKEN_VALID);
    assert_int_equal (dsn_token_check (&both, TODAY, dsn_bytes_str (PATH), NULL, &token),
                      DSN_TOKEN_VALID);
    assert_int_equal (dsn_token_check (&after, TODAY, dsn_bytes_str (PATH), NULL, &token),
                      DSN_TOKEN_BAD);
}

/* Every character of the token but the mark and the key's letter, and these too. */
static void
any_other_character_is_refused (void **state)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789-+.=_";
    const struct dsn_token_keys keys = keys_of (KEY_A KEY_B);

    (void)state;
    for (size_t at = strlen ("bounces+"); PATH[at] != '@'; at++)
        for (size_t c = 0; all[c]; c++) {
            g_autofree char *address = g_strdup (PATH);
            struct dsn_token token;

            address[at] = all[c];
            if (all[c] != PATH[at])
                assert_int_not_equal (
                    dsn_token_check (&keys, TODAY, dsn_bytes_str (address), NULL, &token),
                    DSN_TOKEN_VALID);
        }
}

static void
key_files (void **state)
{
    static const struct {
        const char *text;
        unsigned line; /* 0: good */
    } files[] = {
        { KEY_A, 0 },
        { "# a comment\n\n" KEY_B "\r\n" KEY_A, 0 },
        { "a\tffffffffffffffffffffffffffffffff", 0 },
        { "a ffffffffffffffffffffffffffffff\n", 1 },
        { "a fffffffffffffffffffffffffffffffff\n", 1 },
        { "a gfffffffffffffffffffffffffffffff\n", 1 },
        { KEY_B "ffffffffffffffffffffffffffffffff\n", 2 },
        { KEY_B "\nA ffffffffffffffffffffffffffffffff\n", 3 },
        { KEY_A KEY_B KEY_A, 3 },
    };
    struct dsn_token_keys keys = { 0 };
    const char *reason = NULL;
    unsigned line;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
        const struct dsn_bytes text = dsn_bytes_str (files[i].text);
        assert_int_equal (dsn_token_keys_read (text, &keys, &line, &reason), files[i].line == 0);
        assert_int_equal (reason != NULL, files[i].line != 0);
        if (files[i].line)
            assert_int_equal (line, files[i].line);
    }
    assert_false (dsn_token_keys_read (dsn_bytes_str ("# none\n"), &keys, &line, &reason));
    assert_int_equal (keys.window_days, DSN_TOKEN_WINDOW_DAYS);
    dsn_token_keys_clear (&keys);
    assert_int_equal (keys.n, 0);
    assert_int_equal (keys.keys[0].secret[0], 0);
}

/* --- what a report may be believed ---------------------------------------------------------- */

static struct dsn_report *
bounce_of (const char *path, const char *first, const char *second)
{
    struct dsn_report *report = dsn_report_new ();

    report->kind = DSN_KIND_BOUNCE;
    report->return_path.address = path;
    for (unsigned i = 0; i < 2 && (i ? second : first); i++) {
        struct dsn_recipient *r = dsn_report_add_recipient (report);
        r->recipient = r->final_recipient = i ? second : first;
        r->recipient_source = DSN_RECIPIENT_SOURCE_FINAL;
        r->advice = DSN_ADVICE_SUPPRESS;
    }
    return report;
}

static const struct {
    const char *path, *first, *second;
    enum dsn_trust claimed; /* by the worker */
    enum dsn_trust trust;
    const char *recipient, *warning;
} beliefs[] = {
    { PATH, "user@example.net", NULL, DSN_TRUST_NONE, DSN_TRUST_VERIFIED, "user@example.net",
      NULL },
    /* forwarded: the one that we sent to counts */
    { PATH, "box@example.org", NULL, DSN_TRUST_NONE, DSN_TRUST_VERIFIED, "user@example.net", NULL },
    { "bounces+taujkltsjfbumtixk6vku@example.com", LONG_ONE, NULL, DSN_TRUST_NONE,
      DSN_TRUST_VERIFIED, LONG_ONE, NULL },
    { "bounces+taujkltsjfbumtixk6vku@example.com", "victim@example.org", NULL, DSN_TRUST_NONE,
      DSN_TRUST_SUSPECT, "victim@example.org", "token-bad" },
    { "bounces@example.com", "user@example.net", NULL, DSN_TRUST_VERIFIED, DSN_TRUST_SUSPECT,
      "user@example.net", "token-absent" },
    { NULL, "user@example.net", NULL, DSN_TRUST_VERIFIED, DSN_TRUST_SUSPECT, "user@example.net",
      "token-absent" },
    { PATH, "user@example.net", NULL, DSN_TRUST_SUSPECT, DSN_TRUST_SUSPECT, "user@example.net",
      "token-several" },
    { PATH, "user@example.net", "victim@example.org", DSN_TRUST_NONE, DSN_TRUST_SUSPECT,
      "user@example.net", "token-other-recipient" },
    { PATH, "user@example.net", "User@example.net", DSN_TRUST_NONE, DSN_TRUST_VERIFIED,
      "user@example.net", NULL },
};

static void
beliefs_of_the_cases (void **state)
{
    const struct dsn_token_keys keys = keys_of (KEY_A);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (beliefs); i++) {
        struct dsn_report *report =
            bounce_of (beliefs[i].path, beliefs[i].first, beliefs[i].second);
        const bool is_believed = beliefs[i].trust == DSN_TRUST_VERIFIED;

        report->trust = beliefs[i].claimed;
        dsn_report_apply_trust (report, &keys, TODAY);
        assert_int_equal (report->trust, beliefs[i].trust);
        assert_string_equal (report->recipients[0].recipient, beliefs[i].recipient);
        for (size_t k = 0; k < report->n_recipients; k++)
            assert_int_equal (report->recipients[k].advice,
                              is_believed ? DSN_ADVICE_SUPPRESS : DSN_ADVICE_REVIEW);
        if (beliefs[i].warning)
            assert_string_equal (report->warnings[0], beliefs[i].warning);
        else
            assert_null (report->warnings);
        dsn_report_free (report);
    }
}

static void
expired_is_suspect (void **state)
{
    const struct dsn_token_keys keys = keys_of (KEY_A);
    struct dsn_report *report = bounce_of (PATH, "user@example.net", NULL);

    (void)state;
    dsn_report_apply_trust (report, &keys, TODAY + 31);
    assert_int_equal (report->trust, DSN_TRUST_SUSPECT);
    assert_string_equal (report->warnings[0], "token-expired");
    assert_int_equal (report->recipients[0].advice, DSN_ADVICE_REVIEW);
    dsn_report_free (report);
}

static void
without_keys_nothing_is_judged (void **state)
{
    const struct dsn_token_keys none = { 0 };
    struct dsn_report *report = bounce_of (PATH, "user@example.net", NULL);

    (void)state;
    report->trust = DSN_TRUST_SUSPECT;
    dsn_report_apply_trust (report, NULL, TODAY);
    assert_int_equal (report->trust, DSN_TRUST_UNSIGNED);
    assert_int_equal (report->recipients[0].advice, DSN_ADVICE_SUPPRESS);
    report->return_path.address = NULL;
    dsn_report_apply_trust (report, &none, TODAY);
    assert_int_equal (report->trust, DSN_TRUST_NONE);
    assert_null (report->warnings);
    dsn_report_free (report);
}

/* A worker may say "other" and still advise. */
static void
what_is_no_report_gets_no_trust (void **state)
{
    const struct dsn_token_keys keys = keys_of (KEY_A);
    struct dsn_report *report = bounce_of (PATH, "user@example.net", NULL);

    (void)state;
    report->kind = DSN_KIND_OTHER;
    report->trust = DSN_TRUST_VERIFIED;
    dsn_report_apply_trust (report, &keys, TODAY);
    assert_int_equal (report->trust, DSN_TRUST_NONE);
    assert_int_equal (report->recipients[0].advice, DSN_ADVICE_REVIEW);
    dsn_report_free (report);
}

static void
check_one (struct dsn_bytes in, void *data)
{
    struct dsn_token token;

    (void)dsn_token_check (data, TODAY, in, NULL, &token);
}

static void
read_keys (struct dsn_bytes in, void *data)
{
    struct dsn_token_keys keys;
    const char *reason;
    unsigned line;

    (void)data;
    (void)dsn_token_keys_read (in, &keys, &line, &reason);
}

static void
every_prefix_is_safe (void **state)
{
    struct dsn_token_keys keys = keys_of (KEY_A);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
        each_prefix (dsn_bytes_str (checks[i].address), 1, check_one, &keys);
    each_prefix (dsn_bytes_str ("# x\n" KEY_B KEY_A), 1, read_keys, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (vectors_are_made_and_checked),
        cmocka_unit_test (what_cant_be_made),
        cmocka_unit_test (verdicts_of_the_cases),
        cmocka_unit_test (keys_rotate),
        cmocka_unit_test (any_other_character_is_refused),
        cmocka_unit_test (key_files),
        cmocka_unit_test (beliefs_of_the_cases),
        cmocka_unit_test (expired_is_suspect),
        cmocka_unit_test (without_keys_nothing_is_judged),
        cmocka_unit_test (what_is_no_report_gets_no_trust),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
