/* Sums of weights, their probabilities, and the words that made them.
 */
#include "core/words/wordreader.h"

#include "core/words/wordfeature.h"
#include "core/words/wordtable.h"

#include <stdlib.h>

struct reading_words {
    struct wordlist list;
    GArray *features; /* struct wordfeature; after add_up() those that the table has */
    int sums[WORDTABLE_CATEGORIES_MAX];
    unsigned n_known; /* words and parts that the table has */
};

/* The weights of the feature with this hash, NULL if it has none. */
static const struct word_weight *
look_up (uint32_t hash, unsigned *ret_n)
{
    for (unsigned at = hash & wordtable.slot_mask; wordtable.slots[at].n;
         at = (at + 1) & wordtable.slot_mask)
        if (wordtable.slots[at].hash == hash) {
            *ret_n = wordtable.slots[at].n;
            return &wordtable.weights[wordtable.slots[at].first];
        }
    return NULL;
}

static void
add_up (struct reading_words *r)
{
    struct wordfeature *features = (struct wordfeature *)(void *)r->features->data;
    unsigned norm = wordfeature_norm (r->features->len), kept = 0;

    for (guint i = 0; i < r->features->len; i++) {
        unsigned n = 0;
        const struct word_weight *w = look_up (features[i].hash, &n);
        if (!w)
            continue;
        for (unsigned k = 0; k < n; k++)
            r->sums[w[k].category] += w[k].weight;
        r->n_known += features[i].n_words > 0;
        features[kept++] = features[i];
    }
    g_array_set_size (r->features, kept);
    for (unsigned k = 0; k < wordtable.n_categories; k++)
        r->sums[k] = r->sums[k] * 256 / (int)norm + wordtable.categories[k].bias;
}

static unsigned
strongest (const struct reading_words *r)
{
    unsigned best = 0;

    for (unsigned k = 1; k < wordtable.n_categories; k++)
        if (r->sums[k] > r->sums[best])
            best = k;
    return best;
}

/* Probabilities from the sums, in thousandths. */
static void
weigh_sums (const struct reading_words *r, unsigned best, struct wordreader_verdict *v)
{
    uint32_t all = 0, hard = 0;

    for (unsigned k = 0; k < wordtable.n_categories; k++) {
        unsigned below = (unsigned)(r->sums[best] - r->sums[k]);
        uint32_t power = below < wordtable.n_powers ? wordtable.powers[below] : 0;
        all += power;
        if (wordtable.categories[k].is_hard)
            hard += power;
    }
    v->probability = wordtable.powers[0] * 1000u / all;
    v->hard = (unsigned)((uint64_t)hard * 1000 / all);
}

/* Of verdicts with this probability so many per cent were right, on lines that the weights weren't
 * made of: docs/words.md, "Confidence". Straight lines between the points. */
static unsigned
calibrate (unsigned probability)
{
    static const struct {
        unsigned probability, percent;
    } points[] = {
        { 0, 25 }, { 300, 50 }, { 500, 62 }, { 600, 74 }, { 800, 86 }, { 950, 95 }, { 1000, 99 },
    };
    size_t i = 1;

    while (points[i].probability < probability)
        i++;
    return points[i - 1].percent + (points[i].percent - points[i - 1].percent) *
                                       (probability - points[i - 1].probability) /
                                       (points[i].probability - points[i - 1].probability);
}

/* A word, or a few letters where words have no blanks between them, and what it did for the
 * verdict. */
struct spoken {
    unsigned at, n;
    int weight;
};

/* What the feature did for category @best, more than for the average of the others. */
static int
weight_for (const struct wordfeature *f, unsigned best)
{
    unsigned n = 0;
    const struct word_weight *w = look_up (f->hash, &n);
    int own = 0, others = 0;

    for (unsigned k = 0; k < n; k++)
        if (w[k].category == best)
            own = w[k].weight;
        else
            others += w[k].weight;
    return own - others / (int)wordtable.n_categories;
}

/* Puts @s among the strongest @best, unless it overlaps a stronger one. */
static void
place (struct spoken best[WORDREADER_SPOKE_MAX], struct spoken s)
{
    for (unsigned i = 0; i < WORDREADER_SPOKE_MAX; i++) {
        if (s.at >= best[i].at + best[i].n || best[i].at >= s.at + s.n)
            continue;
        if (best[i].weight >= s.weight)
            return;
        best[i] = (struct spoken){ 0 };
    }
    for (unsigned i = 0; i < WORDREADER_SPOKE_MAX; i++)
        if (s.weight > best[i].weight) {
            struct spoken weaker = best[i];
            best[i] = s;
            s = weaker;
        }
}

static int
compare_places (const void *pa, const void *pb)
{
    const struct spoken *a = pa, *b = pb;

    return a->at < b->at ? -1 : a->at > b->at;
}

/* Shares each feature's weight out to its words; CJK letters speak for themselves, and a word of
 * one or two letters for no meaning. */
static void
find_spoken (const struct reading_words *r, unsigned category,
             struct spoken best[WORDREADER_SPOKE_MAX])
{
    int by_word[WORDLIST_WORDS_MAX] = { 0 };

    for (guint i = 0; i < r->features->len; i++) {
        const struct wordfeature *f = &g_array_index (r->features, struct wordfeature, i);
        int weight = weight_for (f, category);
        if (f->n_words && r->list.words[f->word].script == WORD_CJK && f->n >= 6)
            place (best, (struct spoken){ f->at, f->n, weight });
        for (unsigned k = 0; k < f->n_words; k++)
            by_word[f->word + k] += weight / f->n_words;
    }
    for (unsigned i = 0; i < r->list.n; i++) {
        const struct word *w = &r->list.words[i];
        if (w->script != WORD_CJK && w->n > 2 && by_word[i] > 0)
            place (best, (struct spoken){ w->at, w->n, by_word[i] });
    }
}

static void
name_spoken (const struct reading_words *r, unsigned category, struct wordreader_verdict *v)
{
    struct spoken best[WORDREADER_SPOKE_MAX] = { { 0 } };
    size_t n = 0;

    find_spoken (r, category, best);
    qsort (best, WORDREADER_SPOKE_MAX, sizeof best[0], compare_places);
    for (unsigned i = 0; i < WORDREADER_SPOKE_MAX; i++) {
        if (!best[i].n || n + best[i].n + 3 > sizeof v->spoke)
            continue;
        if (n) {
            v->spoke[n++] = ',';
            v->spoke[n++] = ' ';
        }
        memcpy (v->spoke + n, r->list.text + best[i].at, best[i].n);
        n += best[i].n;
    }
    v->spoke[n] = '\0';
}

struct wordreader_verdict
wordreader_read (const struct wordreader_input *in)
{
    struct wordreader_verdict v = { 0 };
    struct reading_words r = { .features = NULL };
    g_autoptr (GArray) features =
        g_array_sized_new (FALSE, FALSE, sizeof (struct wordfeature), 512);
    unsigned best;

    r.features = features;
    wordlist_read (in->text, in->start, in->end, &r.list);
    if (!r.list.n)
        return v;
    wordfeature_collect (&r.list, in->reply, in->status, features);
    add_up (&r);
    if (!r.n_known)
        return v;
    best = strongest (&r);
    weigh_sums (&r, best, &v);
    v.category = wordtable.categories[best].name;
    v.confidence = calibrate (v.probability);
    name_spoken (&r, best, &v);
    return v;
}
