/* What each database implements; ledger.h says what each function does. */
#ifndef DSND_LEDGERKIND_H
#define DSND_LEDGERKIND_H

#include "store/ledger/ledger.h"

struct ledger_kind {
    void *(*open) (const struct ledger_options *options, GError **error);
    void (*close) (void *db);
    bool (*enter) (void *db, const struct ledger_entry *entries, unsigned n, bool is_ordered,
                   GError **error);
    bool (*find) (void *db, const char *key, struct store_state *ret_state, GError **error);
    bool (*each) (void *db, ledger_row_fn *take, void *data, GError **error);
    bool (*events) (void *db, const char *key, unsigned n, ledger_event_fn *take, void *data,
                    GError **error);
    bool (*decide) (void *db, const char *const *keys, const struct store_hand *hand,
                    GError **error);
    bool (*forget) (void *db, const char *key, bool keeps_digest, GError **error);
    bool (*is_forgotten) (void *db, const char *key, bool *ret_is, GError **error);
    bool (*expire) (void *db, int64_t now, uint64_t *ret_n, GError **error);
    bool (*change) (void *db, uint64_t *ret_change, GError **error);
};

extern const struct ledger_kind ledger_sqlite, ledger_postgresql;

#endif
