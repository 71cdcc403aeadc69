/* Incidents: bursts of one cause at one place. The rule, which docs/report.md tells to readers:
 *
 * - The cause is the category, and the block list if one is named. The place is the provider, else
 *   the remote host, else the recipient's domain. Each cause is watched at each place, and at all
 *   places together.
 * - Failures and delays are counted in 5 minutes each. Usual is the mean of all 5 minutes of the
 *   time of the report, with the busiest twentieth left out.
 * - 5 minutes are a burst if they hold at least REPORT_BURST_LEAST events, and at least
 *   REPORT_BURST_TIMES as many as usual. Bursts with at most 5 minutes between them are one.
 * - A burst at all places is told if no single place has half of it, and then in place of those
 *   that are at the same time at single places.
 * - They're sorted by the number of events above the usual.
 *
 * Memory is bounded: when there are too many counts, small old ones become part of a sum, and then
 * the lightest causes are forgotten.
 */
#ifndef CLI_REPORTINCIDENT_H
#define CLI_REPORTINCIDENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define REPORT_BURST_LEAST     20
#define REPORT_BURST_TIMES     5
#define REPORT_INCIDENTS_SHOWN 12

/* Counts of 5 minutes that are kept, over all causes and places; one of these costs as much as
 * four counts. */
#define REPORT_WATCHED_MAX 65536

/* Only so many bursts, the heaviest, are looked at for incidents. */
#define REPORT_BURSTS_MAX 1000

struct report_incident {
    const char *category; /* (borrowed from the watch), as the strings below; all of them hostile */
    const char *block_list; /* NULL: none */
    const char *place;      /* NULL: many places */
    const char *sample;     /* a refusal of it, in its own words; NULL: none */
    int64_t from, to;       /* the first and the last event */
    uint64_t n;
    uint64_t usual_tenths; /* in 5 minutes, times ten */
    uint64_t above;        /* @n without what is usual in that time */
};

struct report_watch;

/* (transfer full): report_watch_free() */
struct report_watch *report_watch_new (void);
void report_watch_free (struct report_watch *watch);

/* Notes a failure or delay. @block_list, @place and @sample may be NULL. All are valid UTF-8. */
void report_watch_add (struct report_watch *watch, int64_t time, const char *category,
                       const char *block_list, const char *place, const char *sample);

/* The incidents from @from to @to, heaviest first. None if that's less than an hour: then nobody
 * knows what is usual. (transfer full): g_array_unref(), of struct report_incident; valid until the
 * next addition */
GArray *report_watch_incidents (struct report_watch *watch, int64_t from, int64_t to);

/* Whether causes had to be forgotten. */
bool report_watch_is_partial (const struct report_watch *watch);

#endif
