/* What the other formats read of an event: its JSON, as it stands in the spool, on the socket and
 * in the output of `dsnctl parse`. What isn't there, or is of another type, reads as empty.
 */
#ifndef CLI_EVENTJSON_H
#define CLI_EVENTJSON_H

#include "core/event/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The string @key of @object, "" if it has none. (borrowed from @object) */
const char *eventjson_text (const json_t *object, const char *key);

/* The string @key of the event's object @group ("original", "report", ...). (borrowed) */
const char *eventjson_in (const json_t *event, const char *group, const char *key);

/* Whether the string @key is @word. */
bool eventjson_is (const json_t *event, const char *key, const char *word);

/* Seconds since 1970 of the RFC 3339 date @text; 0 if it's none. */
int64_t eventjson_epoch (const char *text);

/* When the bounce was written or else when dsnd recorded it. RFC 3339, "" if neither is known.
 * (borrowed) */
const char *eventjson_date (const json_t *event);

/* The part of @address after the last "@", "" if there's none. (borrowed) */
const char *eventjson_domain (const char *address);

/* @id without the angle brackets around it. (transfer full): g_free() */
char *eventjson_bare_id (const char *id);

/* The category to be told to programs that act on it without knowing more: that of the event, or
 * `unknown` if the event may be forged (trust `suspect`), since other tools' formats have no place
 * for the doubt. (borrowed, static) */
const struct dsn_category *eventjson_category (const json_t *event);

#endif
