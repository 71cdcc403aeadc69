/* A turn's events, entered into PostgreSQL by a handful of queries, whatever their number. */
#ifndef STORE_PGTURN_H
#define STORE_PGTURN_H

#include "store/ledger/pgserver.h"

/* Adds the events that aren't there yet, what they mean to their addresses, and how far the spools
 * are entered, within the caller's transaction. @is_ordered: what a cursor has passed is known. */
bool pgturn_enter (struct pgserver *s, const struct ledger_entry *entries, unsigned n,
                   bool is_ordered, GError **error);

#endif
