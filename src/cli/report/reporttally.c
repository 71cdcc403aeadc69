/* Which table gets which value of an event. */
#include "cli/report/reporttally.h"

#include <string.h>

/* A value of the event for a table; NULL if it has none. @buffer is room for one that must be made.
 */
typedef const char *value_fn (const json_t *event, GString *buffer);

static const char *
get (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));

    return text && *text ? text : NULL;
}

static const char *
lower (const char *text, GString *buffer)
{
    if (!text)
        return NULL;
    g_string_assign (buffer, text);
    g_string_ascii_down (buffer);
    return buffer->str;
}

static const char *
value_kind (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (event, "kind");
}

static const char *
value_advice (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (event, "advice");
}

static const char *
value_trust (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (event, "trust");
}

static const char *
value_category (const json_t *event, GString *buffer)
{
    const char *category = get (event, "category");

    (void)buffer;
    return category ? category : "unknown";
}

static const char *
value_domain (const json_t *event, GString *buffer)
{
    const char *recipient = get (event, "recipient");
    const char *at = recipient ? strrchr (recipient, '@') : NULL;

    return at && at[1] ? lower (at + 1, buffer) : NULL;
}

static const char *
value_provider (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (event, "provider");
}

static const char *
value_remote (const json_t *event, GString *buffer)
{
    const char *host = get (event, "remote_mta");

    return lower (host ? host : get (event, "remote_ip"), buffer);
}

static const char *
value_block_list (const json_t *event, GString *buffer)
{
    return lower (get (event, "block_list"), buffer);
}

static const char *
value_reporter (const json_t *event, GString *buffer)
{
    return lower (get (event, "reporting_mta"), buffer);
}

static const char *
value_system (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (event, "format");
}

/* The address in the From field of the message that bounced, without the name. */
static const char *
value_sender (const json_t *event, GString *buffer)
{
    const char *from = get (json_object_get (event, "original"), "from");
    const char *open = from ? strrchr (from, '<') : NULL;
    const char *close = open ? strchr (open, '>') : NULL;

    if (!close)
        return lower (from, buffer);
    (void)lower (open + 1, buffer);
    g_string_truncate (buffer, (gsize)(close - open - 1));
    return buffer->len ? buffer->str : NULL;
}

static const char *
value_mailbox (const json_t *event, GString *buffer)
{
    (void)buffer;
    return get (json_object_get (event, "source"), "mailbox");
}

static const struct {
    value_fn *value;
    bool is_for_all; /* events, not only failures and delays */
} tables[_REPORT_TABLE_N] = {
    [REPORT_TABLE_KIND] = { value_kind, true },
    [REPORT_TABLE_ADVICE] = { value_advice, true },
    [REPORT_TABLE_TRUST] = { value_trust, true },
    [REPORT_TABLE_CATEGORY] = { value_category, false },
    [REPORT_TABLE_DOMAIN] = { value_domain, false },
    [REPORT_TABLE_PROVIDER] = { value_provider, false },
    [REPORT_TABLE_REMOTE] = { value_remote, false },
    [REPORT_TABLE_BLOCK_LIST] = { value_block_list, false },
    [REPORT_TABLE_REPORTER] = { value_reporter, false },
    [REPORT_TABLE_SYSTEM] = { value_system, false },
    [REPORT_TABLE_SENDER] = { value_sender, false },
    [REPORT_TABLE_MAILBOX] = { value_mailbox, false },
};

struct report_tally *
report_tally_new (int64_t since, int64_t until)
{
    struct report_tally *tally = g_new0 (struct report_tally, 1);

    tally->since = since;
    tally->until = until;
    tally->first = tally->last = REPORT_TIME_NONE;
    tally->recipients = report_distinct_new ();
    tally->suppress = report_distinct_new ();
    tally->addresses = report_addresses_new (REPORT_ADDRESSES_MAX);
    tally->zone_name = "UTC";
    tally->series = report_series_new ();
    tally->watch = report_watch_new ();
    for (unsigned i = 0; i < _REPORT_TABLE_N; i++)
        tally->tables[i] = report_top_new (REPORT_COUNTERS);
    return tally;
}

void
report_tally_free (struct report_tally *tally)
{
    for (unsigned i = 0; i < _REPORT_TABLE_N; i++)
        report_top_free (tally->tables[i]);
    if (tally->earlier)
        report_tally_free (tally->earlier);
    if (tally->zone)
        g_time_zone_unref (tally->zone);
    report_addresses_free (tally->addresses);
    report_watch_free (tally->watch);
    report_series_free (tally->series);
    report_distinct_free (tally->suppress);
    report_distinct_free (tally->recipients);
    g_free (tally);
}

void
report_tally_compare (struct report_tally *tally)
{
    if (tally->since != REPORT_TIME_NONE && tally->until != REPORT_TIME_NONE)
        tally->earlier = report_tally_new (2 * tally->since - tally->until, tally->since);
}

static enum report_part
part_of (const json_t *event)
{
    const char *kind = get (event, "kind");

    if (g_strcmp0 (kind, "delayed") == 0)
        return REPORT_DELAYED;
    if (g_strcmp0 (kind, "bounce") != 0)
        return REPORT_OTHER;
    return g_strcmp0 (get (event, "class"), "hard") == 0 ? REPORT_HARD : REPORT_SOFT;
}

/* When it was recorded; what was never recorded is as old as the mail says it is. */
static bool
read_time (struct report_tally *tally, const json_t *event, int64_t *ret)
{
    const char *time = get (event, "time");
    const char *date = get (json_object_get (event, "report"), "date");

    if (time && report_time_read (time, ret))
        return true;
    if (!date || !report_time_read (date, ret))
        return false;
    tally->n_mail_dates++;
    return true;
}

