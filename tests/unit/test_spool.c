/* The spool on a real directory: what is committed is there after a reopening, numbers go on, old
 * segments go only when nobody needs them, and one process has it at a time.
 */
#include "daemon/spool/idfile.h"
#include "daemon/spool/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LARGE (UINT64_C (1) << 40)

static int
make_directory (void **state)
{
    *state = g_dir_make_tmp ("dsnd-spool-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int
remove_directory (void **state)
{
    GDir *dir = g_dir_open (*state, 0, NULL);

    for (const char *name = g_dir_read_name (dir); name; name = g_dir_read_name (dir)) {
        g_autofree char *path = g_build_filename (*state, name, NULL);
        (void)g_unlink (path);
    }
    g_dir_close (dir);
    (void)g_rmdir (*state);
    g_free (*state);
    return 0;
}

static struct spool *
reopen (const char *path, uint64_t segment_bytes)
{
    g_autoptr (GError) error = NULL;
    struct spool *spool = spool_open (path, segment_bytes, &error);

    if (!spool)
        fail_msg ("%s", error->message);
    return spool;
}

/* Appends a mail of @n events and commits it. */
static void
commit (struct spool *spool, unsigned n)
{
    g_autoptr (GString) lines = g_string_new (NULL);
    bool is_new;

    for (unsigned i = 1; i <= n; i++) {
        const gsize start = lines->len;
        g_string_append_printf (lines,
                                "{\"v\":1,\"seq\":%u,\"part\":[%u,%u],\"kind\":\"bounce\","
                                "\"source\":{\"mailbox\":\"in\",\"file\":\"%u.host\",\"size\":1,"
                                "\"ino\":2,\"mtime_ns\":3}}",
                                (unsigned)spool_next (spool) + i - 1, i, n,
                                (unsigned)spool_next (spool));
        dsn_spoolline_finish (lines, start);
    }
    assert_true (
        spool_commit (spool, (struct dsn_bytes){ lines->str, lines->len }, n, &is_new, NULL));
}

static unsigned
count_recorded (struct spool *spool)
{
    g_autoptr (GPtrArray) recorded = spool_take_recorded (spool);

    return recorded->len;
}

static void
an_empty_spool_starts_at_one (void **state)
{
    g_autoptr (spool_t) spool = reopen (*state, LARGE);
    uint64_t first;

    assert_int_equal (spool_first (spool), 1);
    assert_int_equal (spool_next (spool), 1);
    assert_int_equal (spool_segments (spool), 0);
    assert_int_equal (strlen (spool_id (spool)), 32);
    assert_int_equal (spool_open_segment (spool, 1, &first), -1);
    assert_int_equal (errno, ENOENT);
}

static void
what_is_committed_is_there_again (void **state)
{
    g_autofree char *id = NULL;
    struct spool *spool = reopen (*state, LARGE);

    id = g_strdup (spool_id (spool));
    commit (spool, 1);
    commit (spool, 3);
    assert_int_equal (spool_next (spool), 5);
    spool_free (spool);
    spool = reopen (*state, LARGE);
    assert_string_equal (spool_id (spool), id);
    assert_int_equal (spool_first (spool), 1);
    assert_int_equal (spool_next (spool), 5);
    assert_int_equal (count_recorded (spool), 2);
    assert_int_equal (count_recorded (spool), 0);
    assert_true (spool_is_ended (spool));
    commit (spool, 1);
    assert_int_equal (spool_segments (spool), 2); /* never appended to an old one */
    assert_int_equal (spool_segment_after (spool, 1), 5);
    assert_true (spool_is_live (spool, 5));
    assert_false (spool_is_live (spool, 1));
    spool_free (spool);
}

/* The numbers of the torn events were never given: as after a death before the mark was set. */
static void
forget_mark (const char *directory)
{
    g_autofree char *path = g_build_filename (directory, "id", NULL);

    assert_int_equal (truncate (path, IDFILE_DIGITS), 0);
}

static void
a_torn_tail_is_cut_and_its_numbers_given_again (void **state)
{
    struct spool *spool = reopen (*state, LARGE);
    g_autofree char *path = g_build_filename (*state, "00000000000000000001.jsonl", NULL);
    uint64_t whole;

    commit (spool, 1);
    whole = spool_bytes (spool);
    commit (spool, 2);
    assert_int_equal (truncate (path, (off_t)(spool_bytes (spool) - 1)), 0);
    spool_free (spool);
    forget_mark (*state);
    spool = reopen (*state, LARGE);
    assert_int_equal (spool_next (spool), 2);
    assert_int_equal (spool_bytes (spool), whole);
    assert_int_equal (spool_damaged (spool), 0);
    assert_int_equal (count_recorded (spool), 1);
    spool_free (spool);
    assert_int_equal (truncate (path, 5), 0);
    spool = reopen (*state, LARGE);
    assert_int_equal (spool_segments (spool), 0);
    assert_int_equal (spool_next (spool), 1);
    assert_int_not_equal (g_access (path, F_OK), 0);
    spool_free (spool);
}

/* P32: whatever is lost of the end, no number is given twice. */
static void
numbers_that_were_given_stay_given (void **state)
{
    struct spool *spool = reopen (*state, LARGE);
    g_autofree char *path = g_build_filename (*state, "00000000000000000001.jsonl", NULL);
    uint64_t bytes;

    commit (spool, 1);
    commit (spool, 2);
    bytes = spool_bytes (spool);
    spool_free (spool);
    for (uint64_t n = bytes - 1; n > 0; n -= n > 50 ? 50 : n) {
        assert_int_equal (truncate (path, (off_t)n), 0);
        spool = reopen (*state, LARGE);
        assert_int_equal (spool_next (spool), 4);
        assert_int_equal (spool_damaged (spool), 1);
        spool_free (spool);
    }
    (void)g_unlink (path);
    spool = reopen (*state, LARGE);
    assert_int_equal (spool_next (spool), 4);
    assert_int_equal (spool_damaged (spool), 1);
    commit (spool, 1);
    spool_free (spool);
    spool = reopen (*state, LARGE);
    assert_int_equal (spool_next (spool), 5);
    assert_int_equal (spool_damaged (spool), 0);
    spool_raise (spool, 9);
    assert_int_equal (spool_next (spool), 9);
    spool_free (spool);
}

/* A mark with any bit flipped is no mark, and never another one. */
static void
a_damaged_mark_is_none (void **state)
{
    g_autofree char *path = g_build_filename (*state, "id", NULL);
    g_autofree char *text = NULL;
    gsize n;

    spool_free (reopen (*state, LARGE));
    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        commit (spool, 3);
    }
    assert_true (g_file_get_contents (path, &text, &n, NULL));
    for (gsize bit = 8 * IDFILE_DIGITS; text[bit / 8] != '\n'; bit++) {
        struct idfile idfile;
        const int dirfd = g_open (*state, O_RDONLY | O_DIRECTORY, 0);
        text[bit / 8] ^= (char)(1 << bit % 8);
        assert_true (g_file_set_contents (path, text, (gssize)n, NULL));
        text[bit / 8] ^= (char)(1 << bit % 8);
        assert_true (idfile_open (&idfile, dirfd, NULL));
        assert_int_equal (idfile.mark, 0);
        idfile_done (&idfile);
        (void)close (dirfd);
    }
}

/* P32: a backup that was put back knows nothing of the numbers that were given since. */
static void
a_copy_of_a_spool_is_another_one (void **state)
{
    g_autofree char *path = g_build_filename (*state, "id", NULL);
    g_autofree char *text = NULL, *id = NULL;
    gsize n;

    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        commit (spool, 3);
        id = g_strdup (spool_id (spool));
    }
    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        assert_string_equal (spool_id (spool), id);
    }
    assert_true (g_file_get_contents (path, &text, &n, NULL));
    assert_true (g_file_set_contents (path, text, (gssize)n, NULL)); /* in a file of its own */
    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        assert_string_not_equal (spool_id (spool), id);
        assert_int_equal (spool_next (spool), 4);
        g_free (id);
        id = g_strdup (spool_id (spool));
    }
    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        assert_string_equal (spool_id (spool), id);
    }
    /* as an earlier version left it, nobody knows */
    assert_true (g_file_set_contents (path, id, IDFILE_DIGITS, NULL));
    {
        g_autoptr (spool_t) spool = reopen (*state, LARGE);
        assert_string_equal (spool_id (spool), id);
    }
}

