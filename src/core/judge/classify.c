/* Gathering the evidence on one recipient.
 */
#include "core/judge/classify.h"

#include "core/bytes/address.h"
#include "core/judge/evidence.h"
#include "core/bytes/text.h"
#include "core/judge/weighing.h"

#define DETAIL_BYTES 4096

/* Where a rule was found to hold. */
enum place { PLACE_INNER, PLACE_DIAGNOSTIC, PLACE_TOLD, PLACE_CODES, PLACE_WHOLE };

static const char *const place_names[] = {
    [PLACE_INNER] = "innermost reply",    [PLACE_DIAGNOSTIC] = "diagnostic",
    [PLACE_TOLD] = "notification",        [PLACE_CODES] = "codes",
    [PLACE_WHOLE] = "whole notification",
};

static void
prepare_texts (struct weighing *w)
{
    const struct draft *d = w->draft;
    const GString *first = d->diagnostic->len ? d->diagnostic : d->text;

    normal_text_init (&w->normal);
    if (first == d->text)
        draft_append_normal (d, &w->normal);
    else
        normal_text_append (&w->normal, dsn_bytes_sub (text_of (first), 0, DETAIL_BYTES));
    w->diagnostic = (struct text_range){ 0, (uint32_t)w->normal.text->len };
    if (first != d->text && d->text->len)
        draft_append_normal (d, &w->normal);
    if (d->status_text->len)
        normal_text_append (&w->normal, text_of (d->status_text));
    w->told = (struct text_range){ w->diagnostic.end, (uint32_t)w->normal.text->len };
    rule_hits_init (&w->hits, w->in->rules, &w->normal);
}

static void
find_hosts (struct weighing *w, struct dsn_recipient *r, struct dsn_report *report)
{
    const struct draft *d = w->draft;
    struct dsn_bytes raw = text_of (d->diagnostic), ip = { 0 }, said;
    struct text_range all = { 0, (uint32_t)w->normal.text->len };
    bool is_known;

    said = hosts_said (raw, &ip);
    if (!said.n)
        said = hosts_said (text_of (d->text), &ip);
    r->remote_mta =
        dsn_report_string (report, d->remote_mta ? dsn_bytes_str (d->remote_mta) : said);
    r->remote_ip = dsn_report_string (report, ip);
    is_known = hosts_add_host (&w->hosts, w->in->rules, said);
    if (hosts_add_host (&w->hosts, w->in->rules, dsn_bytes_str (d->remote_mta)))
        is_known = true;
    hosts_add_seen (&w->hosts, &w->hits, all);
    if (!is_known && !w->hosts.n)
        is_known = hosts_add_domain (&w->hosts, w->in->rules, draft_address (d));
    if (!is_known && !w->hosts.n && !said.n && !d->remote_mta)
        (void)hosts_add_host (&w->hosts, w->in->rules, dsn_bytes_str (w->in->reporting_mta));
    if (w->hosts.n) {
        const struct provider *p = w->in->rules->providers->pdata[w->hosts.providers[0]];
        r->provider = dsn_report_string (report, dsn_bytes_str (p->id));
    }
}

static bool
is_hard (const struct rule *rule)
{
    return (rule->cls ? rule->cls : dsn_category_get (rule->category)->cls) == DSN_CLASS_HARD;
}

/* What a rule's verdict loses by the reply that it's about: words about a recipient where none was
 * named yet are about something else, and a reply that only puts off doesn't give up. */
static unsigned
reply_penalty (const struct weighing *w, const struct rule *rule)
{
    enum dsn_fault fault = dsn_category_get (rule->category)->fault;
    bool is_recipients = fault == DSN_FAULT_RECIPIENT || fault == DSN_FAULT_DOMAIN;

    return (weighing_is_early (w) && is_recipients && !rule->stages ? PENALTY_STAGE : 0) +
           (w->is_temporary && is_hard (rule) ? PENALTY_TEMPORARY : 0);
}

