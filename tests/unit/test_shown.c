/* Mails that a person passes on in the text: the header shown in a mail program's words. */
#include "core/notice/shown.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *rules;

/* What is shown in a mail with this text; "" if nothing is. (transfer full) */
static char *
shown_in (struct dsn_bytes text)
{
    static const char head[] = "Subject: Fwd: x\nContent-Type: text/plain; charset=utf-8\n\n";
    g_autoptr (GString) raw = g_string_new (head);
    struct dsn_limits limits = dsn_limits_default ();
    GString *out = g_string_new (NULL);
    struct notice notice;
    struct mail *mail;
    bool is_shown;

    g_string_append_len (raw, text.p, (gssize)text.n);
    mail = mail_read ((struct dsn_bytes){ raw->str, raw->len }, &limits);
    notice_read (&notice, mail->message, rules, &limits);
    notice_finish (&notice, rules);
    is_shown = shown_append (&notice, &rules->marks, out);
    assert_int_equal (is_shown, out->len > 0);
    notice_clear (&notice);
    mail_free (mail);
    return g_string_free (out, FALSE);
}

static const struct {
    const char *text, *shown;
} cases[] = {
    { "FYI\n\nFrom: A <a@example.net>\nDate: today\nSubject: s\nTo: b@example.net\n\n\nbody\n",
      "From: A <a@example.net>\nTo: b@example.net\nSubject: s\nDate: today\n\n\n\nbody\n" },
    { "-----Ursprüngliche Nachricht-----\nVon: A\nGesendet: heute\nBetreff: s\n\nbody\n",
      "From: A\nSubject: s\nDate: heute\n\n\nbody\n" },
    { "> Da: A\n>\n> Oggetto: s\n> Data: oggi\n>\n> body\n> > quote\n",
      "From: A\nSubject: s\nDate: oggi\n\n\nbody\n> quote\n" },
    { "*Von:* A\n*An:* B\n*Betreff:* s\nbody\n", "From: A\nTo: B\nSubject: s\n\nbody\n" },
    { "发件人：A\n收件人： B\n主题：s\n\n正文\n", "From: A\nTo: B\nSubject: s\n\n\n正文\n" },
    /* a field that isn't known, a long one, a second header in the text */
    { "From: A\nTo: B,\n    C\nX-Any: y\nSubject: s\n\nFrom: no\n",
      "From: A\nTo: B,\nSubject: s\n\n\nFrom: no\n" },
    { "From: A\nSubject: s\n\nTwo fields aren't a header.\n", "" },
    { "To: B\nSubject: s\nDate: today\n\nWithout a sender.\n", "" },
    { "From: me\nyou\nthem\nus\nTo: B\nSubject: s\n", "" },
    { "", "" },
};

static void
headers_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *shown = shown_in (dsn_bytes_str (cases[i].text));
        assert_string_equal (shown, cases[i].shown);
    }
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    (void)data;
    g_free (shown_in (in));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].text), 1, read_prefix, NULL);
}

static int
setup (void **state)
{
    (void)state;
    rules = builtin_rules ();
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    dsn_rules_free (rules);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (headers_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
