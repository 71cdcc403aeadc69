/* Counts of 5 minutes for each cause at each place, sorted by time; events come mostly in its
 * order.
 */
#include "cli/report/reportincident.h"
#include "cli/report/reporttime.h"
#include "cli/report/reporttop.h"

#include <string.h>

#define CELL_S       300
#define FOLD_AFTER_S 3600
#define HOUR_CELLS   12

/* 5 minutes that hold events. */
struct cell {
    int64_t start;
    uint32_t n;
    uint16_t first_s, last_s; /* of the events, after the start */
};

/* A cause at a place. */
struct watched {
    char *category, *block_list, *place, *sample; /* NULL as in an incident */
    GArray *cells;
    uint64_t n; /* all events, those of cells that were folded too */
    bool is_forgotten;
};

struct report_watch {
    GHashTable *by_key;
    unsigned n_cells;
    int64_t newest;
    bool is_partial;
};

static void
watched_free (void *data)
{
    struct watched *w = data;

    g_free (w->category);
    g_free (w->block_list);
    g_free (w->place);
    g_free (w->sample);
    g_array_unref (w->cells);
    g_free (w);
}

struct report_watch *
report_watch_new (void)
{
    struct report_watch *watch = g_new0 (struct report_watch, 1);

    watch->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watched_free);
    watch->newest = REPORT_TIME_NONE;
    return watch;
}

void
report_watch_free (struct report_watch *watch)
{
    g_hash_table_unref (watch->by_key);
    g_free (watch);
}

static struct cell *
cell_at (const GArray *cells, unsigned i)
{
    return &g_array_index (cells, struct cell, i);
}

