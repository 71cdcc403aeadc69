/* What a relay tells of itself: lines in the journal, the status that systemd shows, and metrics.
 */
#ifndef DSND_ANNOUNCE_H
#define DSND_ANNOUNCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct announce_figures {
    uint64_t taken, confirmed, parked, turns, failures; /* since the start */
    uint64_t in_flight;                                 /* taken and not yet done */
    uint64_t lag;      /* not acknowledged at the source, as far as it tells */
    int64_t oldest_us; /* age of the oldest that isn't done */
    bool is_sink_up, is_source_up;
};

/* How often a kind of trouble is told: once, then once a minute. */
struct announce_limit {
    int64_t told_us;
    uint64_t n_untold;
};

/* One line on stderr, with the relay's @name; controls in it become '?'. @priority as syslog's. */
void announce_line (const char *name, int priority, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* A line about trouble, "what: trouble", with how often it came untold since the last one; counts
 * only while the limit holds. */
void announce_trouble (const char *name, struct announce_limit *limit, const char *what,
                       const char *trouble);

/* The status line for systemd. */
void announce_status (const struct announce_figures *figures);

/* Writes the figures as OpenMetrics text to the file @path, which is replaced at once. */
bool announce_metrics (const char *path, const char *name, const struct announce_figures *figures,
                       GError **error);

#endif
