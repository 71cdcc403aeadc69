/* All mailboxes together: whose turn it is, and what becomes of a mail that's done, or can't be. */
#include "scratch.h"

#include "daemon/intake/intake.h"

#include "daemon/spool/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE_S  120 /* only a failure takes so long */
#define STUCK_COUNT 1000

struct fixture {
    char *path;
    int dirfd;
    struct config config;
    struct config_mailbox mailboxes[2];
    struct intake *intake;
    unsigned n_wakes;
};

static void
wake (void *data)
{
    ((struct fixture *)data)->n_wakes++;
}

static char *
at (const struct fixture *f, const char *mailbox, const char *part, const char *name)
{
    return g_build_filename (f->path, mailbox, part, name, NULL);
}

static void
make_maildir (const struct fixture *f, const char *mailbox)
{
    static const char *const parts[] = { "new", "cur", "tmp" };

    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *path = at (f, mailbox, parts[i], NULL);
        assert_int_equal (g_mkdir_with_parents (path, 0700), 0);
    }
}

static int
set_up (void **state)
{
    static const char *const names[] = { "in", "second" };
    struct fixture *f = g_new0 (struct fixture, 1);

    f->path = scratch_new ();
    f->dirfd = open (f->path, O_RDONLY | O_DIRECTORY);
    f->config.mailboxes = g_ptr_array_new ();
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
        make_maildir (f, names[i]);
        f->mailboxes[i] = (struct config_mailbox){ .name = (char *)names[i],
                                                   .path = at (f, names[i], NULL, NULL) };
        g_ptr_array_add (f->config.mailboxes, &f->mailboxes[i]);
    }
    f->intake = intake_new (&f->config, wake, f, NULL);
    *state = f;
    return !f->intake;
}

static int
tear_down (void **state)
{
    struct fixture *f = *state;

    intake_free (f->intake);
    g_ptr_array_unref (f->config.mailboxes);
    for (size_t i = 0; i < G_N_ELEMENTS (f->mailboxes); i++)
        g_free (f->mailboxes[i].path);
    (void)close (f->dirfd);
    scratch_remove (f->path);
    g_free (f);
    return 0;
}

static void
deliver (const struct fixture *f, const char *mailbox, const char *name)
{
    g_autofree char *path = at (f, mailbox, "new", name);

    assert_true (g_file_set_contents (path, "mail", -1, NULL));
}

static bool
is_there (const struct fixture *f, const char *mailbox, const char *part, const char *name)
{
    g_autofree char *path = at (f, mailbox, part, name);

    return g_file_test (path, G_FILE_TEST_EXISTS);
}

static struct intake_counts
count (const struct fixture *f)
{
    struct intake_counts counts;

    intake_count (f->intake, &counts);
    return counts;
}

/* The next mail; NULL: none for now. */
static struct letter *
next (const struct fixture *f)
{
    struct letter *mail = NULL;
    enum intake_result result;

    do
        result = intake_next (f->intake, &mail);
    while (result == INTAKE_AGAIN);
    assert_int_equal (result, mail ? INTAKE_MAIL : INTAKE_NONE);
    return mail;
}

/* Ends with the mail as recorded. */
static void
finish (const struct fixture *f, struct letter *mail, enum dsn_kind kind)
{
    mail->report = dsn_report_new ();
    mail->report->kind = kind;
    intake_done (f->intake, mail, true);
}

static gboolean
run_out (gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_CONTINUE;
}

/* Runs the main loop until the intake says that there's something to do. */
static void
wait_for_wake (struct fixture *f)
{
    bool is_over = false;
    const guint source = g_timeout_add_seconds (PATIENCE_S, run_out, &is_over);

    f->n_wakes = 0;
    while (f->n_wakes == 0 && !is_over)
        (void)g_main_context_iteration (NULL, TRUE);
    (void)g_source_remove (source);
    if (is_over) {
        (void)fputs ("waited in vain; the tests that follow would, too\n", stderr);
        exit (EXIT_FAILURE);
    }
}

/* Waits for the mail @name. */
static void
expect_next (struct fixture *f, const char *name, struct letter **ret_mail)
{
    while (!(*ret_mail = next (f)))
        wait_for_wake (f);
    assert_string_equal ((*ret_mail)->name, name);
}

