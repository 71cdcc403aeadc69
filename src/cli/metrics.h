/* The daemon's counters as OpenMetrics text, for Prometheus and those who read its format. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <glib.h>
#include <jansson.h>

/* Appends the @status of the answer to STATUS (docs/protocol.md) as OpenMetrics 1.0, `# EOF`
 * included. What the status doesn't have is left out. */
void metrics_append (GString *out, const json_t *status);

#endif