/* The cell that begins at @start; *@ret_is_new if it had to be made. */
static struct cell *
find_cell (GArray *cells, int64_t start, bool *ret_is_new)
{
    const struct cell fresh = { .start = start, .first_s = CELL_S };
    unsigned low = 0, high = cells->len;

    if (high && cell_at (cells, high - 1)->start <= start)
        low = cell_at (cells, high - 1)->start == start ? high - 1 : high;
    while (low < high && cell_at (cells, low)->start != start) {
        const unsigned middle = low + (high - low) / 2;
        if (cell_at (cells, middle)->start < start)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_is_new = low == cells->len || cell_at (cells, low)->start != start;
    if (*ret_is_new)
        g_array_insert_val (cells, low, fresh);
    return cell_at (cells, low);
}

/* Cells too small for a burst, and too old to grow: only their sum matters. */
static void
fold_old (struct report_watch *watch, struct watched *w)
{
    unsigned n = 0;

    for (unsigned i = 0; i < w->cells->len; i++) {
        const struct cell cell = *cell_at (w->cells, i);
        if (cell.n >= REPORT_BURST_LEAST || cell.start > watch->newest - FOLD_AFTER_S)
            *cell_at (w->cells, n++) = cell;
    }
    watch->n_cells -= w->cells->len - n;
    g_array_set_size (w->cells, n);
}

static int
compare_weights (const void *a, const void *b)
{
    const struct watched *x = *(const struct watched *const *)a;
    const struct watched *y = *(const struct watched *const *)b;

    return (x->n > y->n) - (x->n < y->n);
}

static gboolean
is_forgotten (void *key, void *value, void *data)
{
    (void)key;
    (void)data;
    return ((const struct watched *)value)->is_forgotten;
}

/* Room that the cells and @n_watched causes take. */
static unsigned
room_of (const struct report_watch *watch, unsigned n_watched)
{
    return watch->n_cells + 4 * n_watched;
}

/* (transfer container) */
static GPtrArray *
list_watched (const struct report_watch *watch)
{
    GPtrArray *all = g_ptr_array_new ();
    GHashTableIter iter;
    void *w;

    g_hash_table_iter_init (&iter, watch->by_key);
    while (g_hash_table_iter_next (&iter, NULL, &w))
        g_ptr_array_add (all, w);
    return all;
}

/* Halves what is kept, so that the work is rare. */
static void
make_room (struct report_watch *watch)
{
    g_autoptr (GPtrArray) all = list_watched (watch);

    for (unsigned i = 0; i < all->len; i++)
        fold_old (watch, g_ptr_array_index (all, i));
    g_ptr_array_sort (all, compare_weights);
    for (unsigned i = 0; i < all->len && room_of (watch, all->len - i) > REPORT_WATCHED_MAX / 2;
         i++) {
        struct watched *lightest = g_ptr_array_index (all, i);
        watch->n_cells -= lightest->cells->len;
        watch->is_partial = true;
        lightest->is_forgotten = true;
    }
    (void)g_hash_table_foreach_remove (watch->by_key, is_forgotten, NULL);
}

static char *
cut (const char *text)
{
    return text ? report_top_cut (text) : NULL;
}

static struct watched *
find_watched (struct report_watch *watch, const char *category, const char *block_list,
              const char *place)
{
    /* a control character stands in none of the three: dsnd's events have none */
    g_autofree char *key =
        g_strconcat (category, "\n", block_list ? block_list : "", "\n", place ? place : "", NULL);
    struct watched *w = g_hash_table_lookup (watch->by_key, key);

    if (w)
        return w;
    w = g_new0 (struct watched, 1);
    w->category = cut (category);
    w->block_list = cut (block_list);
    w->place = cut (place);
    w->cells = g_array_new (FALSE, FALSE, sizeof (struct cell));
    (void)g_hash_table_insert (watch->by_key, g_steal_pointer (&key), w);
    return w;
}

static void
add_to (struct report_watch *watch, struct watched *w, int64_t time, const char *sample)
{
    const int64_t start = report_time_floor (time, CELL_S);
    bool is_new;
    struct cell *cell = find_cell (w->cells, start, &is_new);

    watch->n_cells += is_new;
    w->n++;
    cell->n++;
    cell->first_s = (uint16_t)MIN (cell->first_s, time - start);
    cell->last_s = (uint16_t)MAX (cell->last_s, time - start);
    /* the words of one that belongs to a burst */
    if (cell->n == REPORT_BURST_LEAST && sample) {
        g_free (w->sample);
        w->sample = cut (sample);
    }
}

void
report_watch_add (struct report_watch *watch, int64_t time, const char *category,
                  const char *block_list, const char *place, const char *sample)
{
    watch->newest = MAX (watch->newest, time);
    if (room_of (watch, g_hash_table_size (watch->by_key)) > REPORT_WATCHED_MAX)
        make_room (watch);
    add_to (watch, find_watched (watch, category, block_list, NULL), time, sample);
    if (place)
        add_to (watch, find_watched (watch, category, block_list, place), time, sample);
}

static int
compare_cells (const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    return (x->n < y->n) - (x->n > y->n);
}

/* Events in 5 minutes, times ten, without the busiest twentieth. */
static uint64_t
usual_tenths (const struct watched *w, uint64_t n_cells)
{
    g_autoptr (GArray) cells = g_array_copy (w->cells);
    const uint64_t n_busiest = (n_cells + 19) / 20;
    uint64_t n = w->n;

    g_array_sort (cells, compare_cells);
    for (unsigned i = 0; i < cells->len && i < n_busiest; i++)
        n -= cell_at (cells, i)->n;
    return 10 * n / (n_cells - n_busiest);
}

static bool
is_burst (const struct cell *cell, uint64_t usual)
{
    return cell->n >= REPORT_BURST_LEAST && 10 * (uint64_t)cell->n >= REPORT_BURST_TIMES * usual;
}

/* Adds the burst whose first and last cells are @first and @last. */
static void
add_incident (GArray *out, const struct watched *w, uint64_t usual, unsigned first, unsigned last)
{
    const struct cell *from = cell_at (w->cells, first), *to = cell_at (w->cells, last);
    const uint64_t n_usual = usual * (uint64_t)((to->start - from->start) / CELL_S + 1) / 10;
    struct report_incident incident = { .category = w->category,
                                        .block_list = w->block_list,
                                        .place = w->place,
                                        .sample = w->sample,
                                        .from = from->start + from->first_s,
                                        .to = to->start + to->last_s,
                                        .usual_tenths = usual };

    for (unsigned i = first; i <= last; i++)
        incident.n += cell_at (w->cells, i)->n;
    incident.above = incident.n - MIN (n_usual, incident.n);
    g_array_append_val (out, incident);
}

static void
add_bursts (GArray *out, const struct watched *w, uint64_t n_cells)
{
    const uint64_t usual = usual_tenths (w, n_cells);
    unsigned first = 0, last = 0;
    bool is_open = false;

    for (unsigned i = 0; i < w->cells->len; i++) {
        if (!is_burst (cell_at (w->cells, i), usual))
            continue;
        if (is_open &&
            cell_at (w->cells, i)->start > cell_at (w->cells, last)->start + 2 * CELL_S) {
            add_incident (out, w, usual, first, last);
            is_open = false;
        }
        if (!is_open)
            first = i;
        last = i;
        is_open = true;
    }
    if (is_open)
        add_incident (out, w, usual, first, last);
}

/* Whether both are the same cause at the same time. */
static bool
is_same (const struct report_incident *a, const struct report_incident *b)
{
    return strcmp (a->category, b->category) == 0 &&
           g_strcmp0 (a->block_list, b->block_list) == 0 && a->from <= b->to && b->from <= a->to;
}

static const struct report_incident *
incident_at (const GArray *incidents, unsigned i)
{
    return &g_array_index (incidents, struct report_incident, i);
}

/* Whether a single place has half of the burst at all places, @wide. */
static bool
has_main_place (const GArray *all, const struct report_incident *wide)
{
    for (unsigned i = 0; i < all->len; i++) {
        const struct report_incident *other = incident_at (all, i);
        if (other->place && is_same (wide, other) && 2 * other->n >= wide->n)
            return true;
    }
    return false;
}

/* Whether the burst at a single place, @narrow, is but a part of one at all places. */
static bool
is_part (const GArray *all, const struct report_incident *narrow)
{
    for (unsigned i = 0; i < all->len; i++) {
        const struct report_incident *other = incident_at (all, i);
        if (!other->place && is_same (narrow, other) && !has_main_place (all, other))
            return true;
    }
    return false;
}

static int
compare_incidents (const void *a, const void *b)
{
    const struct report_incident *x = a, *y = b;

    if (x->above != y->above)
        return x->above < y->above ? 1 : -1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return g_strcmp0 (x->place, y->place);
}

/* All bursts, heaviest first. */
static GArray *
find_bursts (struct report_watch *watch, uint64_t n_cells)
{
    GArray *all = g_array_new (FALSE, FALSE, sizeof (struct report_incident));
    g_autoptr (GPtrArray) watched = list_watched (watch);

    for (unsigned i = 0; i < watched->len; i++)
        add_bursts (all, g_ptr_array_index (watched, i), n_cells);
    g_array_sort (all, compare_incidents);
    g_array_set_size (all, MIN (all->len, REPORT_BURSTS_MAX));
    return all;
}

GArray *
report_watch_incidents (struct report_watch *watch, int64_t from, int64_t to)
{
    GArray *told = g_array_new (FALSE, FALSE, sizeof (struct report_incident));
    const int64_t n_cells =
        (report_time_floor (to, CELL_S) - report_time_floor (from, CELL_S)) / CELL_S + 1;
    g_autoptr (GArray) all = NULL;

    if (n_cells < HOUR_CELLS)
        return told;
    all = find_bursts (watch, (uint64_t)n_cells);
    for (unsigned i = 0; i < all->len; i++) {
        const struct report_incident *it = incident_at (all, i);
        if (it->place ? !is_part (all, it) : !has_main_place (all, it))
            g_array_append_val (told, *it);
    }
    return told;
}

bool
report_watch_is_partial (const struct report_watch *watch)
{
    return watch->is_partial;
}
