/* What a mail says: one event for each recipient it names, at least one. An event's values are
 * asked for by the keys of docs/events.md, a key within an object with its name and a dot before
 * it: "recipient", "original.subject". Readers pass over words that they don't know, as they do in
 * JSON.
 *
 * Every text is valid UTF-8 without control characters, at most the limit value_bytes long. What
 * was asked for is borrowed until dsn_events_free().
 */
#ifndef DSN_EVENTS_H
#define DSN_EVENTS_H

#include <dsn/api.h>

#include <stddef.h>

DSN_BEGIN_DECLS

struct dsn_events;

size_t dsn_events_count (const struct dsn_events *events);
void dsn_events_free (struct dsn_events *events);

/* The text or word of @key in event @i, from 0: `kind`, `recipient`, `reply_code`,
 * `original.headers.X-Campaign`. NULL where the mail doesn't state it, @key holds a list or is
 * unknown, or there's no such event. */
const char *dsn_events_text (const struct dsn_events *events, size_t i, const char *key);

/* The number of @key: `reply_code`, or `confidence` in per cent. -1 where there's none. */
int dsn_events_number (const struct dsn_events *events, size_t i, const char *key);

/* Text @k, from 0, of the list @key: `warnings`, `evidence`. NULL past its end. */
const char *dsn_events_item (const struct dsn_events *events, size_t i, const char *key, size_t k);

/* The event as one JSON object, no line feed. NULL if there's no such event.
 * (transfer full): dsn_free() */
char *dsn_events_json (const struct dsn_events *events, size_t i);

DSN_END_DECLS

#endif
