/* Events over time: counts per bar, in bounded memory. Bars begin at 5 minutes and only those that
 * hold events are kept; when there are too many, all become wider.
 */
#ifndef CLI_REPORTSERIES_H
#define CLI_REPORTSERIES_H

#include "cli/report/reporttop.h"

#include <glib.h>
#include <stdint.h>

#define REPORT_BARS_KEPT 4096

struct report_bar {
    int64_t start; /* seconds since 1970 */
    uint64_t n[_REPORT_PART_N];
};

struct report_series;

/* (transfer full): report_series_free() */
struct report_series *report_series_new (void);
void report_series_free (struct report_series *series);

/* Times may come in any order; in theirs it's fastest. */
void report_series_add (struct report_series *series, int64_t time, enum report_part part);

/* Bars of one width (*@ret_width, seconds) from @from to @to without holes, at most about
 * @bars_max of them. What was counted outside is left out. (transfer full): g_array_unref(), of
 * struct report_bar */
GArray *report_series_bars (const struct report_series *series, int64_t from, int64_t to,
                            unsigned bars_max, int64_t *ret_width);

#endif
