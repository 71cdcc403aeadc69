/* The states of addresses in PostgreSQL, locked, changed and saved within one transaction. */
#ifndef STORE_PGSTATES_H
#define STORE_PGSTATES_H

#include "store/ledger/pgserver.h"

/* Locks the addresses @keys (an array of PostgreSQL), making those that aren't there, and reads
 * their states: key to struct store_state. (transfer full) NULL on an error. */
GHashTable *pgstates_lock (struct pgserver *s, const char *keys, GError **error);

/* Writes them back, each with the verdict that follows from it now. */
bool pgstates_save (struct pgserver *s, GHashTable *states, GError **error);

#endif
