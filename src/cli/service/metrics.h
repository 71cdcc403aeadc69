/* The daemon's counters as text for Prometheus and those who read its formats. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <glib.h>
#include <jansson.h>

enum metrics_form {
    METRICS_OPENMETRICS, /* OpenMetrics 1.0, `# EOF` included */
    METRICS_PROMETHEUS,  /* Prometheus text format 0.0.4, which node_exporter's textfiles are in */
};

/* Appends the @status of the answer to STATUS (docs/protocol.md). What the status doesn't have is
 * left out. */
void metrics_append (GString *out, const json_t *status, enum metrics_form form);

#endif
