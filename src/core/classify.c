/* Gathering the evidence on one recipient.
 */
#include "classify.h"

#include "address.h"
#include "evidence.h"
#include "format.h"
#include "hosts.h"
#include "smtpreply.h"
#include "text.h"

#define DETAIL_BYTES 4096

/* One recipient's texts in normalised form: the diagnostic, then what the notification says of it,
 * each a range of the same text. Where there's no Diagnostic-Code the notification's is it. */
struct weighing {
    const struct classify_input *in;
    const struct draft *draft;
    struct normal_text normal;
    struct rule_hits hits;
    struct text_range diagnostic, inner, told;
    struct hosts hosts;
    int format;                    /* index, -1: unknown */
    struct dsn_status code_status; /* in the diagnostic */
    struct dsn_status told_status; /* in the notification's words */
    unsigned reply;
    enum dsn_stage stage;
    GArray *evidence;
};

static struct dsn_bytes
slice (const struct weighing *w, struct text_range range)
{
    return dsn_bytes_sub ((struct dsn_bytes){ w->normal.text->str, w->normal.text->len },
                          range.start, range.end);
}

static bool
has_codes (struct dsn_bytes text)
{
    struct smtp_codes codes = smtpreply_codes (text, false);

    return codes.reply || codes.status.cls;
}

/* What stands behind the last "said:" that a code follows: the innermost reply is the truth. */
static struct text_range
inner_reply (const struct weighing *w, struct text_range range)
{
    struct text_range inner = range;
    const GArray *hits = w->hits.in_text;

    for (guint i = hits->len; i > 0; i--) {
        const struct match_hit *hit = &g_array_index (hits, struct match_hit, i - 1);
        const GArray *uses = ruleset_uses (w->in->rules, hit->phrase);

        if (hit->start < range.start || hit->end >= range.end)
            continue;
        for (guint u = 0; u < uses->len; u++) {
            const struct phrase_use *use = &g_array_index (uses, struct phrase_use, u);
            if (use->role != ROLE_PHRASES || use->index != PHRASES_SAID)
                continue;
            inner.start = hit->end;
            if (has_codes (slice (w, inner)))
                return inner;
        }
    }
    return range;
}

static void
prepare_texts (struct weighing *w)
{
    const struct draft *d = w->draft;
    const GString *first = d->diagnostic->len ? d->diagnostic : d->text;

    normal_text_init (&w->normal);
    normal_text_append (
        &w->normal, dsn_bytes_sub ((struct dsn_bytes){ first->str, first->len }, 0, DETAIL_BYTES));
    w->diagnostic = (struct text_range){ 0, (uint32_t)w->normal.text->len };
    if (first != d->text && d->text->len)
        normal_text_append (&w->normal, (struct dsn_bytes){ d->text->str, d->text->len });
    if (d->status_text->len)
        normal_text_append (&w->normal,
                            (struct dsn_bytes){ d->status_text->str, d->status_text->len });
    w->told = (struct text_range){ w->diagnostic.end, (uint32_t)w->normal.text->len };
    rule_hits_init (&w->hits, w->in->rules, &w->normal);
    w->inner = inner_reply (w, w->diagnostic);
}

/* What speaks of the only recipient may stand anywhere in the notification. */
static void
read_whole_codes (struct weighing *w)
{
    struct smtp_codes codes;

    if (w->reply && (w->code_status.cls || w->told_status.cls || w->draft->field_status.cls))
        return;
    codes = smtpreply_codes (w->in->whole_text, false);
    if (!w->reply)
        w->reply = codes.reply;
    if (!w->code_status.cls && !w->told_status.cls)
        w->told_status = codes.status;
}

static void
read_codes (struct weighing *w, bool any_class)
{
    struct smtp_codes inner = smtpreply_codes (slice (w, w->inner), any_class);
    struct smtp_codes outer = smtpreply_codes (slice (w, w->diagnostic), any_class);
    struct smtp_codes told = smtpreply_codes (slice (w, w->told), any_class);

    w->code_status = inner.status.cls ? inner.status : outer.status;
    w->told_status = told.status;
    w->reply = inner.reply ? inner.reply : outer.reply ? outer.reply : w->draft->field_reply;
    if (!w->reply)
        w->reply = told.reply;
    if (w->in->is_only)
        read_whole_codes (w);
    w->stage = smtpreply_stage (slice (w, w->inner));
    if (!w->stage)
        w->stage = smtpreply_stage (slice (w, w->diagnostic));
    if (!w->stage)
        w->stage = smtpreply_stage (slice (w, w->told));
    if (!w->stage && w->in->is_only)
        w->stage = smtpreply_stage (w->in->whole_text);
    if (!w->stage && w->in->format)
        w->stage = format_stage (w->in->format, &w->hits);
}

