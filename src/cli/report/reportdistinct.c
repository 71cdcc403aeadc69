/* The least hashes. They come unsorted and several times; a full buffer is put in order. */
#include "cli/report/reportdistinct.h"

#include <glib.h>

struct report_distinct {
    uint64_t *hashes; /* room for twice what is kept */
    unsigned n;
    uint64_t max; /* greater hashes aren't among the least */
};

struct report_distinct *
report_distinct_new (void)
{
    struct report_distinct *d = g_new0 (struct report_distinct, 1);

    d->hashes = g_new (uint64_t, 2 * REPORT_DISTINCT_EXACT);
    d->max = UINT64_MAX;
    return d;
}

void
report_distinct_free (struct report_distinct *d)
{
    g_free (d->hashes);
    g_free (d);
}

/* FNV-1a, then the last step of MurmurHash3, so that all bits are worth the same. Who makes up
 * addresses with small hashes makes a number in a report wrong, and nothing else. */
static uint64_t
hash (const char *key)
{
    uint64_t h = UINT64_C (0xcbf29ce484222325);

    for (; *key; key++)
        h = (h ^ (unsigned char)g_ascii_tolower (*key)) * UINT64_C (0x100000001b3);
    h = (h ^ h >> 33) * UINT64_C (0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C (0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static int
compare (const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Puts the hashes in order, each once, and forgets those that aren't among the least. */
static void
settle (struct report_distinct *d)
{
    unsigned n = 0;

    qsort (d->hashes, d->n, sizeof *d->hashes, compare);
    for (unsigned i = 0; i < d->n; i++)
        if (n == 0 || d->hashes[i] != d->hashes[n - 1])
            d->hashes[n++] = d->hashes[i];
    if (n > REPORT_DISTINCT_EXACT) {
        n = REPORT_DISTINCT_EXACT;
        d->max = d->hashes[n - 1];
    }
    d->n = n;
}

void
report_distinct_add (struct report_distinct *d, const char *key)
{
    const uint64_t h = hash (key);

    if (h > d->max)
        return;
    if (d->n == 2 * REPORT_DISTINCT_EXACT)
        settle (d);
    d->hashes[d->n++] = h;
}

uint64_t
report_distinct_count (struct report_distinct *d, bool *ret_is_exact)
{
    settle (d);
    *ret_is_exact = d->max == UINT64_MAX;
    if (*ret_is_exact)
        return d->n;
    /* d->n hashes share the part of all hashes up to the greatest of them */
    return (uint64_t)((double)(d->n - 1) / (double)d->hashes[d->n - 1] * (double)UINT64_MAX);
}
