/* What the phrases of a rule set do in one text: which stand for what, where they occur, and
 * whether a rule's conditions on the text hold. Time depends on the hits, never on the set's size.
 */
#include "ruleload.h"

#include <string.h>

static void
add_use (struct dsn_rules *rules, const struct rule_phrase *p, enum phrase_role role,
         unsigned index, unsigned part)
{
    struct phrase_use use = { role, index, part };

    g_array_append_val ((GArray *)g_ptr_array_index (rules->uses, p->id), use);
}

static void
add_uses (struct dsn_rules *rules, const GArray *phrases, enum phrase_role role, unsigned index)
{
    for (guint i = 0; i < phrases->len; i++)
        add_use (rules, &g_array_index (phrases, struct rule_phrase, i), role, index, 0);
}

static void
add_rule (struct dsn_rules *rules, unsigned index)
{
    const struct rule *r = g_ptr_array_index (rules->rules, index);

    if (r->is_off)
        return;
    if (r->texts->len == 0)
        g_array_append_val (rules->codes_only, index);
    for (guint t = 0; t < r->texts->len; t++) {
        const struct rule_sequence *s = &g_array_index (r->texts, struct rule_sequence, t);
        for (unsigned i = 0; i < s->n; i++)
            add_use (rules, &s->phrases[i], i ? ROLE_RULE_LATER : ROLE_RULE_FIRST, index, t);
    }
    add_uses (rules, r->nots, ROLE_RULE_LATER, index);
}

