/* Recorded mails that are still in new/: moved away once, remembered if they can't be, and written
 * down for the next start. */
#include "scratch.h"

#include "daemon/intake/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

struct fixture {
    char *path;
    int dirfd;
    struct maildir *maildir;
    GPtrArray *mailboxes;
};

static char *
at (const struct fixture *f, const char *name)
{
    return g_build_filename (f->path, name, NULL);
}

static int
set_up (void **state)
{
    static const char *const parts[] = { "new", "cur", "tmp" };
    struct fixture *f = g_new0 (struct fixture, 1);
    struct maildir_options options = { .name = "in" };

    f->path = scratch_new ();
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *part = at (f, parts[i]);
        (void)g_mkdir (part, 0700);
    }
    options.path = f->path;
    f->dirfd = open (f->path, O_RDONLY | O_DIRECTORY);
    f->maildir = maildir_open (&options, NULL);
    f->mailboxes = g_ptr_array_new ();
    g_ptr_array_add (f->mailboxes, f->maildir);
    *state = f;
    return !f->maildir;
}

static int
tear_down (void **state)
{
    struct fixture *f = *state;

    g_ptr_array_unref (f->mailboxes);
    maildir_free (f->maildir);
    (void)close (f->dirfd);
    scratch_remove (f->path);
    g_free (f);
    return 0;
}

/* A mail that is in new/ now. (transfer full) */
static struct letter *
deliver (const struct fixture *f, const char *name)
{
    struct letter *mail = g_new0 (struct letter, 1);
    g_autofree char *directory = at (f, "new");
    g_autofree char *path = g_build_filename (directory, name, NULL);

    assert_true (g_file_set_contents (path, "mail", -1, NULL));
    mail->mailbox = f->maildir;
    mail->name = g_strdup (name);
    mail->clean_name = letter_clean_name (name);
    assert_int_equal (maildir_open_mail (f->maildir, name, &mail->file), MAILDIR_OPENED);
    return mail;
}

static const char *const names[] = { "1.host", "2.ho st", "3.\xff\"\\?\x1b\n", "4.\xc3\xa9" };

static void
the_list_outlives_the_process (void **state)
{
    const struct fixture *f = *state;
    struct known *known = known_new (f->mailboxes);
    struct letter *mails[G_N_ELEMENTS (names)];
    enum maildir_fate fate;

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
        mails[i] = deliver (f, names[i]);
        assert_false (known_find (known, mails[i], &fate));
        known_add (known, mails[i], i % 2 ? MAILDIR_OTHER : MAILDIR_UNPROCESSABLE);
        known_add (known, mails[i], i % 2 ? MAILDIR_OTHER : MAILDIR_UNPROCESSABLE);
    }
    assert_int_equal (known_stuck (known), G_N_ELEMENTS (names));
    assert_true (known_store (known, f->dirfd));
    known_free (known);
    known = known_new (f->mailboxes);
    assert_true (known_load (known, f->dirfd));
    assert_int_equal (known_stuck (known), G_N_ELEMENTS (names));
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
        assert_true (known_find (known, mails[i], &fate));
        assert_int_equal (fate, i % 2 ? MAILDIR_OTHER : MAILDIR_UNPROCESSABLE);
        known_remove (known, mails[i]);
        assert_int_equal (known_stuck (known), G_N_ELEMENTS (names) - 1 - i);
        letter_free (mails[i]);
    }
    known_free (known);
}

static void
what_somebody_took_away_is_forgotten (void **state)
{
    const struct fixture *f = *state;
    struct known *known = known_new (f->mailboxes);
    struct letter *mail = deliver (f, "1");
    g_autofree char *path = at (f, "new/1");

    known_add (known, mail, MAILDIR_DONE);
    known_prune (known);
    assert_int_equal (known_stuck (known), 1);
    assert_int_equal (g_unlink (path), 0);
    known_prune (known);
    assert_int_equal (known_stuck (known), 0);
    letter_free (mail);
    known_free (known);
}

static void
a_broken_list_is_read_as_far_as_it_goes (void **state)
{
    const struct fixture *f = *state;
    struct letter *mail = deliver (f, "1");
    struct known *known = known_new (f->mailboxes);
    g_autofree char *path = at (f, "stuck"), *text = NULL;
    enum maildir_fate fate;
    gsize n;

    known_add (known, mail, MAILDIR_DONE);
    assert_true (known_store (known, f->dirfd));
    known_free (known);
    assert_true (g_file_get_contents (path, &text, &n, NULL));
    for (gsize i = 0; i <= n; i++) {
        assert_true (g_file_set_contents (path, text, (gssize)i, NULL));
        known = known_new (f->mailboxes);
        assert_true (known_load (known, f->dirfd));
        assert_int_equal (known_find (known, mail, &fate), i + 1 >= n);
        known_free (known);
    }
    letter_free (mail);
}

static void
recorded_mails_are_moved_away (void **state)
{
    const struct fixture *f = *state;
    struct known *known = known_new (f->mailboxes);
    struct letter *mail = deliver (f, "1"), *other = deliver (f, "2");
    g_autoptr (GPtrArray) recorded = g_ptr_array_new ();
    struct spool_recorded one = { .mailbox = (char *)"in",
                                  .file = (char *)"1",
                                  .kind = (char *)"bounce",
                                  .size_bytes = mail->file.size_bytes,
                                  .ino = mail->file.ino,
                                  .mtime_ns = mail->file.mtime_ns };
    struct spool_recorded reused = one;

    reused.file = (char *)"2"; /* the name of another mail now */
    g_ptr_array_add (recorded, &one);
    g_ptr_array_add (recorded, &reused);
    assert_int_equal (known_recover (known, recorded), 1);
    assert_false (maildir_has (f->maildir, "1", &mail->file));
    assert_true (maildir_has (f->maildir, "2", &other->file));
    letter_free (mail);
    letter_free (other);
    known_free (known);
}

#define TEST(name_) cmocka_unit_test_setup_teardown (name_, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (the_list_outlives_the_process),
        TEST (what_somebody_took_away_is_forgotten),
        TEST (a_broken_list_is_read_as_far_as_it_goes),
        TEST (recorded_mails_are_moved_away),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
