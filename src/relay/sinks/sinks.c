#include "relay/sinks/sinks.h"

#include <string.h>

static const struct sink_kind *const kinds[] = {
#ifdef HAVE_AMQP
    &sink_amqp,
#endif
#ifdef HAVE_CURL
    &sink_http,
#endif
#ifdef HAVE_KAFKA
    &sink_kafka,
#endif
#ifdef HAVE_NATS
    &sink_nats,
#endif
#ifdef HAVE_POSTGRESQL
    &sink_postgresql,
#endif
#ifdef HAVE_REDIS
    &sink_redis,
#endif
#ifdef HAVE_SQLITE
    &sink_sqlite,
#endif
    NULL,
};

const struct sink_kind *
sinks_find (const char *name)
{
    for (size_t i = 0; kinds[i]; i++)
        if (strcmp (kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

char *
sinks_names (void)
{
    GString *out = g_string_new (NULL);

    for (size_t i = 0; kinds[i]; i++)
        g_string_append_printf (out, "%s%s", out->len ? ", " : "", kinds[i]->name);
    return g_string_free (out, FALSE);
}