static void
add_format (struct dsn_rules *rules, unsigned index)
{
    const struct format *f = g_ptr_array_index (rules->formats, index);
    const GArray *lists[] = { f->delayed, f->delivered, f->failed,         f->start,
                              f->end,     f->skip,      f->original_header };

    for (guint w = 0; w < f->whens->len; w++) {
        const GArray *conds = g_array_index (f->whens, GArray *, w);
        for (guint i = 0; i < conds->len; i++) {
            const struct format_cond *c = &g_array_index (conds, struct format_cond, i);
            if (c->type == COND_BODY)
                add_use (rules, &c->phrase, ROLE_FORMAT, index, 0);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (lists); i++)
        add_uses (rules, lists[i], ROLE_FORMAT, index);
    for (guint i = 0; i < f->stages->len; i++)
        add_use (rules, &g_array_index (f->stages, struct format_stage, i).phrase, ROLE_FORMAT,
                 index, 0);
}

void
ruleset_collect_uses (struct dsn_rules *rules)
{
    unsigned n = matcher_count (rules->matcher);

    for (unsigned i = 0; i < n; i++)
        g_ptr_array_add (rules->uses, g_array_new (FALSE, FALSE, sizeof (struct phrase_use)));
    for (unsigned i = 0; i < rules->rules->len; i++)
        add_rule (rules, i);
    for (unsigned i = 0; i < rules->providers->len; i++)
        add_uses (rules, ((struct provider *)g_ptr_array_index (rules->providers, i))->seen,
                  ROLE_PROVIDER, i);
    for (unsigned i = 0; i < rules->formats->len; i++)
        add_format (rules, i);
    for (unsigned i = 0; i < _PHRASES_N; i++)
        add_uses (rules, rules->phrases[i], ROLE_PHRASES, i);
    for (unsigned i = 0; i < rules->blocklists->len; i++)
        add_uses (rules, ((struct blocklist *)g_ptr_array_index (rules->blocklists, i))->seen,
                  ROLE_BLOCKLIST, i);
}

const GArray *
ruleset_uses (const struct dsn_rules *rules, uint32_t id)
{
    return g_ptr_array_index (rules->uses, id);
}

/* Masked ones behind the others, so that either can be searched by start. */
static gint
compare_hits (gconstpointer a, gconstpointer b)
{
    const struct rule_hit *x = a, *y = b;

    if (x->phrase != y->phrase)
        return x->phrase < y->phrase ? -1 : 1;
    if (x->is_masked != y->is_masked)
        return x->is_masked ? 1 : -1;
    return (x->start > y->start) - (x->start < y->start);
}

void
rule_hits_init (struct rule_hits *h, const struct dsn_rules *rules, const struct normal_text *text)
{
    h->rules = rules;
    memset (h->seen, 0, sizeof h->seen);
    h->in_text = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
    matcher_run (rules->matcher, (struct dsn_bytes){ text->text->str, text->text->len },
                 h->in_text);
    h->hits = g_array_sized_new (FALSE, FALSE, sizeof (struct rule_hit), h->in_text->len);
    for (guint i = 0; i < h->in_text->len; i++) {
        const struct match_hit *m = &g_array_index (h->in_text, struct match_hit, i);
        struct rule_hit hit = { m->phrase, m->start, m->end,
                                normal_text_is_masked (text, m->start, m->end) };
        h->seen[m->phrase % RULE_HITS_SEEN / 64] |= UINT64_C (1) << m->phrase % 64;
        g_array_append_val (h->hits, hit);
    }
    g_array_sort (h->hits, compare_hits);
}

void
rule_hits_clear (struct rule_hits *h)
{
    g_clear_pointer (&h->hits, g_array_unref);
    g_clear_pointer (&h->in_text, g_array_unref);
}

/* The first hit of the phrase, masked or not as asked, that lies in @range. */
static const struct rule_hit *
find (const struct rule_hits *h, uint32_t id, bool is_masked, struct text_range range)
{
    struct rule_hit key = { id, range.start, 0, is_masked };
    guint low = 0, high = h->hits->len;
    const struct rule_hit *hit;

    while (low < high) {
        guint mid = low + (high - low) / 2;
        if (compare_hits (&g_array_index (h->hits, struct rule_hit, mid), &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == h->hits->len)
        return NULL;
    hit = &g_array_index (h->hits, struct rule_hit, low);
    return hit->phrase == id && hit->is_masked == is_masked && hit->end <= range.end ? hit : NULL;
}

bool
rule_hits_find (const struct rule_hits *h, uint32_t id, bool is_raw, struct text_range range,
                struct rule_hit *ret_hit)
{
    const struct rule_hit *hit, *masked;

    if (!(h->seen[id % RULE_HITS_SEEN / 64] >> id % 64 & 1))
        return false;
    hit = find (h, id, false, range);
    masked = is_raw ? find (h, id, true, range) : NULL;
    if (!hit || (masked && masked->start < hit->start))
        hit = masked;
    if (hit)
        *ret_hit = *hit;
    return hit != NULL;
}

bool
rule_hits_has_sequence (const struct rule_hits *h, const struct rule_sequence *seq, bool is_raw,
                        struct text_range range)
{
    struct rule_hit hit;

    /* all occurrences of a phrase are as long, so that the first leaves the most room */
    for (unsigned i = 0; i < seq->n; i++) {
        if (!rule_hits_find (h, seq->phrases[i].id, is_raw, range, &hit))
            return false;
        range.start = hit.end;
    }
    return true;
}

bool
ruleset_rule_matches_text (const struct rule *rule, const struct rule_hits *h,
                           struct text_range range, unsigned *ret_matched_bytes)
{
    unsigned longest = 0;
    struct rule_hit hit;

    for (guint i = 0; i < rule->texts->len; i++) {
        const struct rule_sequence *s = &g_array_index (rule->texts, struct rule_sequence, i);
        if (s->n_bytes > longest && rule_hits_has_sequence (h, s, rule->is_raw, range))
            longest = s->n_bytes;
    }
    if (rule->texts->len && longest == 0)
        return false;
    for (guint i = 0; i < rule->nots->len; i++)
        if (rule_hits_find (h, g_array_index (rule->nots, struct rule_phrase, i).id, rule->is_raw,
                            range, &hit))
            return false;
    *ret_matched_bytes = longest;
    return true;
}

static gint
compare_unsigned (gconstpointer a, gconstpointer b)
{
    const unsigned *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

void
ruleset_candidates (const struct dsn_rules *rules, const struct rule_hits *h,
                    GArray *ret_rule_indexes)
{
    g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (unsigned));

    for (guint i = 0; i < h->hits->len; i++) {
        uint32_t id = g_array_index (h->hits, struct rule_hit, i).phrase;
        const GArray *uses = ruleset_uses (rules, id);
        if (i && g_array_index (h->hits, struct rule_hit, i - 1).phrase == id)
            continue;
        for (guint u = 0; u < uses->len; u++) {
            const struct phrase_use *use = &g_array_index (uses, struct phrase_use, u);
            if (use->role == ROLE_RULE_FIRST)
                g_array_append_val (all, use->index);
        }
    }
    g_array_sort (all, compare_unsigned);
    for (guint i = 0; i < all->len; i++)
        if (!i || g_array_index (all, unsigned, i) != g_array_index (all, unsigned, i - 1))
            g_array_append_val (ret_rule_indexes, g_array_index (all, unsigned, i));
}
