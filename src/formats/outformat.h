/* Events in the words of other tools, so that programs made for those can read them. Each format is
 * a function from an event's JSON to a record: the same for mails parsed here and for events that
 * come from dsnd. docs/formats.md tells each key, and what these formats can't carry.
 */
#ifndef CLI_OUTFORMAT_H
#define CLI_OUTFORMAT_H

#include <dsn/bytes.h>

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* The record for @event: a new reference. NULL if the format has no record for such an event. */
typedef json_t *outformat_fn (const json_t *event);

outformat_fn outformat_sisimai;
outformat_fn outformat_ses;
outformat_fn outformat_kumomta;

struct outformat;

/* The format called @name; NULL if there's none. (borrowed, static) */
const struct outformat *outformat_lookup (const char *name);

/* Appends the record for the event @json as one line of JSON, without a line feed. False if the
 * format has none, or @json isn't an event; nothing is appended then. */
bool outformat_append (const struct outformat *f, GString *out, struct dsn_bytes json);

#endif
