/* Chooses the database. */
#include "store/ledger/ledger.h"

#include "store/ledger/ledgerkind.h"

#include <string.h>

struct ledger {
    const struct ledger_kind *kind;
    void *db;
};

G_DEFINE_QUARK (ledger - error - quark, ledger_error)

/* A conninfo has a '=' or is a URI; a path may hold a '=' only behind a slash. */
static bool
is_conninfo (const char *place)
{
    const char *equals = strchr (place, '=');

    return g_str_has_prefix (place, "postgresql://") || g_str_has_prefix (place, "postgres://") ||
           (equals && *place != '/' && *place != '.');
}

static const struct ledger_kind *
choose (const char *place)
{
#ifdef HAVE_POSTGRESQL
    if (is_conninfo (place))
        return &ledger_postgresql;
#endif
#ifdef HAVE_SQLITE
    if (!is_conninfo (place))
        return &ledger_sqlite;
#endif
    return NULL;
}

struct ledger *
ledger_open (const struct ledger_options *options, GError **error)
{
    const struct ledger_kind *kind = choose (options->place);
    void *db = kind ? kind->open (options, error) : NULL;
    struct ledger *ledger;

    if (!kind)
        g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_FATAL,
                     "this program was built without the database of %s",
                     is_conninfo (options->place) ? "PostgreSQL" : "SQLite");
    if (!db)
        return NULL;
    ledger = g_new0 (struct ledger, 1);
    ledger->kind = kind;
    ledger->db = db;
    return ledger;
}

void
ledger_close (struct ledger *ledger)
{
    if (!ledger)
        return;
    ledger->kind->close (ledger->db);
    g_free (ledger);
}

bool
ledger_enter (struct ledger *ledger, const struct ledger_entry *entries, unsigned n,
              bool is_ordered, GError **error)
{
    return ledger->kind->enter (ledger->db, entries, n, is_ordered, error);
}

bool
ledger_find (struct ledger *ledger, const char *key, struct store_state *ret_state, GError **error)
{
    return ledger->kind->find (ledger->db, key, ret_state, error);
}

bool
ledger_each (struct ledger *ledger, ledger_row_fn *take, void *data, GError **error)
{
    return ledger->kind->each (ledger->db, take, data, error);
}

bool
ledger_events (struct ledger *ledger, const char *key, unsigned n, ledger_event_fn *take,
               void *data, GError **error)
{
    return ledger->kind->events (ledger->db, key, n, take, data, error);
}

bool
ledger_decide (struct ledger *ledger, const char *const *keys, const struct store_hand *hand,
               GError **error)
{
    return ledger->kind->decide (ledger->db, keys, hand, error);
}

bool
ledger_forget (struct ledger *ledger, const char *key, bool keeps_digest, GError **error)
{
    return ledger->kind->forget (ledger->db, key, keeps_digest, error);
}

bool
ledger_is_forgotten (struct ledger *ledger, const char *key, bool *ret_is, GError **error)
{
    return ledger->kind->is_forgotten (ledger->db, key, ret_is, error);
}

bool
ledger_expire (struct ledger *ledger, int64_t now, uint64_t *ret_n, GError **error)
{
    return ledger->kind->expire (ledger->db, now, ret_n, error);
}

bool
ledger_change (struct ledger *ledger, uint64_t *ret_change, GError **error)
{
    return ledger->kind->change (ledger->db, ret_change, error);
}
