/* Literal phrases in a text, in one pass. Each phrase is filed under one of its windows of 8 bytes
 * (4 or 3, where it has no more), one that begins with rare bytes. Per position of the text: one
 * look into a map of the windows' first 4 bytes, which fits the first-level cache, and one into a
 * map of the first 2 of the shortest; where they say so, one into a map of whole windows; where
 * that says so, one into a hash table; and only the phrases filed under just this window are
 * compared.
 */
#include "core/phrase/matcher.h"

#include "core/phrase/census.h"
#include "core/phrase/tables.h"

#include <string.h>

static const unsigned widths[MATCH_WIDTHS] = { MATCHER_MIN_BYTES, GATE_BYTES, WIDTH_MAX };

struct filed {
    uint64_t key;
    struct match_entry entry;
};

struct matcher *
matcher_new (void)
{
    struct matcher *m = g_new0 (struct matcher, 1);

    phrasebook_init (&m->book);
    for (unsigned w = 0; w < MATCH_WIDTHS; w++)
        m->tables[w].keys = g_array_new (FALSE, FALSE, sizeof (struct filed));
    return m;
}

void
matcher_free (struct matcher *m)
{
    if (!m)
        return;
    for (unsigned w = 0; w < MATCH_WIDTHS; w++) {
        g_clear_pointer (&m->tables[w].keys, g_array_unref);
        g_free (m->tables[w].slots);
        g_free (m->tables[w].entries);
        g_free (m->tables[w].map.words);
    }
    g_free (m->gate.words);
    phrasebook_clear (&m->book);
    g_free (m);
}

uint32_t
matcher_add (struct matcher *m, struct dsn_bytes phrase, bool open_start, bool open_end)
{
    g_assert (!m->is_finished && phrase.n >= MATCHER_MIN_BYTES && phrase.n <= UINT16_MAX);
    return phrasebook_add (&m->book, phrase, open_start, open_end);
}

unsigned
matcher_count (const struct matcher *m)
{
    return m->book.phrases->len;
}

/* The width of the windows that a phrase of @n bytes is filed under: an index of widths[]. */
static unsigned
width_of (uint32_t n)
{
    unsigned w = MATCH_WIDTHS - 1;

    while (n < widths[w])
        w--;
    return w;
}

/* Which of its windows a phrase is filed under: that others are filed under it too costs less than
 * a look-up more. */
static struct filed
file_phrase (const struct matcher *m, const struct census *census, guint i)
{
    const struct phrase *p = phrasebook_get (&m->book, i);
    struct dsn_bytes bytes = { phrasebook_bytes (&m->book, p), p->n };
    unsigned width = widths[width_of (p->n)];
    struct filed f = { 0, { i, 0, 0, 0 } };

    if (width >= CENSUS_BYTES)
        f.entry.offset = census_rarest (census, bytes, width);
    f.key = window_load (bytes.p + f.entry.offset, width);
    f.entry.check_at = f.entry.offset * 2 < p->n ? p->n - MATCHER_MIN_BYTES : 0;
    f.entry.check = (uint32_t)window_load (bytes.p + f.entry.check_at, MATCHER_MIN_BYTES);
    return f;
}

static void
file_phrases (struct matcher *m)
{
    g_autofree struct census *census = census_new ();

    for (guint i = 0; i < m->book.phrases->len; i++) {
        const struct phrase *p = phrasebook_get (&m->book, i);
        census_add (census, (struct dsn_bytes){ phrasebook_bytes (&m->book, p), p->n });
    }
    for (guint i = 0; i < m->book.phrases->len; i++) {
        struct filed f = file_phrase (m, census, i);
        unsigned w = width_of (phrasebook_get (&m->book, i)->n);
        g_array_append_val (m->tables[w].keys, f);
    }
}

static gint
compare_filed (gconstpointer a, gconstpointer b)
{
    const struct filed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->entry.phrase > y->entry.phrase) - (x->entry.phrase < y->entry.phrase);
}

