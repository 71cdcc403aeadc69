/* Reading events. */
#include "formats/eventjson.h"

#include <glib.h>
#include <string.h>

const char *
eventjson_text (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));

    return text ? text : "";
}

const char *
eventjson_in (const json_t *event, const char *group, const char *key)
{
    return eventjson_text (json_object_get (event, group), key);
}

bool
eventjson_is (const json_t *event, const char *key, const char *word)
{
    return strcmp (eventjson_text (event, key), word) == 0;
}

int64_t
eventjson_epoch (const char *text)
{
    g_autoptr (GDateTime) date = *text ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

    return date ? g_date_time_to_unix (date) : 0;
}

const char *
eventjson_date (const json_t *event)
{
    const char *date = eventjson_in (event, "report", "date");

    return *date ? date : eventjson_text (event, "time");
}

const char *
eventjson_domain (const char *address)
{
    const char *at = strrchr (address, '@');

    return at ? at + 1 : "";
}

char *
eventjson_bare_id (const char *id)
{
    const size_t n = strlen (id);

    return n > 1 && id[0] == '<' && id[n - 1] == '>' ? g_strndup (id + 1, n - 2) : g_strdup (id);
}

const struct dsn_category *
eventjson_category (const json_t *event)
{
    const char *name =
        eventjson_is (event, "trust", "suspect") ? "unknown" : eventjson_text (event, "category");
    const unsigned row = dsn_category_lookup (dsn_bytes_str (name));

    return dsn_category_get (row ? row : dsn_category_lookup (dsn_bytes_str ("unknown")));
}
