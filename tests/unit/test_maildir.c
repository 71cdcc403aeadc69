/* A Maildir as a queue: which names are given, what is opened, where mails go. */
#include "daemon/intake/maildir.h"

#include "daemon/intake/risk.h"
#include "daemon/intake/scan.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct scratch {
    char *path;
    struct maildir *maildir;
};

static char *
at (void **state, const char *name)
{
    return g_build_filename (((struct scratch *)*state)->path, name, NULL);
}

static void
make_directory (void **state, const char *name)
{
    g_autofree char *path = at (state, name);

    assert_int_equal (g_mkdir (path, 0700), 0);
}

static void
put (void **state, const char *name, const char *text)
{
    g_autofree char *path = at (state, name);
    const int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_int_equal (write (fd, text, strlen (text)), strlen (text));
    assert_int_equal (close (fd), 0);
}

static bool
is_there (void **state, const char *name)
{
    g_autofree char *path = at (state, name);

    return g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

static struct maildir *
open_it (void **state, GError **error)
{
    const struct maildir_options options = { .name = "in",
                                             .path = ((struct scratch *)*state)->path,
                                             .other_folder = ".other" };

    return maildir_open (&options, error);
}

static int
set_up (void **state)
{
    struct scratch *scratch = g_new0 (struct scratch, 1);

    scratch->path = scratch_new ();
    *state = scratch;
    make_directory (state, "new");
    make_directory (state, "cur");
    make_directory (state, "tmp");
    scratch->maildir = open_it (state, NULL);
    return !scratch->maildir;
}

static int
tear_down (void **state)
{
    struct scratch *scratch = *state;

    maildir_free (scratch->maildir);
    scratch_remove (scratch->path);
    g_free (scratch);
    return 0;
}

/* All names that the Maildir gives now, separated by blanks. (transfer full) */
static char *
take_names (struct maildir *maildir)
{
    g_autoptr (GString) names = g_string_new (NULL);
    bool is_working = true;

    while (is_working) {
        g_autofree char *name = maildir_next (maildir, &is_working);
        if (name)
            g_string_append_printf (names, "%s%s", names->len ? " " : "", name);
        is_working |= name != NULL;
    }
    return g_strdup (names->str);
}

static void
assert_gives (void **state, const char *wanted)
{
    g_autofree char *names = take_names (((struct scratch *)*state)->maildir);

    assert_string_equal (names, wanted);
}

/* Waits until inotify tells something, and reads it. */
static void
read_hint (struct maildir *maildir)
{
    struct pollfd watch = { .fd = maildir_watch_fd (maildir), .events = POLLIN };

    assert_int_equal (poll (&watch, 1, 10000), 1);
    maildir_read_watch (maildir);
}

static void
names_are_compared_by_their_time (void **state)
{
    static const struct {
        const char *a, *b;
    } cases[] = {
        { "999.x", "1000.a" }, { "1.a", "1.b" },        { "1", "1.a" }, { "9.z", "10.a" },
        { "a", "b" },          { "1.M10.h", "1.M9.h" }, { "10", "a" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        assert_true (scan_compare (cases[i].a, cases[i].b) < 0);
        assert_true (scan_compare (cases[i].b, cases[i].a) > 0);
        assert_int_equal (scan_compare (cases[i].a, cases[i].a), 0);
    }
}

static void
a_scan_gives_names_in_order (void **state)
{
    static const char *const names[] = { "new/1000.b", "new/999.a", "new/.hidden", "new/x" };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        put (state, names[i], "");
    assert_gives (state, "999.a 1000.b x");
    assert_gives (state, "");
    maildir_rescan (((struct scratch *)*state)->maildir);
    assert_gives (state, "999.a 1000.b x");
}

static void
a_large_scan_gives_each_name_once (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    bool is_working = true;
    unsigned n = 0;

    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *name = g_strdup_printf ("new/%u", i);
        put (state, name, "");
    }
    while (is_working) {
        char *name = maildir_next (maildir, &is_working);
        n += name != NULL;
        is_working |= name != NULL;
        if (name)
            assert_true (g_hash_table_add (seen, name));
    }
    assert_int_equal (n, 10000);
}

static void
a_renamed_file_is_told_at_once (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *from = at (state, "tmp/1.host"), *to = at (state, "new/1.host");

    assert_gives (state, "");
    put (state, "tmp/1.host", "");
    assert_int_equal (g_rename (from, to), 0);
    read_hint (maildir);
    assert_int_equal (maildir_waiting (maildir), 1);
    assert_gives (state, "1.host");
}

static void
a_linked_file_is_told_at_once (void **state)
{
    g_autofree char *from = at (state, "tmp/1.host"), *to = at (state, "new/1.host");

    assert_gives (state, "");
    put (state, "tmp/1.host", "");
    assert_int_equal (link (from, to), 0);
    read_hint (((struct scratch *)*state)->maildir);
    assert_gives (state, "1.host");
}

static void
a_file_being_written_is_left_alone_until_it_is_closed (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *path = at (state, "new/1.host");
    const int fd = open (path, O_WRONLY | O_CREAT, 0600);

    read_hint (maildir);
    maildir_rescan (maildir);
    assert_gives (state, "");
    maildir_tick (maildir);
    assert_gives (state, "");
    assert_int_equal (close (fd), 0);
    read_hint (maildir);
    assert_gives (state, "1.host");
}

static void
a_file_written_for_ever_is_taken_as_it_is (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *path = at (state, "new/1.host");
    const int fd = open (path, O_WRONLY | O_CREAT, 0600);
    unsigned ticks = 0;

    assert_gives (state, "1.host"); /* the scan at the start doesn't know better */
    read_hint (maildir);
    for (g_autofree char *name = NULL; !name && ticks < 1000; ticks++) {
        bool is_working;
        maildir_tick (maildir);
        name = maildir_next (maildir, &is_working);
    }
    assert_int_equal (ticks, 60);
    (void)close (fd);
}

static enum maildir_opened
open_mail (void **state, const char *name)
{
    struct maildir_mail mail;
    const enum maildir_opened opened =
        maildir_open_mail (((struct scratch *)*state)->maildir, name, &mail);

    if (opened == MAILDIR_OPENED)
        (void)close (mail.fd);
    return opened;
}

static void
make_socket (void **state, const char *name)
{
    g_autofree char *path = at (state, name);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const int fd = socket (AF_UNIX, SOCK_STREAM, 0);

    (void)g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    (void)close (fd);
}

static void
only_plain_files_are_opened (void **state)
{
    g_autofree char *fifo = at (state, "new/fifo"), *device = at (state, "new/device");
    g_autofree char *link_ = at (state, "new/link"), *dangling = at (state, "new/dangling");

    put (state, "new/plain", "Subject: x\n\n");
    make_directory (state, "new/directory");
    make_socket (state, "new/socket");
    assert_int_equal (mkfifo (fifo, 0600), 0);
    assert_int_equal (symlink ("/etc/passwd", link_), 0);
    assert_int_equal (symlink ("/nowhere", dangling), 0);
    assert_int_equal (open_mail (state, "plain"), MAILDIR_OPENED);
    assert_int_equal (open_mail (state, "gone"), MAILDIR_GONE);
    assert_int_equal (open_mail (state, "directory"), MAILDIR_SPECIAL);
    assert_int_equal (open_mail (state, "socket"), MAILDIR_SPECIAL);
    assert_int_equal (open_mail (state, "fifo"), MAILDIR_SPECIAL);
    assert_int_equal (open_mail (state, "link"), MAILDIR_SPECIAL);
    assert_int_equal (open_mail (state, "dangling"), MAILDIR_SPECIAL);
    if (mknod (device, S_IFCHR | 0600, 0x0103) == 0) /* /dev/null; takes root */
        assert_int_equal (open_mail (state, "device"), MAILDIR_SPECIAL);
}

static void
a_mail_that_may_not_be_read_is_denied (void **state)
{
    g_autofree char *path = at (state, "new/1");

    put (state, "new/1", "");
    assert_int_equal (chmod (path, 0), 0);
    assert_int_equal (open_mail (state, "1"), geteuid () == 0 ? MAILDIR_OPENED : MAILDIR_DENIED);
}

static void
what_is_said_of_a_mail_is_what_was_opened (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *path = at (state, "new/1");
    const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 5, .tv_nsec = 7 } };
    struct maildir_mail opened;
    struct stat st;

    put (state, "new/1", "12345");
    assert_int_equal (utimensat (AT_FDCWD, path, times, 0), 0);
    assert_int_equal (stat (path, &st), 0);
    assert_int_equal (maildir_open_mail (maildir, "1", &opened), MAILDIR_OPENED);
    assert_true (maildir_has (maildir, "1", &opened));
    assert_int_equal (opened.size_bytes, 5);
    assert_int_equal (opened.ino, st.st_ino);
    assert_int_equal (opened.mtime_ns, 5000000007);
    (void)close (opened.fd);
    assert_false (maildir_has (maildir, "2", &opened));
    put (state, "new/1", "12345");
    assert_false (maildir_has (maildir, "1", &opened)); /* written to since */
}

