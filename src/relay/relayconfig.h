/* A relay's configuration file: dsn-relay.conf(5). */
#ifndef DSND_RELAYCONFIG_H
#define DSND_RELAYCONFIG_H

#include "relay/base/sink.h"
#include "relay/base/source.h"

struct relayconfig {
    char *name;                            /* of the file, without .conf */
    const struct source_kind *source_kind; /* static */
    const struct sink_kind *sink_kind;     /* static */
    struct section *source, *sink;
    unsigned window_events;
    uint64_t window_bytes;
    unsigned rate; /* events a second; 0: no bound */
    struct parcel_style style;
    char *origin;
    char *park;    /* directory for what the sink refuses */
    char *metrics; /* file for the metrics; NULL: none */
    char *text;    /* of the sections [Source] and [Sink], to tell whether they changed */
};

/* Reads the file at @path. The error names file, section and key, and what is permitted.
 * (transfer full): relayconfig_free() */
struct relayconfig *relayconfig_load (const char *path, GError **error);
void relayconfig_free (struct relayconfig *config);
typedef struct relayconfig relayconfig_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (relayconfig_t, relayconfig_free)

#endif
