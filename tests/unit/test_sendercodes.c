/* Codes in the sense of who sends them: tokens that tell their provider, and what they don't
 * override. */
#include "core/judge/classify.h"

#include "builtinrules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct dsn_rules *rules;

static const struct {
    const char *text, *category;
    enum dsn_class cls;
    const char *provider; /* NULL: none */
} cases[] = {
    { "550 5.7.1 Refused (S3150).", "ip_blocked", DSN_CLASS_SOFT, "microsoft" },
    { "421 4.7.0 [TSS04] deferred", "bad_reputation", DSN_CLASS_SOFT, "yahoo" },
    { "550 too much this hour. IB607", "rate_limited", DSN_CLASS_SOFT, "godaddy" },
    { "550 5.2.0 refused OFR004_506", "spam_content", DSN_CLASS_SOFT, "orange" },
    { "554 see https://postmaster.comcast.net/smtp-error-codes.php#BL000010", "ip_blocked",
      DSN_CLASS_SOFT, "comcast" },
    { "450 refused SFR_IN_102", "virus", DSN_CLASS_SOFT, "sfr" },
    { "550 5.1.1 no such user OFR_416", "bad_mailbox", DSN_CLASS_HARD, "orange" },
    /* the tag of a filter that only defers */
    { "450 Recipient policy: cuda_nsu", "policy", DSN_CLASS_SOFT, "barracuda" },
    { "550 no such recipient: cuda_nsu", "bad_mailbox", DSN_CLASS_HARD, "barracuda" },
    /* nobody is listed: the receiver's resolver is refused */
    { "554 5.7.1 blocked using zen.spamhaus.org; 127.255.255.254", "remote_error", DSN_CLASS_SOFT,
      NULL },
    { "550 rejected, dbl.spamhaus.org returned 127.0.1.255", "remote_error", DSN_CLASS_SOFT, NULL },
    { "554 5.7.1 blocked using zen.spamhaus.org; 127.0.0.2", "ip_blocked", DSN_CLASS_SOFT, NULL },
    /* parts of other words and numbers are no tokens */
    { "452 4.2.2 mailbox full, ticket XS31507", "mailbox_full", DSN_CLASS_SOFT, NULL },
    { "452 4.2.2 mailbox full on mx-rp-001.example.net", "mailbox_full", DSN_CLASS_SOFT, NULL },
    { "550 5.1.1 s3150.example.net: no such user", "bad_mailbox", DSN_CLASS_HARD, NULL },
    { "552 5.3.4 size 554.30 MB exceeds the limit", "message_too_big", DSN_CLASS_SOFT, NULL },
    { "452 4.2.2 mailbox full on mx-rp-0012.example.net", "mailbox_full", DSN_CLASS_SOFT, NULL },
};

static void
tokens_tell_their_provider (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_report *report = dsn_report_new ();
        struct dsn_recipient *r = dsn_report_add_recipient (report);

        classify_text (rules, dsn_bytes_str (cases[i].text), -1, -1, DSN_STAGE_NONE, false, report,
                       r);
        if (g_strcmp0 (dsn_category_get (r->category)->name, cases[i].category) != 0 ||
            r->cls != cases[i].cls || g_strcmp0 (r->provider, cases[i].provider) != 0)
            fail_msg ("%s: %s %s by %s, provider %s", cases[i].text,
                      dsn_category_get (r->category)->name, dsn_class_names[r->cls], r->rule,
                      r->provider ? r->provider : "none");
        dsn_report_free (report);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (tokens_tell_their_provider),
    };
    int n;

    rules = builtin_rules ();
    n = cmocka_run_group_tests (tests, NULL, NULL);
    dsn_rules_free (rules);
    return n;
}
