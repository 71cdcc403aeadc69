/* Where events go. One file a sink; each works in turns: a turn's parcels are sent together, and
 * all answers are waited for, for a bounded time.
 */
#ifndef DSND_SINK_H
#define DSND_SINK_H

#include "relay/base/parcel.h"
#include "relay/base/section.h"

enum sink_result {
    SINK_ANSWERED, /* each parcel has its outcome; one that is still open is sent again */
    SINK_AWAY,     /* it can't be reached, or is busy or full: what is open is sent again later */
    SINK_REFUSES   /* it takes nothing, whatever is sent: a person must act */
};

struct sink_kind {
    const char *name; /* Type= of [Sink] */

    /* Whether parcels of one turn are taken in their order, so that after trouble none is there
     * without those before it. */
    bool is_ordered;
    bool is_store; /* it wants facts, not texts */
    bool is_local; /* it needs no network */

    /* Reads the section's keys; nothing is connected yet. (transfer full): close() */
    void *(*open) (struct section *section, const char *name, GError **error);

    /* Connects if need be, and sends the @n parcels. Sets each one's outcome. @source_is_ordered:
     * whether each spool's events come in the order of their numbers. (transfer full) *@ret_trouble
     * says in words what is wrong, unless all was answered. */
    enum sink_result (*deliver) (void *sink, struct parcel **parcels, unsigned n,
                                 bool source_is_ordered, char **ret_trouble);

    /* Connects, sends nothing, and says in *@ret_words what it found or what is wrong. */
    enum sink_result (*check) (void *sink, char **ret_words);

    /* What must be done without parcels, such as heartbeats: called at least each second, and
     * after each turn. NULL: nothing. Trouble is told in *@ret_trouble. */
    void (*tick) (void *sink, char **ret_trouble);

    void (*close) (void *sink);
};

#endif
