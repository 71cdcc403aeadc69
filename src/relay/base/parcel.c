/* Making parcels. */
#include "relay/base/parcel.h"

#include "formats/cloudevents.h"
#include "formats/outformat.h"

#include <string.h>

/* What the sink gets; false if the format has no record for such an event. */
static bool
append_text (GString *out, struct dsn_bytes json, const struct parcel *p,
             const struct dsn_eventview *event, const struct parcel_style *style)
{
    if (style->is_cloudevent)
        return cloudevents_append (out, event, json, style->origin, p->spool, p->seq);
    if (style->format)
        return outformat_append (style->format, out, json);
    g_string_append_len (out, json.p, (gssize)json.n);
    return true;
}

struct parcel *
parcel_new (struct dsn_bytes json, const char *spool, const struct parcel_style *style)
{
    g_autoptr (dsn_eventview_t) event = dsn_eventview_read (json);
    const int64_t seq = event ? dsn_eventview_number (event, "", "seq", 0) : 0;
    g_autoptr (GString) text = g_string_sized_new (json.n + 1);
    struct parcel *p;

    if (seq <= 0)
        return NULL;
    p = g_new0 (struct parcel, 1);
    p->spool = g_strdup (spool);
    p->seq = (uint64_t)seq;
    p->id = g_strdup (dsn_eventview_text (event, "", "id"));
    p->recipient = g_ascii_strdown (dsn_eventview_text (event, "", "recipient"), -1);
    p->kind = g_strdup (dsn_eventview_text (event, "", "kind"));
    p->category = g_strdup (dsn_eventview_text (event, "", "category"));
    p->time = g_strdup (dsn_eventview_text (event, "", "time"));
    p->fact = style->wants_fact ? store_fact_read (event) : NULL;
    p->is_done = style->wants_fact ? !p->fact : !append_text (text, json, p, event, style);
    /* a store takes the facts; what it can't take is parked as the event was */
    if (style->wants_fact)
        g_string_append_len (text, json.p, (gssize)json.n);
    p->n_text = text->len;
    p->text = g_string_free (g_steal_pointer (&text), FALSE);
    p->came_us = g_get_monotonic_time ();
    return p;
}

void
parcel_free (struct parcel *p)
{
    if (!p)
        return;
    store_fact_free (p->fact);
    g_free (p->spool);
    g_free (p->id);
    g_free (p->recipient);
    g_free (p->kind);
    g_free (p->category);
    g_free (p->time);
    g_free (p->text);
    g_free (p->reason);
    g_free (p);
}

void
parcel_confirm (struct parcel *p)
{
    p->outcome = PARCEL_CONFIRMED;
}

void
parcel_refuse (struct parcel *p, const char *reason)
{
    p->outcome = PARCEL_REFUSED;
    g_free (p->reason);
    p->reason = g_utf8_make_valid (reason, -1);
}

char *
parcel_name (const struct parcel *p)
{
    return g_strdup_printf ("%s-%" G_GUINT64_FORMAT, p->spool, p->seq);
}
