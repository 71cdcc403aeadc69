/* Recipients, and what is said of each, from prose: no format is known here. */
#include "core/gather/freetext.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define HEAD "From: x@example.net\nSubject: x\n\n"

static struct dsn_rules *rules;

/* "address: text|..." of what is found in a mail sent to @sender. */
static char *
read_as (struct dsn_bytes mail_bytes, const char *sender, size_t max)
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = mail_read (mail_bytes, &limits);
    struct notice notice;
    struct freetext ft = { rules, &notice, NULL, dsn_bytes_str (sender), false, max };
    g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func (draft_free);
    GString *out = g_string_new (NULL);

    notice_read (&notice, mail->message, rules, &limits);
    notice_finish (&notice, rules);
    (void)freetext_read (&ft, drafts);
    assert_true (drafts->len <= max);
    for (guint i = 0; i < drafts->len; i++) {
        const struct draft *d = drafts->pdata[i];
        g_string_append_printf (out, "%s%s: %s", i ? "|" : "", d->address->str, d->text->str);
    }
    notice_clear (&notice);
    mail_free (mail);
    return g_string_free (out, FALSE);
}

static const struct {
    const char *mail, *out;
} cases[] = {
    { HEAD "<a@example.net>: user unknown\n", "a@example.net: user unknown" },
    { HEAD "<a@example.net>:\n  550 5.1.1 user\n  unknown\n\nBye\n",
      "a@example.net: 550 5.1.1 user unknown" },
    /* a reply that begins a line where one may stand begins a text of its own */
    { HEAD "<a@example.net>:\nThe reason was:\n550 no such user\n",
      "a@example.net: The reason was:\n550 no such user" },
    { HEAD "<a@example.net>\n\n--- Transcript follows ---\n554 too many hops\n",
      "a@example.net: --- Transcript follows ---\n554 too many hops" },
    { HEAD "<a@example.net>: mailbox full\nQuota\n500 messages\n",
      "a@example.net: mailbox full Quota 500 messages" },
    /* what was said out of order after a refusal says nothing */
    { HEAD "<a@example.net>\n\n>>> RCPT To:<a@example.net>\n<<< 550 no such user\n>>> DATA\n"
           "<<< 503 RCPT first\n<<< 554 5.5.1 no valid recipients\n",
      "a@example.net: >>> RCPT To:<a@example.net> <<< 550 no such user >>> DATA" },
    /* each has its own words */
    { HEAD "<a@example.net>: user unknown\n<b@example.net>: mailbox full\n",
      "a@example.net: user unknown|b@example.net: mailbox full" },
    /* in a row, they share the words behind the last */
    { HEAD "<a@example.net>:\n<b@example.net>:\nno such host\n",
      "a@example.net: no such host|b@example.net: no such host" },
    /* named twice is one */
    { HEAD "<a@example.net>: user unknown\n\n<A@Example.net>: user unknown\n",
      "a@example.net: user unknown" },
    /* an address that a reply names isn't a recipient of its own */
    { HEAD "<a@example.net>:\n  550 contact <help@example.org>\n",
      "a@example.net: 550 contact <help@example.org>" },
    /* names of the reporting host, below the words that announce them, whoever is spoken to */
    { HEAD "Not delivered to the following recipients:\n  ana.silva   No matches here\n"
           "  bo          mailbox full\n",
      "ana.silva: No matches here|bo: mailbox full" },
    { HEAD "Sorry sender@example.com. Your mail to the following recipients failed:\n\tsunny77\n"
           "\train78\n",
      "sunny77: |rain78: " },
    { HEAD "Not delivered to the following recipients:\n  ana (550 ana@example.net unknown)\n",
      "ana@example.net: (550 ana@example.net unknown)" },
    /* a sentence that goes on with an address names nobody, wherever it stands */
    { HEAD "Not delivered to the following recipients:\n\n  ana   No matches\n\n"
           "Names have the form first.last. If\njo@example.net fails, try joan@example.net\n",
      "ana: No matches Names have the form first.last. If jo@example.net fails, try "
      "joan@example.net" },
    { HEAD "Not delivered to the following recipients:\na@example.net no such user\n"
           "b@example.net no such user\n",
      "a@example.net: no such user|b@example.net: no such user" },
    /* words that tell whose address it is may wrap, before it and within */
    { HEAD "The mailbox is gone. Ana can now be\nreached at\nana@example.org\n\n"
           "<a@example.net>: no such user\n",
      "a@example.net: no such user" },
    { HEAD "The mailbox is gone. Ana can now be reached\nat ana@example.org\n", "" },
    { HEAD "The mailbox is gone. Ana can now\nbe reached at\nana@example.org\n", "" },
    /* the rest of a sentence is no name */
    { HEAD "Not delivered to the following recipients:\n\nAna Example\n"
           "    couldn't take delivery of the\n    message\n",
      "" },
    /* who got the report isn't who failed, unless nobody else is there */
    { HEAD "sorry: sender@example.com can't reach a@example.net\n",
      "a@example.net: sorry: sender@example.com can't reach a@example.net" },
    { HEAD "<sender@example.com>: user unknown\n", "sender@example.com: user unknown" },
    { HEAD "postmaster@example.net says no\n", "" },
    { HEAD "see http://help.example.net/?user=a@example.net\n", "" },
    { HEAD "nothing to read\n", "" },
    { HEAD, "" },
};

static void
recipients_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *out = read_as (dsn_bytes_str (cases[i].mail), "sender@example.com", 10);
        assert_string_equal (out, cases[i].out);
    }
}

static void
recipients_are_bounded (void **state)
{
    g_autoptr (GString) mail = g_string_new (HEAD);
    g_autofree char *out = NULL;

    (void)state;
    for (int i = 0; i < 30; i++)
        g_string_append_printf (mail, "<u%d@example.net>: no\n", i);
    out = read_as (dsn_bytes_str (mail->str), "", 2);
    assert_string_equal (out, "u0@example.net: no|u1@example.net: no");
}

/* Text joins drafts of a status part by address; other recipients' words stay away. */
static void
status_drafts_get_their_words (void **state)
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = mail_read (dsn_bytes_str (HEAD "<b@example.net>: mailbox full\n\n"
                                                       "<a@example.net>: user unknown\n"),
                                   &limits);
    struct notice notice;
    struct freetext ft = { rules, &notice, NULL, { 0 }, false, 10 };
    g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func (draft_free);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct draft *d = draft_new ();
        g_string_assign (d->final, i ? "b@example.net" : "A@example.net");
        g_ptr_array_add (drafts, d);
    }
    notice_read (&notice, mail->message, rules, &limits);
    notice_finish (&notice, rules);
    freetext_enrich (&ft, drafts);
    assert_int_equal (drafts->len, 2);
    assert_string_equal (((struct draft *)drafts->pdata[0])->text->str, "user unknown");
    assert_string_equal (((struct draft *)drafts->pdata[1])->text->str, "mailbox full");
    notice_clear (&notice);
    mail_free (mail);
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    (void)data;
    g_free (read_as (in, "sender@example.com", 3));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].mail), 1, read_prefix, NULL);
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
        cmocka_unit_test (recipients_of_the_cases),
        cmocka_unit_test (recipients_are_bounded),
        cmocka_unit_test (status_drafts_get_their_words),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
