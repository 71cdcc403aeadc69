/* The sinks that this program was built with. */
#ifndef DSND_SINKS_H
#define DSND_SINKS_H

#include "relay/base/sink.h"

extern const struct sink_kind sink_amqp, sink_http, sink_kafka, sink_nats, sink_postgresql,
    sink_redis, sink_sqlite;

/* The sink called @name; NULL if there's none. (borrowed, static) */
const struct sink_kind *sinks_find (const char *name);

/* Their names with commas between. (transfer full): g_free() */
char *sinks_names (void);

#endif
