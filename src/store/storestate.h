/* What is known of an address, and what follows from it. Pure: the same events give the same state,
 * in any order and however often each comes.
 */
#ifndef DSND_STORESTATE_H
#define DSND_STORESTATE_H

#include "store/storepolicy.h"

#include <dsn/bytes.h>

/* Days that may still matter: those that make a run, and the time that it suppresses for. */
#define STORE_DAYS_MAX 61

/* Events with one effect: the earliest, and the last of them. */
struct store_mark {
    int64_t since, last; /* seconds since 1970; last 0: there's none */
    int confidence;
    char id[STORE_WORD_BYTES], category[STORE_WORD_BYTES], rule[STORE_WORD_BYTES];
};

enum store_marks {
    STORE_MARK_HARD,
    STORE_MARK_WISH,
    STORE_MARK_SOFT,
    STORE_MARK_DOUBT,
    STORE_MARK_N
};

/* What a person decided. */
struct store_hand {
    enum store_hand_act { STORE_HAND_NONE, STORE_HAND_LIFT, STORE_HAND_ADD } act;
    int64_t at, until; /* until 0: for good */
    char who[STORE_WORD_BYTES];
    char why[256];
};

struct store_state {
    struct store_mark marks[STORE_MARK_N];
    int64_t days[STORE_DAYS_MAX]; /* the last soft failure of each day, ascending */
    unsigned n_days;
    int64_t delivered;      /* the last success; 0: none */
    int64_t lifted;         /* the last lift: what happened up to then counts no more; 0: none */
    struct store_hand hand; /* the last decision */
};

enum store_standing { STORE_OK, STORE_WATCH, STORE_SUPPRESSED };

struct store_verdict {
    enum store_standing standing;
    const char *reason; /* (borrowed from the state) a category, complaint, unsubscribe, or manual;
                           "" if OK */
    int64_t since, until; /* until 0: no end of its own */
    unsigned n_days;      /* that count against it */
    const struct store_mark
        *mark; /* (borrowed from the state) what decided; NULL: a person, or nothing */
};

/* Adds what @fact means. */
void store_state_add (struct store_state *state, const struct store_policy *policy,
                      const struct store_fact *fact);

/* Adds what a person decided; the latest decision stands. A lift makes what happened up to then
 * count no more; an addition suppresses whatever happened. */
void store_state_add_hand (struct store_state *state, const struct store_hand *hand);

/* The same for a decision that is made now, after all that are known: it stands, even if its clock
 * is no later than theirs. */
void store_state_decide (struct store_state *state, const struct store_hand *hand);

/* What the state says at the time @now. */
struct store_verdict store_state_judge (const struct store_state *state,
                                        const struct store_policy *policy, int64_t now);

/* "ok", "watch", "suppressed". (static) */
const char *store_standing_name (enum store_standing standing);

/* The state as text, the same for the same state, and back. What can't be read is left out. */
void store_state_append (GString *out, const struct store_state *state);
void store_state_read (struct dsn_bytes text, struct store_state *ret_state);

#endif
