/* What separates the mails of an mbox, and that the size of the pieces makes no difference. */
#include "cli/read/mbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *line;
    bool is_from;
} lines[] = {
    { "From MAILER-DAEMON Sat Nov 21 08:00:00 2026", true },
    { "From user@example.com  Sat Nov  1 08:00:00 2026", true },
    { "From - Mon Jan 01 00:00:00 2001", true },
    { "From user@example.com Sat Nov 21 08:00:00 2026 remote from example\r", true },
    { "From  Tue Feb 03 04:05:06 2004", true },
    { "From what I hear, Sat is best", false },
    { "From MAILER-DAEMON", false },
    { "From", false },
    { "From Sat Nov", false },
    { ">From a Sat Nov 21 08:00:00 2026", false },
    { "From: a Sat Nov 21 08:00:00 2026", false },
    { "", false },
};

static void
from_lines_have_a_date (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
        assert_int_equal (mbox_is_from_line (dsn_bytes_str (lines[i].line)), lines[i].is_from);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
        for (size_t n = 0; n <= strlen (lines[i].line); n++) {
            g_autofree char *copy = n ? g_memdup2 (lines[i].line, n) : NULL;
            bool is_from = mbox_is_from_line ((struct dsn_bytes){ copy, n });
            assert_true (!is_from || lines[i].is_from);
        }
}

#define F "From a@example.com Sat Nov 21 08:00:00 2026\n"

static const struct {
    const char *file;
    const char *mails[4];
    unsigned counted; /* a bit for each mail that was delimited by its Content-Length */
} files[] = {
    { "", { NULL }, 0 },
    { "Subject: a\n\n" F "x\n", { NULL }, 0 },
    { F "Subject: a\n\nbody\n", { "Subject: a\n\nbody\n" }, 0 },
    { F "Subject: a\n\nbody", { "Subject: a\n\nbody" }, 0 },
    { F "Subject: a\n\nbody\n\n" F "Subject: b\n", { "Subject: a\n\nbody\n", "Subject: b\n" }, 0 },
    /* the empty line behind a mail is the mbox's, one more is the mail's */
    { F "Subject: a\n\nbody\n\n\n" F "Subject: b\n\nx\n\n",
      { "Subject: a\n\nbody\n\n", "Subject: b\n\nx\n" },
      0 },
    { F "Subject: a\r\n\r\n" F "Subject: b", { "Subject: a\r\n", "Subject: b" }, 0 },
    { F "\n" F "Subject: b\n", { "", "Subject: b\n" }, 0 },
    /* no empty line before it: text */
    { F "Subject: a\n\nbody\n" F "x\n", { "Subject: a\n\nbody\n" F "x\n" }, 0 },
    { F "Subject: a\n\n>" F "x\n", { "Subject: a\n\n>" F "x\n" }, 0 },
    { F, { "" }, 0 },
    /* mboxcl2: From_ lines that Content-Length covers are text */
    { F "Content-Length: 50\n\nhi\n\n" F "x\n" F "Subject: b\n",
      { "Content-Length: 50\n\nhi\n\n" F "x\n", "Subject: b\n" },
      1 },
    { F "content-length:  50\n\nhi\n\n" F "x\n\n" F "Subject: b\n\nx\n",
      { "content-length:  50\n\nhi\n\n" F "x\n", "Subject: b\n\nx\n" },
      1 },
    { F "Content-Length: 50\r\n\nhi\n\n" F "x\n", { "Content-Length: 50\r\n\nhi\n\n" F "x\n" }, 1 },
    /* the body has no line end of its own */
    { F "Content-Length: 3\n\nabc\n\n" F "Content-Length: 1\n\nx\n",
      { "Content-Length: 3\n\nabc", "Content-Length: 1\n\nx" },
      3 },
    /* one that leads nowhere is no use */
    { F "Content-Length: 48\n\nhi\n\n" F "x\n\n" F "y\n",
      { "Content-Length: 48\n\nhi\n", "x\n", "y\n" },
      0 },
    { F "Content-Length: 99999999999\n\nhi\n\n" F "x\n\n",
      { "Content-Length: 99999999999\n\nhi\n", "x\n" },
      0 },
    { F "Content-Length: -1\n\nhi\n\n" F "x\n", { "Content-Length: -1\n\nhi\n", "x\n" }, 0 },
    { F "Content-Length: 18446744073709551615\n\nhi\n",
      { "Content-Length: 18446744073709551615\n\nhi\n" },
      0 },
    { F "Subject: a\n\nContent-Length: 0\n\n" F "x\n",
      { "Subject: a\n\nContent-Length: 0\n", "x\n" },
      0 },
};

static void
check_mails (const struct mbox_scanner *s, size_t i)
{
    for (unsigned k = 0; k < s->mails->len; k++) {
        const struct mbox_mail *m = &g_array_index (s->mails, struct mbox_mail, k);
        g_autofree char *text = g_strndup (files[i].file + m->start, m->end - m->start);
        assert_non_null (files[i].mails[k]);
        assert_string_equal (text, files[i].mails[k]);
        assert_int_equal (m->is_counted, files[i].counted >> k & 1);
    }
    assert_null (files[i].mails[s->mails->len]);
}

static void
mails_are_found_in_pieces_of_any_size (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
        const size_t len = strlen (files[i].file);
        for (size_t piece = 1; piece <= len + 1; piece++) {
            struct mbox_scanner s;
            mbox_scanner_init (&s);
            for (size_t at = 0; at < len; at += piece)
                mbox_scanner_feed (&s,
                                   dsn_bytes_sub (dsn_bytes_str (files[i].file), at, at + piece));
            mbox_scanner_finish (&s);
            check_mails (&s, i);
            mbox_scanner_clear (&s);
        }
    }
}

static void
quotes_come_off (void **state)
{
    static const struct {
        const char *quoted, *mail;
    } mails[] = {
        { "", "" },
        { ">From a\n", "From a\n" },
        { "a\n>From b\n>>From c\n>>>From d", "a\nFrom b\n>From c\n>>From d" },
        { ">from a\n> From b\n>From\n>Fromm c\n >From d\n",
          ">from a\n> From b\n>From\n>Fromm c\n >From d\n" },
        { "a >From b\n>From \n", "a >From b\nFrom \n" },
        { ">>>>", ">>>>" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (mails); i++) {
        const size_t n = strlen (mails[i].quoted);
        g_autofree char *copy = n ? g_memdup2 (mails[i].quoted, n) : NULL;
        const size_t n_left = mbox_unquote (copy, n);
        assert_int_equal (n_left, strlen (mails[i].mail));
        assert_true (n_left == 0 || memcmp (copy, mails[i].mail, n_left) == 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (from_lines_have_a_date),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (mails_are_found_in_pieces_of_any_size),
        cmocka_unit_test (quotes_come_off),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
