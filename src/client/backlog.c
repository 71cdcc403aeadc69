/* A queue whose items can be done in any order. */
#include "client/backlog.h"

#define EVENTS_MAX 1000
#define BYTES_MAX  ((size_t)16 * 1024 * 1024)

struct backlog {
    GQueue items; /* struct backlog_item *, owned */
    size_t n_bytes;
    uint64_t done_seq;
};

struct backlog *
backlog_new (void)
{
    struct backlog *b = g_new0 (struct backlog, 1);

    g_queue_init (&b->items);
    return b;
}

static void
item_free (struct backlog_item *item)
{
    g_free (item->id);
    g_free (item->text);
    g_free (item);
}

void
backlog_free (struct backlog *b)
{
    struct backlog_item *item;

    while ((item = g_queue_pop_head (&b->items)))
        item_free (item);
    g_free (b);
}

struct backlog_item *
backlog_add (struct backlog *b, uint64_t seq, const char *id, struct dsn_bytes text, int64_t now_us)
{
    struct backlog_item *item = g_new0 (struct backlog_item, 1);

    item->seq = seq;
    item->id = g_strdup (id);
    item->text = g_strndup (text.p, text.n);
    item->n_text = text.n;
    item->came_us = item->due_us = now_us;
    b->n_bytes += text.n;
    g_queue_push_tail (&b->items, item);
    return item;
}

bool
backlog_is_full (const struct backlog *b)
{
    return b->items.length >= EVENTS_MAX || b->n_bytes >= BYTES_MAX;
}

bool
backlog_is_empty (const struct backlog *b)
{
    return b->items.length == 0;
}

/* Fills @ret_turn with due items of a batch, @first among them if it's the only one; false if they
 * may still wait for more. */
static bool
gather (const struct backlog *b, struct backlog_item *first, int64_t now_us, unsigned n_batch,
        int64_t wait_us, GPtrArray *ret_turn)
{
    bool is_ripe = false;

    if (n_batch == 1) {
        g_ptr_array_add (ret_turn, first);
        return true;
    }
    for (GList *l = b->items.head; l && ret_turn->len < n_batch; l = l->next) {
        struct backlog_item *item = l->data;
        if (item->is_done || item->is_alone || item->due_us > now_us)
            continue;
        g_ptr_array_add (ret_turn, item);
        is_ripe = is_ripe || item->came_us + wait_us <= now_us;
    }
    return is_ripe || ret_turn->len == n_batch;
}

/* Of those that must be tried alone, or of the others, the one that has been due for longest; NULL
 * if none is due. */
static struct backlog_item *
find_due (const struct backlog *b, int64_t now_us, bool is_alone)
{
    struct backlog_item *found = NULL;

    for (GList *l = b->items.head; l; l = l->next) {
        struct backlog_item *item = l->data;
        if (!item->is_done && item->is_alone == is_alone && item->due_us <= now_us &&
            (!found || item->due_us < found->due_us))
            found = item;
    }
    return found;
}

void
backlog_next (const struct backlog *b, int64_t now_us, unsigned n_batch, int64_t wait_us,
              bool wants_rest, GPtrArray *ret_turn)
{
    struct backlog_item *alone = find_due (b, now_us, true);
    struct backlog_item *other = find_due (b, now_us, false);

    bool has_batch = false;

    g_ptr_array_set_size (ret_turn, 0);
    /* who failed lately comes after those that wait: else one could hold up all others */
    if (other && (!alone || other->due_us < alone->due_us))
        has_batch = gather (b, other, now_us, n_batch, wait_us, ret_turn) || wants_rest;
    if (!has_batch)
        g_ptr_array_set_size (ret_turn, 0);
    if (!has_batch && alone)
        g_ptr_array_add (ret_turn, alone);
}

int64_t
backlog_due_us (const struct backlog *b, int64_t wait_us)
{
    int64_t due_us = INT64_MAX;

    for (GList *l = b->items.head; l; l = l->next) {
        const struct backlog_item *item = l->data;
        if (!item->is_done)
            due_us = MIN (due_us, MAX (item->due_us, item->is_alone ? 0 : item->came_us + wait_us));
    }
    return due_us;
}

size_t
backlog_drop_done (struct backlog *b)
{
    size_t n = 0;

    for (; b->items.head && ((struct backlog_item *)b->items.head->data)->is_done; n++) {
        struct backlog_item *item = g_queue_pop_head (&b->items);
        b->n_bytes -= item->n_text;
        if (!item->is_stale)
            b->done_seq = item->seq;
        item_free (item);
    }
    return n;
}

uint64_t
backlog_done_seq (const struct backlog *b)
{
    return b->done_seq;
}

void
backlog_forget_numbers (struct backlog *b)
{
    for (GList *l = b->items.head; l; l = l->next)
        ((struct backlog_item *)l->data)->is_stale = true;
    b->done_seq = 0;
}
