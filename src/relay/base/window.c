/* A queue. */
#include "relay/base/window.h"

struct window {
    GQueue parcels; /* struct parcel *, owned */
    size_t n_bytes;
};

struct window *
window_new (void)
{
    struct window *w = g_new0 (struct window, 1);

    g_queue_init (&w->parcels);
    return w;
}

void
window_clear (struct window *w)
{
    struct parcel *p;

    while ((p = g_queue_pop_head (&w->parcels)))
        parcel_free (p);
    w->n_bytes = 0;
}

void
window_free (struct window *w)
{
    window_clear (w);
    g_free (w);
}

void
window_add (struct window *w, struct parcel *parcel)
{
    g_queue_push_tail (&w->parcels, parcel);
    w->n_bytes += parcel->n_text;
}

unsigned
window_count (const struct window *w)
{
    return w->parcels.length;
}

size_t
window_bytes (const struct window *w)
{
    return w->n_bytes;
}

int64_t
window_oldest_us (const struct window *w)
{
    for (GList *l = w->parcels.head; l; l = l->next) {
        const struct parcel *p = l->data;
        if (!p->is_done)
            return p->came_us;
    }
    return INT64_MAX;
}

void
window_turn (const struct window *w, unsigned n_max, bool is_one_each, GPtrArray *ret_turn)
{
    g_autoptr (GHashTable) seen = is_one_each ? g_hash_table_new (g_str_hash, g_str_equal) : NULL;

    g_ptr_array_set_size (ret_turn, 0);
    for (GList *l = w->parcels.head; l && ret_turn->len < n_max; l = l->next) {
        struct parcel *p = l->data;
        if (!p->is_done && (!seen || !*p->recipient || g_hash_table_add (seen, p->recipient)))
            g_ptr_array_add (ret_turn, p);
    }
}

struct parcel *
window_pop (struct window *w)
{
    struct parcel *p = g_queue_peek_head (&w->parcels);

    if (!p || !p->is_done)
        return NULL;
    w->n_bytes -= p->n_text;
    return g_queue_pop_head (&w->parcels);
}
