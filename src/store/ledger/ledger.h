/* The store on disk: one database of addresses, their states and the events behind them. Both
 * databases do the same; docs/suppression.md, "Tables", has what they hold.
 */
#ifndef DSND_LEDGER_H
#define DSND_LEDGER_H

#include "store/storekey.h"
#include "store/storestate.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define LEDGER_DEFAULT_PATH "/var/lib/dsnd-store/store.db"
#define LEDGER_VERSION      1 /* of the tables */

#define LEDGER_ERROR ledger_error_quark ()
enum ledger_error {
    LEDGER_ERROR_RETRY, /* it's away, busy or full: later */
    LEDGER_ERROR_FATAL  /* no store of ours, a later version's, or not to be opened by us */
};
GQuark ledger_error_quark (void);

struct ledger_options {
    const char *place;          /* (borrowed) path of a SQLite file, or a conninfo of PostgreSQL */
    struct store_keying keying; /* (borrowed) */
    struct store_policy policy;
    unsigned history_days; /* how long events are kept */
    bool is_read_only;     /* nothing is made or changed */
    unsigned patience_ms;  /* for other writers, and for a server's answers */
};

/* An event to be entered, and its place in its source. */
struct ledger_entry {
    const struct store_fact *fact; /* (borrowed) */
    const char *spool;             /* (borrowed) */
    uint64_t seq;
};

/* An address, as the store has it. */
struct ledger_row {
    const char *key; /* (borrowed) */
    struct store_state state;
};

/* An event of an address, as the store has it. */
struct ledger_event {
    const char *id, *spool, *kind, *category, *rule, *row, *diagnostic; /* (borrowed) "": none */
    uint64_t seq;
    int64_t at;
    int confidence;
};

typedef bool ledger_row_fn (const struct ledger_row *row, void *data); /* false: no more */
typedef bool ledger_event_fn (const struct ledger_event *event, void *data);

struct ledger;

/* Opens the store, and makes or brings up to date its tables if need be. (transfer full):
 * ledger_close(). */
struct ledger *ledger_open (const struct ledger_options *options, GError **error);
void ledger_close (struct ledger *ledger);
typedef struct ledger ledger_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ledger_t, ledger_close)

/* Enters @n events, all or none; safe on disk when it returns. An event that is there already, by
 * its id, changes nothing. With @is_ordered the events of each spool come in the order of their
 * numbers, and what isn't after the last one entered is passed over without a look. */
bool ledger_enter (struct ledger *ledger, const struct ledger_entry *entries, unsigned n,
                   bool is_ordered, GError **error);

/* Looks up @key; a state without anything in it if the store doesn't have it. */
bool ledger_find (struct ledger *ledger, const char *key, struct store_state *ret_state,
                  GError **error);

/* All addresses that may be other than OK, in the order of their keys. */
bool ledger_each (struct ledger *ledger, ledger_row_fn *take, void *data, GError **error);

/* The events kept of @key, the latest first, @n at most. */
bool ledger_events (struct ledger *ledger, const char *key, unsigned n, ledger_event_fn *take,
                    void *data, GError **error);

/* Enters what a person decided about each of @keys (NULL-terminated), all or none. */
bool ledger_decide (struct ledger *ledger, const char *const *keys, const struct store_hand *hand,
                    GError **error);

/* Removes the address and its events. With @keeps_digest it is kept on a list of digests, and
 * counts as suppressed for good. */
bool ledger_forget (struct ledger *ledger, const char *key, bool keeps_digest, GError **error);
bool ledger_is_forgotten (struct ledger *ledger, const char *key, bool *ret_is, GError **error);

/* Deletes events older than the options say. @ret_n: how many. */
bool ledger_expire (struct ledger *ledger, int64_t now, uint64_t *ret_n, GError **error);

/* A number that is another after any change of the store, by whomever. */
bool ledger_change (struct ledger *ledger, uint64_t *ret_change, GError **error);

#endif
