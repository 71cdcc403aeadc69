/* What workers are told: rule files in their order, and the bytes that they travel in. */
#include "scratch.h"

#include "daemon/settings/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <string.h>

#define RULE "rule house\ntext \"gone fishing\"\nsays mailbox_full\nproof \"550 gone fishing\"\n"

static int
set_up (void **state)
{
    *state = scratch_new ();
    return 0;
}

static int
tear_down (void **state)
{
    scratch_remove (*state);
    return 0;
}

static void
put (const char *directory, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename (directory, name, NULL);

    assert_true (g_file_set_contents (path, text, -1, NULL));
}

static const struct setup_file *
file_of (const struct setup *setup, unsigned i)
{
    return g_ptr_array_index (setup->files, i);
}

static void
rule_files_come_in_name_order (void **state)
{
    const char *path = *state;
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GString) text = g_string_new ("# policy\n");
    g_autofree char *first = g_build_filename (path, "a.rules", NULL);

    put (path, "c.rules", "# c\n");
    put (path, "a.rules", "# a\n");
    put (path, "b.rules", "# b\n");
    put (path, ".d.rules", "# hidden\n");
    put (path, "README", "no rules\n");
    assert_true (setup_add_directory (setup, path, NULL));
    setup_add_text (setup, "text", text);
    assert_int_equal (setup->files->len, 4);
    assert_string_equal (file_of (setup, 0)->name, first);
    assert_memory_equal (g_bytes_get_data (file_of (setup, 0)->text, NULL), "# a\n", 4);
    assert_memory_equal (g_bytes_get_data (file_of (setup, 1)->text, NULL), "# b\n", 4);
    assert_memory_equal (g_bytes_get_data (file_of (setup, 2)->text, NULL), "# c\n", 4);
    assert_string_equal (file_of (setup, 3)->name, "text");
}

static void
a_directory_need_not_be_there (void **state)
{
    g_autofree char *path = g_build_filename (*state, "nowhere", NULL);
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GError) error = NULL;

    assert_true (setup_add_directory (setup, path, &error));
    assert_null (error);
    assert_int_equal (setup->files->len, 0);
}

static void
what_cannot_be_read_is_named (void **state)
{
    g_autofree char *path = g_build_filename (*state, "x.rules", NULL);
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GError) error = NULL;

    assert_int_equal (g_mkdir (path, 0700), 0);
    assert_false (setup_add_directory (setup, *state, &error));
    assert_true (g_error_matches (error, SETUP_ERROR, SETUP_ERROR_FILES));
    assert_true (g_str_has_prefix (error->message, path));
    g_clear_error (&error);
    put (path, "file", "");
    g_free (path);
    path = g_build_filename (*state, "x.rules", "file", NULL);
    assert_false (setup_add_directory (setup, path, &error));
    assert_true (g_error_matches (error, SETUP_ERROR, SETUP_ERROR_FILES));
    assert_true (g_str_has_prefix (error->message, path));
}

static void
a_file_has_its_limit (void **state)
{
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *text = g_strnfill (4 * 1024 * 1024 - 1, '\n');
    g_autofree char *longer = g_strconcat (text, "\n", NULL);

    put (*state, "a.rules", text);
    assert_true (setup_add_directory (setup, *state, &error));
    put (*state, "b.rules", longer);
    assert_false (setup_add_directory (setup, *state, &error));
    assert_non_null (strstr (error->message, "b.rules: too much"));
}

static void
files_are_compiled_behind_the_built_in_ones (void **state)
{
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) text = g_string_new (RULE);
    struct dsn_rules *rules = NULL;
    g_autofree char *version = NULL;

    (void)state;
    rules = setup_compile (setup, &error);
    assert_non_null (rules);
    version = g_strdup (dsn_rules_version (rules));
    dsn_rules_free (rules);
    setup_add_text (setup, "house.rules", text);
    rules = setup_compile (setup, &error);
    assert_non_null (rules);
    assert_string_not_equal (version, dsn_rules_version (rules));
    dsn_rules_free (rules);
}

