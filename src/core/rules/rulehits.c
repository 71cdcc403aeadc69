/* What the phrases of a rule set do in one text: where they occur, and whether a rule's conditions
 * on the text hold. Time depends on the hits, never on the set's size.
 */
#include "core/phrase/elide.h"
#include "core/rules/ruleset.h"

#include "core/bytes/text.h"

#include <string.h>

/* Up to so many hits are put in order one by one. */
#define FEW_HITS 64

/* By phrase; masked ones behind the others, so that either can be searched by start. */
static inline int
order_of (const struct rule_hit *x, const struct rule_hit *y)
{
    if (x->phrase != y->phrase)
        return x->phrase < y->phrase ? -1 : 1;
    if (x->is_masked != y->is_masked)
        return x->is_masked ? 1 : -1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static gint
compare_hits (gconstpointer a, gconstpointer b)
{
    return order_of (a, b);
}

static void
sort_hits (GArray *hits)
{
    struct rule_hit *h = (struct rule_hit *)hits->data;

    if (hits->len > FEW_HITS) {
        g_array_sort (hits, compare_hits);
        return;
    }
    for (guint i = 1; i < hits->len; i++) {
        struct rule_hit hit = h[i];
        guint to = i;
        for (; to > 0 && order_of (&h[to - 1], &hit) > 0; to--)
            h[to] = h[to - 1];
        h[to] = hit;
    }
}

void
rule_hits_init_taken (struct rule_hits *h, const struct dsn_rules *rules,
                      const struct normal_text *text, GArray *in_text)
{
    h->rules = rules;
    memset (h->seen, 0, sizeof h->seen);
    h->in_text = in_text;
    h->hits = g_array_sized_new (FALSE, FALSE, sizeof (struct rule_hit), in_text->len);
    for (guint i = 0; i < in_text->len; i++) {
        const struct match_hit *m = &g_array_index (in_text, struct match_hit, i);
        struct rule_hit hit = { m->phrase, m->start, m->end,
                                normal_text_is_masked (text, m->start, m->end) };
        h->seen[m->phrase % RULE_HITS_SEEN / 64] |= UINT64_C (1) << m->phrase % 64;
        g_array_append_val (h->hits, hit);
    }
    sort_hits (h->hits);
}

void
rule_hits_init (struct rule_hits *h, const struct dsn_rules *rules, const struct normal_text *text)
{
    GArray *in_text = g_array_sized_new (FALSE, FALSE, sizeof (struct match_hit), 32);

    wordings_run (rules->wordings, text_of (text->text), in_text);
    elide_run (rules->wordings, text, in_text, 0);
    rule_hits_init_taken (h, rules, text, in_text);
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
        if (order_of (&g_array_index (h->hits, struct rule_hit, mid), &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    /* one that overruns the range may be followed by a shorter one */
    for (; low < h->hits->len; low++) {
        hit = &g_array_index (h->hits, struct rule_hit, low);
        if (hit->phrase != id || hit->is_masked != is_masked || hit->start >= range.end)
            return NULL;
        if (hit->end <= range.end)
            return hit;
    }
    return NULL;
}

bool
rule_hits_find (const struct rule_hits *h, uint32_t id, bool is_raw, struct text_range range,
                struct rule_hit *ret_hit)
{
    const struct rule_hit *hit, *masked;

    if (!rule_hits_may_have (h, id))
        return false;
    hit = find (h, id, false, range);
    masked = is_raw ? find (h, id, true, range) : NULL;
    if (!hit || (masked && masked->start < hit->start))
        hit = masked;
    if (hit)
        *ret_hit = *hit;
    return hit != NULL;
}

uint32_t
rule_hits_lists (const struct rule_hits *h, struct text_range range)
{
    uint32_t lists = 0;

    for (guint i = 0; i < h->in_text->len; i++) {
        const struct match_hit *hit = &g_array_index (h->in_text, struct match_hit, i);
        if (hit->start >= range.start && hit->end <= range.end)
            lists |= ruleset_uses (h->rules, hit->phrase)->lists;
    }
    return lists;
}

bool
rule_hits_has_sequence (const struct rule_hits *h, const struct rule_sequence *seq, bool is_raw,
                        struct text_range range)
{
    struct rule_hit hit;

    /* the first occurrence leaves the most room: the others are as long or nearly so */
    for (unsigned i = 0; i < seq->n; i++) {
        if (!rule_hits_find (h, seq->phrases[i].id, is_raw, range, &hit))
            return false;
        range.start = hit.end;
    }
    return true;
}

bool
ruleset_rule_matches_text (const struct rule *rule, const struct rule_candidate *candidates,
                           unsigned n, const struct rule_hits *h, struct text_range range,
                           unsigned *ret_matched_bytes)
{
    unsigned longest = 0;
    struct rule_hit hit;

    for (unsigned i = 0; i < n; i++) {
        const struct rule_sequence *s =
            &g_array_index (rule->texts, struct rule_sequence, candidates[i].text);
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
compare_candidates (gconstpointer a, gconstpointer b)
{
    const struct rule_candidate *x = a, *y = b;

    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

void
ruleset_candidates (const struct dsn_rules *rules, const struct rule_hits *h,
                    GArray *ret_candidates)
{
    for (guint i = 0; i < h->hits->len; i++) {
        uint32_t id = g_array_index (h->hits, struct rule_hit, i).phrase;
        const struct phrase_uses *uses = ruleset_uses (rules, id);
        if (i && g_array_index (h->hits, struct rule_hit, i - 1).phrase == id)
            continue;
        for (unsigned u = 0; u < uses->n; u++) {
            const struct phrase_use *use = ruleset_use (rules, uses, u);
            struct rule_candidate c = { use->index, use->part };
            if (use->role == ROLE_RULE_FIRST)
                g_array_append_val (ret_candidates, c);
        }
    }
    /* a line has one first phrase: none comes twice */
    g_array_sort (ret_candidates, compare_candidates);
}

unsigned
ruleset_candidates_of_rule (const GArray *candidates, unsigned i)
{
    unsigned end = i + 1, rule = g_array_index (candidates, struct rule_candidate, i).rule;

    while (end < candidates->len &&
           g_array_index (candidates, struct rule_candidate, end).rule == rule)
        end++;
    return end - i;
}
