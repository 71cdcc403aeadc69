/* What the bounce report counts: each event is added once, and then forgotten. Memory is bounded
 * whatever comes: tables keep a fixed number of counters, different addresses are estimated beyond
 * a number, bars of time grow wider.
 */
#ifndef CLI_REPORTTALLY_H
#define CLI_REPORTTALLY_H

#include "cli/report/reportaddress.h"
#include "cli/report/reportdistinct.h"
#include "cli/report/reportincident.h"
#include "cli/report/reportseries.h"
#include "cli/report/reporttime.h"
#include "cli/report/reporttop.h"

#include <jansson.h>

/* Addresses to suppress that are kept by name. */
#define REPORT_ADDRESSES_MAX 65536

/* Counters of each table. */
#define REPORT_COUNTERS 1024

enum report_table {
    /* over all events */
    REPORT_TABLE_KIND,
    REPORT_TABLE_ADVICE,
    REPORT_TABLE_TRUST,
    /* over failures and delays */
    REPORT_TABLE_CATEGORY,
    REPORT_TABLE_DOMAIN,
    REPORT_TABLE_PROVIDER,
    REPORT_TABLE_REMOTE,
    REPORT_TABLE_BLOCK_LIST,
    REPORT_TABLE_REPORTER,
    REPORT_TABLE_SYSTEM,
    REPORT_TABLE_SENDER,
    REPORT_TABLE_MAILBOX,
    _REPORT_TABLE_N
};

struct report_tally {
    GTimeZone *zone;       /* (owned) for the reader's times; NULL: UTC */
    const char *zone_name; /* (borrowed) */
    int64_t since, until;  /* what was asked for; REPORT_TIME_NONE: no limit */
    int64_t first, last;   /* of the events counted; REPORT_TIME_NONE: none has a time */
    uint64_t n_events;     /* counted, as all that follow */
    uint64_t n_mails;
    uint64_t n_parts[_REPORT_PART_N];
    uint64_t n_unknown;    /* hard and soft bounces without a known reason */
    uint64_t n_mail_dates; /* events without a time of recording: the mail's own date was taken */
    uint64_t n_undated;    /* events without any; counted only if no range was asked for */

    /* left out */
    uint64_t n_outside;      /* of the range */
    uint64_t n_without_date; /* undated, and a range was asked for */
    uint64_t n_damaged;      /* lines of a spool with a wrong checksum, or too long ones */
    uint64_t n_unread;       /* files that couldn't be read */
    uint64_t n_foreign;      /* lines that are no events */

    struct report_distinct *recipients;
    struct report_addresses *addresses; /* those of the next */
    struct report_distinct *suppress;   /* recipients that get the advice to suppress them */
    struct report_series *series;
    struct report_watch *watch;
    struct report_top *tables[_REPORT_TABLE_N];

    struct report_tally *earlier; /* (owned) the time before, as long; NULL: nobody asked */
};

/* (transfer full): report_tally_free(). @since and @until may be REPORT_TIME_NONE. */
struct report_tally *report_tally_new (int64_t since, int64_t until);
void report_tally_free (struct report_tally *tally);

/* Lets what came before @tally's range, as far back as that is long, be counted too. Nothing for a
 * range without a beginning or end. */
void report_tally_compare (struct report_tally *tally);

/* Counts the event; one that isn't an event at all counts as foreign. */
void report_tally_add (struct report_tally *tally, const json_t *event);

/* Whether an event that was recorded at @text (RFC 3339) isn't asked for; it's then counted as
 * outside, and needn't be added. */
bool report_tally_skip (struct report_tally *tally, const char *text);

/* Failures: hard and soft bounces. */
uint64_t report_tally_bounces (const struct report_tally *tally);

/* The range for bars of time; false if no time is known. */
bool report_tally_range (const struct report_tally *tally, unsigned bars_max,
                         struct report_range *ret);

/* The time that a report is about: as asked for, else of its events. False if there's none. */
bool report_tally_span (const struct report_tally *tally, int64_t *ret_from, int64_t *ret_to);

/* The incidents of the events counted. (transfer full): g_array_unref(), of struct report_incident
 */
GArray *report_tally_incidents (const struct report_tally *tally);

#endif
