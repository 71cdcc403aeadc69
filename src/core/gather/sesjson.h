/* Notifications of Amazon SES, which come as JSON: from SNS, bare or in its envelope, or from event
 * publishing. What they state is put back into the form that it was made from, RFC 3464 fields and
 * the message's header, so that the readers of those read it.
 * Source: Amazon SES Developer Guide, "Notification contents for Amazon SES", "Event publishing".
 */
#ifndef DSND_SESJSON_H
#define DSND_SESJSON_H

#include <dsn/bytes.h>
#include "core/event/taxonomy.h"

#include <glib.h>
#include <stdbool.h>

/* Bytes of JSON that are read; SNS sends at most as many. */
#define SESJSON_MAX_BYTES (256 * 1024)

struct sesjson {
    enum dsn_kind
        kind;        /* BOUNCE, DELAYED, DELIVERED or COMPLAINT; OTHER: it tells nothing like it */
    GString *status; /* owned: fields of RFC 3464 s.2, a group per recipient */
    GString *header; /* owned: fields of the message that it is about */
    GString *words;  /* owned: the reason in the notification's words, one line; may be "" */
    GString *feedback_type; /* owned: of a complaint; may be "" */
};

/* Reads the UTF-8 @in: a JSON object, after which other text may follow. False, and nothing to
 * clear, if it isn't such a notification, is longer than SESJSON_MAX_BYTES, or nests too deep.
 * Values are cut to @value_bytes, recipients to @recipients_max. */
bool sesjson_read (struct dsn_bytes in, size_t value_bytes, size_t recipients_max,
                   struct sesjson *ret);
void sesjson_clear (struct sesjson *ses);

#endif
