/* Literal phrases in a text, in one pass. Each phrase is filed under one of its windows of 4 bytes
 * (3, where it has no more), the rarest that it has. Per position of the text: one or two bits of a
 * map that fits the first-level cache; where both are set, one look into a hash table; and only the
 * phrases filed under just this window are compared.
 */
#include "matcher.h"

#include <string.h>

enum {
    WIDTH_MIN = MATCHER_MIN_BYTES,
    WIDTH_MAX = 4,
    MAP_BITS_LOG = 17, /* 16 KiB */
    COUNT_LOG = 18,    /* counters of the windows of all phrases, while building */
};

struct phrase {
    uint32_t at, n; /* in the arena */
    bool open_start, open_end;
};

/* A phrase, filed under the window @offset bytes into it. Its WIDTH_MIN bytes from @check_at on, as
 * far from the window as they can be, turn most others away before the phrase itself is looked at.
 */
struct entry {
    uint32_t phrase, offset;
    uint32_t check, check_at;
};

struct slot {
    uint32_t key, first, n; /* entries first..first+n; n 0: free */
};

/* All windows of one width. */
struct table {
    GArray *keys;       /* struct filed, while building */
    struct slot *slots; /* open addressing; a power of two, at most half full */
    struct entry *entries;
    uint32_t mask;
    uint64_t *map; /* of 2^MAP_BITS_LOG bits */
};

struct filed {
    uint32_t key;
    struct entry entry;
};

struct matcher {
    GByteArray *arena;
    GArray *phrases;   /* struct phrase */
    GHashTable *known; /* GBytes of flags and phrase -> id + 1; until finished */
    struct table tables[WIDTH_MAX + 1];
    bool is_finished;
};

static inline uint32_t
load_3 (const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16;
}

static inline uint32_t
load_4 (const char *p)
{
    return load_3 (p) | (uint32_t)(unsigned char)p[3] << 24;
}

static inline uint32_t
hash (uint32_t key, unsigned bits)
{
    return (key * UINT32_C (2654435769)) >> (32 - bits);
}

/* Each window has two bits of the map: what has one of them by chance seldom has the other. */
static inline uint32_t
second_bit (uint32_t key)
{
    return hash (key ^ key >> 15, MAP_BITS_LOG - 1) * 2 + 1;
}

