/* Walking files, directories and mbox files, in a scratch directory. */
#include "cli/read/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define F "From a@example.com Sat Nov 21 08:00:00 2026\n"

static const struct {
    const char *name, *text;
} files[] = {
    { "b.eml", "Subject: b\n\nb\n" },
    { "a/2.eml", "Subject: 2\n\n2\n" },
    { "a/10.eml", F "Subject: 10\n\n10\n\n" F "not a second mail\n" },
    { "a.eml", "" },
    { "box", F "Subject: m1\n\n1\n\n" F "Subject: m2\n" },
    { ".hidden", "x" },
};

/* A Maildir with a folder, as mail servers leave them, and an export with mboxes. */
static const struct {
    const char *name, *text;
} exports[] = {
    { "md/cur/1:2,S", "Subject: 1\n" },
    { "md/cur/.nfs1", "x" },
    { "md/new/2", F "Subject: 2\n\n" F "not a second mail\n" },
    { "md/tmp/3", "unfinished" },
    { "md/dovecot.index.log", "x" },
    { "md/.Sent/cur/4", "Subject: 4\n" },
    { "md/.Sent/new/.keep", "x" },
    { "md/.Sent/maildirfolder", "" },
    { "md/Lists/cur/5", "Subject: 5\n" },
    { "md/Lists/new/6", "Subject: 6\n" },
    { "export/cur/7.eml", "Subject: 7\n" },
    { "export/INBOX.mbox/mbox", F "Subject: 8\n\n>From a\n\n" F "Subject: 9\n" },
    { "export/10", F "Subject: 10\n\n" F "not a second mail\n" },
    { "export/Inbox", F "Subject: 11\n\n" F "Subject: 12\n" },
    { "export/Inbox.msf", "From nowhere" },
    { "export/tmp/11.eml", "Subject: 11\n" },
};

static char *
scratch_new (void)
{
    char *dir = g_dir_make_tmp ("dsnctl-input-XXXXXX", NULL);
    g_autofree char *sub = g_build_filename (dir, "a", NULL);
    g_autofree char *link = g_build_filename (dir, "loop", NULL);
    g_autofree char *fifo = g_build_filename (dir, "fifo", NULL);

    assert_int_equal (g_mkdir (sub, 0700), 0);
    assert_int_equal (symlink (dir, link), 0);
    assert_int_equal (mkfifo (fifo, 0600), 0);
    for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
        g_autofree char *path = g_build_filename (dir, files[i].name, NULL);
        assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    }
    return dir;
}

static void
scratch_free (char *dir)
{
    static const char *const others[] = { "loop", "fifo", "a" };

    for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
        g_autofree char *path = g_build_filename (dir, files[i].name, NULL);
        assert_int_equal (g_remove (path), 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
        g_autofree char *path = g_build_filename (dir, others[i], NULL);
        assert_int_equal (g_remove (path), 0);
    }
    assert_int_equal (g_remove (dir), 0);
    g_free (dir);
}

/* The names in the list, below @dir, each with the text read (at most @max_bytes). */
static char *
describe (const struct input *in, const char *dir, size_t max_bytes)
{
    GString *out = g_string_new (NULL);

    for (size_t i = 0; i < input_count (in); i++) {
        const struct input_mail mail = input_get (in, i);
        g_autofree char *name = input_name (&mail), *bytes = NULL;
        size_t n, total;
        assert_true (input_read (&mail, max_bytes, &bytes, &n, &total));
        g_string_append_printf (out, "%s=%zu/%zu ",
                                g_str_has_prefix (name, dir) ? name + strlen (dir) + 1 : name, n,
                                total);
    }
    return g_string_free (out, FALSE);
}

static void
directories_are_walked_in_name_order (void **state)
{
    char *dir = scratch_new ();
    struct input *in = input_new ();
    g_autofree char *found = NULL;

    (void)state;
    assert_true (input_add (in, dir));
    found = describe (in, dir, 5);
    assert_string_equal (found, ".hidden=1/1 a/10.eml=5/123 a/2.eml=5/14 a.eml=0/0 b.eml=5/14 "
                                "box#1=5/15 box#2=5/12 ");
    input_free (in);
    scratch_free (dir);
}

static void
an_mbox_is_split_when_named (void **state)
{
    char *dir = scratch_new ();
    struct input *in = input_new ();
    g_autofree char *box = g_build_filename (dir, "box", NULL);
    g_autofree char *plain = g_build_filename (dir, "b.eml", NULL);
    g_autofree char *found = NULL, *bytes = NULL;
    struct input_mail second;
    size_t n, total;

    (void)state;
    assert_true (input_add (in, box));
    assert_true (input_add (in, plain));
    found = describe (in, dir, 1000);
    assert_string_equal (found, "box#1=15/15 box#2=12/12 b.eml=14/14 ");
    second = input_get (in, 1);
    assert_true (input_read (&second, 1000, &bytes, &n, &total));
    assert_memory_equal (bytes, "Subject: m2\n", 12);
    input_free (in);
    scratch_free (dir);
}

static void
maildirs_and_exports_are_known (void **state)
{
    g_autofree char *dir = g_dir_make_tmp ("dsnctl-input-XXXXXX", NULL);
    g_autofree char *command = g_strdup_printf ("rm -r '%s'", dir), *found = NULL;
    struct input *in = input_new ();

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (exports); i++) {
        g_autofree char *path = g_build_filename (dir, exports[i].name, NULL);
        g_autofree char *folder = g_path_get_dirname (path);
        assert_int_equal (g_mkdir_with_parents (folder, 0700), 0);
        assert_true (g_file_set_contents (path, exports[i].text, -1, NULL));
    }
    assert_true (input_add (in, dir));
    found = describe (in, dir, 1000);
    assert_string_equal (found,
                         "export/10=119/119 export/INBOX.mbox/mbox#1=19/19 "
                         "export/INBOX.mbox/mbox#2=11/11 export/Inbox#1=12/12 export/Inbox#2=12/12 "
                         "export/Inbox.msf=12/12 export/cur/7.eml=11/11 export/tmp/11.eml=12/12 "
                         "md/.Sent/cur/4=11/11 md/Lists/cur/5=11/11 md/Lists/new/6=11/11 "
                         "md/cur/1:2,S=11/11 md/new/2=118/118 ");
    input_free (in);
    assert_int_equal (system (command), 0);
}

static void
what_cannot_be_read_is_left_out (void **state)
{
    char *dir = scratch_new ();
    struct input *in = input_new ();
    g_autofree char *missing = g_build_filename (dir, "missing", NULL);
    g_autofree char *bytes = NULL;
    struct input_mail gone = { .path = missing, .fd = -1 };
    size_t n, total;

    (void)state;
    assert_false (input_add (in, missing));
    assert_int_equal (input_count (in), 0);
    assert_false (input_read (&gone, 10, &bytes, &n, &total));
    assert_int_equal (errno, ENOENT);
    input_free (in);
    scratch_free (dir);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (directories_are_walked_in_name_order),
        cmocka_unit_test (an_mbox_is_split_when_named),
        cmocka_unit_test (maildirs_and_exports_are_known),
        cmocka_unit_test (what_cannot_be_read_is_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