static void
mailboxes_take_turns (void **state)
{
    struct fixture *f = *state;
    struct letter *mails[4];

    deliver (f, "in", "1.a");
    deliver (f, "in", "2.a");
    deliver (f, "in", "3.a");
    deliver (f, "second", "1.b");
    expect_next (f, "1.a", &mails[0]);
    expect_next (f, "1.b", &mails[1]);
    expect_next (f, "2.a", &mails[2]);
    expect_next (f, "3.a", &mails[3]);
    assert_null (next (f));
    assert_int_equal (count (f).in_flight, 4);
    assert_int_equal (count (f).waiting, 0);
    for (size_t i = 0; i < G_N_ELEMENTS (mails); i++)
        finish (f, mails[i], DSN_KIND_BOUNCE);
    assert_int_equal (count (f).in_flight, 0);
}

static void
names_not_yet_taken_are_waiting (void **state)
{
    struct fixture *f = *state;
    struct letter *mail;

    deliver (f, "in", "1.a");
    deliver (f, "in", "2.a");
    expect_next (f, "1.a", &mail);
    assert_int_equal (count (f).waiting, 1);
    intake_done (f->intake, mail, false);
}

static void
a_recorded_mail_is_moved_away (void **state)
{
    struct fixture *f = *state;
    struct letter *mail;

    deliver (f, "in", "1.a");
    expect_next (f, "1.a", &mail);
    assert_true (is_there (f, "in", "new", "1.a"));
    finish (f, mail, DSN_KIND_BOUNCE);
    assert_false (is_there (f, "in", "new", "1.a"));
    assert_true (is_there (f, "in", "cur", "1.a:2,S"));
    intake_sync (f->intake);
}

static void
a_mail_in_flight_is_not_given_twice (void **state)
{
    struct fixture *f = *state;
    struct letter *mail, *again;

    deliver (f, "in", "1.a");
    expect_next (f, "1.a", &mail);
    deliver (f, "in", "2.a"); /* the watch tells of it, and a scan of both */
    wait_for_wake (f);
    expect_next (f, "2.a", &again);
    assert_null (next (f));
    intake_done (f->intake, again, false);
    intake_done (f->intake, mail, false);
    assert_true (is_there (f, "in", "new", "1.a"));
}

static void
a_mail_that_cannot_be_read_waits (void **state)
{
    struct fixture *f = *state;
    struct letter *mail;

    deliver (f, "in", "1.a");
    expect_next (f, "1.a", &mail);
    intake_failed (f->intake, mail);
    assert_int_equal (count (f).failed_reads, 1);
    assert_int_equal (count (f).in_flight, 0);
    deliver (f, "in", "1.a");
    wait_for_wake (f);
    assert_null (next (f));
    assert_true (is_there (f, "in", "new", "1.a"));
}

static void
what_is_no_mail_is_left_alone (void **state)
{
    struct fixture *f = *state;
    g_autofree char *path = at (f, "in", "new", "1.directory");

    assert_int_equal (g_mkdir (path, 0700), 0);
    assert_null (next (f));
    assert_int_equal (count (f).special, 1);
    assert_int_equal (count (f).denied, 0);
    assert_true (is_there (f, "in", "new", "1.directory"));
}

/* Takes cur/ away, so that no mail can be moved; the intake has it open. */
static void
take_cur_away (const struct fixture *f)
{
    g_autofree char *path = at (f, "in", "cur", NULL);

    assert_int_equal (g_rmdir (path), 0);
}

static void
a_stuck_mail_goes_when_it_can (void **state)
{
    struct fixture *f = *state;
    g_autoptr (GPtrArray) none = g_ptr_array_new ();
    struct letter *mail;

    intake_recover (f->intake, none, f->dirfd);
    deliver (f, "in", "1.a");
    expect_next (f, "1.a", &mail);
    take_cur_away (f);
    finish (f, mail, DSN_KIND_BOUNCE);
    assert_int_equal (count (f).stuck, 1);
    assert_int_equal (count (f).failed_moves, 1);
    intake_sync (f->intake);
    assert_true (is_there (f, NULL, "stuck", NULL));
    make_maildir (f, "in");
    while (count (f).stuck) {
        wait_for_wake (f);
        assert_null (next (f));
    }
    assert_true (is_there (f, "in", "cur", "1.a:2,S"));
    assert_int_equal (count (f).failed_moves, 1);
}

static void
a_missing_mailbox_is_left_out (void **state)
{
    struct fixture *f = *state;
    struct letter *mail;

    take_cur_away (f);
    while (count (f).missing == 0)
        wait_for_wake (f);
    deliver (f, "in", "1.a");
    deliver (f, "second", "1.b");
    wait_for_wake (f);
    expect_next (f, "1.b", &mail);
    assert_null (next (f));
    finish (f, mail, DSN_KIND_BOUNCE);
    make_maildir (f, "in");
    while (count (f).missing)
        wait_for_wake (f);
    expect_next (f, "1.a", &mail);
    finish (f, mail, DSN_KIND_BOUNCE);
}

