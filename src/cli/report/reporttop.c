/* Counters in a heap, the lightest on top, and a table that finds them by key. */
#include "cli/report/reporttop.h"

#include <string.h>

struct report_top {
    GHashTable *by_key; /* the entries, which it owns */
    GPtrArray *heap;
    unsigned n_counters;
    uint64_t n_total;
};

static void
entry_free (void *data)
{
    struct report_entry *entry = data;

    g_free (entry->key);
    g_free (entry);
}

struct report_top *
report_top_new (unsigned n_counters)
{
    struct report_top *top = g_new0 (struct report_top, 1);

    top->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
    top->heap = g_ptr_array_new ();
    top->n_counters = n_counters;
    return top;
}

void
report_top_free (struct report_top *top)
{
    g_ptr_array_unref (top->heap);
    g_hash_table_unref (top->by_key);
    g_free (top);
}

static struct report_entry *
entry_at (const struct report_top *top, unsigned at)
{
    return g_ptr_array_index (top->heap, at);
}

static void
put (struct report_top *top, unsigned at, struct report_entry *entry)
{
    g_ptr_array_index (top->heap, at) = entry;
    entry->at = at;
}

static void
swap (struct report_top *top, unsigned a, unsigned b)
{
    struct report_entry *entry = entry_at (top, a);

    put (top, a, entry_at (top, b));
    put (top, b, entry);
}

/* Down to its place: counts only grow. */
static void
sink (struct report_top *top, unsigned at)
{
    for (;;) {
        unsigned least = at;
        for (unsigned child = 2 * at + 1; child <= 2 * at + 2 && child < top->heap->len; child++)
            if (entry_at (top, child)->n < entry_at (top, least)->n)
                least = child;
        if (least == at)
            return;
        swap (top, at, least);
        at = least;
    }
}

/* Up to its place: a new entry is the lightest there can be. */
static void
rise (struct report_top *top, unsigned at)
{
    for (; at > 0 && entry_at (top, at)->n < entry_at (top, (at - 1) / 2)->n; at = (at - 1) / 2)
        swap (top, at, (at - 1) / 2);
}

char *
report_top_cut (const char *key)
{
    size_t n = strlen (key);

    if (n > REPORT_KEY_BYTES_MAX)
        n = (size_t)(g_utf8_find_prev_char (key, key + REPORT_KEY_BYTES_MAX + 1) - key);
    return g_strndup (key, n);
}

/* A counter for @key, (transfer full) in: a new one, or the lightest one. */
static struct report_entry *
take_counter (struct report_top *top, char *key)
{
    struct report_entry *entry;

    if (top->heap->len < top->n_counters) {
        entry = g_new0 (struct report_entry, 1);
        entry->at = top->heap->len;
        entry->key = key;
        g_ptr_array_add (top->heap, entry);
        rise (top, entry->at);
    } else {
        entry = entry_at (top, 0);
        (void)g_hash_table_steal (top->by_key, entry->key);
        g_free (entry->key);
        entry->key = key;
        entry->n_over = entry->n;
        memset (entry->parts, 0, sizeof entry->parts);
    }
    (void)g_hash_table_insert (top->by_key, entry->key, entry);
    return entry;
}

void
report_top_add (struct report_top *top, const char *key, enum report_part part)
{
    g_autofree char *cut = report_top_cut (key);
    struct report_entry *entry = g_hash_table_lookup (top->by_key, cut);

    if (!entry)
        entry = take_counter (top, g_steal_pointer (&cut));
    entry->n++;
    entry->parts[part]++;
    top->n_total++;
    sink (top, entry->at);
}

uint64_t
report_top_total (const struct report_top *top)
{
    return top->n_total;
}

uint64_t
report_top_over (const struct report_top *top)
{
    uint64_t n_over = 0;

    for (unsigned i = 0; i < top->heap->len; i++)
        n_over = MAX (n_over, entry_at (top, i)->n_over);
    return n_over;
}

static int
compare_entries (const void *a, const void *b)
{
    const struct report_entry *x = *(const struct report_entry *const *)a;
    const struct report_entry *y = *(const struct report_entry *const *)b;

    return x->n == y->n ? strcmp (x->key, y->key) : x->n < y->n ? 1 : -1;
}

GPtrArray *
report_top_sorted (const struct report_top *top)
{
    GPtrArray *sorted = g_ptr_array_copy (top->heap, NULL, NULL);

    g_ptr_array_sort (sorted, compare_entries);
    return sorted;
}

uint64_t
report_top_count (const struct report_top *top, const char *key)
{
    const struct report_entry *entry = g_hash_table_lookup (top->by_key, key);

    return entry ? entry->n : 0;
}
