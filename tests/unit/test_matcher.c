/* The matcher finds what a naive search finds, in random texts and phrases of a fixed seed.
 */
#include "core/phrase/matcher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>
#include <glib.h>

struct want {
    char *phrase;
    bool open_start, open_end;
};

static const char *const alphabets[] = {
    "ab",
    "ab 1-",
    "abcdefghij .",
    "ab\xC3\xA9 @",
};

static char *
random_text (GRand *r, const char *alphabet, int max)
{
    int n = g_rand_int_range (r, 3, max);
    GString *s = g_string_new (NULL);

    for (int i = 0; i < n; i++)
        g_string_append_c (s, alphabet[g_rand_int_range (r, 0, (gint32)strlen (alphabet))]);
    return g_string_free (s, FALSE);
}

static bool
naive_stands_at (const struct want *w, const char *text, size_t n, size_t at)
{
    size_t len = strlen (w->phrase);

    if (at + len > n || memcmp (text + at, w->phrase, len) != 0)
        return false;
    if (!w->open_start && g_ascii_isalnum (w->phrase[0]) && at && g_ascii_isalnum (text[at - 1]))
        return false;
    return w->open_end || !g_ascii_isalnum (w->phrase[len - 1]) || at + len == n ||
           !g_ascii_isalnum (text[at + len]);
}

/* Each want[] of phrase id @id must be hit just where the naive search says. */
static void
check_text (const struct matcher *m, GArray *wants, const uint32_t *ids, const char *text)
{
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
    g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr (GHashTable) wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    size_t n = strlen (text);
    g_autofree char *copy = g_memdup2 (text, n);

    matcher_run (m, (struct dsn_bytes){ copy, n }, hits);
    for (guint i = 0; i < hits->len; i++) {
        const struct match_hit *h = &g_array_index (hits, struct match_hit, i), *before = h - 1;
        assert_true (g_hash_table_add (found, g_strdup_printf ("%u@%u", h->phrase, h->start)));
        if (i)
            assert_true (
                before->start < h->start ||
                (before->start == h->start &&
                 (before->end < h->end || (before->end == h->end && before->phrase < h->phrase))));
    }
    for (guint w = 0; w < wants->len; w++)
        for (size_t at = 0; at < n; at++)
            if (naive_stands_at (&g_array_index (wants, struct want, w), text, n, at)) {
                g_autofree char *key = g_strdup_printf ("%u@%zu", ids[w], at);
                if (!g_hash_table_contains (found, key))
                    fail_msg ("missed %s in '%s'", key, text);
                g_hash_table_add (wanted, g_steal_pointer (&key));
            }
    assert_int_equal (g_hash_table_size (wanted), g_hash_table_size (found));
}

static void
agrees_with_a_naive_search (void **state)
{
    g_autoptr (GRand) r = g_rand_new_with_seed (4711);

    (void)state;
    for (int round = 0; round < 120; round++) {
        const char *alphabet = alphabets[round % (int)G_N_ELEMENTS (alphabets)];
        g_autoptr (GArray) wants = g_array_new (FALSE, FALSE, sizeof (struct want));
        struct matcher *m = matcher_new ();
        uint32_t ids[40];
        for (int i = 0; i < 40; i++) {
            struct want w = { random_text (r, alphabet, round % 2 ? 9 : 20), g_rand_boolean (r),
                              g_rand_boolean (r) };
            g_array_append_val (wants, w);
            ids[i] = matcher_add (m, dsn_bytes_str (w.phrase), w.open_start, w.open_end);
        }
        matcher_finish (m);
        for (int i = 0; i < 10; i++) {
            g_autofree char *text = random_text (r, alphabet, 200);
            check_text (m, wants, ids, text);
        }
        for (guint i = 0; i < wants->len; i++)
            g_free (g_array_index (wants, struct want, i).phrase);
        matcher_free (m);
    }
}

static void
the_same_phrase_is_one (void **state)
{
    struct matcher *m = matcher_new ();

    (void)state;
    assert_int_equal (matcher_add (m, dsn_bytes_str ("full"), false, false), 0);
    assert_int_equal (matcher_add (m, dsn_bytes_str ("full"), true, false), 1);
    assert_int_equal (matcher_add (m, dsn_bytes_str ("full"), false, false), 0);
    /* there's no boundary to lift where there's no word */
    assert_int_equal (matcher_add (m, dsn_bytes_str ("-full-"), false, false), 2);
    assert_int_equal (matcher_add (m, dsn_bytes_str ("-full-"), true, true), 2);
    assert_int_equal (matcher_count (m), 3);
    matcher_free (m);
}

static void
words_have_boundaries (void **state)
{
    static const struct {
        const char *text;
        unsigned hits; /* of "full", "*full", "full*", and the 3 bytes "ful*" */
    } cases[] = {
        { "full", 4 },
        { "carefully", 0 },
        { "fully", 2 },
        { "awful full", 4 },
        { "-full-", 4 },
        { "", 0 },
        { "ful", 1 },
        { "\xC3\xA9"
          "full\xC3\xA9",
          4 },
    };
    struct matcher *m = matcher_new ();

    (void)state;
    (void)matcher_add (m, dsn_bytes_str ("full"), false, false);
    (void)matcher_add (m, dsn_bytes_str ("full"), true, false);
    (void)matcher_add (m, dsn_bytes_str ("full"), false, true);
    (void)matcher_add (m, dsn_bytes_str ("ful"), false, true);
    matcher_finish (m);
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
        matcher_run (m, dsn_bytes_str (cases[i].text), hits);
        if (hits->len != cases[i].hits)
            fail_msg ("'%s': %u hits", cases[i].text, hits->len);
    }
    matcher_free (m);
}

static void
twenty_thousand_phrases_are_each_found (void **state)
{
    struct matcher *m = matcher_new ();

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        g_autofree char *p = g_strdup_printf ("mailbox %u unavailable", i);
        assert_int_equal (matcher_add (m, dsn_bytes_str (p), false, false), i);
    }
    matcher_finish (m);
    for (unsigned i = 0; i < 20000; i++) {
        g_autofree char *text = g_strdup_printf ("the mailbox %u unavailable.", i);
        g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
        matcher_run (m, dsn_bytes_str (text), hits);
        assert_int_equal (hits->len, 1);
        assert_int_equal (g_array_index (hits, struct match_hit, 0).phrase, i);
    }
    matcher_free (m);
}

static void
no_phrases_no_hits (void **state)
{
    struct matcher *m = matcher_new ();
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (struct match_hit));

    (void)state;
    matcher_finish (m);
    matcher_run (m, dsn_bytes_str ("mailbox full"), hits);
    assert_int_equal (hits->len, 0);
    matcher_free (m);
    matcher_free (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (agrees_with_a_naive_search),
        cmocka_unit_test (the_same_phrase_is_one),
        cmocka_unit_test (words_have_boundaries),
        cmocka_unit_test (twenty_thousand_phrases_are_each_found),
        cmocka_unit_test (no_phrases_no_hits),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
