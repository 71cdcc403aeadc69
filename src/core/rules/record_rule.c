/* The record `rule`: what a refusal means.
 */
#include "core/rules/ruleload.h"

enum { WEIGHT_DEFAULT = 85, WEIGHT_DEFAULT_AT = 95, WEIGHT_MAX = 100 };

struct rule *
ruleload_rule (struct ruleload *l, const char *id)
{
    struct rule *r = g_new0 (struct rule, 1);

    r->file = l->file;
    r->line = l->line->line;
    r->is_local = l->is_local;
    r->id = g_strdup (id);
    r->texts = g_array_new (FALSE, FALSE, sizeof (struct rule_sequence));
    r->nots = g_array_new (FALSE, FALSE, sizeof (struct rule_phrase));
    r->providers = g_array_new (FALSE, FALSE, sizeof (unsigned));
    r->formats = g_array_new (FALSE, FALSE, sizeof (unsigned));
    r->statuses = g_array_new (FALSE, FALSE, sizeof (struct rule_status_range));
    r->replies = g_array_new (FALSE, FALSE, sizeof (struct rule_reply_range));
    r->refs = g_array_new (FALSE, FALSE, sizeof (struct rule_ref));
    r->proofs = g_ptr_array_new_with_free_func (g_free);
    return ruleload_place (l, l->set->rules, rule_free, r->id, r, &r->order) ? r : NULL;
}

static void *
begin (struct ruleload *l)
{
    struct rule *r = ruleload_rule (l, l->line->words[1].text);

    return r && ruleload_check_id (l, 1) ? r : NULL;
}

static bool
read_text (struct ruleload *l, void *record)
{
    struct rule *r = record;
    struct rule_sequence s = { .n = l->line->n - 1 };
    g_autofree struct rule_phrase *phrases = g_new0 (struct rule_phrase, s.n);

    for (unsigned i = 0; i < s.n; i++) {
        if (!ruleload_phrase (l, i + 1, &phrases[i]))
            return false;
        s.n_bytes += phrases[i].n_bytes;
    }
    s.phrases = g_steal_pointer (&phrases);
    g_array_append_val (r->texts, s);
    return true;
}

static bool
read_not (struct ruleload *l, void *record)
{
    return ruleload_phrases (l, ((struct rule *)record)->nots);
}

/* Names of records that may stand further on: dsn_rules_finish() looks them up. */
static bool
read_refs (struct ruleload *l, struct rule *r, bool is_format)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        struct rule_ref ref = { NULL, is_format, l->line->line, l->line->words[i].column };
        if (!ruleload_check_id (l, i))
            return false;
        ref.name = g_strdup (l->line->words[i].text);
        g_array_append_val (r->refs, ref);
    }
    return true;
}

static bool
read_at (struct ruleload *l, void *record)
{
    ((struct rule *)record)->is_raw = true;
    return read_refs (l, record, false);
}

static bool
read_by (struct ruleload *l, void *record)
{
    return read_refs (l, record, true);
}

/* A number of 1 to 3 digits at *@p, which is moved behind it; -1: none. */
static int
read_number (const char **p)
{
    int value = 0, n = 0;

    for (; n < 3 && g_ascii_isdigit (**p); n++)
        value = value * 10 + *(*p)++ - '0';
    return n ? value : -1;
}

bool
ruleload_parse_status (const char *p, struct rule_status_range *ret)
{
    struct rule_status_range s = { 0, -1, -1, -1 };

    if (*p != '*' && *p != '2' && *p != '4' && *p != '5')
        return false;
    s.cls = *p == '*' ? 0 : (uint8_t)(*p - '0');
    if (*++p != '.')
        return false;
    p++;
    if (*p == '*')
        p++;
    else if ((s.subject = (int16_t)read_number (&p)) < 0)
        return false;
    if (*p++ != '.')
        return false;
    if (*p == '*') {
        p++;
    } else {
        s.detail_first = s.detail_last = (int16_t)read_number (&p);
        if (s.detail_first < 0)
            return false;
        if (*p == '-') {
            p++;
            s.detail_last = (int16_t)read_number (&p);
        }
    }
    *ret = s;
    return *p == '\0' && s.detail_last >= s.detail_first;
}

static bool
read_status (struct ruleload *l, void *record)
{
    struct rule_status_range s;

    for (unsigned i = 1; i < l->line->n; i++) {
        if (!ruleload_parse_status (l->line->words[i].text, &s))
            return ruleload_fail (l, i,
                                  "'%s' isn't an enhanced code: write 5.1.1, 5.7.606-649, "
                                  "*.2.2 or 4.7.*",
                                  l->line->words[i].text);
        g_array_append_val (((struct rule *)record)->statuses, s);
    }
    return true;
}

bool
ruleload_parse_reply (const char *p, struct rule_reply_range *ret)
{
    unsigned first = 0, last = 0;
    bool is_any = false;

    if (strlen (p) != 3 || *p < '2' || *p > '5')
        return false;
    for (; *p; p++) {
        bool is_x = *p == 'x' || *p == 'X';
        if (!is_x && (is_any || !g_ascii_isdigit (*p)))
            return false;
        is_any |= is_x;
        first = first * 10 + (is_x ? 0 : (unsigned)(*p - '0'));
        last = last * 10 + (is_x ? 9 : (unsigned)(*p - '0'));
    }
    *ret = (struct rule_reply_range){ (uint16_t)first, (uint16_t)last };
    return true;
}