/* The weight of a rule's verdict at @place. Beside a code that is given for many reasons words that
 * aren't sure don't give an address up, nor do words that stand elsewhere say more. */
static unsigned
weight_at (const struct weighing *w, const struct rule *rule, unsigned penalty, enum place place)
{
    unsigned weight;

    penalty += reply_penalty (w, rule);
    weight = rule->weight > penalty ? rule->weight - penalty : 0;
    if (w->has_weak_code && weight < WEIGHT_CODE &&
        (is_hard (rule) || place == PLACE_TOLD || place == PLACE_WHOLE))
        weight = MIN (weight, WEIGHT_CODE_WEAK - 1);
    return weight;
}

static void
add_rule (struct weighing *w, const struct rule *rule, unsigned penalty, unsigned matched,
          enum place place)
{
    unsigned category = rule->stages ? rule->category : weighing_staged (w, rule->category);
    bool is_as_said = category == rule->category;
    struct evidence e = { .category = category,
                          .cls =
                              is_as_said ? weighing_class (w, category, rule->cls) : DSN_CLASS_NONE,
                          .advice = is_as_said ? rule->advice : DSN_ADVICE_NONE,
                          .weight = weight_at (w, rule, penalty, place),
                          .matched_bytes = matched,
                          .order = rule->order,
                          .is_rule = true,
                          .is_own = rule->is_local || rule->providers->len,
                          .place = place_names[place] };

    evidence_add (w->evidence, rule->id, e);
    if (e.category && e.weight <= 100)
        w->best = MAX (w->best, e.weight);
}

/* Whether a rule that loses @penalty can't win any more: only the trail would show it. */
static bool
is_beaten (const struct weighing *w, const struct rule *rule, unsigned penalty)
{
    return !w->in->want_evidence && rule->weight < w->best + penalty;
}

/* Tries the rules whose phrases occur, in the nearest of the ranges first. */
static void
weigh_own_text (struct weighing *w)
{
    struct {
        struct text_range range;
        unsigned penalty;
        enum place place;
    } places[] = {
        { w->inner, 0, PLACE_INNER },
        { w->diagnostic, PENALTY_OUTER, PLACE_DIAGNOSTIC },
        { w->told, PENALTY_TOLD, PLACE_TOLD },
    };
    g_autoptr (GArray) candidates =
        g_array_sized_new (FALSE, FALSE, sizeof (struct rule_candidate), 32);

    ruleset_candidates (w->in->rules, &w->hits, candidates);
    for (guint i = 0, n; i < candidates->len; i += n) {
        const struct rule_candidate *c = &g_array_index (candidates, struct rule_candidate, i);
        const struct rule *rule = w->in->rules->rules->pdata[c->rule];
        unsigned matched = 0;

        n = ruleset_candidates_of_rule (candidates, i);

        if (rule->scope == RULE_SCOPE_NOTIFICATION || is_beaten (w, rule, 0) ||
            !weighing_rule_fits (w, rule))
            continue;
        for (size_t k = 0; k < G_N_ELEMENTS (places); k++)
            if (places[k].range.start < places[k].range.end &&
                ruleset_rule_matches_text (rule, c, n, &w->hits, places[k].range, &matched)) {
                add_rule (w, rule, places[k].penalty, matched, places[k].place);
                break;
            }
    }
    for (guint i = 0; i < w->in->rules->index->codes_only->len; i++) {
        const struct rule *rule =
            w->in->rules->rules
                ->pdata[g_array_index (w->in->rules->index->codes_only, unsigned, i)];
        unsigned matched = 0;

        if (weighing_rule_fits (w, rule) &&
            ruleset_rule_matches_text (rule, NULL, 0, &w->hits, w->diagnostic, &matched))
            add_rule (w, rule, 0, 0, PLACE_CODES);
    }
}

