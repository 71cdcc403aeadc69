/* The notification: its lines, where the returned message begins, and which phrases occur where. */
#include "core/notice/notice.h"

#include "builtinrules.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const char rules_text[] = "phrases original-marker en\n"
                                 "    text \"this is a copy of the message\"\n"
                                 "    text \"original message\"\n"
                                 "phrases failed en\n    text \"could not be delivered\"\n"
                                 "phrases bounce-subject en\n    text \"undelivered mail\"\n";

static struct dsn_rules *rules;

struct view {
    struct mail *mail;
    struct notice notice;
};

static void
open_view (struct view *v, struct dsn_bytes in)
{
    struct dsn_limits limits = dsn_limits_default ();

    v->mail = mail_read (in, &limits);
    notice_read (&v->notice, v->mail->message, rules, &limits);
    notice_finish (&v->notice, rules);
}

static void
close_view (struct view *v)
{
    notice_clear (&v->notice);
    mail_free (v->mail);
}

#define HEAD   "From: a@example.net\nSubject: Undelivered Mail\n\n"
#define HEADER "Received: by mail.example.com\nFrom: b@example.com\nTo: c@example.net\nSubject: s\n"

static const struct {
    const char *mail;
    unsigned n_said;
    const char *original; /* how it begins; "": none */
} cases[] = {
    { HEAD "one\ntwo\n", 2, "" },
    { HEAD "one\n\n--- Original message ---\n\nbody\n", 2, "\nbody" },
    { HEAD "one\nThis is a copy of the message:\n\nFrom: b@example.com\nSubject: s\n\nbody\n", 1,
      "\nFrom: b@" },
    /* a marker in a sentence, without a header behind it */
    { HEAD "your original message was refused\nbecause\n", 2, "" },
    /* a header without a marker */
    { HEAD "one\n\n" HEADER "\nbody\n", 2, "Received: by" },
    { HEAD "one\n\n> Received: by x\n> From: b@example.com\n> To: c@example.net\n> Subject: s\n", 2,
      "> Received: by" },
    { HEAD "one\n\n   Received: by x\n   From: b@example.com\n   To: c@example.net\n   Date: d\n",
      2, "   Received: by" },
    /* some fields that are shown don't end the notification */
    { HEAD "The mail\n  Subject: s\n  To: c@example.net\ncould not be delivered\n", 4, "" },
    { HEAD, 0, "" },
};

static void
returned_message_is_found (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct view v;

        open_view (&v, dsn_bytes_str (cases[i].mail));
        assert_int_equal (v.notice.n_said, cases[i].n_said);
        assert_int_equal (v.notice.original.n > 0, *cases[i].original != '\0');
        if (v.notice.original.n)
            assert_memory_equal (v.notice.original.p, cases[i].original,
                                 strlen (cases[i].original));
        close_view (&v);
    }
}

static void
lines_know_indent_and_phrases (void **state)
{
    struct view v;
    const struct notice_line *l;

    (void)state;
    open_view (&v, dsn_bytes_str (HEAD "  mail could NOT be   delivered\n\tSubject: x\nend\n"));
    assert_int_equal (v.notice.lines->len, 3);
    l = &g_array_index (v.notice.lines, struct notice_line, 0);
    assert_int_equal (l->indent, 2);
    assert_true (l->lists & PHRASES_BIT (PHRASES_FAILED));
    assert_false (l->is_quoted_header);
    l++;
    assert_int_equal (l->indent, 8);
    assert_int_equal (l->text.n, strlen ("Subject: x"));
    assert_int_equal (l->lists, 0);
    assert_true (l->is_quoted_header);
    close_view (&v);
}

/* Whether a phrase of the list occurs in the whole text from @start to @end. */
static bool
has_listed (const struct notice *n, enum phrases_name name, uint32_t start, uint32_t end)
{
    return rule_hits_lists (&n->whole_hits, (struct text_range){ start, end }) & PHRASES_BIT (name);
}

static void
only_what_speaks_is_searched (void **state)
{
    struct view v;
    uint32_t all;

    (void)state;
    open_view (&v, dsn_bytes_str (HEAD "it\n\n" HEADER "\ncould not be delivered\n"));
    all = (uint32_t)v.notice.whole.text->len;
    assert_false (has_listed (&v.notice, PHRASES_FAILED, 0, all));
    assert_true (has_listed (&v.notice, PHRASES_BOUNCE_SUBJECT, 0, v.notice.subject_end));
    assert_false (has_listed (&v.notice, PHRASES_BOUNCE_SUBJECT, v.notice.subject_end, all));
    close_view (&v);
    /* a phrase may wrap */
    open_view (&v, dsn_bytes_str (HEAD "it could not\nbe delivered\n"));
    all = (uint32_t)v.notice.whole.text->len;
    assert_true (has_listed (&v.notice, PHRASES_FAILED, v.notice.from_end, all));
    close_view (&v);
}

/* The search for a line's phrases agrees with a look at the lines themselves. */
static void
line_has_its_own_phrases_only (void **state)
{
    struct view v;
    g_autoptr (GString) mail = g_string_new (HEAD);

    (void)state;
    for (int i = 0; i < 100; i++)
        g_string_append (mail, i % 3 == 0   ? "it could not be delivered, could not be delivered\n"
                               : i % 3 == 1 ? "nothing\n"
                                            : "\n");
    open_view (&v, dsn_bytes_str (mail->str));
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal (notice_line_has_any (&v.notice, i, rules->phrases[PHRASES_FAILED]),
                          i % 3 == 0);
    close_view (&v);
}

static void
html_speaks_where_no_plain_text_does (void **state)
{
    struct view v;

    (void)state;
    open_view (&v, dsn_bytes_str (
                       "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/alternative; "
                       "boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>html</p>\n"));
    assert_non_null (strstr (v.notice.text->str, "html"));
    close_view (&v);
    open_view (&v,
               dsn_bytes_str (
                   "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/alternative; "
                   "boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>html</p>\n"));
    assert_null (strstr (v.notice.text->str, "html"));
    close_view (&v);
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    struct view v;

    (void)data;
    open_view (&v, in);
    assert_true (v.notice.n_said <= v.notice.lines->len);
    close_view (&v);
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
    rules = rules_of (rules_text);
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
        cmocka_unit_test (returned_message_is_found),
        cmocka_unit_test (lines_know_indent_and_phrases),
        cmocka_unit_test (only_what_speaks_is_searched),
        cmocka_unit_test (line_has_its_own_phrases_only),
        cmocka_unit_test (html_speaks_where_no_plain_text_does),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
