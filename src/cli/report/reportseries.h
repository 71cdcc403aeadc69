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

/* What to make bars of. */
struct report_range {
    int64_t from, to;
    int64_t shift_s;   /* clocks of the reader's zone are so far ahead: days begin there */
    unsigned bars_max; /* about */
};

/* Bars of one width (*@ret_width, seconds) for the range, without holes. What was counted outside
 * is left out. (transfer full): g_array_unref(), of struct report_bar */
GArray *report_series_bars (const struct report_series *series, const struct report_range *range,
                            int64_t *ret_width);

#endif
