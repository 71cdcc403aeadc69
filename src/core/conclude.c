/* Drafts to the report's recipients.
 */
#include "core/conclude.h"

#include "core/bytes/text.h"
#include "core/bytes/address.h"
#include "core/judge/classify.h"

/* As sure as a verdict can be that rests on what was said of somebody else. */
#define DOUBTED_CONFIDENCE 40
/* Addresses of one diagnostic that are compared with all recipients, of which there may be many. */
#define MAX_NAMED 4

static enum dsn_action
action_of_kind (enum dsn_kind kind)
{
    return kind == DSN_KIND_DELAYED     ? DSN_ACTION_DELAYED
           : kind == DSN_KIND_DELIVERED ? DSN_ACTION_DELIVERED
                                        : DSN_ACTION_FAILED;
}

static enum dsn_action
draft_action (const struct draft *d, enum dsn_kind kind)
{
    if (d->action)
        return d->action;
    if (d->field_status.cls == 2)
        return DSN_ACTION_DELIVERED;
    if (d->field_status.cls == 5)
        return DSN_ACTION_FAILED;
    return action_of_kind (kind);
}

static void
finish_addresses (const struct draft *d, struct dsn_report *report, struct dsn_recipient *r)
{
    struct dsn_bytes best = draft_address (d);
    /* prose that names an alias names both addresses: the failing one is where the message went */
    const GString *final = d->final->len || !d->original->len ? d->final : d->address;

    r->recipient = dsn_report_string (report, best);
    r->original_recipient = dsn_report_string (report, text_of (d->original));
    r->final_recipient = dsn_report_string (report, text_of (final));
    if (!best.n)
        return;
    if (best.p == d->original->str)
        r->recipient_source = DSN_RECIPIENT_SOURCE_ORIGINAL;
    else if (best.p == d->final->str)
        r->recipient_source = DSN_RECIPIENT_SOURCE_FINAL;
    else
        r->recipient_source = d->source ? d->source : DSN_RECIPIENT_SOURCE_TEXT;
}

/* Whether @d's diagnostic names other recipients of the report and not its own: nullmailer gives
 * all of them the first one's refusal. */
static bool
speaks_of_another (const struct reading *p, const struct draft *d)
{
    struct dsn_bytes said = text_of (d->diagnostic);
    bool is_anothers = false;
    size_t at = 0, n = 0;

    for (unsigned k = 0; k < MAX_NAMED && p->drafts->len > 1; k++) {
        struct dsn_bytes address;
        if ((at = address_find (said, at, &n)) == G_MAXSIZE)
            break;
        address = dsn_bytes_sub (said, at, at + n);
        if (draft_goes_by (d, address))
            return false;
        for (guint i = 0; i < p->drafts->len && !is_anothers; i++)
            is_anothers = draft_goes_by (p->drafts->pdata[i], address);
        at += n;
    }
    return is_anothers;
}

/* Nobody is given up on this: a person should look. */
static void
doubt (struct dsn_report *report, struct dsn_recipient *r, const char *why)
{
    dsn_report_warn (report, why);
    r->confidence = MIN (r->confidence, DOUBTED_CONFIDENCE);
    r->advice = DSN_ADVICE_REVIEW;
}

/* Why it isn't sure who the draft's recipient is; NULL if it is. */
static const char *
doubt_of (const struct draft *d)
{
    if (draft_address (d).n && !draft_is_sure (d))
        return "address-unsure";
    return d->doubt;
}

static void
finish_draft (struct reading *p, const struct draft *d, enum dsn_kind kind,
              const GArray *candidates)
{
    struct dsn_recipient *r = dsn_report_add_recipient (p->report);
    const GString *said = d->diagnostic->len ? d->diagnostic : d->text;
    struct classify_input in = {
        .rules = p->rules,
        .format = p->format,
        .whole = &p->notice.whole_hits,
        .candidates = candidates,
        .whole_text = text_of (p->notice.whole.text),
        .reporting_mta = p->report->reporting_mta,
        .is_only = p->drafts->len == 1,
        .want_evidence = p->options->want_evidence,
    };

    finish_addresses (d, p->report, r);
    r->action = draft_action (d, kind);
    r->diagnostic = dsn_report_string (p->report, text_of (said));
    r->diagnostic_type = dsn_report_string (p->report, dsn_bytes_str (d->diagnostic_type));
    r->last_attempt = dsn_report_string (p->report, dsn_bytes_str (d->last_attempt));
    r->will_retry_until = dsn_report_string (p->report, dsn_bytes_str (d->will_retry_until));
    classify (&in, d, p->report, r);
    if (doubt_of (d))
        doubt (p->report, r, doubt_of (d));
    else if (r->action == DSN_ACTION_FAILED && speaks_of_another (p, d))
        doubt (p->report, r, "diagnostic-of-another");
}

void
conclude_report (struct reading *p, enum dsn_kind kind)
{
    /* once for all recipients: a notification may name a thousand */
    g_autoptr (GArray) candidates =
        g_array_sized_new (FALSE, FALSE, sizeof (struct rule_candidate), 32);

    p->report->kind = kind;
    ruleset_candidates (p->rules, &p->notice.whole_hits, candidates);
    for (guint i = 0; i < p->drafts->len; i++)
        finish_draft (p, p->drafts->pdata[i], kind, candidates);
    if (!p->drafts->len) {
        /* a report that names nobody still says why */
        g_autoptr (GPtrArray) none = g_ptr_array_new_with_free_func (draft_free);
        struct draft *d = draft_new ();

        g_ptr_array_add (none, d);
        finish_draft (p, d, kind, candidates);
    }
}

/* Recipients of a mail that isn't about delivery: no codes, no verdict. */
void
conclude_named (struct reading *p, enum dsn_kind kind)
{
    p->report->kind = kind;
    for (guint i = 0; i < p->drafts->len; i++) {
        struct dsn_recipient *r = dsn_report_add_recipient (p->report);
        finish_addresses (p->drafts->pdata[i], p->report, r);
        r->cls = DSN_CLASS_NEITHER;
        r->advice = kind == DSN_KIND_COMPLAINT || kind == DSN_KIND_UNSUBSCRIBE ? DSN_ADVICE_SUPPRESS
                                                                               : DSN_ADVICE_NOTHING;
        if (doubt_of (p->drafts->pdata[i]))
            doubt (p->report, r, doubt_of (p->drafts->pdata[i]));
    }
}
