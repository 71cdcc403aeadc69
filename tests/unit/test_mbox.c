/* What separates the mails of an mbox, and that the size of the pieces makes no difference. */
#include "mbox.h"

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
    size_t n;
    struct mbox_mail mails[3];
} files[] = {
    { "", 0, { { 0 } } },
    { "Subject: a\n\n" F "x\n", 0, { { 0 } } },
    { F "Subject: a\n\nbody\n", 1, { { 44, 61 } } },
    { F "Subject: a\n\nbody\n\n" F "Subject: b\n", 2, { { 44, 62 }, { 106, 117 } } },
    { F "Subject: a\r\n\r\n" F "Subject: b", 2, { { 44, 58 }, { 102, 112 } } },
    /* no empty line before it: text */
    { F "Subject: a\n\nbody\n" F "x\n", 1, { { 44, 107 } } },
    { F "Subject: a\n\n>" F "x\n", 1, { { 44, 103 } } },
    { F, 1, { { 44, 44 } } },
};

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
            assert_int_equal (s.mails->len, files[i].n);
            for (unsigned k = 0; k < s.mails->len; k++) {
                struct mbox_mail *m = &g_array_index (s.mails, struct mbox_mail, k);
                assert_int_equal (m->start, files[i].mails[k].start);
                assert_int_equal (m->end, files[i].mails[k].end);
            }
            mbox_scanner_clear (&s);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (from_lines_have_a_date),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (mails_are_found_in_pieces_of_any_size),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
