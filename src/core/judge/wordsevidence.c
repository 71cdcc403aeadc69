/* The statistical reader's evidence: docs/words.md, "When it is asked".
 */
#include "core/judge/evidence.h"
#include "core/judge/weighing.h"
#include "core/words/wordreader.h"

/* All but the first in thousandths; fitted on lines that the weights weren't made of. */
enum {
    RULE_SURE = 90,            /* a rule of this weight knows better */
    RULE_GENERAL = 75,         /* and one of this, unless the words are quite sure */
    PROBABILITY_ALONE = 300,   /* where only codes speak ... */
    PROBABILITY_PROSE = 900,   /* ... or nothing does: any sentence has some words of a refusal */
    PROBABILITY_BESIDE = 600,  /* ... beside a weak rule ... */
    PROBABILITY_AGAINST = 900, /* ... and against a general one, which knows but a phrase */
    WEIGHT_SPECIFIC = 70,      /* of a code that says something: words must ... */
    WEIGHT_OUTWEIGHS = 60,     /* ... weigh this to say more */
    HARD_ALONE = 700,          /* an address isn't given up on less ... */
    HARD_AGREED = 600,         /* ... where a rule or a code says the same, on less than this */
};

static bool
is_hard_category (unsigned category)
{
    return dsn_category_get (category)->cls == DSN_CLASS_HARD;
}

/* The heaviest evidence that is a rule's, NULL if none is. */
static struct evidence *
best_rule (const GArray *sorted)
{
    for (guint i = 0; i < sorted->len; i++) {
        struct evidence *e = &g_array_index (sorted, struct evidence, i);
        if (e->is_rule)
            return e;
    }
    return NULL;
}

/* How probable a verdict must be to count; over 1000: it isn't asked for. Words with no code among
 * them may be a person's, a program's, or no refusal at all, whatever a Status field beside them
 * says: there a rule that knows the phrase is the better reader. */
static unsigned
least_probability (const struct weighing *w, const struct evidence *rule)
{
    bool has_code = w->reply || w->code_status.cls;

    if (!rule)
        return has_code ? PROBABILITY_ALONE : PROBABILITY_PROSE;
    if (rule->is_own || rule->weight >= RULE_SURE || !has_code)
        return UINT_MAX;
    return rule->weight >= RULE_GENERAL ? PROBABILITY_AGAINST : PROBABILITY_BESIDE;
}

/* The reader has seen the codes and all the words: where it comes to something else, they say less
 * than it; with @only_codes rules don't. */
static void
outweigh (GArray *evidence, unsigned category, unsigned weight, bool only_codes)
{
    for (guint i = 0; i < evidence->len; i++) {
        struct evidence *e = &g_array_index (evidence, struct evidence, i);
        bool is_specific = e->weight >= WEIGHT_SPECIFIC && weight < WEIGHT_OUTWEIGHS;
        if (e->category != category && e->weight >= weight && !e->is_own &&
            !(e->is_rule ? only_codes : is_specific))
            e->weight = weight - 1;
    }
}

/* Whether a rule or a code gives the address up for the same reason. */
static bool
is_agreed (const GArray *evidence, unsigned category)
{
    for (guint i = 0; i < evidence->len; i++) {
        const struct evidence *e = &g_array_index (evidence, struct evidence, i);
        if (e->category == category && e->cls != DSN_CLASS_SOFT)
            return true;
    }
    return false;
}

/* Whether a code says that it's a refusal for good. */
static bool
is_refused (const struct weighing *w)
{
    return w->reply / 100 == 5 || w->code_status.cls == 5 || w->draft->field_status.cls == 5;
}

/* A reply to the message: its recipients had been accepted. */
static bool
is_late (const struct weighing *w)
{
    return w->stage == DSN_STAGE_DATA || w->stage == DSN_STAGE_EOM;
}

