/* A turn's events, entered into a SQLite file. */
#ifndef STORE_LITETURN_H
#define STORE_LITETURN_H

#include "store/ledger/litefile.h"

/* The state of an address; all zero where there's none yet. */
bool liteturn_get_state (struct litefile *f, const char *key, struct store_state *ret_state,
                         GError **error);

/* Writes it, with the verdict that follows from it at @now. */
bool liteturn_set_state (struct litefile *f, const char *key, const struct store_state *state,
                         int64_t now, GError **error);

/* Adds the events that aren't there yet, what they mean to their addresses, and how far the spools
 * are entered, within the caller's transaction. @is_ordered: what a cursor has passed is known. */
bool liteturn_enter (struct litefile *f, const struct ledger_entry *entries, unsigned n,
                     bool is_ordered, GError **error);

#endif