static void
too_many_stuck_mails_stop_the_intake (void **state)
{
    struct fixture *f = *state;
    struct letter *mails[STUCK_COUNT], *one;

    for (unsigned i = 0; i < STUCK_COUNT; i++) {
        g_autofree char *name = g_strdup_printf ("%u.a", i);
        deliver (f, "in", name);
    }
    for (unsigned i = 0; i < STUCK_COUNT; i++) {
        mails[i] = next (f);
        assert_non_null (mails[i]);
    }
    take_cur_away (f);
    for (unsigned i = 0; i < STUCK_COUNT; i++) {
        assert_null (intake_blocked (f->intake));
        finish (f, mails[i], DSN_KIND_BOUNCE);
    }
    assert_non_null (intake_blocked (f->intake));
    deliver (f, "second", "1.b");
    assert_null (next (f));
    make_maildir (f, "in");
    while (count (f).stuck) {
        wait_for_wake (f);
        one = next (f);
        if (one)
            intake_done (f->intake, one, false);
    }
    assert_null (intake_blocked (f->intake));
}

static void
recorded_mails_are_moved_at_the_start (void **state)
{
    struct fixture *f = *state;
    g_autoptr (GPtrArray) recorded = g_ptr_array_new ();
    struct spool_recorded row = { .mailbox = (char *)"in",
                                  .file = (char *)"1.a",
                                  .kind = (char *)"bounce" };
    struct letter *mail;

    deliver (f, "in", "1.a");
    expect_next (f, "1.a", &mail);
    row.size_bytes = mail->file.size_bytes;
    row.ino = mail->file.ino;
    row.mtime_ns = mail->file.mtime_ns;
    intake_done (f->intake, mail, false);
    g_ptr_array_add (recorded, &row);
    intake_recover (f->intake, recorded, f->dirfd);
    assert_false (is_there (f, "in", "new", "1.a"));
    assert_int_equal (count (f).stuck, 0);
}

static void
a_reload_changes_where_mails_go (void **state)
{
    struct fixture *f = *state;
    struct letter *mail;

    deliver (f, "in", "1.a");
    deliver (f, "second", "1.b");
    f->mailboxes[0].is_deleted = true;
    f->mailboxes[1].other_folder = (char *)".other";
    intake_configure (f->intake, &f->config);
    expect_next (f, "1.a", &mail);
    finish (f, mail, DSN_KIND_BOUNCE);
    assert_false (is_there (f, "in", "new", "1.a"));
    assert_false (is_there (f, "in", "cur", "1.a:2,S"));
    expect_next (f, "1.b", &mail);
    finish (f, mail, DSN_KIND_OTHER);
    assert_true (is_there (f, "second", ".other/new", "1.b"));
}

static void
a_mailbox_that_is_not_there_is_an_error (void **state)
{
    struct fixture *f = *state;
    struct config_mailbox mailbox = { .name = (char *)"third", .path = (char *)"/nonexistent" };
    g_autoptr (GError) error = NULL;

    intake_free (f->intake);
    g_ptr_array_add (f->config.mailboxes, &mailbox);
    f->intake = intake_new (&f->config, wake, f, &error);
    assert_null (f->intake);
    assert_true (g_error_matches (error, MAILDIR_ERROR, MAILDIR_ERROR_MISSING));
}

#define INTAKE_TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        INTAKE_TEST (mailboxes_take_turns),
        INTAKE_TEST (names_not_yet_taken_are_waiting),
        INTAKE_TEST (a_recorded_mail_is_moved_away),
        INTAKE_TEST (a_mail_in_flight_is_not_given_twice),
        INTAKE_TEST (a_mail_that_cannot_be_read_waits),
        INTAKE_TEST (what_is_no_mail_is_left_alone),
        INTAKE_TEST (a_stuck_mail_goes_when_it_can),
        INTAKE_TEST (a_missing_mailbox_is_left_out),
        INTAKE_TEST (too_many_stuck_mails_stop_the_intake),
        INTAKE_TEST (recorded_mails_are_moved_at_the_start),
        INTAKE_TEST (a_reload_changes_where_mails_go),
        INTAKE_TEST (a_mailbox_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