static void
a_wrong_rule_is_told_with_its_place (void **state)
{
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) text = g_string_new ("# one\nrule x\n    say mailbox_full\n");

    (void)state;
    setup_add_text (setup, "house.rules", text);
    assert_null (setup_compile (setup, &error));
    assert_true (g_error_matches (error, SETUP_ERROR, SETUP_ERROR_RULES));
    assert_true (g_str_has_prefix (error->message, "house.rules:3:5: "));
}

/* A setup with something in each place. */
static struct setup *
make_full (void)
{
    struct setup *setup = setup_new ();
    g_autoptr (GString) text = g_string_new (RULE);
    g_autoptr (GString) empty = g_string_new ("");

    g_strfreev (setup->original_headers);
    setup->original_headers = g_strsplit ("x-a x-b", " ", -1);
    g_strfreev (setup->envelope_headers);
    setup->envelope_headers = g_strsplit ("delivered-to", " ", -1);
    g_strfreev (setup->envelope_templates);
    setup->envelope_templates = g_strsplit ("x+{user}={domain} y-{tag}", " ", -1);
    setup->want_evidence = true;
    setup->structure = DSN_STRUCTURE_GMIME;
    setup_add_text (setup, "house.rules", text);
    setup_add_text (setup, "empty", empty);
    return setup;
}

static void
a_setup_travels_as_bytes (void **state)
{
    g_autoptr (setup_t) setup = make_full ();
    g_autoptr (GString) bytes = setup_encode (setup);
    g_autoptr (setup_t) back = setup_decode ((struct dsn_bytes){ bytes->str, bytes->len });

    (void)state;
    assert_non_null (back);
    assert_true (back->want_evidence);
    assert_int_equal (back->structure, DSN_STRUCTURE_GMIME);
    assert_string_equal (back->original_headers[0], "x-a");
    assert_string_equal (back->original_headers[1], "x-b");
    assert_null (back->original_headers[2]);
    assert_string_equal (back->envelope_headers[0], "delivered-to");
    assert_string_equal (back->envelope_templates[1], "y-{tag}");
    assert_int_equal (back->files->len, 2);
    assert_string_equal (file_of (back, 0)->name, "house.rules");
    assert_int_equal (g_bytes_get_size (file_of (back, 0)->text), strlen (RULE));
    assert_int_equal (g_bytes_get_size (file_of (back, 1)->text), 0);
}

static void
no_prefix_is_a_setup (void **state)
{
    g_autoptr (setup_t) setup = make_full ();
    g_autoptr (GString) bytes = setup_encode (setup);

    (void)state;
    for (size_t n = 0; n < bytes->len; n++) {
        g_autofree char *copy = g_memdup2 (bytes->str, n);
        assert_null (setup_decode ((struct dsn_bytes){ copy, n }));
    }
    g_string_append_c (bytes, 0);
    assert_null (setup_decode ((struct dsn_bytes){ bytes->str, bytes->len }));
}

/* Each number of the encoding that's out of its range. */
static void
numbers_have_their_limits (void **state)
{
    g_autoptr (setup_t) setup = setup_new ();
    g_autoptr (GString) bytes = setup_encode (setup);
    const uint32_t large[] = { 2, _DSN_STRUCTURE_N, 65, 65, 65, 258 };

    (void)state;
    assert_int_equal (bytes->len, sizeof large);
    for (size_t i = 0; i < G_N_ELEMENTS (large); i++) {
        g_autofree char *copy = g_memdup2 (bytes->str, bytes->len);
        memcpy (copy + i * sizeof large[0], &large[i], sizeof large[0]);
        assert_null (setup_decode ((struct dsn_bytes){ copy, bytes->len }));
    }
}

#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST (rule_files_come_in_name_order),
        SCRATCH_TEST (a_directory_need_not_be_there),
        SCRATCH_TEST (what_cannot_be_read_is_named),
        SCRATCH_TEST (a_file_has_its_limit),
        cmocka_unit_test (files_are_compiled_behind_the_built_in_ones),
        cmocka_unit_test (a_wrong_rule_is_told_with_its_place),
        cmocka_unit_test (a_setup_travels_as_bytes),
        cmocka_unit_test (no_prefix_is_a_setup),
        cmocka_unit_test (numbers_have_their_limits),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