static const struct {
    const char *name;
    enum maildir_fate fate;
    const char *taken; /* a file that's there already */
    const char *to;
} moves[] = {
    { "1.host", MAILDIR_DONE, NULL, "cur/1.host:2,S" },
    { "1.host:2,F", MAILDIR_DONE, NULL, "cur/1.host:2,S" },
    { "1.host", MAILDIR_DONE, "cur/1.host:2,S", "cur/1.host,1:2,S" },
    { "1.host", MAILDIR_OTHER, NULL, ".other/new/1.host" },
    { "1.host", MAILDIR_OTHER, ".other/new/1.host", ".other/new/1.host,1" },
    { "1.host", MAILDIR_UNPROCESSABLE, NULL, ".dsnd-failed/cur/1.host:2,FS" },
    { "\xff\x1b[m", MAILDIR_DONE, NULL, "cur/\xff\x1b[m:2,S" },
};

/* Moves the mail that is there now, or one that isn't. */
static bool
retire (void **state, const char *name, enum maildir_fate fate)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    struct maildir_mail file = { .fd = -1 };

    if (maildir_open_mail (maildir, name, &file) == MAILDIR_OPENED)
        (void)close (file.fd);
    return maildir_retire (maildir, name, &file, fate);
}

static void
mails_go_where_their_fate_puts_them (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;

    make_directory (state, ".other");
    make_directory (state, ".other/new");
    for (size_t i = 0; i < G_N_ELEMENTS (moves); i++) {
        g_autofree char *from = g_strconcat ("new/", moves[i].name, NULL);
        g_autofree char *to = at (state, moves[i].to);
        g_autofree char *text = NULL;
        if (moves[i].taken)
            put (state, moves[i].taken, "taken");
        put (state, from, "mail");
        assert_true (retire (state, moves[i].name, moves[i].fate));
        assert_false (is_there (state, from));
        if (!g_file_get_contents (to, &text, NULL, NULL) || strcmp (text, "mail") != 0)
            fail_msg ("%s didn't go to %s", moves[i].name, moves[i].to);
        (void)g_unlink (to);
    }
    assert_true (maildir_sync (maildir));
}

