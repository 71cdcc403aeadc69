/* Header blocks: fields, folds, what is no field, and where the block ends. */
#include "core/mail/header.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* The fields as "name=value|", folds as they stand. */
static char *
read_fields (const char *in, size_t max, size_t *ret_n)
{
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    g_autoptr (GString) out = g_string_new (NULL);

    *ret_n = header_read (dsn_bytes_str (in), max, fields);
    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *f = &g_array_index (fields, struct header_field, i);
        g_string_append_len (out, f->name.p, (gssize)f->name.n);
        g_string_append_c (out, '=');
        g_string_append_len (out, f->value.p, (gssize)f->value.n);
        g_string_append_c (out, '|');
    }
    return g_string_free (g_steal_pointer (&out), FALSE);
}

static const struct {
    const char *in, *fields;
    size_t n;
} cases[] = {
    { "A: b\nC: d\n\nE: f\n", "A=b|C=d|", 11 },
    { "A: b\r\nC: d\r\n\r\nE: f\r\n", "A=b|C=d|", 14 },
    { "A:b", "A=b|", 3 },
    { "A:\n b\n c\n", "A=b\n c|", 9 },
    { "A:\r\n\tb\r\n", "A=b|", 8 },
    { "A : b\n", "A=b|", 6 },
    { "A:\n", "A=|", 3 },
    { "words that are none\nA: b\n", "A=b|", 25 },
    { "A: b\nwords that are none\n c\nD: e\n", "A=b|D=e|", 33 },
    { " b\nA: b\n", "A=b|", 8 },
    { ": b\nA: b\n", "A=b|", 9 },
    { "A\xc3\xa9: b\n", "", 7 },
    { "A: b: c;\n", "A=b: c;|", 9 },
    { "\nA: b\n", "", 1 },
    { "", "", 0 },
};

static void
read_gives_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        size_t n = 0;
        g_autofree char *fields = read_fields (cases[i].in, 100, &n);

        assert_string_equal (fields, cases[i].fields);
        assert_int_equal (n, cases[i].n);
    }
}

static void
fields_past_the_limit_are_stepped_over (void **state)
{
    size_t n = 0;
    g_autofree char *fields = read_fields ("A: b\n c\nD: e\n f\n\nG: h\n", 1, &n);

    (void)state;
    assert_string_equal (fields, "A=b\n c|");
    assert_int_equal (n, 17);
}

static void
get_ignores_case (void **state)
{
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct dsn_bytes value;

    (void)state;
    (void)header_read (dsn_bytes_str ("To: a\nto: b\nX: c\n"), 10, fields);
    value = header_get (fields, "TO");
    assert_int_equal (value.n, 1);
    assert_int_equal (value.p[0], 'a');
    assert_int_equal (header_get_last (fields, "to").p[0], 'b');
    assert_true (header_has (fields, "x"));
    assert_false (header_has (fields, "t"));
    assert_int_equal (header_get (fields, "from").n, 0);
    assert_int_equal (header_get_last (fields, "from").n, 0);
}

static void
read_block (struct dsn_bytes in, void *data)
{
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));

    (void)data;
    assert_true (header_read (in, 3, fields) <= in.n);
    assert_true (fields->len <= 3);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_block, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (read_gives_the_cases),
        cmocka_unit_test (fields_past_the_limit_are_stepped_over),
        cmocka_unit_test (get_ignores_case),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
