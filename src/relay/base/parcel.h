/* An event on its way from a source to a sink. */
#ifndef DSND_PARCEL_H
#define DSND_PARCEL_H

#include "store/storefact.h"

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What the sink made of a parcel. */
enum parcel_outcome {
    PARCEL_OPEN,      /* no answer, or one that says to come again */
    PARCEL_CONFIRMED, /* the sink has it and keeps it */
    PARCEL_REFUSED    /* the sink will never take it: @reason tells why */
};

struct parcel {
    char *spool; /* id of the spool that the number is of */
    uint64_t seq;
    char *id;                     /* of the event */
    char *recipient;              /* in lower case, "" if it names none: what must stay in order */
    char *kind, *category, *time; /* "": none */
    char *text;                   /* what the sink gets, without a line feed */
    size_t n_text;
    struct store_fact *fact; /* for a store; else NULL */
    uint64_t token;          /* of the source: what to acknowledge */
    int64_t came_us;         /* monotonic */
    bool is_done;            /* confirmed, parked, or nothing to deliver */
    enum parcel_outcome outcome;
    char *reason; /* NULL: none */
};

/* How the text is made of an event. */
struct parcel_style {
    const struct outformat *format; /* NULL: the event as it is */
    bool is_cloudevent;
    const char *origin; /* (borrowed) source attribute of a CloudEvent */
    bool wants_fact;
};

/* Makes the parcel of the event @json, of the spool @spool. One that the format has no record for
 * is done at once. NULL if it's no event. (transfer full): parcel_free() */
struct parcel *parcel_new (struct dsn_bytes json, const char *spool,
                           const struct parcel_style *style);
void parcel_free (struct parcel *parcel);
typedef struct parcel parcel_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (parcel_t, parcel_free)

void parcel_confirm (struct parcel *parcel);
void parcel_refuse (struct parcel *parcel, const char *reason);

/* "SPOOL-SEQ", the name that an event has everywhere. (transfer full): g_free() */
char *parcel_name (const struct parcel *parcel);

#endif
