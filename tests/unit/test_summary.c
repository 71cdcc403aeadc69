/* What the summary counts, and how it's shown. */
#include "cli/parse/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct tty plain = { .is_utf8 = true, .width = 80 };

/* The summary without its first line, which has the time. */
static char *
text_of (const struct summary *s)
{
    g_autoptr (GString) out = g_string_new (NULL);

    summary_append (out, s, &plain);
    return g_strdup (strchr (out->str, '\n') + 1);
}

static void
words_are_counted_most_frequent_first (void **state)
{
    struct summary *s = summary_new (0);
    g_autofree char *text = NULL;

    (void)state;
    summary_add (s, "bounce\thard\tbad_mailbox\tsuppress\tgoogle\texample.org\n"
                    "delayed\tsoft\tmailbox_full\tretry\t\texample.net\n");
    summary_add (s, "bounce\thard\tbad_domain\tsuppress\t\texample.net\n");
    summary_add (s, "other\t\t\t\t\t\tplain\n");
    summary_add_failure (s);
    text = text_of (s);
    assert_string_equal (text, "    kind     2 bounce, 1 delayed, 1 other\n"
                               "    class    2 hard, 1 soft\n"
                               "    category 1 bad_domain, 1 bad_mailbox, 1 mailbox_full\n"
                               "    advice   2 suppress, 1 retry\n"
                               "    provider 1 google\n"
                               "    domain   2 example.net, 1 example.org\n"
                               "    split    1 plain\n"
                               "1 couldn't be read\n");
    summary_free (s);
}

static void
what_is_rare_is_counted_together (void **state)
{
    struct summary *s = summary_new (0);
    g_autofree char *filler = g_strnfill (5000, 'x');
    g_autofree char *long_note = g_strconcat ("bounce\t\t\t\t\t", filler, "\n", NULL);
    g_autofree char *text = NULL;

    (void)state;
    for (unsigned i = 0; i < 14; i++) {
        g_autofree char *note = g_strdup_printf ("bounce\t\t\t\t\t%u\x1b.example\n", i);
        summary_add (s, note);
    }
    summary_add (s, long_note);
    text = text_of (s);
    assert_non_null (strstr (text, ", 5 others\n"));
    assert_null (strchr (text, '\033'));
    summary_free (s);
}

static void
notes_are_made_of_reports (void **state)
{
    struct dsn_report *report = dsn_report_new ();
    g_autoptr (GString) none = g_string_new (NULL), some = g_string_new (NULL);
    struct dsn_recipient *r;

    (void)state;
    report->kind = DSN_KIND_OTHER;
    summary_append_note (none, report);
    assert_string_equal (none->str, "other\t\t\t\t\t\tplain\n");
    report->kind = DSN_KIND_BOUNCE;
    report->split = DSN_SPLIT_DIFFERENT;
    r = dsn_report_add_recipient (report);
    r->recipient = "user@Example.ORG";
    r->cls = DSN_CLASS_HARD;
    r->category = dsn_category_lookup (dsn_bytes_str ("bad_mailbox"));
    r->advice = DSN_ADVICE_SUPPRESS;
    r->provider = "google";
    /* the second recipient's line doesn't count the mail once more */
    dsn_report_add_recipient (report)->action = DSN_ACTION_FAILED;
    summary_append_note (some, report);
    assert_string_equal (some->str,
                         "bounce\thard\tbad_mailbox\tsuppress\tgoogle\texample.org\tgmime\n"
                         "bounce\t\t\t\t\t\t\n");
    dsn_report_free (report);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_are_counted_most_frequent_first),
        cmocka_unit_test (what_is_rare_is_counted_together),
        cmocka_unit_test (notes_are_made_of_reports),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
