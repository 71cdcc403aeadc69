/* Times of the bounce report: seconds since 1970, shown in a zone (NULL: UTC); the days and hours
 * that a reader names, and the widths of the bars that time is cut into. No clock: the caller says
 * what time it is.
 */
#ifndef CLI_REPORTTIME_H
#define CLI_REPORTTIME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define REPORT_TIME_NONE INT64_MIN

/* Reads the date and time of an event (RFC 3339). False if it isn't one, or not of the years 2000
 * to 2099: a mail's clock can be that wrong, and one such date would flatten every plot. */
bool report_time_read (const char *text, int64_t *ret);

/* Reads what --since and --until take: 90m, 12h, 7d or 2w before @now; now; 2026-11-21, or
 * 2026-11-21T08:00 with or without seconds and zone, which is @zone if none is named. */
bool report_time_read_point (const char *text, int64_t now, GTimeZone *zone, int64_t *ret);

/* "2026-11-21 08:05". (transfer full): g_free() */
char *report_time_text (int64_t time, GTimeZone *zone);

/* As strftime's @format, of which numbers, %a and %b are used. (transfer full): g_free() */
char *report_time_format (int64_t time, GTimeZone *zone, const char *format);

/* A length as people say it, rounded to the unit of which it has two or more, or one exactly:
 * "7 days", "90 minutes", "1 hour". At least a minute. (transfer full): g_free() */
char *report_time_length (int64_t seconds);

/* Widths of bars in seconds, 5 minutes first. Each is a multiple of the one before, and bars of all
 * widths begin together at midnight, those of a week or more on a Monday. */
#define REPORT_WIDTHS 11
extern const int64_t report_widths[REPORT_WIDTHS];

/* Seconds by which clocks in @zone are ahead of UTC at @time. */
int64_t report_time_shift (int64_t time, GTimeZone *zone);

/* The start of the bar of @width that @time is in. */
int64_t report_time_floor (int64_t time, int64_t width);

/* The least of the widths by which @from to @to takes at most @bars bars; the last if none does. */
int64_t report_time_width (int64_t from, int64_t to, unsigned bars);

#endif
