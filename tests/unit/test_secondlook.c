/* The sample of mails that are read both ways, what counts as a difference, and who wins. */
#include "core/mail/secondlook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define HEAD "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
#define MAIL                                                                                       \
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\none\n"                           \
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n"

static const struct dsn_options *
options (void)
{
    static struct dsn_options o;

    o = (struct dsn_options){ .limits = dsn_limits_default () };
    return &o;
}

static struct mail *
read_plain (const char *text)
{
    struct mail *mail = mail_read (dsn_bytes_str (text), &options ()->limits);

    assert_int_equal (mail->split, DSN_SPLIT_PLAIN);
    return mail;
}

static struct mail *
read_gmime (const char *text)
{
    struct mail *mail = mail_read_by_gmime (dsn_bytes_str (text), &options ()->limits);

    assert_int_equal (mail->split, DSN_SPLIT_GMIME);
    return mail;
}

/* The @i-th of mails as alike as those of one sender. */
static char *
alike (unsigned i)
{
    return g_strdup_printf ("Return-Path: <>\nReceived: from a by b id %u\nSubject: x\n\nx\n", i);
}

static void
about_one_in_a_thousand_is_due (void **state)
{
    unsigned n_due = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        g_autofree char *text = alike (i);
        n_due += secondlook_is_due (dsn_bytes_str (text));
    }
    assert_in_range (n_due, 70, 130);
}

/* Also where it stands in memory doesn't matter, and no byte behind it. */
static void
the_same_bytes_are_always_due (void **state)
{
    char room[256];

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        g_autofree char *text = alike (i);
        const struct dsn_bytes in = dsn_bytes_str (text);
        memset (room, (int)i, sizeof room);
        memcpy (room + i % 9, in.p, in.n);
        assert_int_equal (secondlook_is_due (in),
                          secondlook_is_due ((struct dsn_bytes){ room + i % 9, in.n }));
    }
}

static void
only_a_mail_that_is_due_is_compared (void **state)
{
    struct dsn_options o = *options ();
    unsigned n_compared = 0;

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *text = alike (i);
        const struct dsn_bytes in = dsn_bytes_str (text);
        struct mail *mail = secondlook_read (in, &o);
        assert_int_equal (mail->split, secondlook_is_due (in) ? DSN_SPLIT_SAME : DSN_SPLIT_PLAIN);
        n_compared += mail->split == DSN_SPLIT_SAME;
        mail_free (mail);
    }
    assert_in_range (n_compared, 1, 30);
    o.structure = DSN_STRUCTURE_GMIME;
    for (unsigned i = 0; i < 3000; i += 100) {
        g_autofree char *text = alike (i);
        struct mail *mail = secondlook_read (dsn_bytes_str (text), &o);
        assert_int_equal (mail->split, DSN_SPLIT_GMIME);
        mail_free (mail);
    }
}

/* Each differs from MAIL in one thing that a reader sees. */
static const char *const others[] = {
    "X: x\n" MAIL,
    "Subject: y\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\none\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\ntwo\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/html; charset=utf-8; name=n\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-9; name=n\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=o\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n"
         "Content-Transfer-Encoding: base64\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\nContent-Disposition: attachment\n"
         "\none\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: other\n\nbody\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\none\n"
         "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nother\n--b--\n",
    HEAD "--b\nContent-Type: text/plain; charset=utf-8; name=n\n\none\n"
         "--b\nContent-Type: message/rfc822\n\n--b--\n",
};

static void
what_a_reader_sees_is_a_difference (void **state)
{
    struct mail *mail = read_plain (MAIL);

    (void)state;
    assert_false (secondlook_differ (mail->message, mail->message));
    for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
        struct mail *other = read_gmime (others[i]);
        assert_true (secondlook_differ (mail->message, other->message));
        assert_true (secondlook_differ (other->message, mail->message));
        mail_free (other);
    }
    mail_free (mail);
}

static void
gmime_wins_where_they_differ (void **state)
{
    struct mail *plain = read_plain (MAIL), *gmime = read_gmime (MAIL), *chosen;

    (void)state;
    chosen = secondlook_choose (plain, gmime);
    assert_ptr_equal (chosen, plain);
    assert_int_equal (chosen->split, DSN_SPLIT_SAME);
    gmime = read_gmime (others[3]);
    chosen = secondlook_choose (plain, gmime);
    assert_ptr_equal (chosen, gmime);
    assert_int_equal (chosen->split, DSN_SPLIT_DIFFERENT);
    mail_free (chosen);
}

static int
set_up (void **state)
{
    (void)state;
    dsn_library_init ();
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (about_one_in_a_thousand_is_due),
        cmocka_unit_test (the_same_bytes_are_always_due),
        cmocka_unit_test (only_a_mail_that_is_due_is_compared),
        cmocka_unit_test (what_a_reader_sees_is_a_difference),
        cmocka_unit_test (gmime_wins_where_they_differ),
    };

    return cmocka_run_group_tests (tests, set_up, NULL);
}
