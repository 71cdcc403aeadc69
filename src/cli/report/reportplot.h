/* Events over time as an inline SVG picture: stacked columns, two axes. Only numbers and dates of
 * ours are in it, nothing of a mail. Colours are classes of the page's style.
 */
#ifndef CLI_REPORTPLOT_H
#define CLI_REPORTPLOT_H

#include "cli/report/reportincident.h"
#include "cli/report/reportseries.h"

#include <glib.h>

struct report_plot {
    const char *name; /* class, and the start of ids on the page */
    unsigned width, height;
    GTimeZone *zone;         /* (borrowed) of its dates; NULL: UTC */
    const GArray *bars;      /* struct report_bar; at least one */
    int64_t bar_s;           /* their width in seconds */
    const GArray *incidents; /* marked by their number from 1, at most REPORT_INCIDENTS_SHOWN */
};

void report_plot_append (GString *out, const struct report_plot *plot);

/* What an event is in all of a bar's parts: "12 hard, 3 soft, 0 delayed, 1 other".
 * (transfer full): g_free() */
char *report_plot_words (const uint64_t parts[_REPORT_PART_N]);

#endif
