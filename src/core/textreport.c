/* Signs in the text as it was gathered: who is named, what is refused, what is returned.
 */
#include "core/textreport.h"

#include "core/bytes/address.h"
#include "core/gather/original.h"
#include "core/bytes/smtpreply.h"
#include "core/bytes/text.h"
#include "core/gather/complaint.h"

/* Words of at least this weight state a refusal. */
#define STRONG_WEIGHT 80

/* Whether a reply or code that fails stands in what was said of a recipient, or a reply anywhere.
 */
static bool
states_code (const struct reading *p)
{
    for (guint i = 0; i < p->drafts->len; i++) {
        const struct draft *d = p->drafts->pdata[i];
        struct normal_text normal;
        struct smtp_codes codes;

        normal_text_init (&normal);
        draft_append_normal (d, &normal);
        codes = smtpreply_codes (text_of (normal.text), false);
        normal_text_clear (&normal);
        if (codes.reply || codes.status.cls)
            return true;
    }
    return smtpreply_codes (text_of (p->notice.whole.text), false).reply;
}

/* Whether words stand there that a strong rule knows. */
static bool
states_refusal (const struct reading *p)
{
    g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (struct rule_candidate));
    const struct rule_hits *hits = &p->notice.whole_hits;

    ruleset_candidates (p->rules, hits, candidates);
    for (guint i = 0; i < candidates->len; i++) {
        struct rule_candidate c = g_array_index (candidates, struct rule_candidate, i);
        const struct rule *rule = p->rules->rules->pdata[c.rule];
        const struct rule_sequence *words =
            &g_array_index (rule->texts, struct rule_sequence, c.text);

        if (rule->weight >= STRONG_WEIGHT &&
            rule_hits_has_sequence (hits, words, rule->is_raw,
                                    (struct text_range){ 0, UINT32_MAX }))
            return true;
    }
    return false;
}

/* Whether the mail names nobody but the one it was sent to, returns no mail and quotes no reply:
 * somebody writes to us about our own mailbox, honestly or not. */
static bool
is_about_addressee (const struct reading *p)
{
    g_autoptr (GString) addressee = gather_addressee (p);

    if (p->notice.original.n || reading_part (p->message, PART_MESSAGE) ||
        reading_part (p->message, PART_HEADERS) || sign_has (p->signs, SIGN_BOUNCE_FIELD) ||
        smtpreply_codes (text_of (p->notice.whole.text), false).reply)
        return false;
    for (guint i = 0; i < p->drafts->len; i++)
        if (!address_equal (draft_address (p->drafts->pdata[i]), text_of (addressee)))
            return false;
    return p->drafts->len > 0;
}

/* Whether a mail inside has a status part: a wrapper says less than what it wraps. */
static bool
holds_report (const struct mail_message *m)
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
    inside = mail_read_as (text_of (text), p->options);
    is_report = kind_is_system (header_get (inside->message->fields, "from"), p->rules);
    mail_free (inside);
    return is_report;
}

/* Whether nobody is named, and a report stands inside: then that one speaks. */
static bool
wraps_report (const struct reading *p)
{
    return !p->drafts->len && !reading_part (p->message, PART_STATUS) &&
           (holds_report (p->message) || textreport_quotes_report (p));
}

/* What the Action fields say, where there are any. */
static sign_set
action_signs (const struct reading *p)
{
    sign_set s = 0;

    for (guint i = 0; i < p->drafts->len; i++) {
        enum dsn_action action = ((const struct draft *)p->drafts->pdata[i])->action;

        s = sign_with (s, SIGN_ACTION_FAILED, action == DSN_ACTION_FAILED);
        s = sign_with (s, SIGN_ACTION_DELAYED, action == DSN_ACTION_DELAYED);
        s = sign_with (s, SIGN_ACTION_DELIVERED, action > DSN_ACTION_DELAYED);
    }
    return s;
}

sign_set
textreport_signs (const struct reading *p, enum freetext_tier tier)
{
    const struct mail_part *feedback = reading_part (p->message, PART_FEEDBACK);
    bool has_code = states_code (p);
    sign_set s = 0;

    s = sign_with (s, SIGN_FEEDBACK_TYPE, feedback && complaint_states_type (feedback, p->options));
    s |= action_signs (p);
    s = sign_with (s, SIGN_NAMES_NOBODY,
                   tier >= TIER_MENTION && !p->notice.original.n &&
                       !reading_part (p->message, PART_MESSAGE) &&
                       !reading_part (p->message, PART_HEADERS));
    s = sign_with (s, SIGN_NAMES_FAILING, tier <= TIER_NAMED);
    s = sign_with (s, SIGN_NAMES_AT_START, tier == TIER_LINE);
    s = sign_with (s, SIGN_NAMES_IN_DIALOGUE, tier == TIER_DIALOGUE);
    s = sign_with (s, SIGN_PASSED_ON, p->n_passed_on > 0);
    s = sign_with (s, SIGN_REFUSAL_CODE, has_code);
    s = sign_with (s, SIGN_REFUSAL_WORDS, !has_code && states_refusal (p));
    s = sign_with (s, SIGN_ABOUT_ADDRESSEE, is_about_addressee (p));
    return sign_with (s, SIGN_WRAPS_REPORT, wraps_report (p));
}
