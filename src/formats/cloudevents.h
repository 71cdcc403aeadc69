/* Events as CloudEvents 1.0 in structured JSON. */
#ifndef DSND_CLOUDEVENTS_H
#define DSND_CLOUDEVENTS_H

#include "core/event/eventview.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CLOUDEVENTS_TYPE "application/cloudevents+json; charset=utf-8"

/* Appends the CloudEvent that carries @event, whose text is @json: `id` is @spool/@seq, `source`
 * @origin (a URI), `type` dsn.KIND, `subject` the recipient, `time` when it was recorded. False if
 * the event has no kind; nothing is appended then. */
bool cloudevents_append (GString *out, const struct dsn_eventview *event, struct dsn_bytes json,
                         const char *origin, const char *spool, uint64_t seq);

#endif