/* The whole notification: weaker, since it speaks of everything. */
static void
weigh_whole (struct weighing *w)
{
    const GArray *candidates = w->in->candidates;
    struct text_range all = { 0, (uint32_t)w->in->whole_text.n };
    unsigned penalty = PENALTY_NOTICE + (w->in->is_only ? 0 : PENALTY_SHARED);

    if (!w->in->whole)
        return;
    for (guint i = 0, n; i < candidates->len; i += n) {
        const struct rule_candidate *c = &g_array_index (candidates, struct rule_candidate, i);
        const struct rule *rule = w->in->rules->rules->pdata[c->rule];
        unsigned matched = 0;
        unsigned less = rule->scope == RULE_SCOPE_NOTIFICATION ? 0 : penalty;

        n = ruleset_candidates_of_rule (candidates, i);
        if (rule->scope != RULE_SCOPE_DIAGNOSTIC && !is_beaten (w, rule, less) &&
            weighing_rule_fits (w, rule) &&
            ruleset_rule_matches_text (rule, c, n, w->in->whole, all, &matched))
            add_rule (w, rule, less, matched, PLACE_WHOLE);
    }
}

/* The site's policy for the verdict that has won. */
static const struct policy *
policy_of (const struct weighing *w)
{
    return ruleset_policy (w->in->rules, g_array_index (w->evidence, struct evidence, 0).category);
}

static void
weigh (struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    bool is_failure = r->action == DSN_ACTION_FAILED || r->action == DSN_ACTION_DELAYED;

    codes_read (w, !is_failure);
    if (w->draft->stage)
        w->stage = w->draft->stage;
    w->has_weak_code = weighing_has_weak_code (w);
    codes_choose (w, report, r);
    r->reply_code = w->reply;
    r->stage = w->stage;
    if (is_failure) {
        weighing_add_blocklist (w, report, r);
        weigh_own_text (w);
        weigh_whole (w);
        weighing_add_code (w, w->code_status, WEIGHT_CODE, r->action, "code in the diagnostic");
        weighing_add_code (w, w->draft->field_status, WEIGHT_FIELD, r->action, "Status field");
        weighing_add_code (w, w->told_status, WEIGHT_FIELD - PENALTY_OUTER, r->action,
                           "code in the notification");
        weighing_add_reply (w);
        weighing_add_fallbacks (w, r->action);
        weighing_add_words (w, report);
        evidence_sort (w->evidence);
        evidence_conclude (w->evidence, policy_of (w), w->in->want_evidence, report, r);
    } else {
        r->cls = DSN_CLASS_NEITHER;
        r->advice = DSN_ADVICE_NOTHING;
    }
}

static void
weighing_clear (struct weighing *w)
{
    g_array_unref (w->evidence);
    rule_hits_clear (&w->hits);
    normal_text_clear (&w->normal);
}

void
classify (const struct classify_input *in, const struct draft *draft, struct dsn_report *report,
          struct dsn_recipient *r)
{
    struct weighing w = { .in = in, .draft = draft, .format = -1, .evidence = evidence_new () };
    guint index = 0;

    if (in->format && g_ptr_array_find (in->rules->formats, in->format, &index))
        w.format = (int)index;
    prepare_texts (&w);
    find_hosts (&w, r, report);
    weigh (&w, report, r);
    weighing_clear (&w);
}

void
classify_text (const struct dsn_rules *rules, struct dsn_bytes text, int provider, int format,
               enum dsn_stage stage, bool want_evidence, struct dsn_report *report,
               struct dsn_recipient *r)
{
    struct classify_input in = { .rules = rules, .is_only = true, .want_evidence = want_evidence };
    struct weighing w = { .in = &in, .format = format, .evidence = evidence_new () };
    struct draft *draft = draft_new ();

    (void)text_append_line (draft->diagnostic, text, DETAIL_BYTES);
    draft->stage = stage;
    w.draft = draft;
    r->action = DSN_ACTION_FAILED;
    prepare_texts (&w);
    if (provider >= 0) {
        w.hosts.providers[0] = (unsigned)provider;
        w.hosts.n = 1;
    }
    find_hosts (&w, r, report);
    weigh (&w, report, r);
    weighing_clear (&w);
    draft_free (draft);
}
