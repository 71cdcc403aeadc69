/* What the statistical reader makes of plain refusals. The exact figures are the weights' affair;
 * these are sentences that no training may lose. */
#include "core/words/wordreader.h"
#include "core/event/taxonomy.h"
#include "core/bytes/smtpreply.h"
#include "core/words/wordtable.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct wordreader_verdict
read_line (const char *in)
{
    struct normal_text t;
    struct smtp_codes codes;
    struct wordreader_verdict v;

    normal_text_init (&t);
    normal_text_append (&t, dsn_bytes_str (in));
    codes = smtpreply_codes ((struct dsn_bytes){ t.text->str, t.text->len }, false);
    v = wordreader_read (&(struct wordreader_input){
        .text = &t, .end = (uint32_t)t.text->len, .reply = codes.reply, .status = codes.status });
    normal_text_clear (&t);
    return v;
}

static const struct {
    const char *in, *category;
} cases[] = {
    { "550 we know nobody called <bob@example.com> and no mailbox of that name", "bad_mailbox" },
    { "550 the storage of this mailbox is exhausted", "mailbox_full" },
    { "554 this looks like spam to our filter", "spam_content" },
    { "550 your address 192.0.2.1 stands on a blacklist", "ip_blocked" },
    { "421 slow down, you send too many messages an hour", "rate_limited" },
    { "550 das Postfach des Empf\303\244ngers ist voll", "mailbox_full" },
    { "550 l'utilisateur est inconnu", "bad_mailbox" },
    { "552 la casella di posta \303\250 piena", "mailbox_full" },
};

static void
plain_refusals_are_understood (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct wordreader_verdict v = read_line (cases[i].in);
        if (g_strcmp0 (v.category, cases[i].category) != 0)
            print_error ("%s: %s %u\n", cases[i].in, v.category, v.probability);
        assert_string_equal (v.category, cases[i].category);
        assert_true (v.probability > 500 && v.probability <= 1000);
        assert_true (*v.spoke);
    }
}

static void
words_that_spoke_are_named (void **state)
{
    struct wordreader_verdict v = read_line ("550 the storage of <a@b.example>'s mailbox is "
                                             "exhausted");

    (void)state;
    assert_string_equal (v.spoke, "storage, mailbox, exhausted");
    assert_null (strstr (v.spoke, "example"));
}

static void
hard_is_a_matter_of_hard_categories (void **state)
{
    (void)state;
    assert_true (read_line ("550 no such user, mailbox unknown").hard > 900);
    assert_true (read_line ("552 mailbox is over its quota").hard < 100);
}

/* Without words, or with none that it knows, the reader says nothing: codes have others to read
 * them. */
static void
says_nothing_without_words (void **state)
{
    static const char *const silent[] = { "",          "550",
                                          "550 5.1.1", "550 5.1.1 <a@b.example>",
                                          "...",       "550 \340\250\225\340\250\226\340\250\227" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (silent); i++)
        assert_null (read_line (silent[i]).category);
}

static void
categories_are_the_taxonomys (void **state)
{
    (void)state;
    assert_true (wordtable.n_categories <= WORDTABLE_CATEGORIES_MAX);
    for (unsigned k = 0; k < wordtable.n_categories; k++) {
        unsigned category = dsn_category_lookup (dsn_bytes_str (wordtable.categories[k].name));
        assert_int_not_equal (category, 0);
        assert_int_equal (wordtable.categories[k].is_hard,
                          dsn_category_get (category)->cls == DSN_CLASS_HARD);
    }
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    g_autofree char *valid = g_utf8_make_valid (in.n ? in.p : "", (gssize)in.n);
    struct wordreader_verdict v = read_line (valid), again = read_line (valid);

    (void)data;
    assert_true (v.probability <= 1000 && v.hard <= 1000 && v.confidence <= 100);
    assert_memory_equal (&v, &again, sizeof v);
}

static void
every_prefix_is_safe (void **state)
{
    g_autoptr (GString) text = g_string_new (NULL);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        g_string_append (text, cases[i].in);
    each_prefix ((struct dsn_bytes){ text->str, text->len }, 1, read_prefix, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (plain_refusals_are_understood),
        cmocka_unit_test (words_that_spoke_are_named),
        cmocka_unit_test (hard_is_a_matter_of_hard_categories),
        cmocka_unit_test (says_nothing_without_words),
        cmocka_unit_test (categories_are_the_taxonomys),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
