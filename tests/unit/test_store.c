/* What an event means for an address: every row of the table in docs/suppression.md; that neither
 * order nor repetition matters; keys; and that states survive being written down.
 */
#include "store/storekey.h"
#include "store/storestate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define DAY ((int64_t)24 * 60 * 60)
#define T0  (20000 * DAY)

/* An event as JSON, with what the case says of it. */
static store_fact_t *
fact_of (const char *keys)
{
    g_autofree char *text = g_strdup_printf ("{\"id\":\"ab-1\",\"time\":\"2026-11-21T08:00:00."
                                             "123Z\",\"recipient\":\"u@example.net\"%s%s}",
                                             *keys ? "," : "", keys);
    g_autoptr (dsn_eventview_t) event = dsn_eventview_read (dsn_bytes_str (text));

    assert_non_null (event);
    return store_fact_read (event);
}

#define BOUNCE "\"kind\":\"bounce\",\"action\":\"failed\""
#define HARD   "\"category\":\"bad_mailbox\",\"class\":\"hard\",\"fault\":\"recipient\""
#define FULL   "\"category\":\"mailbox_full\",\"class\":\"soft\",\"fault\":\"recipient\""

static const struct {
    const char *keys, *row;
    enum store_standing standing; /* after this event alone */
} cases[] = {
    { BOUNCE "," HARD ",\"confidence\":95", "no-address", STORE_OK },
    { "\"kind\":\"delivered\",\"action\":\"delivered\"", "delivered", STORE_OK },
    { "\"kind\":\"delivered\",\"action\":\"relayed\"", "passed-on", STORE_OK },
    { "\"kind\":\"delivered\",\"action\":\"expanded\"", "passed-on", STORE_OK },
    { BOUNCE "," HARD ",\"confidence\":95,\"trust\":\"suspect\"", "suspect", STORE_OK },
    { "\"kind\":\"complaint\",\"trust\":\"suspect\"", "suspect", STORE_OK },
    { "\"kind\":\"delivered\",\"action\":\"delivered\",\"trust\":\"suspect\"", "suspect",
      STORE_OK },
    { "\"kind\":\"complaint\",\"report\":{\"feedback_type\":\"not-spam\"}", "complaint-no-wish",
      STORE_OK },
    { "\"kind\":\"complaint\",\"report\":{\"feedback_type\":\"auth-failure\"}", "complaint-no-wish",
      STORE_OK },
    { "\"kind\":\"complaint\",\"report\":{\"feedback_type\":\"virus\"}", "complaint-no-wish",
      STORE_OK },
    { "\"kind\":\"complaint\",\"report\":{\"feedback_type\":\"abuse\"}", "complaint",
      STORE_SUPPRESSED },
    { "\"kind\":\"complaint\"", "complaint", STORE_SUPPRESSED },
    { "\"kind\":\"unsubscribe\"", "unsubscribe", STORE_SUPPRESSED },
    { "\"kind\":\"auto_reply\"", "other-kind", STORE_OK },
    { "\"kind\":\"receipt\"", "other-kind", STORE_OK },
    { "\"kind\":\"challenge\"", "other-kind", STORE_OK },
    { "\"kind\":\"other\"", "other-kind", STORE_OK },
    { "\"kind\":\"unprocessable\"", "other-kind", STORE_OK },
    { "\"kind\":\"of_tomorrow\"", "other-kind", STORE_OK },
    { BOUNCE ",\"category\":\"ip_blocked\",\"class\":\"soft\",\"fault\":\"infrastructure\"",
      "not-its-fault", STORE_OK },
    { BOUNCE ",\"category\":\"spam_content\",\"class\":\"soft\",\"fault\":\"content\"",
      "not-its-fault", STORE_OK },
    { BOUNCE ",\"category\":\"auth_failed\",\"class\":\"hard\",\"fault\":\"sender\"",
      "not-its-fault", STORE_OK },
    { BOUNCE ",\"category\":\"greylisted\",\"class\":\"soft\",\"fault\":\"remote\"",
      "not-its-fault", STORE_OK },
    { BOUNCE, "not-its-fault", STORE_OK },
    { BOUNCE ",\"category\":\"unknown\",\"class\":\"hard\",\"fault\":\"recipient\"",
      "not-understood", STORE_OK },
    { BOUNCE ",\"class\":\"hard\",\"fault\":\"recipient\"", "not-understood", STORE_OK },
    { "\"kind\":\"delayed\"," HARD ",\"confidence\":95", "hard-delayed", STORE_WATCH },
    { BOUNCE "," HARD ",\"confidence\":95,\"advice\":\"review\"", "hard-review", STORE_WATCH },
    { BOUNCE "," HARD ",\"confidence\":69", "hard-unsure", STORE_WATCH },
    { BOUNCE "," HARD, "hard-unsure", STORE_WATCH },
    { BOUNCE "," HARD ",\"confidence\":70", "hard", STORE_SUPPRESSED },
    { BOUNCE
      ",\"category\":\"bad_domain\",\"class\":\"hard\",\"fault\":\"domain\",\"confidence\":80",
      "hard", STORE_SUPPRESSED },
    { BOUNCE "," FULL ",\"confidence\":49", "soft-unsure", STORE_OK },
    { BOUNCE "," FULL ",\"confidence\":50", "soft", STORE_WATCH },
    { "\"kind\":\"delayed\"," FULL ",\"confidence\":85", "soft", STORE_WATCH },
    { BOUNCE ",\"category\":\"bad_mailbox\",\"class\":\"none\",\"fault\":\"recipient\"",
      "no-failure", STORE_OK },
};

