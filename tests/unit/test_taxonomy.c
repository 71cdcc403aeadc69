/* Every name round-trips, every category is complete, and lookups of other words find nothing.
 */
#include "core/event/taxonomy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#define TABLE(names)                                                                               \
    {                                                                                              \
#names, names, G_N_ELEMENTS(names)                                                         \
    }

static const struct {
    const char *what;
    const char *const *names;
    unsigned n;
} tables[] = {
    TABLE (dsn_kind_names),          TABLE (dsn_action_names), TABLE (dsn_recipient_source_names),
    TABLE (dsn_status_source_names), TABLE (dsn_stage_names),  TABLE (dsn_class_names),
    TABLE (dsn_fault_names),         TABLE (dsn_advice_names), TABLE (dsn_scheme_names),
    TABLE (dsn_trust_names),
};

static void
names_round_trip (void **state)
{
    (void)state;
    for (size_t t = 0; t < G_N_ELEMENTS (tables); t++) {
        assert_null (tables[t].names[0]);
        for (unsigned i = 1; i < tables[t].n; i++) {
            g_autofree char *upper = NULL;
            if (!tables[t].names[i])
                fail_msg ("%s[%u] has no name", tables[t].what, i);
            upper = g_ascii_strup (tables[t].names[i], -1);
            assert_int_equal (
                dsn_name_lookup (tables[t].names, tables[t].n, dsn_bytes_str (tables[t].names[i])),
                i);
            assert_int_equal (dsn_name_lookup (tables[t].names, tables[t].n, dsn_bytes_str (upper)),
                              i);
        }
    }
}

static void
other_words_find_nothing (void **state)
{
    static const struct dsn_bytes words[] = {
        { NULL, 0 }, { "", 0 }, { "har", 3 }, { "hard ", 5 }, { "hard\0", 5 }, { "x", 1 },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (words); i++) {
        assert_int_equal (dsn_name_lookup (dsn_class_names, _DSN_CLASS_N, words[i]), 0);
        assert_int_equal (dsn_category_lookup (words[i]), 0);
    }
}

static void
categories_are_complete (void **state)
{
    (void)state;
    assert_true (dsn_category_count () > 1);
    for (unsigned i = 1; i < dsn_category_count (); i++) {
        const struct dsn_category *c = dsn_category_get (i);
        assert_int_equal (dsn_category_lookup (dsn_bytes_str (c->name)), i);
        assert_true (c->cls != DSN_CLASS_NONE && c->fault != DSN_FAULT_NONE);
        assert_true (c->advice != DSN_ADVICE_NONE);
        assert_non_null (c->sisimai);
        assert_non_null (c->sendgrid);
        assert_non_null (strchr (c->ses, '/'));
        assert_true (strlen (c->meaning) > 10);
    }
}

static void
row_0_stands_in_past_the_end (void **state)
{
    (void)state;
    assert_null (dsn_category_get (0)->name);
    assert_ptr_equal (dsn_category_get (dsn_category_count ()), dsn_category_get (0));
    assert_ptr_equal (dsn_category_get (UINT32_MAX), dsn_category_get (0));
}

static void
the_table_says_what_it_must (void **state)
{
    const struct dsn_category *c =
        dsn_category_get (dsn_category_lookup (dsn_bytes_str ("bad_mailbox")));

    (void)state;
    assert_int_equal (c->cls, DSN_CLASS_HARD);
    assert_int_equal (c->fault, DSN_FAULT_RECIPIENT);
    assert_int_equal (c->advice, DSN_ADVICE_SUPPRESS);
    assert_string_equal (c->sisimai, "userunknown");
    c = dsn_category_get (dsn_category_lookup (dsn_bytes_str ("recipient_filtered")));
    assert_int_equal (c->advice, DSN_ADVICE_NOTHING);
    c = dsn_category_get (dsn_category_lookup (dsn_bytes_str ("unknown")));
    assert_int_equal (c->cls, DSN_CLASS_SOFT);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_round_trip),
        cmocka_unit_test (other_words_find_nothing),
        cmocka_unit_test (categories_are_complete),
        cmocka_unit_test (row_0_stands_in_past_the_end),
        cmocka_unit_test (the_table_says_what_it_must),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
