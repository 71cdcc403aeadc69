/* Where events come from. One file a source. */
#ifndef DSND_SOURCE_H
#define DSND_SOURCE_H

#include "relay/base/parcel.h"
#include "relay/base/section.h"

enum source_result {
    SOURCE_PARCEL,  /* there's one */
    SOURCE_NOTHING, /* nothing has come: wait */
    SOURCE_AWAY,    /* it can't be reached: later */
    SOURCE_ENDED    /* it will give nothing more: a person must act */
};

struct source_kind {
    const char *name; /* Type= of [Source] */
    bool is_local;

    /* Whether the events of a spool come in the order of their numbers, each from one connection.
     */
    bool is_ordered;

    /* Reads the section's keys; nothing is connected yet. (transfer full): close() */
    void *(*open) (struct section *section, const char *name, GError **error);

    /* Connects if need be, and takes the next event, without waiting. (transfer full) *@ret_parcel,
     * or *@ret_trouble. With SOURCE_PARCEL *@ret_trouble may hold news: a gap, another spool. */
    enum source_result (*take) (void *source, const struct parcel_style *style,
                                struct parcel **ret_parcel, char **ret_trouble);

    /* The descriptor that tells of something to take, -1 if there's none now; and how long to wait
     * at most if it doesn't tell, in milliseconds. */
    int (*fd) (void *source, int *ret_wait_ms);

    /* @parcel and all before it are done. */
    void (*done) (void *source, const struct parcel *parcel);

    /* Tells the other side what is done. With @waits until it has heard, for a bounded time. */
    void (*acknowledge) (void *source, bool waits);

    /* Connects, takes nothing, and says in *@ret_words what it found or what is wrong. */
    bool (*check) (void *source, char **ret_words);

    /* How many events wait there; 0 if it isn't known. */
    uint64_t (*lag) (void *source);

    void (*close) (void *source);
};

#endif