static struct match_slot *
find_slot (const struct match_table *t, uint64_t key)
{
    uint32_t at = (uint32_t)(window_hash (key) >> 32) & t->mask;

    while (t->slots[at].n && t->slots[at].key != key)
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

static void
table_build (struct match_table *t)
{
    uint32_t size = 16;

    g_array_sort (t->keys, compare_filed);
    while (size < t->keys->len * 2)
        size *= 2;
    t->mask = size - 1;
    t->slots = g_new0 (struct match_slot, size);
    t->n_entries = t->keys->len;
    t->entries = g_new (struct match_entry, t->n_entries);
    window_map_init (&t->map, t->keys->len);
    for (guint i = 0; i < t->keys->len; i++) {
        const struct filed *f = &g_array_index (t->keys, struct filed, i);
        struct match_slot *slot = find_slot (t, f->key);
        if (slot->n == 0)
            *slot = (struct match_slot){ f->key, i, 0 };
        slot->n++;
        t->entries[i] = f->entry;
        window_map_add (&t->map, f->key);
    }
}

/* Puts the starts of all windows where a text's positions are first looked for. */
static void
gates_build (struct matcher *m)
{
    const GArray *narrow = m->tables[MATCH_NARROW].keys;

    window_map_init (&m->gate, m->tables[MATCH_MIDDLE].keys->len + m->tables[MATCH_WIDE].keys->len);
    for (unsigned w = MATCH_MIDDLE; w <= MATCH_WIDE; w++)
        for (guint i = 0; i < m->tables[w].keys->len; i++)
            window_map_add (&m->gate,
                            g_array_index (m->tables[w].keys, struct filed, i).key & UINT32_MAX);
    for (guint i = 0; i < narrow->len; i++) {
        uint64_t pair = g_array_index (narrow, struct filed, i).key & UINT16_MAX;
        m->pairs[pair / 64] |= UINT64_C (1) << pair % 64;
    }
}

void
matcher_finish (struct matcher *m)
{
    file_phrases (m);
    gates_build (m);
    for (unsigned w = 0; w < MATCH_WIDTHS; w++) {
        table_build (&m->tables[w]);
        g_clear_pointer (&m->tables[w].keys, g_array_unref);
    }
    phrasebook_close (&m->book);
    m->is_finished = true;
}

static bool
phrase_stands_at (const struct matcher *m, const struct phrase *p, struct dsn_bytes text,
                  size_t start)
{
    if (p->n > text.n - start || memcmp (text.p + start, phrasebook_bytes (&m->book, p), p->n) != 0)
        return false;
    if (!p->open_start && start > 0 && phrasebook_is_alnum (text.p[start - 1]))
        return false;
    return p->open_end || start + p->n == text.n || !phrasebook_is_alnum (text.p[start + p->n]);
}

/* The phrases filed under the window @key at @at. */
static void
look_up (const struct matcher *m, const struct match_table *t, struct dsn_bytes text, size_t at,
         uint64_t key, GArray *hits)
{
    const struct match_slot *slot = find_slot (t, key);

    for (uint32_t i = 0; i < slot->n; i++) {
        const struct match_entry *e = &t->entries[slot->first + i];
        const struct phrase *p;
        struct match_hit hit = { e->phrase, (uint32_t)(at - e->offset), 0 };
        if (e->offset > at || at - e->offset + e->check_at + MATCHER_MIN_BYTES > text.n ||
            window_load (text.p + at - e->offset + e->check_at, MATCHER_MIN_BYTES) != e->check)
            continue;
        p = phrasebook_get (&m->book, e->phrase);
        if (!phrase_stands_at (m, p, text, at - e->offset))
            continue;
        hit.end = hit.start + p->n;
        g_array_append_val (hits, hit);
    }
}

static inline void
look_at (const struct matcher *m, unsigned w, struct dsn_bytes text, size_t at, uint64_t key,
         GArray *hits)
{
    if (window_map_may_have (&m->tables[w].map, key))
        look_up (m, &m->tables[w], text, at, key, hits);
}

static void
scan (const struct matcher *m, struct dsn_bytes text, GArray *hits)
{
    size_t at = 0;

    for (; at + WIDTH_MAX <= text.n; at++) {
        uint64_t window = window_load (text.p + at, WIDTH_MAX);
        if (window_map_may_have (&m->gate, window & UINT32_MAX)) {
            look_at (m, MATCH_MIDDLE, text, at, window & UINT32_MAX, hits);
            look_at (m, MATCH_WIDE, text, at, window, hits);
        }
        if (m->pairs[(window & UINT16_MAX) / 64] >> window % 64 & 1)
            look_at (m, MATCH_NARROW, text, at, window & 0xFFFFFF, hits);
    }
    for (; at < text.n; at++)
        for (unsigned w = 0; w < MATCH_WIDTHS && at + widths[w] <= text.n; w++)
            look_up (m, &m->tables[w], text, at, window_load (text.p + at, widths[w]), hits);
}

static gint
compare_hits (gconstpointer a, gconstpointer b, gpointer data)
{
    const struct match_hit *x = a, *y = b;

    (void)data;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->phrase > y->phrase) - (x->phrase < y->phrase);
}

/* They're found nearly in order, so that putting each in its place is cheap; if it isn't, sorts. */
void
match_hits_sort (GArray *list, guint from)
{
    struct match_hit *hits;
    guint n = list->len - from;
    size_t moves = 0;

    if (n < 2) /* the array may hold nothing, not even memory */
        return;
    hits = &g_array_index (list, struct match_hit, from);
    for (guint i = 1; i < n; i++) {
        struct match_hit hit = hits[i];
        guint to = i;
        for (; to > 0 && compare_hits (&hits[to - 1], &hit, NULL) > 0; to--)
            hits[to] = hits[to - 1];
        hits[to] = hit;
        moves += i - to;
        if (moves > (size_t)n * 16) {
            g_qsort_with_data (hits, (gint)n, sizeof *hits, compare_hits, NULL);
            return;
        }
    }
}

void
matcher_run (const struct matcher *m, struct dsn_bytes text, GArray *hits)
{
    guint before = hits->len;

    g_assert (m->is_finished && text.n <= UINT32_MAX);
    scan (m, text, hits);
    match_hits_sort (hits, before);
}
