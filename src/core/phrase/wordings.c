/* Which phrases begin with what the matcher finds.
 */
#include "core/phrase/wordings.h"

#include "core/phrase/normal.h"
#include "core/phrase/tables.h"
#include "core/phrase/wording.h"

#include <string.h>

#define TOO_SHORT "it begins with fewer than 3 bytes of text: quote more of it"

struct known {
    uint32_t id;
    unsigned n_bytes;
};

struct wordings *
wordings_new (void)
{
    struct wordings *w = g_new0 (struct wordings, 1);

    w->matcher = matcher_new ();
    w->plain = g_array_new (FALSE, TRUE, sizeof (uint32_t));
    w->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    w->written = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
    w->beginnings = g_array_new (FALSE, FALSE, sizeof (struct beginning));
    return w;
}

void
wordings_extend (struct wordings *w, const struct wordings *base)
{
    g_assert (w->count == 0 && base->first && !base->base);
    w->base = base;
}

/* The id of its own phrase 0. */
static uint32_t
first_id (const struct wordings *w)
{
    return w->base ? w->base->count : 0;
}

void
wordings_free (struct wordings *w)
{
    if (!w)
        return;
    matcher_free (w->matcher);
    g_clear_pointer (&w->known, g_hash_table_unref);
    g_clear_pointer (&w->plain, g_array_unref);
    g_ptr_array_unref (w->written);
    g_array_unref (w->beginnings);
    g_free (w->first);
    g_free (w);
}

/* A literal phrase, as nearly all are: its id is its literal's. False if it's too short. */
static bool
add_plain (struct wordings *w, const char *phrase, bool open_start, bool open_end, uint32_t *ret_id,
           unsigned *ret_bytes)
{
    g_autofree char *normal = normal_phrase (phrase);
    struct dsn_bytes bytes = dsn_bytes_str (normal);
    struct beginning b = { 0, w->count, 0, open_end };
    uint32_t *id;

    if (bytes.n < MATCHER_MIN_BYTES)
        return false;
    b.literal = matcher_add (w->matcher, bytes, open_start, open_end);
    if (b.literal >= w->plain->len)
        g_array_set_size (w->plain, b.literal + 1);
    id = &g_array_index (w->plain, uint32_t, b.literal);
    if (!*id) {
        g_array_append_val (w->beginnings, b);
        *id = ++w->count;
    }
    *ret_id = first_id (w) + *id - 1;
    *ret_bytes = (unsigned)bytes.n;
    return true;
}

/* Files all ways to begin a phrase. False if one is too short. */
static bool
add_beginnings (struct wordings *w, GArray *pieces, bool open_start, bool open_end)
{
    const GPtrArray *literals = g_array_index (pieces, struct wording_piece, 0).literals;
    bool is_whole = pieces->len == 1;
    struct beginning b = { 0, w->count, is_whole ? 0 : w->written->len, open_end };

    for (guint i = 0; i < literals->len; i++) {
        struct dsn_bytes literal = dsn_bytes_str (literals->pdata[i]);
        if (literal.n < MATCHER_MIN_BYTES)
            return false;
        b.literal = matcher_add (w->matcher, literal, open_start, is_whole ? open_end : true);
        g_array_append_val (w->beginnings, b);
    }
    return true;
}

/* The bytes that a phrase is sure to match: each piece's shortest literal. */
static unsigned
least_bytes (const GArray *pieces)
{
    size_t n = 0;

    for (guint i = 0; i < pieces->len; i++) {
        const GPtrArray *l = g_array_index (pieces, struct wording_piece, i).literals;
        n += strlen (l->pdata[l->len - 1]);
    }
    return (unsigned)n;
}

