/* Dates: a tolerant reader of words and numbers, no library call on mail bytes.
 */
#include "core/bytes/date.h"

#include "core/bytes/text.h"

struct date_parts {
    int day, month, year, hour, minute, second, zone_minutes;
    bool has_time, has_zone;
    char half_of_day; /* 'a'm, 'p'm, 0: a clock of 24 hours */
};

static int
month_of (struct dsn_bytes word)
{
    static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec" };

    for (int i = 0; i < 12; i++)
        if (text_has_prefix (word, names[i]))
            return i + 1;
    return 0;
}

/* RFC 5322 s.4.3, and the abbreviations that daemons write. */
static bool
zone_of (struct dsn_bytes word, int *ret_minutes)
{
    static const struct {
        const char *name;
        int minutes;
    } zones[] = {
        { "gmt", 0 },    { "ut", 0 },     { "utc", 0 },    { "z", 0 },      { "est", -300 },
        { "edt", -240 }, { "cst", -360 }, { "cdt", -300 }, { "mst", -420 }, { "mdt", -360 },
        { "pst", -480 }, { "pdt", -420 }, { "jst", 540 },  { "kst", 540 },  { "cet", 60 },
        { "cest", 120 }, { "met", 60 },   { "mest", 120 }, { "msk", 180 },  { "bst", 60 },
        { "eet", 120 },  { "eest", 180 }, { "wet", 0 },    { "hst", -600 }, { "akst", -540 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (zones); i++)
        if (text_equal (word, zones[i].name)) {
            *ret_minutes = zones[i].minutes;
            return true;
        }
    return false;
}

/* "23:34" or "23:34:45" */
static bool
take_time (struct dsn_bytes word, struct date_parts *d)
{
    unsigned v[3] = { 0 };
    size_t n = text_scan_number (word, 23, &v[0]);

    if (!n || n > 2 || n >= word.n || word.p[n] != ':')
        return false;
    word = dsn_bytes_sub (word, n + 1, word.n);
    n = text_scan_number (word, 59, &v[1]);
    if (!n || n > 2)
        return false;
    if (n < word.n && word.p[n] == ':')
        (void)text_scan_number (dsn_bytes_sub (word, n + 1, MIN (word.n, n + 3)), 60, &v[2]);
    d->hour = (int)v[0];
    d->minute = (int)v[1];
    d->second = (int)v[2];
    d->has_time = true;
    return true;
}

/* "+0900", "+09:00", "GMT+0900" */
static bool
take_offset (struct dsn_bytes word, struct date_parts *d)
{
    unsigned hours = 0, minutes = 0;
    size_t colon;

    if (text_has_prefix (word, "gmt") || text_has_prefix (word, "utc"))
        word = dsn_bytes_sub (word, 3, word.n);
    if (word.n < 5 || (word.p[0] != '+' && word.p[0] != '-'))
        return false;
    colon = word.p[3] == ':';
    if (text_scan_number (dsn_bytes_sub (word, 1, 3), 23, &hours) != 2 ||
        text_scan_number (dsn_bytes_sub (word, 3 + colon, 5 + colon), 59, &minutes) != 2)
        return false;
    d->zone_minutes = (int)(hours * 60 + minutes) * (word.p[0] == '-' ? -1 : 1);
    d->has_zone = true;
    return true;
}

/* What follows the time in an ISO date: a fraction, then "Z" or an offset. */
static void
take_iso_zone (struct dsn_bytes word, struct date_parts *d)
{
    for (size_t i = 0; i < word.n && !d->has_zone; i++)
        if (strchr ("+-zZ", word.p[i]) && !take_offset (dsn_bytes_sub (word, i, word.n), d))
            return;
}

static void
take_number (struct dsn_bytes word, struct date_parts *d)
{
    unsigned v = 0;
    size_t n = text_scan_number (word, 9999, &v);

    if (n == 4)
        d->year = (int)v;
    else if (n && n <= 2 && !d->day && v >= 1 && v <= 31)
        d->day = (int)v;
    else if (n == 2 && d->day && !d->year)
        d->year = (int)v + (v < 50 ? 2000 : 1900); /* RFC 5322 s.4.3 */
}

/* "2026-11-21T08:00:00" */
static bool
take_iso (struct dsn_bytes word, struct date_parts *d)
{
    unsigned v[3] = { 0 };

    if (word.n < 10 || word.p[4] != '-' || word.p[7] != '-' ||
        text_scan_number (dsn_bytes_sub (word, 0, 4), 9999, &v[0]) != 4 ||
        text_scan_number (dsn_bytes_sub (word, 5, 7), 12, &v[1]) != 2 ||
        text_scan_number (dsn_bytes_sub (word, 8, 10), 31, &v[2]) != 2)
        return false;
    d->year = (int)v[0];
    d->month = (int)v[1];
    d->day = (int)v[2];
    if (word.n > 11 && (word.p[10] == 'T' || word.p[10] == 't'))
        (void)take_time (dsn_bytes_sub (word, 11, word.n), d);
    if (d->has_time)
        take_iso_zone (dsn_bytes_sub (word, 11, word.n), d);
    return true;
}

static void
take_word (struct dsn_bytes word, struct date_parts *d)
{
    int month, minutes;

    if (!word.n)
        return;
    if (take_iso (word, d) || take_time (word, d) || (d->has_time && take_offset (word, d)))
        return;
    if (g_ascii_isdigit (word.p[0])) {
        const char *dash = memchr (word.p, '-', word.n);
        take_number (word, d);
        /* "17-Jul-2013" */
        if (dash)
            take_word (dsn_bytes_sub (word, (size_t)(dash - word.p) + 1, word.n), d);
    } else if (!d->month && (month = month_of (word)) != 0) {
        const char *dash = memchr (word.p, '-', word.n);
        d->month = month;
        if (dash)
            take_number (dsn_bytes_sub (word, (size_t)(dash - word.p) + 1, word.n), d);
    } else if (text_equal (word, "am") || text_equal (word, "pm")) {
        d->half_of_day = g_ascii_tolower (word.p[0]);
    } else if (!d->has_zone && zone_of (word, &minutes)) {
        d->zone_minutes = minutes;
        d->has_zone = true;
    }
}

/* Days from 1970-01-01 to the day (proleptic Gregorian). */
static int64_t
days_from_civil (int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static void
civil_from_days (int64_t days, struct date_parts *d)
{
    int64_t era, doe, yoe, doy, mp;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    doe = days - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    d->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    d->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    d->year = (int)(yoe + era * 400 + (d->month <= 2));
}

/* Whether the parts are a day of the calendar and a time of its clock. */
static bool
is_real (const struct date_parts *d)
{
    struct date_parts back;

    if (!d->day || !d->month || d->year < 1900 || d->year > 9998 || !d->has_time)
        return false;
    civil_from_days (days_from_civil (d->year, d->month, d->day), &back);
    return back.day == d->day;
}

bool
date_to_rfc3339 (struct dsn_bytes in, char text[DATE_TEXT_SIZE])
{
    struct date_parts d = { 0 };
    int64_t seconds, days;
    size_t at = 0;

    /* no date is longer; bounds the work on what only claims to be one */
    in = dsn_bytes_sub (in, 0, 128);
    while (at < in.n) {
        size_t start = at;
        while (at < in.n && !strchr (" \t\r\n,;()", in.p[at]))
            at++;
        if (at > start)
            take_word (dsn_bytes_sub (in, start, at), &d);
        at += at == start;
    }
    if (!is_real (&d))
        return false;
    if (d.half_of_day && d.hour <= 12)
        d.hour = d.hour % 12 + (d.half_of_day == 'p' ? 12 : 0);
    seconds = days_from_civil (d.year, d.month, d.day) * 86400 +
              ((d.hour * 60 + d.minute) - d.zone_minutes) * 60 + d.second;
    days = seconds / 86400 - (seconds % 86400 < 0);
    seconds -= days * 86400;
    civil_from_days (days, &d);
    (void)g_snprintf (text, DATE_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year % 10000,
                      d.month, d.day, (int)(seconds / 3600), (int)(seconds / 60 % 60),
                      (int)(seconds % 60));
    return true;
}
