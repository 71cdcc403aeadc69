/* Reading and writing of times; GLib knows the calendar. */
#include "cli/report/reporttime.h"

#include <glib.h>
#include <string.h>

#define MINUTE ((int64_t)60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)

#define YEAR_2000 INT64_C (946684800)
#define YEAR_2100 INT64_C (4102444800)

/* 1970 began on a Thursday */
#define FIRST_MONDAY (4 * DAY)

const int64_t report_widths[REPORT_WIDTHS] = { 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,
                                               2 * HOUR,   6 * HOUR,    12 * HOUR,   DAY,
                                               WEEK,       4 * WEEK,    52 * WEEK };

static bool
read_in (const char *text, GTimeZone *zone, int64_t *ret)
{
    g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, zone);
    const int64_t time = date ? g_date_time_to_unix (date) : REPORT_TIME_NONE;

    if (time < YEAR_2000 || time >= YEAR_2100)
        return false;
    *ret = time;
    return true;
}

bool
report_time_read (const char *text, int64_t *ret)
{
    return read_in (text, NULL, ret);
}

/* Seconds of the unit that is all of @text; 0: it's no unit. */
static int64_t
unit_seconds (const char *text)
{
    static const struct {
        char name;
        int64_t seconds;
    } units[] = { { 'm', MINUTE }, { 'h', HOUR }, { 'd', DAY }, { 'w', WEEK } };

    for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
        if (text[0] == units[i].name && text[1] == '\0')
            return units[i].seconds;
    return 0;
}

static bool
read_ago (const char *text, int64_t now, int64_t *ret)
{
    char *end = NULL;
    const guint64 n = g_ascii_isdigit (*text) ? g_ascii_strtoull (text, &end, 10) : 0;
    const int64_t unit = end ? unit_seconds (end) : 0;

    if (n == 0 || unit == 0 || n > (guint64)(YEAR_2100 / unit) ||
        (int64_t)n * unit > now - YEAR_2000)
        return false;
    *ret = now - (int64_t)n * unit;
    return true;
}

bool
report_time_read_point (const char *text, int64_t now, GTimeZone *zone, int64_t *ret)
{
    static const char *const ends[] = { "", ":00", "T00:00:00" };
    g_autoptr (GTimeZone) own = zone ? g_time_zone_ref (zone) : g_time_zone_new_utc ();

    if (strcmp (text, "now") == 0) {
        *ret = now;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
        g_autofree char *whole = g_strconcat (text, ends[i], NULL);
        if (read_in (whole, own, ret))
            return true;
    }
    return read_ago (text, now, ret);
}

char *
report_time_format (int64_t time, GTimeZone *zone, const char *format)
{
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time);
    g_autoptr (GDateTime) date = zone ? g_date_time_to_timezone (utc, zone) : g_date_time_ref (utc);

    return g_date_time_format (date, format);
}

char *
report_time_text (int64_t time, GTimeZone *zone)
{
    return report_time_format (time, zone, "%Y-%m-%d %H:%M");
}

int64_t
report_time_shift (int64_t time, GTimeZone *zone)
{
    return zone ? g_time_zone_get_offset (
                      zone, g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, time))
                : 0;
}

char *
report_time_length (int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = { { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" } };
    size_t i = 0;
    int64_t n;

    while (i + 1 < G_N_ELEMENTS (units) && seconds < 2 * units[i].seconds &&
           seconds != units[i].seconds)
        i++;
    n = MAX ((seconds + units[i].seconds / 2) / units[i].seconds, 1);
    return g_strdup_printf ("%" G_GINT64_FORMAT " %s%s", n, units[i].name, n == 1 ? "" : "s");
}

int64_t
report_time_floor (int64_t time, int64_t width)
{
    int64_t offset = (time - FIRST_MONDAY) % width;

    return time - (offset < 0 ? offset + width : offset);
}

int64_t
report_time_width (int64_t from, int64_t to, unsigned bars)
{
    size_t i = 0;

    while (i + 1 < REPORT_WIDTHS &&
           (report_time_floor (to, report_widths[i]) - report_time_floor (from, report_widths[i])) /
                       report_widths[i] +
                   1 >
               (int64_t)bars)
        i++;
    return report_widths[i];
}
