/* Time is cut into slots of 10 seconds; each key has a ring of those of an hour. */
#include "cli/top/toptally.h"

#include "cli/report/reportincident.h"
#include "cli/report/reporttime.h"
#include "cli/report/reporttop.h"
#include "cli/report/reportwords.h"

#include <string.h>

#define SLOT_S   10
#define SLOTS    360
#define KEYS_MAX 256

static const unsigned window_slots[_TOP_WINDOW_N] = { 6, 90, SLOTS };

struct counter {
    char *key;
    int64_t latest; /* the newest slot that holds something */
    uint32_t slots[SLOTS];
};

struct toptally {
    GPtrArray *tables[_TOP_TABLE_N]; /* struct counter, owned */
    struct counter *all;
    GQueue events; /* the latest first: char *, owned */
    struct report_watch *watch;
    int64_t first; /* event's time; REPORT_TIME_NONE: none came */
};

static void
counter_free (gpointer data)
{
    struct counter *c = data;

    g_free (c->key);
    g_free (c);
}

struct toptally *
toptally_new (void)
{
    struct toptally *t = g_new0 (struct toptally, 1);

    for (unsigned i = 0; i < _TOP_TABLE_N; i++)
        t->tables[i] = g_ptr_array_new_with_free_func (counter_free);
    t->all = g_new0 (struct counter, 1);
    t->watch = report_watch_new ();
    t->first = REPORT_TIME_NONE;
    g_queue_init (&t->events);
    return t;
}

void
toptally_free (struct toptally *t)
{
    for (unsigned i = 0; i < _TOP_TABLE_N; i++)
        g_ptr_array_unref (t->tables[i]);
    counter_free (t->all);
    report_watch_free (t->watch);
    g_queue_clear_full (&t->events, g_free);
    g_free (t);
}

static void
count (struct counter *c, int64_t slot)
{
    for (int64_t s = MAX (c->latest + 1, slot - SLOTS + 1); s <= slot; s++)
        c->slots[s % SLOTS] = 0;
    c->latest = MAX (c->latest, slot);
    if (slot > c->latest - SLOTS)
        c->slots[slot % SLOTS]++;
}

static uint64_t
sum (const struct counter *c, enum top_window window, int64_t now)
{
    const int64_t slot = now / SLOT_S;
    uint64_t n = 0;

    for (int64_t s = slot - window_slots[window] + 1; s <= slot; s++)
        if (s > c->latest - SLOTS && s <= c->latest)
            n += c->slots[s % SLOTS];
    return n;
}

/* The key's counter; a new one takes the place of the one that was idle for longest. */
static struct counter *
counter_of (GPtrArray *table, const char *key)
{
    unsigned idle = 0;
    struct counter *c;

    for (unsigned i = 0; i < table->len; i++) {
        c = g_ptr_array_index (table, i);
        if (strcmp (c->key, key) == 0)
            return c;
        if (c->latest < ((struct counter *)g_ptr_array_index (table, idle))->latest)
            idle = i;
    }
    if (table->len >= KEYS_MAX)
        (void)g_ptr_array_remove_index_fast (table, idle);
    c = g_new0 (struct counter, 1);
    c->key = g_strdup (key);
    g_ptr_array_add (table, c);
    return c;
}

static const char *
text_of (const json_t *event, const char *key)
{
    const char *text = json_string_value (json_object_get (event, key));

    return text && *text ? text : NULL;
}

static bool
is_failure (const json_t *event)
{
    const char *kind = text_of (event, "kind");

    return g_strcmp0 (kind, "bounce") == 0 || g_strcmp0 (kind, "delayed") == 0;
}

/* What the event has for a table; NULL: nothing. (transfer full) */
static char *
key_of (const json_t *event, enum top_table table)
{
    static const char *const keys[_TOP_TABLE_N] = { "category", "kind", "provider", "block_list",
                                                    "recipient" };
    const char *text = text_of (event, keys[table]);

    if (table != TOP_KIND && !is_failure (event))
        return NULL;
    if (table == TOP_REASON && !text)
        text = "unknown";
    if (table == TOP_DOMAIN) {
        const char *at = text ? strrchr (text, '@') : NULL;
        g_autofree char *domain = at && at[1] ? g_ascii_strdown (at + 1, -1) : NULL;
        return domain ? report_top_cut (domain) : NULL;
    }
    return text ? report_top_cut (text) : NULL;
}

