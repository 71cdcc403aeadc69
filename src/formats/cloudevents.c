/* The envelope; the event itself stays as it is. */
#include "formats/cloudevents.h"

#include "formats/eventjson.h"

static int
append_piece (const char *piece, size_t n, void *data)
{
    g_string_append_len (data, piece, (gssize)n);
    return 0;
}

/* An attribute may not be empty: what isn't there is left out. */
static void
append_attribute (GString *out, const char *name, const char *value)
{
    json_t *text = *value ? json_string (value) : NULL;

    if (!text)
        return;
    g_string_append_printf (out, "\"%s\":", name);
    (void)json_dump_callback (text, append_piece, out, JSON_ENCODE_ANY);
    g_string_append_c (out, ',');
    json_decref (text);
}

bool
cloudevents_append (GString *out, const struct dsn_eventview *event, struct dsn_bytes json,
                    const char *origin, const char *spool, uint64_t seq)
{
    const char *kind = dsn_eventview_text (event, "", "kind");
    g_autofree char *id = g_strdup_printf ("%s/%" G_GUINT64_FORMAT, spool, seq);
    g_autofree char *type = g_strconcat ("dsn.", kind, NULL);

    if (!*kind)
        return false;
    g_string_append (out, "{\"specversion\":\"1.0\",");
    append_attribute (out, "id", id);
    append_attribute (out, "source", origin);
    append_attribute (out, "type", type);
    append_attribute (out, "subject", dsn_eventview_text (event, "", "recipient"));
    append_attribute (out, "time", dsn_eventview_text (event, "", "time"));
    g_string_append (out, "\"datacontenttype\":\"application/json\",\"data\":");
    g_string_append_len (out, json.p, (gssize)json.n);
    g_string_append_c (out, '}');
    return true;
}