static void
find_hosts (struct weighing *w, struct dsn_recipient *r, struct dsn_report *report)
{
    const struct draft *d = w->draft;
    struct dsn_bytes raw = { d->diagnostic->str, d->diagnostic->len }, ip = { 0 }, said;
    struct text_range all = { 0, (uint32_t)w->normal.text->len };
    bool is_known;

    said = hosts_said (raw, &ip);
    if (!said.n)
        said = hosts_said ((struct dsn_bytes){ d->text->str, d->text->len }, &ip);
    r->remote_mta =
        dsn_report_string (report, d->remote_mta ? dsn_bytes_str (d->remote_mta) : said);
    r->remote_ip = dsn_report_string (report, ip);
    is_known = hosts_add_host (&w->hosts, w->in->rules, said) |
               hosts_add_host (&w->hosts, w->in->rules, dsn_bytes_str (d->remote_mta));
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
status_fits (const GArray *ranges, struct dsn_status s)
{
    for (guint i = 0; i < ranges->len; i++) {
        const struct rule_status_range *c = &g_array_index (ranges, struct rule_status_range, i);
        if (s.cls && (!c->cls || c->cls == s.cls) &&
            (c->subject < 0 || c->subject == (int)s.subject) &&
            (c->detail_first < 0 ||
             ((int)s.detail >= c->detail_first && (int)s.detail <= c->detail_last)))
            return true;
    }
    return false;
}

static bool
reply_fits (const GArray *ranges, unsigned reply)
{
    for (guint i = 0; i < ranges->len; i++) {
        const struct rule_reply_range *c = &g_array_index (ranges, struct rule_reply_range, i);
        if (reply >= c->first && reply <= c->last)
            return true;
    }
    return false;
}

static bool
provider_fits (const struct weighing *w, const struct rule *rule)
{
    for (guint i = 0; i < rule->providers->len; i++)
        if (hosts_have (&w->hosts, g_array_index (rule->providers, unsigned, i)))
            return true;
    return rule->providers->len == 0;
}

static bool
format_fits (const struct weighing *w, const struct rule *rule)
{
    for (guint i = 0; i < rule->formats->len; i++)
        if ((int)g_array_index (rule->formats, unsigned, i) == w->format)
            return true;
    return rule->formats->len == 0;
}

/* All conditions of the rule but its texts. */
static bool
conditions_hold (const struct weighing *w, const struct rule *rule)
{
    if (rule->is_off || !provider_fits (w, rule) || !format_fits (w, rule))
        return false;
    if (rule->stages && !(w->stage && rule->stages & 1u << w->stage))
        return false;
    if (rule->replies->len && !reply_fits (rule->replies, w->reply))
        return false;
    return !rule->statuses->len || status_fits (rule->statuses, w->code_status) ||
           status_fits (rule->statuses, w->draft->field_status) ||
           status_fits (rule->statuses, w->told_status);
}

/* Before RCPT the sender or its host is judged: words about a recipient are about something else.
 */
static unsigned
stage_penalty (const struct weighing *w, unsigned category)
{
    enum dsn_fault fault = dsn_category_get (category)->fault;
    bool is_early = w->stage >= DSN_STAGE_CONNECT && w->stage <= DSN_STAGE_MAIL;

    return is_early && (fault == DSN_FAULT_RECIPIENT || fault == DSN_FAULT_DOMAIN) ? PENALTY_STAGE
                                                                                   : 0;
}

static void
add_rule (struct weighing *w, const struct rule *rule, unsigned penalty, unsigned matched,
          const char *place)
{
    struct evidence e;

    penalty += rule->stages ? 0 : stage_penalty (w, rule->category);
    e = (struct evidence){ .category = rule->category,
                           .cls = rule->cls,
                           .advice = rule->advice,
                           .weight = rule->weight > penalty ? rule->weight - penalty : 0,
                           .matched_bytes = matched,
                           .order = rule->order,
                           .place = place };

    evidence_add (w->evidence, rule->id, e);
}

/* Tries the rules whose phrases occur, in the nearest of the ranges first. */
static void
weigh_own_text (struct weighing *w)
{
    struct {
        struct text_range range;
        unsigned penalty;
        const char *place;
    } places[] = {
        { w->inner, 0, "innermost reply" },
        { w->diagnostic, PENALTY_OUTER, "diagnostic" },
        { w->told, PENALTY_OUTER, "notification" },
    };
    g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (unsigned));

    ruleset_candidates (w->in->rules, &w->hits, candidates);
    for (guint i = 0; i < candidates->len; i++) {
        const struct rule *rule =
            w->in->rules->rules->pdata[g_array_index (candidates, unsigned, i)];
        unsigned matched = 0;

        if (rule->scope == RULE_SCOPE_NOTIFICATION || !conditions_hold (w, rule))
            continue;
        for (size_t k = 0; k < G_N_ELEMENTS (places); k++)
            if (places[k].range.start < places[k].range.end &&
                ruleset_rule_matches_text (rule, &w->hits, places[k].range, &matched)) {
                add_rule (w, rule, places[k].penalty, matched, places[k].place);
                break;
            }
    }
    for (guint i = 0; i < w->in->rules->codes_only->len; i++) {
        const struct rule *rule =
            w->in->rules->rules->pdata[g_array_index (w->in->rules->codes_only, unsigned, i)];
        unsigned matched = 0;

        if (conditions_hold (w, rule) &&
            ruleset_rule_matches_text (rule, &w->hits, w->diagnostic, &matched))
            add_rule (w, rule, 0, 0, "codes");
    }
}

