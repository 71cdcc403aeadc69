/* The events of a mail, asked for by key: what <dsn/events.h> declares. It goes by the field table
 * alone, so that a new key needs nothing here.
 */
#include "core/library/events.h"

#include "core/event/event.h"

#include <string.h>

#define REPLY_SIZE 4 /* three digits and a NUL */

/* What an event is asked for, and where it stands. */
struct place {
    const struct dsn_field *field;
    const void *value;
    const char *rest; /* behind the key: the name in a field of pairs, "" for others */
};

struct dsn_events {
    struct dsn_report *report; /* owns all texts here */
    const char *mail_id;
    const char *ruleset;
    size_t size_bytes;
    const char **ids;            /* one for each event */
    char (*replies)[REPLY_SIZE]; /* so is this */
    enum dsn_kind *kinds;        /* and this */
};

static const char *
make_id (struct dsn_report *report, const char *mail_id, size_t i)
{
    g_autofree char *id = g_strdup_printf ("%s-%zu", mail_id, i + 1);

    return dsn_report_string (report, dsn_bytes_str (id));
}

struct dsn_events *
events_new (struct dsn_report *report, const char *mail_id, const char *ruleset, size_t size_bytes)
{
    struct dsn_events *events = dsn_report_alloc (report, sizeof *events);
    const size_t n = dsn_event_count (report);

    *events = (struct dsn_events){
        .report = report,
        .mail_id = dsn_report_string (report, dsn_bytes_str (mail_id)),
        .ruleset = dsn_report_string (report, dsn_bytes_str (ruleset)),
        .size_bytes = size_bytes,
        .ids = dsn_report_alloc (report, n * sizeof *events->ids),
        .replies = dsn_report_alloc (report, n * sizeof *events->replies),
        .kinds = dsn_report_alloc (report, n * sizeof *events->kinds),
    };
    for (size_t i = 0; i < n; i++) {
        events->ids[i] = make_id (report, mail_id, i);
        events->kinds[i] = dsn_report_event_kind (report, i);
        if (i < report->n_recipients && report->recipients[i].reply_code)
            (void)g_snprintf (events->replies[i], REPLY_SIZE, "%03u",
                              report->recipients[i].reply_code % 1000);
    }
    return events;
}

void
dsn_events_free (struct dsn_events *events)
{
    if (events)
        dsn_report_free (events->report);
}

size_t
dsn_events_count (const struct dsn_events *events)
{
    return dsn_event_count (events->report);
}

/* What follows @word in @text, NULL if @text doesn't begin with it. */
static const char *
skip_word (const char *text, const char *word)
{
    const size_t n = strlen (word);

    return strncmp (text, word, n) == 0 ? text + n : NULL;
}

/* What follows @field's key in @key, NULL if @key is another's. */
static const char *
match_key (const struct dsn_field *field, const char *key)
{
    if (field->group) {
        key = skip_word (key, field->group);
        if (!key || *key++ != '.')
            return NULL;
    }
    key = skip_word (key, field->key);
    if (!key || (*key && *key != '.'))
        return NULL;
    return *key ? key + 1 : key;
}

static const void *
find_value (const struct dsn_events *events, size_t i, const struct dsn_field *field)
{
    const struct dsn_report *report = events->report;

    if (field->scope == DSN_SCOPE_RECIPIENT)
        return i < report->n_recipients ? (const char *)&report->recipients[i] + field->offset
                                        : NULL;
    if (field->offset == offsetof (struct dsn_report, kind))
        return &events->kinds[i];
    return (const char *)report + field->offset;
}

static bool
find (const struct dsn_events *events, size_t i, const char *key, struct place *ret)
{
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);

    for (size_t k = 0; i < dsn_events_count (events) && k < n; k++) {
        const char *rest = match_key (&fields[k], key);

        if (!rest || (*rest && fields[k].type != DSN_FIELD_PAIRS))
            continue;
        *ret = (struct place){ &fields[k], find_value (events, i, &fields[k]), rest };
        return ret->value != NULL;
    }
    return false;
}

/* The value of the pair that @place names. */
static const char *
pair_text (const struct place *place)
{
    const struct dsn_pair *pairs = *(struct dsn_pair *const *)place->value;
    const size_t n = *(const size_t *)((const char *)place->value + sizeof (struct dsn_pair *));

    for (size_t i = 0; i < n; i++)
        if (g_ascii_strcasecmp (pairs[i].name, place->rest) == 0)
            return pairs[i].value;
    return NULL;
}

static const char *
place_text (const struct dsn_events *events, size_t i, const struct place *place)
{
    const struct dsn_field *field = place->field;
    unsigned value;

    switch (field->type) {
    case DSN_FIELD_STRING:
        return *(const char *const *)place->value;
    case DSN_FIELD_NAME:
        value = *(const unsigned *)place->value;
        return value < field->n_names ? field->names[value] : NULL;
    case DSN_FIELD_CATEGORY:
        return dsn_category_get (*(const unsigned *)place->value)->name;
    case DSN_FIELD_REPLY:
        return events->replies[i][0] ? events->replies[i] : NULL;
    case DSN_FIELD_PAIRS:
        return pair_text (place);
    case DSN_FIELD_PERCENT:
    case DSN_FIELD_LIST:
        return NULL;
    }
    return NULL;
}

const char *
dsn_events_text (const struct dsn_events *events, size_t i, const char *key)
{
    struct place place;

    if (i < dsn_events_count (events) && strcmp (key, "id") == 0)
        return events->ids[i];
    if (i < dsn_events_count (events) && strcmp (key, "ruleset") == 0)
        return events->ruleset;
    return find (events, i, key, &place) ? place_text (events, i, &place) : NULL;
}

int
dsn_events_number (const struct dsn_events *events, size_t i, const char *key)
{
    struct place place;

    if (!find (events, i, key, &place))
        return -1;
    if (place.field->type == DSN_FIELD_REPLY && events->replies[i][0])
        return *(const int *)place.value;
    /* without a verdict there's nothing to be confident of */
    if (place.field->type == DSN_FIELD_PERCENT && events->report->recipients[i].category)
        return *(const int *)place.value;
    return -1;
}

const char *
dsn_events_item (const struct dsn_events *events, size_t i, const char *key, size_t k)
{
    const char **list;
    struct place place;

    if (!find (events, i, key, &place) || place.field->type != DSN_FIELD_LIST)
        return NULL;
    list = *(const char ***)place.value;
    for (size_t n = 0; list && list[n]; n++)
        if (n == k)
            return list[n];
    return NULL;
}

char *
dsn_events_json (const struct dsn_events *events, size_t i)
{
    const struct dsn_event_context context = { .mail_id = events->mail_id,
                                               .ruleset = events->ruleset,
                                               .size_bytes = events->size_bytes };
    GString *out;

    if (i >= dsn_events_count (events))
        return NULL;
    out = g_string_new (NULL);
    dsn_event_append_json (out, events->report, i, &context);
    return g_string_free (out, FALSE);
}