/* P31: nothing is taken where a start wouldn't find it, and what is put back is gone on with. */
static void
a_spool_that_was_moved_takes_nothing (void **state)
{
    g_autoptr (spool_t) spool = reopen (*state, LARGE);
    g_autofree char *elsewhere = g_strconcat (*state, ".old", NULL);
    g_autoptr (GString) line = g_string_new ("x\n");
    g_autoptr (GError) error = NULL;
    bool is_new;

    commit (spool, 1);
    assert_int_equal (g_rename (*state, elsewhere), 0);
    assert_false (
        spool_commit (spool, (struct dsn_bytes){ line->str, line->len }, 1, &is_new, &error));
    assert_true (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_RETRY));
    assert_non_null (spool_blocked (spool, LARGE * 100));
    assert_int_equal (g_rename (elsewhere, *state), 0);
    spool_watch (spool);
    assert_null (spool_blocked (spool, LARGE * 100));
    commit (spool, 1);
    assert_int_equal (spool_next (spool), 3);
}

static void
a_lost_segment_is_noticed (void **state)
{
    g_autoptr (spool_t) spool = reopen (*state, LARGE);
    g_autofree char *first = g_build_filename (*state, "00000000000000000001.jsonl", NULL);
    g_autofree char *second = g_build_filename (*state, "00000000000000000002.jsonl", NULL);

    commit (spool, 1);
    (void)g_unlink (first);
    spool_watch (spool);
    assert_int_equal (spool_damaged (spool), 1);
    assert_int_equal (spool_segments (spool), 0);
    commit (spool, 2);
    assert_int_equal (truncate (second, 10), 0);
    commit (spool, 1);
    assert_int_equal (spool_damaged (spool), 2);
    assert_int_equal (spool_segments (spool), 2);
    assert_int_equal (spool_next (spool), 5);
}

