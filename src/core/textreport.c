/* Whether a mail without a status part is a report: header and prose are weighed together.
 */
#include "core/textreport.h"

#include "core/bytes/text.h"
#include "core/bytes/address.h"
#include "core/gather/original.h"
#include "core/bytes/smtpreply.h"

/* Words of at least this weight state a refusal. */
#define STRONG_WEIGHT 80

/* Whether the text states a refusal: a reply that fails, or words that a strong rule knows. */
static bool
states_refusal (const struct reading *p)
{
    g_autoptr (GArray) candidates = NULL;

    for (guint i = 0; i < p->drafts->len; i++) {
        const struct draft *d = p->drafts->pdata[i];
        struct normal_text normal;
        struct smtp_codes codes;

        normal_text_init (&normal);
        normal_text_append (&normal, text_of (d->text));
        codes = smtpreply_codes (text_of (normal.text), false);
        normal_text_clear (&normal);
        if (codes.reply || codes.status.cls)
            return true;
    }
    if (smtpreply_codes (text_of (p->notice.whole.text), false).reply)
        return true;
    candidates = g_array_new (FALSE, FALSE, sizeof (struct rule_candidate));
    ruleset_candidates (p->rules, &p->notice.whole_hits, candidates);
    for (guint i = 0; i < candidates->len; i++) {
        unsigned index = g_array_index (candidates, struct rule_candidate, i).rule;
        if (((const struct rule *)p->rules->rules->pdata[index])->weight >= STRONG_WEIGHT)
            return true;
    }
    return false;
}

/* Whether anything but words says that no person wrote this. */
static bool
is_marked (const struct reading *p)
{
    const struct kind_signs *s = &p->signs;

    return p->format || s->is_from_system || s->is_null_sender || s->has_failed_field ||
           s->is_report_type;
}

/* Whether the mail names nobody but the one it was sent to, returns no mail and quotes no reply:
 * somebody writes to us about our own mailbox, honestly or not. */
static bool
is_about_addressee (const struct reading *p)
{
    g_autoptr (GString) addressee = gather_addressee (p);

    if (p->notice.original.n || reading_part (p->message, PART_MESSAGE) ||
        reading_part (p->message, PART_HEADERS) || p->signs.has_failed_field ||
        smtpreply_codes (text_of (p->notice.whole.text), false).reply)
        return false;
    for (guint i = 0; i < p->drafts->len; i++)
        if (!address_equal (draft_address (p->drafts->pdata[i]), text_of (addressee)))
            return false;
    return p->drafts->len > 0;
}

/* A mail without a status part is a report if its header and its text together say so: from a
 * header that says nothing the text must say everything. */
bool
textreport_is (const struct reading *p, enum freetext_tier tier)
{
    const struct kind_signs *s = &p->signs;
    unsigned header = kind_report_score (s), body = 0;

    body += tier <= TIER_NAMED ? 2 : tier <= TIER_DIALOGUE ? 1 : 0;
    body += s->says_failed || s->says_delayed ? 2 : 0;
    body += states_refusal (p) ? 2 : 0;
    if (p->format)
        body += 3;
    if ((s->is_reply && !is_marked (p)) || (s->is_list && !s->is_null_sender))
        return false;
    /* the mail system's own words for it, where we know them */
    if (p->format && format_kind (p->format, &p->notice) &&
        !(s->is_auto_reply && !s->is_from_system && !s->has_failed_field))
        return true;
    if (is_about_addressee (p))
        return false;
    /* words alone: a person may write about errors, too */
    if (!is_marked (p))
        return body >= 6;
    if (s->is_auto_reply && !s->has_failed_field)
        return header >= 4 && body >= 4;
    /* a mail system's address sends other mail, such as warnings of its own */
    if (header <= 2 && !p->format)
        return body >= (s->is_from_system ? 4 : 5);
    return header >= 4 ? body >= 1 : header >= 2 ? body >= 2 : header ? body >= 4 : body >= 6;
}

/* Whether a mail inside has a status part: a wrapper says less than what it wraps. */
bool
textreport_holds_report (const struct mail_message *m)
{
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        if (part->message && reading_part (part->message, PART_STATUS))
            return true;
    }
    return false;
}

/* Whether the message returned as text is a mail system's own. */
bool
textreport_quotes_report (const struct reading *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    struct mail *inside;
    bool is_report;

    if (!p->notice.original.n)
        return false;
    original_unquote (p->notice.original, text);
    inside = mail_read (text_of (text), &p->options->limits);
    is_report = kind_is_from_system (inside->message, p->rules);
    mail_free (inside);
    return is_report;
}
