/* Sections and what they may hold. */
#include "relay/relayconfig.h"

#include "formats/outformat.h"
#include "relay/sinks/sinks.h"
#include "relay/sources/sources.h"

#include <string.h>

static const char *const groups[] = { "Source", "Sink", "Window", "Relay", NULL };

void
relayconfig_free (struct relayconfig *c)
{
    if (!c)
        return;
    section_free (c->source);
    section_free (c->sink);
    g_free (c->name);
    g_free (c->origin);
    g_free (c->park);
    g_free (c->metrics);
    g_free (c->text);
    g_free (c);
}

static bool
check_groups (const char *path, GKeyFile *keys, GError **error)
{
    g_auto (GStrv) found = g_key_file_get_groups (keys, NULL);

    for (char **group = found; *group; group++)
        if (!g_strv_contains (groups, *group)) {
            g_set_error (error, SECTION_ERROR, SECTION_ERROR_INVALID,
                         "%s: [%s]: there's no such section; there are Source, Sink, Window and "
                         "Relay",
                         path, *group);
            return false;
        }
    return true;
}

static bool
choose_kinds (struct relayconfig *c, GError **error)
{
    const char *source = section_text (c->source, "Type", "socket");
    const char *sink = section_need (c->sink, "Type", error);
    g_autofree char *sources = g_strjoinv (", ", (char **)sources_names ());
    g_autofree char *sinks = sinks_names ();

    if (!sink)
        return false;
    c->source_kind = sources_find (source);
    if (!c->source_kind)
        return section_fail (c->source, "Type", error, "'%s' isn't built in: %s", source, sources);
    c->sink_kind = sinks_find (sink);
    if (!c->sink_kind)
        return section_fail (c->sink, "Type", error, "'%s' isn't built in: %s", sink, sinks);
    return true;
}

static bool
read_window (struct relayconfig *c, struct section *window, GError **error)
{
    uint64_t events, rate;

    if (!section_number (window, "Events", 1000, 1, 100000, &events, error) ||
        !section_number (window, "Bytes", 4 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024,
                         &c->window_bytes, error) ||
        !section_number (window, "Rate", 0, 0, 1000000, &rate, error))
        return false;
    c->window_events = (unsigned)events;
    c->rate = (unsigned)rate;
    return section_finish (window, error);
}

static bool
read_format (struct relayconfig *c, struct section *relay, GError **error)
{
    static const char *const names[] = { "dsnd", "cloudevents", "sisimai", "ses", "kumomta", NULL };
    unsigned i;

    if (!section_choice (relay, "Format", names, &i, error))
        return false;
    if (i != 0 && c->sink_kind->is_store)
        return section_fail (relay, "Format", error, "a store takes events as they are");
    c->style.is_cloudevent = i == 1;
    c->style.format = i > 1 ? outformat_lookup (names[i]) : NULL;
    c->style.wants_fact = c->sink_kind->is_store;
    return true;
}

/* Where the service keeps what is its own, unless another place is configured. */
static char *
default_park (const char *name)
{
    const char *state = g_getenv ("STATE_DIRECTORY");

    return state ? g_build_filename (state, "parked", NULL)
                 : g_build_filename ("/var/lib/dsn-relay", name, "parked", NULL);
}

static bool
read_relay (struct relayconfig *c, struct section *relay, GError **error)
{
    const char *park = section_text (relay, "Park", NULL);
    g_autofree char *origin = g_strconcat ("urn:dsnd:", g_get_host_name (), ":", c->name, NULL);

    if (!read_format (c, relay, error))
        return false;
    c->park = park ? g_strdup (park) : default_park (c->name);
    c->metrics = g_strdup (section_text (relay, "Metrics", NULL));
    c->origin = g_strdup (section_text (relay, "Origin", origin));
    c->style.origin = c->origin;
    return section_finish (relay, error);
}

static void
append_section (GString *out, GKeyFile *keys, const char *group)
{
    g_auto (GStrv) names = g_key_file_get_keys (keys, group, NULL, NULL);

    for (char **name = names; name && *name; name++) {
        g_autofree char *value = g_key_file_get_value (keys, group, *name, NULL);
        g_string_append_printf (out, "%s %s=%s\n", group, *name, value);
    }
}

static struct relayconfig *
read_keys (const char *path, GKeyFile *keys, GError **error)
{
    g_autoptr (relayconfig_t) c = g_new0 (struct relayconfig, 1);
    g_autoptr (section_t) window = section_new (path, keys, "Window");
    g_autoptr (section_t) relay = section_new (path, keys, "Relay");
    g_autoptr (GString) text = g_string_new (NULL);

    c->name = g_path_get_basename (path);
    if (g_str_has_suffix (c->name, ".conf"))
        c->name[strlen (c->name) - strlen (".conf")] = '\0';
    c->source = section_new (path, keys, "Source");
    c->sink = section_new (path, keys, "Sink");
    append_section (text, keys, "Source");
    append_section (text, keys, "Sink");
    c->text = g_string_free (g_steal_pointer (&text), FALSE);
    if (!check_groups (path, keys, error) || !choose_kinds (c, error) ||
        !read_window (c, window, error) || !read_relay (c, relay, error))
        return NULL;
    return g_steal_pointer (&c);
}

struct relayconfig *
relayconfig_load (const char *path, GError **error)
{
    g_autoptr (GKeyFile) keys = g_key_file_new ();
    g_autoptr (GError) trouble = NULL;

    if (g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, &trouble))
        return read_keys (path, keys, error);
    g_set_error (error, SECTION_ERROR, SECTION_ERROR_INVALID, "%s: %s", path, trouble->message);
    return NULL;
}
