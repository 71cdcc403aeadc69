/* What `dsnctl top` counts of events as they come, over the last hour. Memory is bounded: a table
 * keeps the keys that were seen last, and of the events themselves the last ones.
 */
#ifndef CLI_TOPTALLY_H
#define CLI_TOPTALLY_H

#include <dsn/bytes.h>

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define TOP_EVENTS_KEPT 1000

enum top_table { TOP_REASON, TOP_KIND, TOP_PROVIDER, TOP_BLOCK_LIST, TOP_DOMAIN, _TOP_TABLE_N };
enum top_window { TOP_1_MIN, TOP_15_MIN, TOP_60_MIN, _TOP_WINDOW_N };

/* A key and its events in each window. */
struct top_row {
    char *key; /* valid UTF-8, from mail */
    uint64_t n[_TOP_WINDOW_N];
};

struct toptally;

/* (transfer full): toptally_free() */
struct toptally *toptally_new (void);
void toptally_free (struct toptally *t);

/* Counts the event of this line at the time that it was recorded. False if it's no event. */
bool toptally_add (struct toptally *t, struct dsn_bytes line);

/* Events of all keys in the window that ends at @now, seconds since 1970. */
uint64_t toptally_total (const struct toptally *t, enum top_window window, int64_t now);

/* The rows with events in the last hour, heaviest in @sort first, then by key.
 * (transfer full): g_array_unref(), of struct top_row */
GArray *toptally_rows (struct toptally *t, enum top_table table, enum top_window sort, int64_t now);

/* The kept events of the row @key, the latest first, as their JSON. (transfer full) */
GPtrArray *toptally_events (const struct toptally *t, enum top_table table, const char *key);

/* The incidents of the last hours in words, the heaviest first. (transfer full) */
GPtrArray *toptally_incidents (struct toptally *t, int64_t now);

#endif
