/* Drafts to the report's recipients.
 */
#include "core/conclude.h"

#include "core/bytes/text.h"
#include "core/bytes/address.h"
#include "core/bytes/addressline.h"
#include "core/gather/complaint.h"
#include "core/judge/classify.h"

/* As sure as a verdict can be that rests on what was said of somebody else. */
#define DOUBTED_CONFIDENCE 40
/* Addresses of one diagnostic that are looked at. */
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

/* Whether @address is a name of @d's recipient, or the same mailbox at another host. */
static bool
is_own (const struct draft *d, struct dsn_bytes address)
{
    struct dsn_bytes own = draft_address (d);
    size_t n = address.n - address_domain (address).n;

    return draft_goes_by (d, address) ||
           (own.n > n && g_ascii_strncasecmp (own.p, address.p, n) == 0);
}

/* Whether the report's own header says that @address failed: an alias's new address, which the
 * machine part doesn't name. */
static bool
is_told_failed (const struct reading *p, struct dsn_bytes address)
{
    struct addressline scan = { .line = header_get (p->message->fields, "x-failed-recipients") };
    struct addressline_found found;

    for (unsigned k = 0; k < MAX_NAMED && addressline_next (&scan, &found); k++)
        if (address_equal (found.address, address))
            return true;
    return false;
}

/* Whether @d's diagnostic names addresses in brackets, and none is its own: nullmailer gives all
 * recipients the first one's refusal, others quote what a server said of the sender. */
static bool
speaks_of_another (const struct reading *p, const struct draft *d)
{
    struct addressline scan = { .line = text_of (d->diagnostic) };
    struct addressline_found found;
    bool is_anothers = false;

    for (unsigned k = 0; k < MAX_NAMED && addressline_next (&scan, &found); k++) {
        if (is_own (d, found.address) || (p->drafts->len == 1 && is_told_failed (p, found.address)))
            return false;
        is_anothers |= found.address.p > d->diagnostic->str && found.address.p[-1] == '<';
    }
    return is_anothers;
}

/* Nobody is given up on this: a person should look. */
static void
doubt (struct dsn_report *report, struct dsn_recipient *r, const char *why)
{
    if (!why)
        return;
    dsn_report_warn (report, why);
    r->confidence = MIN (r->confidence, DOUBTED_CONFIDENCE);
    r->advice = DSN_ADVICE_REVIEW;
}

/* Why nobody is given up by what the draft says of its recipient; NULL if nothing speaks against
 * it.
 * @ours is the one whom the report was sent to. */
static const char *
doubt_of (const struct reading *p, const struct draft *d, struct dsn_bytes ours)
{
    struct dsn_bytes address = draft_address (d);

    if (address.n && !draft_is_sure (d))
        return "address-unsure";
    if (d->doubt)
        return d->doubt;
    if (address.n && address_equal (address, ours))
        return "address-of-ours";
    if (d->action == DSN_ACTION_FAILED && d->field_status.cls == 2)
        return "status-contradicts";
    return p->is_from_person          ? "from-a-person"
           : speaks_of_another (p, d) ? "diagnostic-of-another"
                                      : NULL;
}

static void
finish_draft (struct reading *p, const struct draft *d, enum dsn_kind kind,
              const GArray *candidates)
{
    struct dsn_recipient *r = dsn_report_add_recipient (p->report);
    g_autoptr (GString) told = draft_told (d);
    const GString *said = d->diagnostic->len ? d->diagnostic : told;
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
    if (r->advice == DSN_ADVICE_SUPPRESS || (draft_address (d).n && !draft_is_sure (d))) {
        g_autoptr (GString) addressee = gather_addressee (p);
        doubt (p->report, r, doubt_of (p, d, text_of (addressee)));
    }
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

static enum dsn_advice
advice_of_kind (const struct reading *p, enum dsn_kind kind)
{
    bool is_wish = kind == DSN_KIND_UNSUBSCRIBE ||
                   (kind == DSN_KIND_COMPLAINT && complaint_is_wish (p->report));

    return is_wish ? DSN_ADVICE_SUPPRESS : DSN_ADVICE_NOTHING;
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
        r->advice = advice_of_kind (p, kind);
        if (!draft_is_sure (p->drafts->pdata[i]))
            doubt (p->report, r, "address-unsure");
    }
}
