/* Consumers' names and cursors: whose they are, and what is on disk. */
#include "daemon/spool/cursors.h"

#include "scratch.h"
#include "daemon/base/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#define ALICE 1000
#define BOB   1001
#define ROOT  0

struct scratch {
    char *path;
    int fd;
};

static int
set_up (void **state)
{
    struct scratch *scratch = g_new (struct scratch, 1);

    scratch->path = scratch_new ();
    scratch->fd = sys_open_directory (AT_FDCWD, scratch->path);
    *state = scratch;
    return scratch->fd < 0;
}

static int
tear_down (void **state)
{
    struct scratch *scratch = *state;

    sys_close (&scratch->fd);
    scratch_remove (scratch->path);
    g_free (scratch);
    return 0;
}

static struct consumers *
open_all (void **state)
{
    struct consumers *consumers = consumers_open (((struct scratch *)*state)->fd, NULL);

    assert_non_null (consumers);
    return consumers;
}

static char *
cursor_path (void **state, const char *name)
{
    return g_build_filename (((struct scratch *)*state)->path, "consumer", name, NULL);
}

static void
names_are_plain (void **state)
{
    static const struct {
        const char *name;
        bool is_name;
    } cases[] = {
        { "mailer", true },   { "a", true },    { "0.b-c_D", true }, { "", false },
        { ".hidden", false }, { "-", false },   { "_a", false },     { "a/b", false },
        { "a b", false },     { "a\n", false }, { "..", false },     { "\xc3\xa4", false },
    };
    char longest[CONSUMER_NAME_MAX + 2];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        if (consumer_is_name (cases[i].name) != cases[i].is_name)
            fail_msg ("\"%s\"", cases[i].name);
    memset (longest, 'x', sizeof longest);
    longest[CONSUMER_NAME_MAX + 1] = '\0';
    assert_false (consumer_is_name (longest));
    longest[CONSUMER_NAME_MAX] = '\0';
    assert_true (consumer_is_name (longest));
}

static void
a_cursor_is_kept (void **state)
{
    struct consumers *consumers = open_all (state);
    struct consumer *one = consumers_claim (consumers, "mailer", ALICE, 6, NULL);

    assert_non_null (one);
    assert_int_equal (consumers_floor (consumers), 7);
    one->acked = 40;
    assert_int_equal (consumers_floor (consumers), 7);
    assert_true (consumers_store (consumers, one, NULL));
    assert_int_equal (consumers_floor (consumers), 41);
    one->acked = 50; /* and not stored */
    consumers_free (consumers);
    consumers = open_all (state);
    one = consumers_find (consumers, "mailer");
    assert_int_equal (one->acked, 40);
    assert_int_equal (one->uid, ALICE);
    assert_false (one->is_in_use);
    consumers_free (consumers);
}

static void
assert_refused (const void *result, GError **error, const char *part)
{
    assert_null (result);
    assert_true (g_error_matches (*error, CONSUMER_ERROR, CONSUMER_ERROR_REFUSED));
    assert_non_null (strstr ((*error)->message, part));
    g_clear_error (error);
}

static void
a_name_belongs_to_its_user (void **state)
{
    struct consumers *consumers = open_all (state);
    struct consumer *one = consumers_claim (consumers, "mailer", ALICE, 0, NULL);
    GError *error = NULL;

    assert_refused (consumers_claim (consumers, "mailer", BOB, 0, &error), &error, "another user");
    assert_refused (consumers_claim (consumers, "mailer", ALICE, 0, &error), &error,
                    "another connection");
    assert_false (consumers_forget (consumers, "mailer", ALICE, &error));
    assert_refused (NULL, &error, "end it first");
    consumer_release (one);
    assert_refused (consumers_claim (consumers, "mailer", BOB, 0, &error), &error, "another user");
    assert_false (consumers_forget (consumers, "mailer", BOB, &error));
    assert_refused (NULL, &error, "another user");
    assert_ptr_equal (consumers_claim (consumers, "mailer", ROOT, 0, NULL), one);
    consumer_release (one);
    assert_int_equal (one->uid, ALICE);
    assert_true (consumers_forget (consumers, "mailer", ALICE, NULL));
    assert_null (consumers_find (consumers, "mailer"));
    assert_false (consumers_forget (consumers, "mailer", ALICE, &error));
    assert_refused (NULL, &error, "no consumer");
    assert_int_equal (consumers_floor (consumers), UINT64_MAX);
    consumers_free (consumers);
}

static void
there_are_64_at_most (void **state)
{
    struct consumers *consumers = open_all (state);
    GError *error = NULL;

    for (unsigned i = 0; i < CONSUMERS_MAX; i++) {
        g_autofree char *name = g_strdup_printf ("c%u", i);
        assert_non_null (consumers_claim (consumers, name, ALICE, 0, NULL));
    }
    assert_refused (consumers_claim (consumers, "more", ALICE, 0, &error), &error, "64");
    consumers_free (consumers);
}

static void
a_damaged_cursor_is_not_guessed (void **state)
{
    static const char *const texts[] = {
        "",
        "5",
        "5\n",
        "5 \n",
        " 5 0\n",
        "-5 0\n",
        "5 0",
        "x\n",
        "5 0 0\n",
        "5 0\n\n",
        "5 -1\n",
        "5 4294967296\n",
        "9223372036854775808 0\n",
        "000000000000000000000000000000000000000000000000000000000000000005 0\n",
    };
    g_autofree char *path = cursor_path (state, "mailer");
    GError *error = NULL;

    consumers_free (open_all (state));
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
        assert_true (g_file_set_contents (path, texts[i], -1, NULL));
        if (consumers_open (((struct scratch *)*state)->fd, &error))
            fail_msg ("\"%s\" was taken", texts[i]);
        assert_non_null (strstr (error->message, "mailer"));
        g_clear_error (&error);
    }
}

static void
what_a_crash_left_is_no_consumer (void **state)
{
    g_autofree char *half = cursor_path (state, ".mailer");
    struct consumers *consumers = open_all (state);

    assert_true (g_file_set_contents (half, "1", -1, NULL));
    consumers_free (consumers);
    consumers = open_all (state);
    assert_int_equal (consumers_all (consumers)->len, 0);
    assert_non_null (consumers_claim (consumers, "mailer", ALICE, 3, NULL));
    consumers_free (consumers);
    consumers = open_all (state);
    assert_int_equal (consumers_find (consumers, "mailer")->acked, 3);
    consumers_free (consumers);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_are_plain),
        cmocka_unit_test_setup_teardown (a_cursor_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_name_belongs_to_its_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown (there_are_64_at_most, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_damaged_cursor_is_not_guessed, set_up, tear_down),
        cmocka_unit_test_setup_teardown (what_a_crash_left_is_no_consumer, set_up, tear_down),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
