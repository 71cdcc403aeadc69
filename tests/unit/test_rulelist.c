/* Records as they're written, found by the first words of lines. */
#include "cli/rules/rulelist.h"
#include "cli/read/rulebook.h"

#include "core/rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static char file_text[] = "# head\n"
                          "rule a-rule   \n"
                          "    text \"rule of thumb\"\n"
                          "\n"
                          "    says bad_mailbox hard\n"
                          "# about the next\n"
                          "\n"
                          "provider p\n"
                          "rule a-rule\n"
                          "  says policy";

static bool
is_text (struct dsn_bytes in, const char *text)
{
    return in.n == strlen (text) && memcmp (in.p, text, in.n) == 0;
}

static void
records_are_found_in_files (void **state)
{
    struct ruletext t = { (char[]){ "x.rules" }, file_text, sizeof file_text - 1 };
    g_autoptr (GPtrArray) texts = g_ptr_array_new ();
    g_autoptr (GArray) records = NULL;
    const struct rulelist_record *r;

    (void)state;
    g_ptr_array_add (texts, &t);
    records = rulelist_new (texts);
    assert_true (records->len > 3);
    r = &g_array_index (records, struct rulelist_record, records->len - 3);
    assert_true (is_text (r[0].type, "rule") && is_text (r[0].id, "a-rule"));
    assert_true (is_text (r[0].says, "bad_mailbox hard"));
    assert_true (is_text (r[0].text, "rule a-rule   \n    text \"rule of thumb\"\n\n"
                                     "    says bad_mailbox hard"));
    assert_int_equal (r[0].line, 2);
    assert_true (r[0].is_replaced);
    assert_true (is_text (r[1].type, "provider") && is_text (r[1].id, "p"));
    assert_int_equal (r[1].says.n, 0);
    assert_int_equal (r[1].line, 8);
    assert_true (is_text (r[2].text, "rule a-rule\n  says policy"));
    assert_false (r[2].is_replaced);
}

static void
built_in_files_come_first (void **state)
{
    g_autoptr (GPtrArray) texts = g_ptr_array_new ();
    g_autoptr (GArray) records = rulelist_new (texts);
    struct dsn_bytes text;
    const char *name = NULL;
    size_t n = 0;

    (void)state;
    while (dsn_rules_builtin (n, &name, &text)) {
        assert_true (g_str_has_suffix (name, ".rules") && text.n > 0);
        n++;
    }
    assert_true (n > 5);
    assert_true (records->len > n);
    for (unsigned i = 0; i < records->len; i++)
        assert_false (g_array_index (records, struct rulelist_record, i).is_replaced);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof file_text; n++) {
        g_autofree char *copy = n ? g_memdup2 (file_text, n) : g_strdup ("");
        struct ruletext t = { (char[]){ "x.rules" }, copy, n };
        g_autoptr (GPtrArray) texts = g_ptr_array_new ();
        g_autoptr (GArray) records = NULL;
        g_ptr_array_add (texts, &t);
        records = rulelist_new (texts);
        assert_true (records->len > 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (records_are_found_in_files),
        cmocka_unit_test (built_in_files_come_first),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