static inline bool
is_alnum (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

struct matcher *
matcher_new (void)
{
    struct matcher *m = g_new0 (struct matcher, 1);

    m->arena = g_byte_array_new ();
    m->phrases = g_array_new (FALSE, FALSE, sizeof (struct phrase));
    m->known =
        g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    for (unsigned w = WIDTH_MIN; w <= WIDTH_MAX; w++)
        m->tables[w].keys = g_array_new (FALSE, FALSE, sizeof (struct filed));
    return m;
}

void
matcher_free (struct matcher *m)
{
    if (!m)
        return;
    for (unsigned w = WIDTH_MIN; w <= WIDTH_MAX; w++) {
        g_clear_pointer (&m->tables[w].keys, g_array_unref);
        g_free (m->tables[w].slots);
        g_free (m->tables[w].entries);
        g_free (m->tables[w].map);
    }
    g_clear_pointer (&m->known, g_hash_table_unref);
    g_byte_array_unref (m->arena);
    g_array_unref (m->phrases);
    g_free (m);
}

uint32_t
matcher_add (struct matcher *m, struct dsn_bytes phrase, bool open_start, bool open_end)
{
    struct phrase p = { m->arena->len, (uint32_t)phrase.n, open_start, open_end };
    g_autoptr (GByteArray) key = g_byte_array_new ();
    GBytes *name;
    guint8 flags;
    void *known;

    g_assert (!m->is_finished && phrase.n >= WIDTH_MIN && phrase.n <= UINT16_MAX);
    /* where there's no word there's no boundary to lift */
    p.open_start |= !is_alnum (phrase.p[0]);
    p.open_end |= !is_alnum (phrase.p[phrase.n - 1]);
    flags = (guint8)(p.open_start | p.open_end << 1);
    g_byte_array_append (key, &flags, 1);
    g_byte_array_append (key, (const guint8 *)phrase.p, (guint)phrase.n);
    name = g_byte_array_free_to_bytes (g_steal_pointer (&key));
    known = g_hash_table_lookup (m->known, name);
    if (known) {
        g_bytes_unref (name);
        return GPOINTER_TO_UINT (known) - 1;
    }
    g_byte_array_append (m->arena, (const guint8 *)phrase.p, (guint)phrase.n);
    g_array_append_val (m->phrases, p);
    g_hash_table_insert (m->known, name, GUINT_TO_POINTER (m->phrases->len));
    return m->phrases->len - 1;
}

unsigned
matcher_count (const struct matcher *m)
{
    return m->phrases->len;
}

static const char *
phrase_bytes (const struct matcher *m, const struct phrase *p)
{
    return (const char *)m->arena->data + p->at;
}

/* How often bytes, pairs and windows of 4 occur in all phrases: texts are much like them. */
struct census {
    uint32_t bytes[256];
    uint32_t pairs[256 * 256];
    uint32_t windows[1 << COUNT_LOG]; /* by hash */
};

static uint32_t
pair_at (const char *p)
{
    return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

/* (transfer full) */
static struct census *
take_census (const struct matcher *m)
{
    struct census *c = g_new0 (struct census, 1);

    for (guint i = 0; i < m->phrases->len; i++) {
        const struct phrase *p = &g_array_index (m->phrases, struct phrase, i);
        const char *bytes = phrase_bytes (m, p);
        for (uint32_t at = 0; at < p->n; at++) {
            c->bytes[(unsigned char)bytes[at]]++;
            if (at + 2 <= p->n)
                c->pairs[pair_at (bytes + at)]++;
            if (at + WIDTH_MAX <= p->n)
                c->windows[hash (load_4 (bytes + at), COUNT_LOG)]++;
        }
    }
    return c;
}

/* How often the window is to be expected in a text: as often as phrases have it, and as its pairs
 * follow each other by chance. */
static double
expectation (const struct census *c, const char *window)
{
    double chance = c->pairs[pair_at (window)];

    for (unsigned i = 1; i + 1 < WIDTH_MAX; i++)
        chance *= (double)c->pairs[pair_at (window + i)] / c->bytes[(unsigned char)window[i]];
    return chance + c->windows[hash (load_4 (window), COUNT_LOG)];
}

/* The offset of the phrase's window that a text has most seldom. That others are filed under it too
 * costs less than a look-up more. */
static uint32_t
choose_window (const struct census *c, const char *bytes, uint32_t n)
{
    double best = 0;
    uint32_t offset = 0;

    for (uint32_t at = 0; at + WIDTH_MAX <= n; at++) {
        double cost = expectation (c, bytes + at);
        if (at == 0 || cost < best) {
            best = cost;
            offset = at;
        }
    }
    return offset;
}

static void
file_phrases (struct matcher *m)
{
    g_autofree struct census *census = take_census (m);

    for (guint i = 0; i < m->phrases->len; i++) {
        const struct phrase *p = &g_array_index (m->phrases, struct phrase, i);
        const char *bytes = phrase_bytes (m, p);
        struct filed f = { 0, { i, 0, 0, 0 } };
        unsigned width = p->n < WIDTH_MAX ? WIDTH_MIN : WIDTH_MAX;
        if (width == WIDTH_MAX) {
            f.entry.offset = choose_window (census, bytes, p->n);
            f.key = load_4 (bytes + f.entry.offset);
        } else {
            f.key = load_3 (bytes);
        }
        f.entry.check_at = f.entry.offset * 2 < p->n ? p->n - WIDTH_MIN : 0;
        f.entry.check = load_3 (bytes + f.entry.check_at);
        g_array_append_val (m->tables[width].keys, f);
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

static struct slot *
find_slot (const struct table *t, uint32_t key)
{
    uint32_t at = (key * UINT32_C (2246822519)) >> 7 & t->mask;

    while (t->slots[at].n && t->slots[at].key != key)
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

static void
table_build (struct table *t)
{
    uint32_t size = 16;

    g_array_sort (t->keys, compare_filed);
    while (size < t->keys->len * 2)
        size *= 2;
    t->mask = size - 1;
    t->slots = g_new0 (struct slot, size);
    t->entries = g_new (struct entry, t->keys->len);
    t->map = g_new0 (uint64_t, ((size_t)1 << MAP_BITS_LOG) / 64);
    for (guint i = 0; i < t->keys->len; i++) {
        const struct filed *f = &g_array_index (t->keys, struct filed, i);
        struct slot *slot = find_slot (t, f->key);
        uint32_t bit = hash (f->key, MAP_BITS_LOG), other = second_bit (f->key);
        if (slot->n == 0)
            *slot = (struct slot){ f->key, i, 0 };
        slot->n++;
        t->entries[i] = f->entry;
        t->map[bit / 64] |= UINT64_C (1) << bit % 64;
        t->map[other / 64] |= UINT64_C (1) << other % 64;
    }
}

void
matcher_finish (struct matcher *m)
{
    file_phrases (m);
    for (unsigned w = WIDTH_MIN; w <= WIDTH_MAX; w++) {
        table_build (&m->tables[w]);
        g_clear_pointer (&m->tables[w].keys, g_array_unref);
    }
    g_clear_pointer (&m->known, g_hash_table_unref);
    m->is_finished = true;
}

static bool
phrase_stands_at (const struct matcher *m, const struct phrase *p, struct dsn_bytes text,
                  size_t start)
{
    if (p->n > text.n - start || memcmp (text.p + start, phrase_bytes (m, p), p->n) != 0)
        return false;
    if (!p->open_start && start > 0 && is_alnum (text.p[start - 1]))
        return false;
    return p->open_end || start + p->n == text.n || !is_alnum (text.p[start + p->n]);
}

/* The phrases filed under the window @key at @at. */
static void
look_up (const struct matcher *m, const struct table *t, struct dsn_bytes text, size_t at,
         uint32_t key, GArray *hits)
{
    const struct slot *slot = find_slot (t, key);

    for (uint32_t i = 0; i < slot->n; i++) {
        const struct entry *e = &t->entries[slot->first + i];
        const struct phrase *p;
        struct match_hit hit = { e->phrase, (uint32_t)(at - e->offset), 0 };
        if (e->offset > at || at - e->offset + e->check_at + WIDTH_MIN > text.n ||
            load_3 (text.p + at - e->offset + e->check_at) != e->check)
            continue;
        p = &g_array_index (m->phrases, struct phrase, e->phrase);
        if (!phrase_stands_at (m, p, text, at - e->offset))
            continue;
        hit.end = hit.start + p->n;
        g_array_append_val (hits, hit);
    }
}

static inline bool
may_stand (const struct table *t, uint32_t key)
{
    uint32_t bit = hash (key, MAP_BITS_LOG), other;

    if (!(t->map[bit / 64] >> bit % 64 & 1))
        return false;
    other = second_bit (key);
    return t->map[other / 64] >> other % 64 & 1;
}

static void
scan (const struct matcher *m, struct dsn_bytes text, GArray *hits)
{
    const struct table *wide = &m->tables[WIDTH_MAX], *narrow = &m->tables[WIDTH_MIN];

    size_t at = 0;

    for (; at + WIDTH_MAX <= text.n; at++) {
        uint32_t key = load_4 (text.p + at), start = key & 0xFFFFFF;
        if (may_stand (wide, key))
            look_up (m, wide, text, at, key, hits);
        if (may_stand (narrow, start))
            look_up (m, narrow, text, at, start, hits);
    }
    if (at + WIDTH_MIN <= text.n)
        look_up (m, narrow, text, at, load_3 (text.p + at), hits);
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
static void
sort_hits (struct match_hit *hits, guint n)
{
    size_t moves = 0;

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
    if (hits->len > before)
        sort_hits (&g_array_index (hits, struct match_hit, before), hits->len - before);
}