static void
every_row_does_what_the_table_says (void **state)
{
    size_t n_rows;
    const struct store_row *rows = store_policy_rows (&n_rows);
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (store_fact_t) fact = fact_of (cases[i].keys);
        const struct store_row *row;
        struct store_state s = { 0 };
        if (strcmp (cases[i].row, "no-address") == 0)
            g_clear_pointer (&fact->recipient, g_free);
        row = store_policy_row (&store_policy_default, fact);
        assert_string_equal (row->name, cases[i].row);
        g_hash_table_add (seen, (gpointer)row->name);
        store_state_add (&s, &store_policy_default, fact);
        assert_int_equal (store_state_judge (&s, &store_policy_default, fact->at).standing,
                          cases[i].standing);
    }
    for (size_t i = 0; i < n_rows; i++)
        assert_true (g_hash_table_contains (seen, rows[i].name));
}

/* The table's rows are in the page, in their order. */
static void
the_page_has_the_table (void **state)
{
    g_autofree char *page = NULL;
    const char *at;
    size_t n_rows;
    const struct store_row *rows = store_policy_rows (&n_rows);

    (void)state;
    assert_true (g_file_get_contents (TEST_DATA "/../../docs/suppression.md", &page, NULL, NULL));
    at = page;
    for (size_t i = 0; i < n_rows; i++) {
        g_autofree char *cell = g_strdup_printf ("| `%s` |", rows[i].name);
        at = strstr (at, cell);
        assert_non_null (at);
    }
}

static void
set (char word[STORE_WORD_BYTES], const char *text)
{
    (void)g_strlcpy (word, text, STORE_WORD_BYTES);
}

static char address[] = "u@example.net";

/* A fact of the kind @what, at the time @at. */
static struct store_fact
make (const char *what, int64_t at, unsigned id)
{
    struct store_fact f = { .at = at, .confidence = 90, .recipient = address };

    (void)g_snprintf (f.id, sizeof f.id, "id%u-1", id);
    set (f.kind, "bounce");
    set (f.fault, "recipient");
    set (f.rule, "some-rule");
    if (strcmp (what, "hard") == 0 || strcmp (what, "doubt") == 0) {
        set (f.category, "bad_mailbox");
        set (f.class, "hard");
        f.confidence = *what == 'h' ? 90 : 40;
    } else if (strcmp (what, "soft") == 0) {
        set (f.category, "mailbox_full");
        set (f.class, "soft");
    } else {
        set (f.kind, strcmp (what, "wish") == 0 ? "complaint" : "delivered");
        set (f.action, strcmp (what, "wish") == 0 ? "" : "delivered");
    }
    return f;
}

static void
add (struct store_state *s, const char *what, int64_t at, unsigned id)
{
    const struct store_fact f = make (what, at, id);

    store_state_add (s, &store_policy_default, &f);
}

static enum store_standing
standing (const struct store_state *s, int64_t now)
{
    return store_state_judge (s, &store_policy_default, now).standing;
}

static void
five_days_within_thirty_suppress_for_thirty (void **state)
{
    struct store_state s = { 0 };

    (void)state;
    for (unsigned day = 0; day < 4; day++)
        for (unsigned n = 0; n < 3; n++)
            add (&s, "soft", T0 + day * DAY + n * 3600, day * 3 + n);
    assert_int_equal (standing (&s, T0 + 4 * DAY), STORE_WATCH);
    add (&s, "soft", T0 + 29 * DAY, 99);
    assert_int_equal (standing (&s, T0 + 29 * DAY), STORE_SUPPRESSED);
    assert_true (store_state_judge (&s, &store_policy_default, T0 + 29 * DAY).until ==
                 T0 + 59 * DAY);
    assert_int_equal (standing (&s, T0 + 59 * DAY - 1), STORE_SUPPRESSED);
    assert_int_equal (standing (&s, T0 + 59 * DAY), STORE_OK);
}

