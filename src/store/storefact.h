/* What the store needs to know of an event. Pure. */
#ifndef DSND_STOREFACT_H
#define DSND_STOREFACT_H

#include "core/event/eventview.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Names of categories, rules and the like: longer ones are cut. */
#define STORE_WORD_BYTES 64

struct store_fact {
    char id[STORE_WORD_BYTES];
    char *recipient;  /* owned; NULL: the event names none */
    char *diagnostic; /* owned; NULL: none. At most 500 bytes */
    /* when it happened, in seconds since 1970: the report's own date if it has one that isn't
     * later than its recording; else that */
    int64_t at;
    char kind[STORE_WORD_BYTES], action[STORE_WORD_BYTES];
    char category[STORE_WORD_BYTES], class[STORE_WORD_BYTES], fault[STORE_WORD_BYTES];
    char advice[STORE_WORD_BYTES], trust[STORE_WORD_BYTES], rule[STORE_WORD_BYTES];
    char feedback[STORE_WORD_BYTES]; /* feedback_type of a complaint */
    int confidence;                  /* 0 to 100; -1: not stated */
};

/* Reads @event. What isn't there, or is of another type, is empty. (transfer full):
 * store_fact_free(). NULL if it has no id. */
struct store_fact *store_fact_read (const struct dsn_eventview *event);
void store_fact_free (struct store_fact *fact);
typedef struct store_fact store_fact_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (store_fact_t, store_fact_free)

#endif