/* The whole notification: weaker, since it speaks of everything. */
static void
weigh_whole (struct weighing *w)
{
    g_autoptr (GArray) candidates = NULL;
    struct text_range all = { 0, (uint32_t)w->in->whole_text.n };
    unsigned penalty = PENALTY_NOTICE + (w->in->is_only ? 0 : PENALTY_SHARED);

    if (!w->in->whole)
        return;
    candidates = g_array_new (FALSE, FALSE, sizeof (unsigned));
    ruleset_candidates (w->in->rules, w->in->whole, candidates);
    for (guint i = 0; i < candidates->len; i++) {
        const struct rule *rule =
            w->in->rules->rules->pdata[g_array_index (candidates, unsigned, i)];
        unsigned matched = 0;
        unsigned less = rule->scope == RULE_SCOPE_NOTIFICATION ? 0 : penalty;

        if (rule->scope != RULE_SCOPE_DIAGNOSTIC && conditions_hold (w, rule) &&
            ruleset_rule_matches_text (rule, w->in->whole, all, &matched))
            add_rule (w, rule, less, matched, "whole notification");
    }
}

static void
add_code (struct weighing *w, struct dsn_status s, unsigned weight, const char *place)
{
    char text[DSN_STATUS_TEXT_SIZE];
    const struct code *code;
    g_autofree char *rule = NULL;

    if (s.cls != 4 && s.cls != 5)
        return;
    if (!dsn_status_is_specific (s))
        weight = s.subject ? WEIGHT_SUBJECT : 0;
    dsn_status_format (s, text);
    code = ruleset_code (w->in->rules, text);
    if (!code)
        return;
    rule = g_strdup_printf ("code:%s", text);
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = code->category,
                                     .cls = s.cls == 4 ? DSN_CLASS_SOFT : code->cls,
                                     .weight = weight,
                                     .place = place });
}

/* A reply code alone means as much as the command that it answers. */
static void
add_reply (struct weighing *w)
{
    static const struct {
        enum dsn_stage stage;
        const char *category;
    } by_stage[] = {
        { DSN_STAGE_CONNECT, "ip_blocked" },   { DSN_STAGE_EHLO, "ip_blocked" },
        { DSN_STAGE_MAIL, "sender_rejected" }, { DSN_STAGE_STARTTLS, "tls_required" },
        { DSN_STAGE_AUTH, "security" },
    };
    unsigned weight = w->stage == DSN_STAGE_RCPT ? WEIGHT_REPLY_STAGE : WEIGHT_REPLY;
    unsigned category = 0;
    enum dsn_class cls = DSN_CLASS_NONE;
    g_autofree char *text = NULL, *rule = NULL;

    if (!w->reply)
        return;
    text = g_strdup_printf ("%u", w->reply);
    rule = g_strdup_printf ("code:%u", w->reply);
    for (size_t i = 0; i < G_N_ELEMENTS (by_stage); i++)
        if (w->stage == by_stage[i].stage) {
            category = dsn_category_lookup (dsn_bytes_str (by_stage[i].category));
            weight = WEIGHT_REPLY_STAGE;
        }
    if (!category && w->stage != DSN_STAGE_DATA && w->stage != DSN_STAGE_EOM) {
        const struct code *code = ruleset_code (w->in->rules, text);
        category = code ? code->category : 0;
        cls = code ? code->cls : DSN_CLASS_NONE;
    }
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = category,
                                     .cls = w->reply < 500 ? DSN_CLASS_SOFT : cls,
                                     .weight = weight,
                                     .place = "reply code" });
}

