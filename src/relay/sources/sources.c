#include "relay/sources/sources.h"

#include <string.h>

static const struct source_kind *const kinds[] = {
    &source_socket,
#ifdef HAVE_NATS
    &source_nats,
#endif
#ifdef HAVE_KAFKA
    &source_kafka,
#endif
};

static const char *const names[] = {
    "socket",
#ifdef HAVE_NATS
    "nats",
#endif
#ifdef HAVE_KAFKA
    "kafka",
#endif
    NULL,
};

const struct source_kind *
sources_find (const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (strcmp (kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

const char *const *
sources_names (void)
{
    return names;
}
