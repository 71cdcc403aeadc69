/* What the daemon says of itself. */
#ifndef DSND_COUNTERS_H
#define DSND_COUNTERS_H

#include "daemon/pipeline.h"

#include <glib.h>
#include <stdint.h>

struct counters {
    struct pipeline_counts counts;
    int64_t uptime_s;
    unsigned clients;
    uint64_t refused_clients;
    uint64_t spool_max_bytes;
    const char *restart; /* keys whose change waits for a restart (borrowed); NULL: none */
};

/* Appends members of the STATUS object, each with a comma before it: docs/protocol.md */
void counters_append (GString *out, const struct counters *counters);

/* One line for people. (transfer full) */
char *counters_line (const struct counters *counters);

#endif