/* A phrase with alternatives or holes. NULL: it isn't well-formed. */
static const struct known *
add_written_out (struct wordings *w, const char *phrase, bool open_start, bool open_end,
                 const char **ret_error)
{
    g_autofree char *key = g_strdup_printf ("%d%d%s", open_start, open_end, phrase);
    struct known *known = g_hash_table_lookup (w->known, key);
    GArray *pieces;

    if (known)
        return known;
    pieces = wording_parse (phrase, ret_error);
    if (!pieces)
        return NULL;
    g_ptr_array_add (w->written, pieces);
    if (!add_beginnings (w, pieces, open_start, open_end)) {
        *ret_error = TOO_SHORT;
        return NULL;
    }
    known = g_new (struct known, 1);
    *known = (struct known){ w->count++, least_bytes (pieces) };
    g_hash_table_insert (w->known, g_steal_pointer (&key), known);
    return known;
}

bool
wordings_add (struct wordings *w, const char *phrase, bool open_start, bool open_end,
              uint32_t *ret_id, unsigned *ret_bytes, const char **ret_error)
{
    const struct known *known;

    g_assert (!w->first);
    if (!strchr (phrase, '{')) {
        *ret_error = TOO_SHORT;
        return add_plain (w, phrase, open_start, open_end, ret_id, ret_bytes);
    }
    known = add_written_out (w, phrase, open_start, open_end, ret_error);
    if (!known)
        return false;
    *ret_id = first_id (w) + known->id;
    *ret_bytes = known->n_bytes;
    return true;
}

static gint
compare_beginnings (gconstpointer a, gconstpointer b)
{
    const struct beginning *x = a, *y = b;

    if (x->literal != y->literal)
        return x->literal < y->literal ? -1 : 1;
    return (x->phrase > y->phrase) - (x->phrase < y->phrase);
}

void
wordings_finish (struct wordings *w)
{
    unsigned n = matcher_count (w->matcher);
    guint at = 0;

    matcher_finish (w->matcher);
    g_array_sort (w->beginnings, compare_beginnings);
    w->first = g_new (uint32_t, n + 1);
    for (unsigned literal = 0; literal <= n; literal++) {
        while (at < w->beginnings->len &&
               g_array_index (w->beginnings, struct beginning, at).literal < literal)
            at++;
        w->first[literal] = at;
    }
    g_clear_pointer (&w->known, g_hash_table_unref);
    g_clear_pointer (&w->plain, g_array_unref);
}

unsigned
wordings_count (const struct wordings *w)
{
    return first_id (w) + w->count;
}

/* Where the phrase that begins like @b with @hit ends; 0: it isn't it. */
static size_t
end_of (const struct wordings *w, const struct beginning *b, struct dsn_bytes text,
        const struct match_hit *hit)
{
    const GArray *pieces = b->written ? w->written->pdata[b->written - 1] : NULL;
    size_t end = pieces ? wording_end (pieces, text, hit->end) : hit->end;

    if (!pieces || !end || b->open_end || end == text.n)
        return end;
    return phrasebook_is_alnum (text.p[end - 1]) && phrasebook_is_alnum (text.p[end]) ? 0 : end;
}

/* Appends the hits of its own phrases. */
static void
find_own (const struct wordings *w, struct dsn_bytes text, GArray *found, GArray *hits)
{
    uint32_t first = first_id (w);

    g_array_set_size (found, 0);
    matcher_run (w->matcher, text, found);
    for (guint i = 0; i < found->len; i++) {
        const struct match_hit *hit = &g_array_index (found, struct match_hit, i);
        for (uint32_t k = w->first[hit->phrase]; k < w->first[hit->phrase + 1]; k++) {
            const struct beginning *b = &g_array_index (w->beginnings, struct beginning, k);
            struct match_hit whole = { first + b->phrase, hit->start,
                                       (uint32_t)end_of (w, b, text, hit) };
            if (whole.end)
                g_array_append_val (hits, whole);
        }
    }
}

void
wordings_run (const struct wordings *w, struct dsn_bytes text, GArray *hits)
{
    g_autoptr (GArray) found = g_array_sized_new (FALSE, FALSE, sizeof (struct match_hit), 64);
    guint before = hits->len;

    if (w->base)
        find_own (w->base, text, found, hits);
    if (w->count)
        find_own (w, text, found, hits);
    match_hits_sort (hits, before);
}