/* Whether the words are enough to give the address up. Where they aren't, somebody has to look. */
static bool
is_given_up (const struct weighing *w, const struct wordreader_verdict *v, unsigned category)
{
    unsigned least = is_agreed (w->evidence, category) ? HARD_AGREED : HARD_ALONE;

    return is_refused (w) && !is_late (w) && v->hard >= least &&
           weighing_class (w, category, DSN_CLASS_NONE) == DSN_CLASS_HARD;
}

static void
add (struct weighing *w, const struct wordreader_verdict *v, unsigned category, const char *place)
{
    bool is_hard = is_given_up (w, v, category);
    bool is_unsure = !is_hard && is_hard_category (category);
    unsigned weight = v->confidence;
    g_autofree char *rule = g_strdup_printf ("words:%s", v->category);
    bool is_expired = strcmp (v->category, "expired") == 0;

    if (is_expired) /* says that the sender gave up: why lies deeper */
        weight = MIN (weight, WEIGHT_EXPIRED);
    outweigh (w->evidence, category, weight, is_expired);
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = category,
                                     .cls = is_hard ? DSN_CLASS_HARD : DSN_CLASS_SOFT,
                                     .advice = is_unsure ? DSN_ADVICE_REVIEW : DSN_ADVICE_NONE,
                                     .weight = weight,
                                     .place = place });
}

/* A weak rule that comes to the same is as sure as both are. */
static void
agree (const struct weighing *w, const struct wordreader_verdict *v, struct evidence *rule,
       const char *place)
{
    if (rule->weight >= RULE_GENERAL ||
        (is_hard_category (rule->category) && !is_given_up (w, v, rule->category)))
        return;
    rule->weight = MAX (rule->weight, v->confidence);
    rule->place = place;
    outweigh (w->evidence, rule->category, rule->weight, true);
}

/* Where the reply begins: at its code, if words around it stand before. */
static uint32_t
reply_start (const struct weighing *w)
{
    g_autofree char *code = g_strdup_printf ("%u", w->reply);
    struct dsn_bytes text = weighing_slice (w, w->inner);
    const char *end = text.p + text.n;

    for (const char *p = text.p; p && (p = memmem (p, (size_t)(end - p), code, 3)); p++)
        if ((p == text.p || !g_ascii_isalnum (p[-1])) && (p + 3 == end || !g_ascii_isalnum (p[3])))
            return w->inner.start + (uint32_t)(p - text.p);
    return w->inner.start;
}

/* What the words of the reply say; where nothing stands behind its code, those before it. */
static struct wordreader_verdict
read_reply (const struct weighing *w)
{
    struct wordreader_input in = { .text = &w->normal,
                                   .start = w->inner.start,
                                   .end = w->inner.end,
                                   .reply = w->reply,
                                   .status = w->code_status };
    struct wordreader_verdict v;

    if (w->reply)
        in.start = reply_start (w);
    v = wordreader_read (&in);
    if (v.category || in.start == w->inner.start)
        return v;
    in.start = w->inner.start;
    return wordreader_read (&in);
}

void
weighing_add_words (struct weighing *w, struct dsn_report *report)
{
    struct wordreader_verdict v;
    struct evidence *rule;
    unsigned least, category;
    g_autofree char *place = NULL;
    const char *kept;

    if (!w->in->rules->has_words)
        return;
    evidence_sort (w->evidence);
    rule = best_rule (w->evidence);
    least = least_probability (w, rule);
    if (least > 1000)
        return;
    v = read_reply (w);
    category = v.category ? dsn_category_lookup (dsn_bytes_str (v.category)) : 0;
    category = weighing_staged (w, category);
    if (v.probability < least || !category ||
        strcmp (dsn_category_get (category)->name, "unknown") == 0)
        return;
    place = g_strdup_printf ("%s%swords: %s", rule && rule->category == category ? rule->place : "",
                             rule && rule->category == category ? "; " : "", v.spoke);
    kept = dsn_report_string (report, dsn_bytes_str (place));
    if (rule && rule->category == category)
        agree (w, &v, rule, kept);
    else if (!rule || is_hard_category (rule->category) || !is_hard_category (category))
        add (w, &v, category, kept);
}
