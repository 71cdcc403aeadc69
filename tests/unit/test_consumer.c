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

/* P38: no user takes all names, and the last ones are root's. */
static void
names_are_shared (void **state)
{
    struct consumers *consumers = open_all (state);
    GError *error = NULL;
    unsigned n = 0;

    for (uid_t uid = 1000; consumers_all (consumers)->len < CONSUMERS_MAX - CONSUMERS_FOR_ROOT;
         uid++) {
        for (unsigned i = 0; i < CONSUMERS_PER_UID; i++) {
            g_autofree char *name = g_strdup_printf ("c%u", n++);
            assert_non_null (consumers_claim (consumers, name, uid, 0, NULL));
        }
        if (uid == 1000)
            assert_refused (consumers_claim (consumers, "more", uid, 0, &error), &error, "16");
    }
    assert_refused (consumers_claim (consumers, "more", 2000, 0, &error), &error, "64");
    for (unsigned i = 0; i < CONSUMERS_FOR_ROOT; i++) {
        g_autofree char *name = g_strdup_printf ("root%u", i);
        assert_non_null (consumers_claim (consumers, name, 0, 0, NULL));
    }
    assert_refused (consumers_claim (consumers, "more", 0, 0, &error), &error, "64");
    consumers_free (consumers);
}

/* It starts anew, which repeats and loses nothing, and is whoever's who comes first. */
static void
a_damaged_cursor_starts_anew (void **state)
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
        "5 0\n\n",
        "5 -1\n",
        "5 4294967296\n",
        "9223372036854775808 0\n",
        "5 0 mailer old\n",
        "5 0 mailer new x\n",
    };
    g_autofree char *path = cursor_path (state, "mailer");

    consumers_free (open_all (state));
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
        struct consumers *consumers;
        const struct consumer *consumer;
        assert_true (g_file_set_contents (path, texts[i], -1, NULL));
        consumers = open_all (state);
        consumer = consumers_claim (consumers, "mailer", ALICE, 7, NULL);
        if (!consumer || consumer->acked != 0 || consumer->uid != ALICE)
            fail_msg ("\"%s\" was taken", texts[i]);
        consumers_free (consumers);
    }
}

/* A cursor that was damaged may have events come again, but none is passed over. */
static void
no_flipped_bit_moves_a_cursor_on (void **state)
{
    g_autofree char *path = cursor_path (state, "mailer");
    g_autofree char *text = NULL;
    struct consumers *consumers = open_all (state);
    gsize n;

    consumer_ack (consumers_claim (consumers, "mailer", ALICE, 0, NULL), 5);
    assert_true (consumers_store (consumers, consumers_find (consumers, "mailer"), NULL));
    consumers_free (consumers);
    assert_true (g_file_get_contents (path, &text, &n, NULL));
    for (gsize bit = 0; bit < 8 * n; bit++) {
        text[bit / 8] ^= (char)(1 << bit % 8);
        assert_true (g_file_set_contents (path, text, (gssize)n, NULL));
        text[bit / 8] ^= (char)(1 << bit % 8);
        consumers = open_all (state);
        if (consumers_highest (consumers) != 0)
            fail_msg ("bit %u of \"%s\" may be another", (unsigned)bit, text);
        consumers_free (consumers);
    }
    /* as an earlier version wrote it */
    assert_true (g_file_set_contents (path, "5 1000 mailer\n", -1, NULL));
    consumers = open_all (state);
    assert_int_equal (consumers_highest (consumers), 5);
    consumers_free (consumers);
    assert_true (g_file_set_contents (path, "5 1000 mailer new\n", -1, NULL));
    consumers = open_all (state);
    assert_false (consumers_find (consumers, "mailer")->has_acked);
    consumers_free (consumers);
}