static void
a_day_too_late_is_no_run (void **state)
{
    struct store_state s = { 0 };

    (void)state;
    for (unsigned day = 0; day < 4; day++)
        add (&s, "soft", T0 + day * DAY, day);
    add (&s, "soft", T0 + 30 * DAY, 99);
    assert_int_equal (standing (&s, T0 + 30 * DAY), STORE_WATCH);
}

static void
a_success_clears_what_is_soft_and_no_more (void **state)
{
    struct store_state s = { 0 };

    (void)state;
    for (unsigned day = 0; day < 5; day++)
        add (&s, "soft", T0 + day * DAY, day);
    add (&s, "doubt", T0 + DAY, 50);
    assert_int_equal (standing (&s, T0 + 5 * DAY), STORE_SUPPRESSED);
    add (&s, "delivered", T0 + 2 * DAY + 1, 60);
    assert_int_equal (standing (&s, T0 + 5 * DAY), STORE_WATCH);
    assert_int_equal (store_state_judge (&s, &store_policy_default, T0 + 5 * DAY).n_days, 2);
    add (&s, "delivered", T0 + 5 * DAY, 61);
    assert_int_equal (standing (&s, T0 + 5 * DAY), STORE_OK);
    add (&s, "hard", T0, 70);
    add (&s, "delivered", T0 + 9 * DAY, 62);
    assert_int_equal (standing (&s, T0 + 9 * DAY), STORE_SUPPRESSED);
}

static void
a_person_decides (void **state)
{
    struct store_state s = { 0 };
    struct store_hand lift = { .act = STORE_HAND_LIFT, .at = T0 + DAY };
    struct store_hand hold = { .act = STORE_HAND_ADD, .at = T0 + 4 * DAY, .until = T0 + 9 * DAY };

    (void)state;
    add (&s, "hard", T0, 1);
    add (&s, "wish", T0, 2);
    store_state_add_hand (&s, &lift);
    assert_int_equal (standing (&s, T0 + DAY), STORE_OK);
    /* what comes to light later of the time before stays lifted; what happens after doesn't */
    add (&s, "hard", T0 + 100, 3);
    assert_int_equal (standing (&s, T0 + DAY), STORE_OK);
    add (&s, "hard", T0 + 2 * DAY, 4);
    assert_int_equal (standing (&s, T0 + 3 * DAY), STORE_SUPPRESSED);
    assert_true (store_state_judge (&s, &store_policy_default, T0 + 3 * DAY).since == T0 + 2 * DAY);
    store_state_add_hand (&s, &hold);
    store_state_add_hand (&s, &lift); /* the later decision stands */
    assert_string_equal (store_state_judge (&s, &store_policy_default, T0 + 5 * DAY).reason,
                         "manual");
    assert_string_equal (store_state_judge (&s, &store_policy_default, T0 + 9 * DAY).reason,
                         "bad_mailbox");
}

static char *
text_of (const struct store_state *s)
{
    GString *out = g_string_new (NULL);

    store_state_append (out, s);
    return g_string_free (out, FALSE);
}

/* Some events in an order of their own, with repetitions. */
static char *
play (const struct store_fact *facts, unsigned n, GRand *chance)
{
    struct store_state s = { 0 };
    unsigned order[80];

    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    for (unsigned i = n; i > 1; i--) {
        const unsigned j = (unsigned)g_rand_int_range (chance, 0, (gint32)i);
        const unsigned kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    for (unsigned i = 0; i < n; i++) {
        store_state_add (&s, &store_policy_default, &facts[order[i]]);
        if (g_rand_int_range (chance, 0, 3) == 0)
            store_state_add (&s, &store_policy_default,
                             &facts[order[g_rand_int_range (chance, 0, (gint32)i + 1)]]);
    }
    return text_of (&s);
}

static void
neither_order_nor_repetition_matters (void **state)
{
    static const char *const kinds[] = { "soft", "soft", "soft",  "soft",
                                         "hard", "wish", "doubt", "delivered" };
    GRand *chance = g_rand_new_with_seed (4711);

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct store_fact facts[80];
        const unsigned n = (unsigned)g_rand_int_range (chance, 1, 80);
        g_autofree char *first = NULL;
        for (unsigned i = 0; i < n; i++) {
            /* few times, so that many are equal; over more days than a state keeps */
            facts[i] = make (kinds[g_rand_int_range (chance, 0, G_N_ELEMENTS (kinds))],
                             T0 + g_rand_int_range (chance, 0, 400) * (DAY / 4), i);
        }
        first = play (facts, n, chance);
        for (unsigned again = 0; again < 10; again++) {
            g_autofree char *other = play (facts, n, chance);
            assert_string_equal (other, first);
        }
    }
    g_rand_free (chance);
}