static void
watch (struct toptally *t, const json_t *event, int64_t time)
{
    g_autofree char *domain = key_of (event, TOP_DOMAIN);
    const char *category = text_of (event, "category");
    const char *place = text_of (event, "provider");

    if (!place)
        place = text_of (event, "remote_mta");
    report_watch_add (t->watch, time, category ? category : "unknown",
                      text_of (event, "block_list"), place ? place : domain,
                      text_of (event, "diagnostic"));
}

bool
toptally_add (struct toptally *t, struct dsn_bytes line)
{
    json_t *event = json_loadb (line.p, line.n, 0, NULL);
    const char *text = text_of (event, "time");
    int64_t time;
    const bool is_event = text && report_time_read (text, &time);

    for (unsigned i = 0; is_event && i < _TOP_TABLE_N; i++) {
        g_autofree char *key = key_of (event, i);
        if (key)
            count (counter_of (t->tables[i], key), time / SLOT_S);
    }
    if (is_event) {
        count (t->all, time / SLOT_S);
        t->first = t->first == REPORT_TIME_NONE ? time : MIN (t->first, time);
        g_queue_push_head (&t->events, g_strndup (line.p, line.n));
    }
    if (is_event && is_failure (event))
        watch (t, event, time);
    if (t->events.length > TOP_EVENTS_KEPT)
        g_free (g_queue_pop_tail (&t->events));
    json_decref (event);
    return is_event;
}

uint64_t
toptally_total (const struct toptally *t, enum top_window window, int64_t now)
{
    return sum (t->all, window, now);
}

static void
row_clear (gpointer data)
{
    g_free (((struct top_row *)data)->key);
}

static int
compare_rows (const void *a, const void *b, void *sort)
{
    const struct top_row *one = a, *other = b;
    const enum top_window window = *(const enum top_window *)sort;

    if (one->n[window] != other->n[window])
        return one->n[window] > other->n[window] ? -1 : 1;
    return strcmp (one->key, other->key);
}

GArray *
toptally_rows (struct toptally *t, enum top_table table, enum top_window sort, int64_t now)
{
    GArray *rows = g_array_new (FALSE, FALSE, sizeof (struct top_row));

    g_array_set_clear_func (rows, row_clear);
    for (unsigned i = 0; i < t->tables[table]->len; i++) {
        const struct counter *c = g_ptr_array_index (t->tables[table], i);
        struct top_row row = { .key = NULL };
        for (unsigned w = 0; w < _TOP_WINDOW_N; w++)
            row.n[w] = sum (c, w, now);
        if (!row.n[TOP_60_MIN])
            continue;
        row.key = g_strdup (c->key);
        g_array_append_val (rows, row);
    }
    g_array_sort_with_data (rows, compare_rows, &sort);
    return rows;
}

GPtrArray *
toptally_events (const struct toptally *t, enum top_table table, const char *key)
{
    GPtrArray *found = g_ptr_array_new_with_free_func (g_free);

    for (const GList *l = t->events.head; l; l = l->next) {
        json_t *event = json_loads (l->data, 0, NULL);
        g_autofree char *its = key_of (event, table);
        if (g_strcmp0 (its, key) == 0)
            g_ptr_array_add (found, g_strdup (l->data));
        json_decref (event);
    }
    return found;
}

GPtrArray *
toptally_incidents (struct toptally *t, int64_t now)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GArray) incidents = NULL;

    if (t->first == REPORT_TIME_NONE)
        return lines;
    incidents = report_watch_incidents (t->watch, t->first, MAX (now, t->first));
    for (unsigned i = 0; i < incidents->len; i++) {
        const struct report_incident *incident =
            &g_array_index (incidents, struct report_incident, i);
        g_autofree char *words = report_words_incident (incident);
        g_autofree char *time = report_time_format (incident->from, NULL, "%H:%M");
        g_ptr_array_add (lines, g_strdup_printf ("%s UTC %s", time, words));
    }
    return lines;
}
