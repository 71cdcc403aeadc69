/* Phrases in one arena, found again by hash.
 */
#include "core/phrase/phrasebook.h"

#include "core/phrase/windowmap.h"

#include <string.h>

void
phrasebook_init (struct phrasebook *b)
{
    b->arena = g_byte_array_new ();
    b->phrases = g_array_new (FALSE, FALSE, sizeof (struct phrase));
    b->known_size = 1024;
    b->known = g_new0 (uint32_t, b->known_size);
}

void
phrasebook_close (struct phrasebook *b)
{
    g_clear_pointer (&b->known, g_free);
}

void
phrasebook_clear (struct phrasebook *b)
{
    phrasebook_close (b);
    g_byte_array_unref (b->arena);
    g_array_unref (b->phrases);
}

static uint32_t
identity_hash (struct dsn_bytes bytes, bool open_start, bool open_end)
{
    uint64_t h = bytes.n << 2 | open_start << 1 | open_end;

    for (; bytes.n >= WINDOW_MAX; bytes = dsn_bytes_sub (bytes, WINDOW_MAX, bytes.n))
        h = window_hash (h >> 29 ^ h ^ window_load (bytes.p, WINDOW_MAX));
    return (uint32_t)(window_hash (h >> 29 ^ h ^ window_load (bytes.p, (unsigned)bytes.n)) >> 32);
}

/* Where the phrase stands among the known ones, or should: 0 there if it's new. */
static uint32_t *
find_known (const struct phrasebook *b, const struct phrase *p, struct dsn_bytes bytes)
{
    uint32_t mask = b->known_size - 1;
    uint32_t at = identity_hash (bytes, p->open_start, p->open_end) & mask;

    for (; b->known[at]; at = (at + 1) & mask) {
        const struct phrase *q = phrasebook_get (b, b->known[at] - 1);
        if (q->n == p->n && q->open_start == p->open_start && q->open_end == p->open_end &&
            memcmp (phrasebook_bytes (b, q), bytes.p, bytes.n) == 0)
            break;
    }
    return &b->known[at];
}

/* Twice the room for known phrases, of which at most every second place is taken. */
static void
grow_known (struct phrasebook *b)
{
    g_free (b->known);
    b->known_size *= 2;
    b->known = g_new0 (uint32_t, b->known_size);
    for (guint i = 0; i < b->phrases->len; i++) {
        const struct phrase *p = phrasebook_get (b, i);
        *find_known (b, p, (struct dsn_bytes){ phrasebook_bytes (b, p), p->n }) = i + 1;
    }
}

uint32_t
phrasebook_add (struct phrasebook *b, struct dsn_bytes phrase, bool open_start, bool open_end)
{
    struct phrase p = { b->arena->len, (uint32_t)phrase.n, open_start, open_end };
    uint32_t *known;

    /* where there's no word there's no boundary to lift */
    p.open_start |= !phrasebook_is_alnum (phrase.p[0]);
    p.open_end |= !phrasebook_is_alnum (phrase.p[phrase.n - 1]);
    known = find_known (b, &p, phrase);
    if (*known)
        return *known - 1;
    g_byte_array_append (b->arena, (const guint8 *)phrase.p, (guint)phrase.n);
    g_array_append_val (b->phrases, p);
    *known = b->phrases->len;
    if (b->phrases->len > b->known_size / 2)
        grow_known (b);
    return b->phrases->len - 1;
}