static void
add_blocklist (struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    struct text_range all = { 0, (uint32_t)w->normal.text->len };
    int index = hosts_blocklist (&w->hits, all);
    const struct blocklist *list;
    g_autofree char *rule = NULL;

    if (index < 0)
        return;
    list = w->in->rules->blocklists->pdata[index];
    r->block_list = dsn_report_string (report, hosts_zone (slice (w, all), list->zone));
    rule = g_strdup_printf ("blocklist:%s", list->zone);
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("ip_blocked")),
                                     .weight = WEIGHT_BLOCKLIST,
                                     .place = "block list" });
}

static void
add_fallbacks (struct weighing *w, enum dsn_action action)
{
    if (action == DSN_ACTION_DELAYED)
        evidence_add (
            w->evidence, "action:delayed",
            (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("expired")),
                               .weight = WEIGHT_DELAY,
                               .place = "action" });
    if (w->draft->diagnostic_type && strcmp (w->draft->diagnostic_type, "x-unix") == 0)
        evidence_add (
            w->evidence, "type:x-unix",
            (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("mailer_error")),
                               .weight = WEIGHT_SUBJECT + 1,
                               .place = "diagnostic type" });
    evidence_add (w->evidence, "nothing",
                  (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("unknown")),
                                     .weight = WEIGHT_NOTHING,
                                     .place = "no evidence" });
}

/* A code that only wraps another or names nobody's fault. */
static bool
is_weak (struct dsn_status s)
{
    return !dsn_status_is_specific (s) || (s.subject == 4 && s.detail == 7) || s.subject == 5 ||
           (s.subject == 3 && s.detail == 0);
}

/* The most telling code: the field's, unless the reply itself says more; where their classes
 * differ, the one that agrees with the reply code. */
static void
choose_status (const struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    struct dsn_status field = w->draft->field_status, code = w->code_status, best = field;
    char text[DSN_STATUS_TEXT_SIZE];

    r->status_source = DSN_STATUS_SOURCE_FIELD;
    if (!code.cls) {
        code = w->told_status;
        r->status_source = field.cls ? DSN_STATUS_SOURCE_FIELD : DSN_STATUS_SOURCE_TEXT;
    } else if (!field.cls || (code.cls != field.cls && w->reply / 100 == code.cls) ||
               (code.cls == field.cls && !is_weak (code)) || (is_weak (field) && !is_weak (code)) ||
               (!dsn_status_is_specific (field) && dsn_status_is_specific (code)))
        r->status_source = DSN_STATUS_SOURCE_DIAGNOSTIC;
    if (code.cls &&
        (r->status_source != DSN_STATUS_SOURCE_FIELD ||
         (!w->code_status.cls && is_weak (field) && !is_weak (code) && code.cls == field.cls))) {
        best = code;
        if (r->status_source == DSN_STATUS_SOURCE_FIELD)
            r->status_source = DSN_STATUS_SOURCE_TEXT;
    }
    if (!w->draft->has_fields && w->code_status.cls)
        r->status_source = DSN_STATUS_SOURCE_TEXT;
    if (!best.cls) {
        r->status_source = DSN_STATUS_SOURCE_NONE;
        return;
    }
    dsn_status_format (best, text);
    r->status = dsn_report_string (report, dsn_bytes_str (text));
    if (field.cls && !dsn_status_equal (field, best)) {
        dsn_status_format (field, text);
        r->status_field = dsn_report_string (report, dsn_bytes_str (text));
    }
}

static void
weigh (struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    bool is_failure = r->action == DSN_ACTION_FAILED || r->action == DSN_ACTION_DELAYED;

    read_codes (w, !is_failure);
    if (w->draft->stage)
        w->stage = w->draft->stage;
    choose_status (w, report, r);
    r->reply_code = w->reply;
    r->stage = w->stage;
    if (is_failure) {
        add_blocklist (w, report, r);
        weigh_own_text (w);
        weigh_whole (w);
        add_code (w, w->code_status, WEIGHT_CODE, "code in the diagnostic");
        add_code (w, w->draft->field_status, WEIGHT_FIELD, "Status field");
        add_code (w, w->told_status, WEIGHT_FIELD - PENALTY_OUTER, "code in the notification");
        add_reply (w);
        add_fallbacks (w, r->action);
        evidence_sort (w->evidence);
        evidence_conclude (w->evidence, w->in->want_evidence, report, r);
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