static void
a_mail_that_is_gone_is_fine (void **state)
{
    assert_true (retire (state, "gone", MAILDIR_DONE));
    assert_true (retire (state, "gone", MAILDIR_OTHER));
    assert_true (retire (state, "gone", MAILDIR_UNPROCESSABLE));
}

/* P1: another mail that took the name stays, and a scan finds it. */
static void
another_mail_of_the_name_is_left_alone (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    const struct maildir_options deleting = { .is_deleted = true };
    g_autofree char *from = at (state, "tmp/1"), *to = at (state, "new/1");
    struct maildir_mail file;

    for (unsigned i = 0; i < 2; i++) {
        put (state, "new/1", "first");
        assert_int_equal (maildir_open_mail (maildir, "1", &file), MAILDIR_OPENED);
        put (state, "tmp/1", "second");
        assert_int_equal (g_rename (from, to), 0);
        (void)close (file.fd);
        assert_true (maildir_retire (maildir, "1", &file, MAILDIR_DONE));
        assert_true (is_there (state, "new/1"));
        assert_false (is_there (state, "cur/1:2,S"));
        assert_gives (state, "1");
        maildir_configure (maildir, &deleting);
    }
}

/* P33: a name that can't take the flags is cut, and stays one of its own. */
static void
long_names_are_cut (void **state)
{
    for (unsigned n = 249; n <= 255; n++) {
        for (unsigned i = 0; i < 3; i++) {
            g_autofree char *pad = g_strnfill (n - 1, 'x');
            g_autofree char *name = g_strdup_printf ("%u%s", i, pad);
            g_autofree char *path = g_strconcat ("new/", name, NULL);
            put (state, path, "mail");
            assert_true (retire (state, name, MAILDIR_DONE));
            assert_false (is_there (state, path));
        }
    }
}

/* P31: a move into a directory that was deleted isn't a mail that's gone. */
static void
a_deleted_directory_is_no_success (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *cur = at (state, "cur");

    put (state, "new/1", "mail");
    assert_int_equal (g_rmdir (cur), 0);
    assert_false (retire (state, "1", MAILDIR_DONE));
    assert_true (is_there (state, "new/1"));
    assert_false (maildir_check (maildir, NULL));
    make_directory (state, "cur");
    assert_true (maildir_check (maildir, NULL));
    assert_true (retire (state, "1", MAILDIR_DONE));
    assert_true (is_there (state, "cur/1:2,S"));
}