static void
a_copy_of_a_cursor_is_no_consumer (void **state)
{
    g_autofree char *path = cursor_path (state, "mailer"),
                    *copy = cursor_path (state, "mailer.bak");
    g_autofree char *text = NULL;
    struct consumers *consumers = open_all (state);

    assert_non_null (consumers_claim (consumers, "mailer", ALICE, 3, NULL));
    consumers_free (consumers);
    assert_true (g_file_get_contents (path, &text, NULL, NULL));
    assert_true (g_file_set_contents (copy, text, -1, NULL));
    consumers = open_all (state);
    assert_int_equal (consumers_all (consumers)->len, 1);
    consumers_free (consumers);
    /* as an earlier version wrote it */
    assert_true (g_file_set_contents (copy, "5 0\n", -1, NULL));
    consumers = open_all (state);
    assert_int_equal (consumers_all (consumers)->len, 2);
    consumers_free (consumers);
}

static uint64_t
megabytes_from (const void *next, uint64_t seq)
{
    return (*(const uint64_t *)next - seq) << 20;
}

static bool
has_lapsed (struct consumers *consumers, const struct consumer_limits *limits, const char *name)
{
    const uint64_t next = 11;

    consumers_judge (consumers, limits, next, megabytes_from, &next);
    return consumers_find (consumers, name)->is_lapsed;
}

/* P38: past the limits a consumer holds nothing back; root's know none but the time. */
static void
past_its_limits_a_consumer_holds_nothing_back (void **state)
{
    const struct consumer_limits none = { .new_max_bytes = UINT64_MAX };
    const struct consumer_limits small = { .held_max_bytes = 5 << 20, .new_max_bytes = UINT64_MAX };
    const struct consumer_limits fresh = { .new_max_bytes = 5 << 20 };
    struct consumers *consumers = open_all (state);
    struct consumer *alice = consumers_claim (consumers, "alice", ALICE, 2, NULL);
    GError *error = NULL;

    assert_non_null (consumers_claim (consumers, "root", 0, 2, NULL));
    assert_false (has_lapsed (consumers, &none, "alice"));
    assert_true (has_lapsed (consumers, &small, "alice"));
    assert_false (has_lapsed (consumers, &small, "root"));
    assert_true (has_lapsed (consumers, &fresh, "alice"));
    assert_int_equal (consumers_floor (consumers), 3); /* root's */
    consumers_free (consumers);
    consumers = open_all (state);
    assert_true (has_lapsed (consumers, &fresh, "alice")); /* still new */
    alice = consumers_claim (consumers, "alice", ALICE, 2, NULL);
    consumer_ack (alice, 3);
    assert_true (consumers_store (consumers, alice, &error));
    assert_false (has_lapsed (consumers, &fresh, "alice"));
    assert_true (has_lapsed (consumers, &small, "alice"));
    alice->active_us -= 100 * G_USEC_PER_SEC;
    assert_false (has_lapsed (consumers, &none, "alice"));
    assert_true (has_lapsed (
        consumers, &(struct consumer_limits){ .timeout_s = 99, .new_max_bytes = 1 }, "alice"));
    consumers_free (consumers);
}

static void
what_is_deleted_is_written_again (void **state)
{
    g_autofree char *path = cursor_path (state, "mailer"), *directory = g_path_get_dirname (path);
    struct consumers *consumers = open_all (state);

    assert_non_null (consumers_claim (consumers, "mailer", ALICE, 3, NULL));
    assert_int_equal (g_unlink (path), 0);
    consumers_keep (consumers);
    assert_int_equal (g_access (path, F_OK), 0);
    scratch_empty (directory);
    consumers_keep (consumers);
    assert_int_equal (g_access (path, F_OK), 0);
    consumers_free (consumers);
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
        cmocka_unit_test_setup_teardown (names_are_shared, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_copy_of_a_cursor_is_no_consumer, set_up, tear_down),
        cmocka_unit_test_setup_teardown (past_its_limits_a_consumer_holds_nothing_back, set_up,
                                         tear_down),
        cmocka_unit_test_setup_teardown (what_is_deleted_is_written_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_damaged_cursor_starts_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown (no_flipped_bit_moves_a_cursor_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown (what_a_crash_left_is_no_consumer, set_up, tear_down),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
