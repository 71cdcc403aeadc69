/* What a report may be believed: only a token that we made proves that we sent to the recipient.
 * The daemon applies it to what a worker says, so nothing here relies on the report's own claims.
 */
#include "core/returnpath/tokenkeys.h"

#include "core/bytes/address.h"
#include "core/returnpath/returnpath.h"

#include <glib.h>
#include <string.h>

static bool
is_report (enum dsn_kind kind)
{
    return kind != DSN_KIND_NONE && kind != DSN_KIND_OTHER && kind != DSN_KIND_UNPROCESSABLE;
}

static const char *
reason_of (enum dsn_token_verdict verdict)
{
    return verdict == DSN_TOKEN_BAD       ? "token-bad"
           : verdict == DSN_TOKEN_EXPIRED ? "token-expired"
                                          : "token-absent";
}

/* Nobody is taken off a list on the word of a report that anyone could have written. */
static void
distrust (struct dsn_report *report, const char *reason)
{
    if (is_report (report->kind)) {
        report->trust = DSN_TRUST_SUSPECT;
        dsn_report_warn (report, reason);
    }
    for (size_t i = 0; i < report->n_recipients; i++)
        if (report->recipients[i].advice == DSN_ADVICE_SUPPRESS)
            report->recipients[i].advice = DSN_ADVICE_REVIEW;
}

static bool
is_about_another (const struct dsn_report *report, const char *recipient)
{
    for (size_t i = 0; report->n_recipients > 1 && i < report->n_recipients; i++)
        if (!address_equal (dsn_bytes_str (report->recipients[i].recipient),
                            dsn_bytes_str (recipient)))
            return true;
    return false;
}

/* A signed message went to one recipient: that's the one it is about, wherever it went from there.
 */
static void
believe (struct dsn_report *report, const struct dsn_token *token)
{
    report->trust = DSN_TRUST_VERIFIED;
    report->return_path.scheme = DSN_SCHEME_TOKEN;
    report->return_path.recipient = dsn_report_string (report, dsn_bytes_str (token->recipient));
    report->return_path.tag = dsn_report_string (report, dsn_bytes_str (token->tag));
    returnpath_take_recipient (report);
}

/* The addresses that a token without a recipient may be for; which one it is, its signature says.
 */
static void
collect_candidates (const struct dsn_report *report, const char *ret_candidates[5])
{
    size_t n = 0;

    if (report->n_recipients) {
        const struct dsn_recipient *r = &report->recipients[0];
        const char *const stated[] = { r->recipient, r->original_recipient, r->final_recipient };

        for (size_t i = 0; i < G_N_ELEMENTS (stated); i++)
            if (stated[i])
                ret_candidates[n++] = stated[i];
    }
    if (report->original.to)
        ret_candidates[n++] = report->original.to;
    ret_candidates[n] = NULL;
}

void
dsn_report_apply_trust (struct dsn_report *report, const struct dsn_token_keys *keys,
                        uint32_t today)
{
    const bool is_ambiguous = report->trust == DSN_TRUST_SUSPECT;
    enum dsn_token_verdict verdict;
    const char *candidates[5];
    struct dsn_token token;

    report->trust = DSN_TRUST_NONE;
    if (!keys || !keys->n) {
        if (is_report (report->kind) && report->return_path.address)
            report->trust = DSN_TRUST_UNSIGNED;
        return;
    }
    collect_candidates (report, candidates);
    verdict = dsn_token_check (keys, today, dsn_bytes_str (report->return_path.address), candidates,
                               &token);
    if (is_ambiguous)
        distrust (report, "token-several");
    else if (verdict != DSN_TOKEN_VALID)
        distrust (report, reason_of (verdict));
    else if (!is_report (report->kind) || is_about_another (report, token.recipient))
        distrust (report, "token-other-recipient");
    else
        believe (report, &token);
}
