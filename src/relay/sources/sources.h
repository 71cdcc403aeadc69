/* The sources that this program was built with. */
#ifndef DSND_SOURCES_H
#define DSND_SOURCES_H

#include "relay/base/source.h"

extern const struct source_kind source_socket, source_nats, source_kafka;

/* The source called @name; NULL if there's none. (borrowed, static) */
const struct source_kind *sources_find (const char *name);

/* Their names, NULL-terminated. (borrowed, static) */
const char *const *sources_names (void);

#endif