static void
reports_are_deleted_and_nothing_else_if_asked (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    const struct maildir_options options = { .is_deleted = true };

    maildir_configure (maildir, &options);
    put (state, "new/1", "");
    put (state, "new/2", "");
    put (state, "new/3", "");
    assert_true (retire (state, "1", MAILDIR_DONE));
    assert_true (retire (state, "2", MAILDIR_OTHER));
    assert_true (retire (state, "3", MAILDIR_UNPROCESSABLE));
    assert_true (retire (state, "gone", MAILDIR_DONE));
    assert_false (is_there (state, "cur/1:2,S"));
    assert_true (is_there (state, "cur/2:2,S"));
    assert_true (is_there (state, ".dsnd-failed/cur/3:2,FS"));
}

static void
a_missing_part_is_named (void **state)
{
    static const char *const parts[] = { "new", "cur", "tmp" };
    struct scratch *scratch = *state;
    GError *error = NULL;

    g_clear_pointer (&scratch->maildir, maildir_free);
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *path = at (state, parts[i]);
        g_autofree char *words = g_strconcat ("directory ", parts[i], NULL);
        assert_int_equal (g_rmdir (path), 0);
        assert_null (open_it (state, &error));
        assert_true (g_error_matches (error, MAILDIR_ERROR, MAILDIR_ERROR_MISSING));
        assert_non_null (strstr (error->message, words));
        assert_non_null (strstr (error->message, "[Mailbox in]"));
        g_clear_error (&error);
        make_directory (state, parts[i]);
    }
}

static void
a_part_that_may_not_be_written_is_refused (void **state)
{
    static const char *const parts[] = { "new", "cur" };
    struct scratch *scratch = *state;
    GError *error = NULL;

    if (geteuid () == 0)
        skip (); /* root may write everything */
    g_clear_pointer (&scratch->maildir, maildir_free);
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *path = at (state, parts[i]);
        assert_int_equal (chmod (path, 0500), 0);
        assert_null (open_it (state, &error));
        assert_non_null (strstr (error->message, "can't be written"));
        g_clear_error (&error);
        assert_int_equal (chmod (path, 0700), 0);
    }
}

static void
two_never_read_one_maildir (void **state)
{
    GError *error = NULL;

    assert_null (open_it (state, &error));
    assert_true (g_error_matches (error, MAILDIR_ERROR, MAILDIR_ERROR_BUSY));
    g_clear_error (&error);
}

static void
a_replaced_directory_is_noticed (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *path = at (state, "new"), *away = at (state, "old");
    GError *error = NULL;

    assert_true (maildir_check (maildir, NULL));
    assert_int_equal (g_rename (path, away), 0);
    assert_false (maildir_check (maildir, &error));
    g_clear_error (&error);
    assert_gives (state, "");
    make_directory (state, "new");
    put (state, "new/1", "");
    assert_true (maildir_check (maildir, NULL));
    assert_gives (state, "1");
}

static void
a_directory_open_to_all_is_a_risk (void **state)
{
    struct maildir *maildir = ((struct scratch *)*state)->maildir;
    g_autofree char *path = at (state, "new");

    assert_int_equal (maildir_risks (maildir), 0);
    assert_int_equal (chmod (path, 0777), 0);
    assert_int_equal (maildir_risks (maildir), RISK_OPEN);
    assert_non_null (strstr (risk_text (RISK_OPEN), "chmod"));
}

#define TEST(name_) cmocka_unit_test_setup_teardown (name_, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_are_compared_by_their_time),
        TEST (a_scan_gives_names_in_order),
        TEST (a_large_scan_gives_each_name_once),
        TEST (a_renamed_file_is_told_at_once),
        TEST (a_linked_file_is_told_at_once),
        TEST (a_file_being_written_is_left_alone_until_it_is_closed),
        TEST (a_file_written_for_ever_is_taken_as_it_is),
        TEST (only_plain_files_are_opened),
        TEST (a_mail_that_may_not_be_read_is_denied),
        TEST (what_is_said_of_a_mail_is_what_was_opened),
        TEST (mails_go_where_their_fate_puts_them),
        TEST (a_mail_that_is_gone_is_fine),
        TEST (another_mail_of_the_name_is_left_alone),
        TEST (long_names_are_cut),
        TEST (a_deleted_directory_is_no_success),
        TEST (reports_are_deleted_and_nothing_else_if_asked),
        TEST (a_missing_part_is_named),
        TEST (a_part_that_may_not_be_written_is_refused),
        TEST (two_never_read_one_maildir),
        TEST (a_replaced_directory_is_noticed),
        TEST (a_directory_open_to_all_is_a_risk),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