static bool
read_reply (struct ruleload *l, void *record)
{
    struct rule_reply_range range;

    for (unsigned i = 1; i < l->line->n; i++) {
        if (!ruleload_parse_reply (l->line->words[i].text, &range))
            return ruleload_fail (l, i, "'%s' isn't a reply code: write 550, 55x or 4xx",
                                  l->line->words[i].text);
        g_array_append_val (((struct rule *)record)->replies, range);
    }
    return true;
}

static bool
read_stage (struct ruleload *l, void *record)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        unsigned stage = ruleload_name (l, i, "stage", dsn_stage_names, _DSN_STAGE_N);
        if (!stage)
            return false;
        ((struct rule *)record)->stages |= 1u << stage;
    }
    return true;
}

static bool
read_in (struct ruleload *l, void *record)
{
    static const char *const scopes[] = {
        [RULE_SCOPE_DIAGNOSTIC] = "diagnostic",
        [RULE_SCOPE_NOTIFICATION] = "notification",
    };
    unsigned scope = ruleload_name (l, 1, "place", scopes, G_N_ELEMENTS (scopes));

    ((struct rule *)record)->scope = (enum rule_scope)scope;
    return scope != 0;
}

static bool
read_raw (struct ruleload *l, void *record)
{
    (void)l;
    ((struct rule *)record)->is_raw = true;
    return true;
}

static bool
read_bare (struct ruleload *l, void *record)
{
    (void)l;
    ((struct rule *)record)->is_bare = true;
    return true;
}

static bool
read_says (struct ruleload *l, void *record)
{
    struct rule *r = record;

    return ruleload_says (l, 1, &r->category, &r->cls);
}

static bool
read_advice (struct ruleload *l, void *record)
{
    unsigned advice = ruleload_name (l, 1, "advice", dsn_advice_names, _DSN_ADVICE_N);

    ((struct rule *)record)->advice = (enum dsn_advice)advice;
    return advice != 0;
}

static bool
read_weight (struct ruleload *l, void *record)
{
    const char *p = l->line->words[1].text;
    int weight = read_number (&p);

    if (weight < 1 || weight > WEIGHT_MAX || *p)
        return ruleload_fail (l, 1, "'%s' isn't a weight: write a number from 1 to %d",
                              l->line->words[1].text, WEIGHT_MAX);
    ((struct rule *)record)->weight = (unsigned)weight;
    return true;
}

static bool
read_off (struct ruleload *l, void *record)
{
    (void)l;
    ((struct rule *)record)->is_off = true;
    return true;
}

static bool
read_proof (struct ruleload *l, void *record)
{
    return ruleload_strings (l, ((struct rule *)record)->proofs);
}

static bool
end (struct ruleload *l, void *record)
{
    struct rule *r = record;
    bool has_at = false;

    for (unsigned i = 0; i < r->refs->len; i++)
        has_at |= !g_array_index (r->refs, struct rule_ref, i).is_format;
    if (r->weight == 0)
        r->weight = has_at ? WEIGHT_DEFAULT_AT : WEIGHT_DEFAULT;
    if (r->is_off)
        return true;
    if (r->texts->len + r->statuses->len + r->replies->len == 0)
        return ruleload_fail_record (l,
                                     "rule '%s' matches nothing: add a line `text`, `status` or "
                                     "`reply`",
                                     r->id);
    if (r->category == 0)
        return ruleload_fail_record (l, "rule '%s' gives no verdict: add a line `says CATEGORY`",
                                     r->id);
    if (r->proofs->len == 0)
        return ruleload_fail_record (l,
                                     "rule '%s' has no proof: add a line `proof \"TEXT\"` with a "
                                     "refusal that it's for",
                                     r->id);
    return true;
}

static const struct rule_line_type lines[] = {
    { "text", "PHRASE...", 1, 0, false, read_text },
    { "not", "PHRASE...", 1, 0, false, read_not },
    { "at", "PROVIDER...", 1, 0, false, read_at },
    { "by", "FORMAT...", 1, 0, false, read_by },
    { "status", "CODE...", 1, 0, false, read_status },
    { "reply", "CODE...", 1, 0, false, read_reply },
    { "stage", "STAGE...", 1, 0, false, read_stage },
    { "in", "diagnostic|notification", 1, 1, true, read_in },
    { "raw", "", 0, 0, true, read_raw },
    { "bare", "", 0, 0, true, read_bare },
    { "says", "CATEGORY [hard|soft]", 1, 2, true, read_says },
    { "advice", "ADVICE", 1, 1, true, read_advice },
    { "weight", "N", 1, 1, true, read_weight },
    { "off", "", 0, 0, true, read_off },
    { "proof", "\"TEXT\"", 1, 1, false, read_proof },
};

const struct rule_record_type rule_record_rule = {
    "rule", "ID", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};
