/* What one event means for an address: the table of docs/suppression.md. Pure. */
#ifndef DSND_STOREPOLICY_H
#define DSND_STOREPOLICY_H

#include "store/storefact.h"

enum store_effect {
    STORE_NOTHING,  /* not about an address, or not about whether it takes mail: not even kept */
    STORE_HISTORY,  /* kept, so that an explanation can show it */
    STORE_DOUBT,    /* watch the address: something is said, and not surely */
    STORE_SOFT,     /* this day counts against it */
    STORE_HARD,     /* suppress */
    STORE_WISH,     /* suppress: somebody wants no more mail */
    STORE_DELIVERED /* what is soft and earlier counts no more */
};

struct store_policy {
    int hard_confidence;       /* at least, to suppress */
    int soft_confidence;       /* at least, to count a day */
    unsigned soft_days;        /* days that suppress, */
    unsigned soft_within_days; /* within so many, */
    unsigned soft_for_days;    /* for so long; this and the one before are at most 30 */
};

/* What docs/suppression.md promises where nothing else is configured. */
extern const struct store_policy store_policy_default;

/* A row of the table: the first that fits an event decides. */
struct store_row {
    const char *name;
    enum store_effect effect;
};

/* The row for @fact. (borrowed, static) Never NULL. */
const struct store_row *store_policy_row (const struct store_policy *policy,
                                          const struct store_fact *fact);

/* All rows in their order. (borrowed, static) */
const struct store_row *store_policy_rows (size_t *ret_n);

#endif