static void
a_state_is_the_same_after_writing_and_reading (void **state)
{
    struct store_state s = { 0 }, read;
    struct store_hand hand = { STORE_HAND_ADD, T0, T0 + DAY, "root", "a bounce by phone, really" };
    g_autofree char *text = NULL, *again = NULL;

    (void)state;
    for (unsigned day = 0; day < 70; day++)
        add (&s, "soft", T0 + day * DAY, day);
    add (&s, "hard", T0, 100);
    add (&s, "wish", T0, 101);
    add (&s, "doubt", T0, 102);
    add (&s, "delivered", T0, 103);
    store_state_add_hand (&s, &hand);
    text = text_of (&s);
    store_state_read (dsn_bytes_str (text), &read);
    again = text_of (&read);
    assert_string_equal (again, text);
    assert_int_equal (s.n_days, STORE_DAYS_MAX);
    /* no part of one does harm */
    for (size_t n = 0; n < strlen (text); n++)
        store_state_read ((struct dsn_bytes){ text, n }, &read);
}

static void
spellings_of_one_address_have_one_key (void **state)
{
    static const struct {
        const char *address, *key;
    } keys[] = {
        { "user@example.net", "user@example.net" },
        { "User@EXAMPLE.Net", "user@example.net" },
        { "user@example.net.", "user@example.net" },
        { "\"user\"@example.net", "user@example.net" },
        { "\"a b\"@example.net", "\"a b\"@example.net" },
        { "\"a@b\"@example.net", "\"a@b\"@example.net" },
        { "u@b\xc3\xbc"
          "cher.example",
          "u@xn--bcher-kva.example" },
        { "u@XN--BCHER-KVA.example", "u@xn--bcher-kva.example" },
        { "J\xc3\x96RG@example.net", "j\xc3\xb6rg@example.net" },
        { "o'brien+list@example.net", "o'brien+list@example.net" },
        { "u@[192.0.2.1]", "u@[192.0.2.1]" },
        { "u@localhost", "u@localhost" },
        { "user", NULL },
        { "@example.net", NULL },
        { "user@", NULL },
        { "", NULL },
        { "u\n@example.net", NULL },
        { "u\xff@example.net", NULL },
    };
    const struct store_keying plain = { 0 }, exact = { .is_case_sensitive = true };
    const struct store_keying hashed = { .secret = { "0123456789abcdef", 16 } };
    g_autofree char *kept = store_key (dsn_bytes_str ("User@EXAMPLE.net"), &exact);
    g_autofree char *one = store_key (dsn_bytes_str ("User@EXAMPLE.net"), &hashed);
    g_autofree char *two = store_key (dsn_bytes_str ("user@example.net."), &hashed);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
        g_autofree char *key = store_key (dsn_bytes_str (keys[i].address), &plain);
        if (keys[i].key)
            assert_string_equal (key, keys[i].key);
        else
            assert_null (key);
    }
    assert_string_equal (kept, "User@example.net");
    assert_string_equal (one, two);
    assert_int_equal (strlen (one), 64);
}

static void
a_date_of_the_report_counts_unless_it_lies_ahead (void **state)
{
    g_autoptr (store_fact_t) past = fact_of ("\"report\":{\"date\":\"2026-11-20T08:00:00Z\"}");
    g_autoptr (store_fact_t) ahead = fact_of ("\"report\":{\"date\":\"2099-01-01T00:00:00Z\"}");

    (void)state;
    assert_true (ahead->at - past->at == DAY);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_row_does_what_the_table_says),
        cmocka_unit_test (the_page_has_the_table),
        cmocka_unit_test (five_days_within_thirty_suppress_for_thirty),
        cmocka_unit_test (a_day_too_late_is_no_run),
        cmocka_unit_test (a_success_clears_what_is_soft_and_no_more),
        cmocka_unit_test (a_person_decides),
        cmocka_unit_test (neither_order_nor_repetition_matters),
        cmocka_unit_test (a_state_is_the_same_after_writing_and_reading),
        cmocka_unit_test (spellings_of_one_address_have_one_key),
        cmocka_unit_test (a_date_of_the_report_counts_unless_it_lies_ahead),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