static void
note_time (struct report_tally *tally, int64_t time, enum report_part part)
{
    if (tally->first == REPORT_TIME_NONE || time < tally->first)
        tally->first = time;
    if (time > tally->last)
        tally->last = time;
    report_series_add (tally->series, time, part);
}

static bool
is_outside (const struct report_tally *tally, int64_t time)
{
    return (tally->since != REPORT_TIME_NONE && time < tally->since) ||
           (tally->until != REPORT_TIME_NONE && time >= tally->until);
}

bool
report_tally_skip (struct report_tally *tally, const char *text)
{
    int64_t time;

    if (!report_time_read (text, &time) || !is_outside (tally, time) ||
        (tally->earlier && !is_outside (tally->earlier, time)))
        return false;
    tally->n_outside++;
    return true;
}

/* Whether the event is one to count, and its time, if it has one. */
static bool
is_wanted (struct report_tally *tally, const json_t *event, int64_t *ret_time)
{
    const uint64_t n_mail_dates = tally->n_mail_dates;

    *ret_time = REPORT_TIME_NONE;
    if (!read_time (tally, event, ret_time)) {
        const bool is_counted = tally->since == REPORT_TIME_NONE;
        tally->n_undated += is_counted;
        tally->n_without_date += !is_counted;
        return is_counted;
    }
    if (is_outside (tally, *ret_time)) {
        tally->n_mail_dates = n_mail_dates;
        if (tally->earlier && !is_outside (tally->earlier, *ret_time))
            report_tally_add (tally->earlier, event);
        else
            tally->n_outside++;
        return false;
    }
    return true;
}

/* One event of each mail, however many it has. */
static bool
is_first_of_mail (const json_t *event)
{
    const json_t *part = json_array_get (json_object_get (event, "part"), 0);

    return !part || json_integer_value (part) == 1;
}

static void
add_recipient (struct report_tally *tally, const json_t *event, int64_t time)
{
    const char *recipient = get (event, "recipient");

    if (!recipient)
        return;
    report_distinct_add (tally->recipients, recipient);
    if (g_strcmp0 (get (event, "advice"), "suppress") != 0)
        return;
    report_distinct_add (tally->suppress, recipient);
    /* what may be forged gets nobody onto a list */
    if (g_strcmp0 (get (event, "trust"), "suspect") != 0)
        report_addresses_add (tally->addresses, recipient, value_category (event, NULL),
                              get (event, "diagnostic"), time);
}

static void
add_to_tables (struct report_tally *tally, const json_t *event, enum report_part part)
{
    g_autoptr (GString) buffer = g_string_new (NULL);

    for (unsigned i = 0; i < _REPORT_TABLE_N; i++) {
        const char *value = NULL;
        if (tables[i].is_for_all || part != REPORT_OTHER)
            value = tables[i].value (event, buffer);
        if (value)
            report_top_add (tally->tables[i], value, part);
    }
}

/* The most telling name of where it happened. */
static void
watch (struct report_tally *tally, const json_t *event, int64_t time)
{
    g_autoptr (GString) place_buffer = g_string_new (NULL), list_buffer = g_string_new (NULL);
    const char *place = value_provider (event, place_buffer);

    if (!place)
        place = value_remote (event, place_buffer);
    if (!place)
        place = value_domain (event, place_buffer);
    report_watch_add (tally->watch, time, value_category (event, NULL),
                      value_block_list (event, list_buffer), place, get (event, "diagnostic"));
}

void
report_tally_add (struct report_tally *tally, const json_t *event)
{
    const enum report_part part = part_of (event);
    const char *category = get (event, "category");
    int64_t time;

    if (json_integer_value (json_object_get (event, "v")) != 1 || !get (event, "kind")) {
        tally->n_foreign++;
        return;
    }
    if (!is_wanted (tally, event, &time))
        return;
    tally->n_events++;
    tally->n_mails += is_first_of_mail (event);
    tally->n_parts[part]++;
    if (part == REPORT_HARD || part == REPORT_SOFT)
        tally->n_unknown += !category || strcmp (category, "unknown") == 0;
    if (time != REPORT_TIME_NONE)
        note_time (tally, time, part);
    if (time != REPORT_TIME_NONE && part != REPORT_OTHER)
        watch (tally, event, time);
    add_recipient (tally, event, time);
    add_to_tables (tally, event, part);
}

uint64_t
report_tally_bounces (const struct report_tally *tally)
{
    return tally->n_parts[REPORT_HARD] + tally->n_parts[REPORT_SOFT];
}

bool
report_tally_span (const struct report_tally *tally, int64_t *ret_from, int64_t *ret_to)
{
    const bool is_asked = tally->since != REPORT_TIME_NONE && tally->until != REPORT_TIME_NONE;

    if (!is_asked && tally->first == REPORT_TIME_NONE)
        return false;
    *ret_from = is_asked ? tally->since : tally->first;
    *ret_to = is_asked ? tally->until - 1 : tally->last;
    return true;
}

bool
report_tally_range (const struct report_tally *tally, unsigned bars_max, struct report_range *ret)
{
    struct report_range range = { .bars_max = bars_max };

    if (!report_tally_span (tally, &range.from, &range.to))
        return false;
    range.shift_s = report_time_shift (range.to, tally->zone);
    *ret = range;
    return true;
}

GArray *
report_tally_incidents (const struct report_tally *tally)
{
    const int64_t first = tally->first == REPORT_TIME_NONE ? 0 : tally->first;

    return report_watch_incidents (tally->watch, first, MAX (first, tally->last));
}