static void
damage_is_kept_and_numbers_go_on (void **state)
{
    struct spool *spool = reopen (*state, LARGE);
    g_autofree char *path = g_build_filename (*state, "00000000000000000001.jsonl", NULL);
    uint64_t bytes;
    int fd;

    commit (spool, 1);
    commit (spool, 1);
    bytes = spool_bytes (spool);
    spool_free (spool);
    fd = g_open (path, O_WRONLY, 0);
    assert_int_equal (pwrite (fd, "#", 1, 20), 1);
    (void)close (fd);
    spool = reopen (*state, LARGE);
    assert_int_equal (spool_damaged (spool), 1);
    assert_int_equal (spool_bytes (spool), bytes);
    assert_int_equal (spool_next (spool), 3);
    spool_free (spool);
}

static void
segments_are_rotated_and_trimmed (void **state)
{
    struct spool *spool = reopen (*state, 1); /* each commit makes one */
    uint64_t first, bytes;
    int fd;

    for (unsigned i = 0; i < 5; i++)
        commit (spool, 2);
    assert_int_equal (spool_segments (spool), 5);
    bytes = spool_bytes (spool);
    /* young, and within bounds: all stay */
    assert_int_equal (spool_trim (spool, UINT64_MAX, 3600, LARGE), 0);
    /* event 4 is still needed: the segment of 3 and 4 stays, however large all are */
    assert_int_equal (spool_trim (spool, 4, 3600, 0), 1);
    assert_int_equal (spool_first (spool), 3);
    assert_int_equal (spool_trim (spool, 5, 3600, 0), 1);
    assert_int_equal (spool_first (spool), 5);
    assert_true (spool_bytes (spool) < bytes);
    fd = spool_open_segment (spool, 1, &first);
    assert_true (fd >= 0);
    assert_int_equal (first, 5);
    (void)close (fd);
    /* the newest stays in any case */
    assert_int_equal (spool_trim (spool, UINT64_MAX, 0, 0), 2);
    assert_int_equal (spool_segments (spool), 1);
    assert_int_equal (spool_first (spool), 9);
    spool_free (spool);
    spool = reopen (*state, 1);
    assert_int_equal (spool_next (spool), 11);
    spool_free (spool);
}

static void
a_full_spool_says_so (void **state)
{
    g_autoptr (spool_t) spool = reopen (*state, LARGE);

    commit (spool, 1);
    assert_non_null (spool_blocked (spool, spool_bytes (spool)));
    assert_non_null (strstr (spool_blocked (spool, 1), "MaxSize"));
}

static void
a_second_one_is_refused (void **state)
{
    g_autoptr (spool_t) spool = reopen (*state, LARGE);
    g_autoptr (GError) error = NULL;

    assert_null (spool_open (*state, LARGE, &error));
    assert_true (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_BUSY));
    assert_non_null (spool);
}

static void
a_broken_id_is_told_and_kept (void **state)
{
    g_autofree char *path = g_build_filename (*state, "id", NULL);
    g_autoptr (GError) error = NULL;

    assert_true (g_file_set_contents (path, "not hexadecimal, but 32 of them!", -1, NULL));
    assert_null (spool_open (*state, LARGE, &error));
    assert_true (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_FATAL));
    assert_non_null (strstr (error->message, "32 hex digits"));
}

#define TEST(f) cmocka_unit_test_setup_teardown (f, make_directory, remove_directory)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (an_empty_spool_starts_at_one),
        TEST (what_is_committed_is_there_again),
        TEST (a_torn_tail_is_cut_and_its_numbers_given_again),
        TEST (numbers_that_were_given_stay_given),
        TEST (a_damaged_mark_is_none),
        TEST (a_copy_of_a_spool_is_another_one),
        TEST (a_spool_that_was_moved_takes_nothing),
        TEST (a_lost_segment_is_noticed),
        TEST (damage_is_kept_and_numbers_go_on),
        TEST (segments_are_rotated_and_trimmed),
        TEST (a_full_spool_says_so),
        TEST (a_second_one_is_refused),
        TEST (a_broken_id_is_told_and_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
