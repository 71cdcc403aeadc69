/* The store in PostgreSQL, for many writers: its tables, and what is asked of them. */
#include "store/ledger/pgcolumns.h"
#include "store/ledger/pgserver.h"
#include "store/ledger/pgstates.h"
#include "store/ledger/pgturn.h"

#include <string.h>

static const char schema[] =
    "CREATE SCHEMA IF NOT EXISTS dsnd;"
    "CREATE TABLE dsnd.meta (key text PRIMARY KEY, value text NOT NULL);"
    "INSERT INTO dsnd.meta VALUES ('dsnd-store', '1');"
    "CREATE TABLE dsnd.cursor (spool text PRIMARY KEY, seq bigint NOT NULL);"
    "CREATE TABLE dsnd.address (key text PRIMARY KEY, standing text NOT NULL DEFAULT 'ok',"
    " reason text NOT NULL DEFAULT '', since bigint NOT NULL DEFAULT 0,"
    " until bigint NOT NULL DEFAULT 0, event text NOT NULL DEFAULT '',"
    " rule text NOT NULL DEFAULT '', confidence integer NOT NULL DEFAULT 0,"
    " state text NOT NULL DEFAULT '');"
    "CREATE TABLE dsnd.history (id text PRIMARY KEY, key text NOT NULL, at bigint NOT NULL,"
    " spool text NOT NULL, seq bigint NOT NULL, kind text NOT NULL, category text NOT NULL,"
    " rule text NOT NULL, confidence integer NOT NULL, policy text NOT NULL,"
    " diagnostic text NOT NULL, entered bigint NOT NULL);"
    "CREATE INDEX history_key ON dsnd.history (key, at);"
    "CREATE INDEX history_entered ON dsnd.history (entered);"
    "CREATE TABLE dsnd.forgotten (digest text PRIMARY KEY, at bigint NOT NULL)";

static bool
postgresql_enter (void *db, const struct ledger_entry *entries, unsigned n, bool is_ordered,
                  GError **error)
{
    struct pgserver *s = db;

    return pgserver_begin (s, error) &&
           pgserver_finish (s, pgturn_enter (s, entries, n, is_ordered, error), error);
}

static bool
postgresql_find (void *db, const char *key, struct store_state *ret_state, GError **error)
{
    PGresult *result =
        pgserver_ask (db, "SELECT state FROM dsnd.address WHERE key = $1", 1, &key, error);

    if (!result)
        return false;
    memset (ret_state, 0, sizeof *ret_state);
    if (PQntuples (result) == 1)
        store_state_read (dsn_bytes_str (pgserver_cell (result, 0, 0)), ret_state);
    PQclear (result);
    return true;
}

/* In pieces, each after the last key of the one before. */
static bool
postgresql_each (void *db, ledger_row_fn *take, void *data, GError **error)
{
    g_autofree char *after = g_strdup ("");
    bool wants_more = true;

    while (wants_more) {
        const char *values[] = { after };
        PGresult *result =
            pgserver_ask (db,
                          "SELECT key, state FROM dsnd.address WHERE standing <> 'ok' AND "
                          "key COLLATE \"C\" > $1 ORDER BY key COLLATE \"C\" LIMIT 5000",
                          1, values, error);
        if (!result)
            return false;
        wants_more = PQntuples (result) > 0;
        for (int i = 0; i < PQntuples (result) && wants_more; i++) {
            struct ledger_row row = { .key = pgserver_cell (result, i, 0) };
            store_state_read (dsn_bytes_str (pgserver_cell (result, i, 1)), &row.state);
            wants_more = take (&row, data);
        }
        if (wants_more) {
            g_free (after);
            after = g_strdup (pgserver_cell (result, PQntuples (result) - 1, 0));
        }
        PQclear (result);
    }
    return true;
}

static bool
postgresql_events (void *db, const char *key, unsigned n, ledger_event_fn *take, void *data,
                   GError **error)
{
    g_autofree char *most = g_strdup_printf ("%u", n);
    const char *values[] = { key, most };
    PGresult *result =
        pgserver_ask (db,
                      "SELECT id, spool, kind, category, rule, policy, diagnostic, seq, at, "
                      "confidence FROM dsnd.history WHERE key = $1 ORDER BY at DESC, id DESC "
                      "LIMIT $2::bigint",
                      2, values, error);
    bool wants_more = true;

    if (!result)
        return false;
    for (int i = 0; i < PQntuples (result) && wants_more; i++) {
        const struct ledger_event event = {
            pgserver_cell (result, i, 0),   pgserver_cell (result, i, 1),
            pgserver_cell (result, i, 2),   pgserver_cell (result, i, 3),
            pgserver_cell (result, i, 4),   pgserver_cell (result, i, 5),
            pgserver_cell (result, i, 6),   (uint64_t)pgserver_number (result, i, 7),
            pgserver_number (result, i, 8), (int)pgserver_number (result, i, 9),
        };
        wants_more = take (&event, data);
    }
    PQclear (result);
    return true;
}

static bool
decide_all (struct pgserver *s, const char *const *keys, const struct store_hand *hand,
            GError **error)
{
    g_autoptr (GHashTable) states = NULL;
    GHashTableIter iter;
    gpointer state;
    struct pgcolumns c;
    const char *values[1];

    pgcolumns_init (&c, 1);
    for (; *keys; keys++)
        pgcolumns_add_text (&c, 0, *keys);
    pgcolumns_finish (&c, values);
    states = pgstates_lock (s, values[0], error);
    pgcolumns_clear (&c);
    if (!states)
        return false;
    g_hash_table_iter_init (&iter, states);
    while (g_hash_table_iter_next (&iter, NULL, &state))
        store_state_decide (state, hand);
    return pgstates_save (s, states, error);
}

static bool
postgresql_decide (void *db, const char *const *keys, const struct store_hand *hand, GError **error)
{
    struct pgserver *s = db;

    return pgserver_begin (s, error) &&
           pgserver_finish (s, decide_all (s, keys, hand, error), error);
}

static bool
forget_one (struct pgserver *s, const char *key, bool keeps_digest, GError **error)
{
    g_autofree char *digest = store_key_digest (key);
    const char *value = digest;

    return pgserver_run (s, "DELETE FROM dsnd.address WHERE key = $1", 1, &key, error) &&
           pgserver_run (s, "DELETE FROM dsnd.history WHERE key = $1", 1, &key, error) &&
           (!keeps_digest ||
            pgserver_run (s,
                          "INSERT INTO dsnd.forgotten VALUES ($1, extract (epoch FROM now "
                          "())::bigint) ON CONFLICT DO NOTHING",
                          1, &value, error));
}

static bool
postgresql_forget (void *db, const char *key, bool keeps_digest, GError **error)
{
    struct pgserver *s = db;

    return pgserver_begin (s, error) &&
           pgserver_finish (s, forget_one (s, key, keeps_digest, error), error);
}

static bool
postgresql_is_forgotten (void *db, const char *key, bool *ret_is, GError **error)
{
    g_autofree char *digest = store_key_digest (key);
    const char *value = digest;
    PGresult *result =
        pgserver_ask (db, "SELECT 1 FROM dsnd.forgotten WHERE digest = $1", 1, &value, error);

    if (!result)
        return false;
    *ret_is = PQntuples (result) > 0;
    PQclear (result);
    return true;
}

static bool
postgresql_expire (void *db, int64_t now, uint64_t *ret_n, GError **error)
{
    struct pgserver *s = db;
    g_autofree char *before = g_strdup_printf (
        "%" G_GINT64_FORMAT, now - (int64_t)s->options.history_days * 24 * 60 * 60);
    const char *value = before;
    PGresult *result =
        pgserver_ask (s,
                      "DELETE FROM dsnd.history WHERE id IN (SELECT id FROM dsnd.history "
                      "WHERE entered < $1::bigint LIMIT 10000)",
                      1, &value, error);

    if (!result)
        return false;
    *ret_n = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
    PQclear (result);
    return true;
}

/* Nobody publishes a lookup file of it: mail systems ask it directly. */
static bool
postgresql_change (void *db, uint64_t *ret_change, GError **error)
{
    (void)db;
    (void)error;
    *ret_change = 0;
    return true;
}

static void
postgresql_close (void *db)
{
    struct pgserver *s = db;

    PQfinish (s->pg);
    g_free (s);
}

/* The version of the tables; 0: there are none, -1: an error. */
static int
get_version (struct pgserver *s, GError **error)
{
    PGresult *result = pgserver_ask (s, "SELECT to_regclass ('dsnd.meta')", -1, NULL, error);
    bool is_there;
    int version = 0;

    if (!result)
        return -1;
    is_there = !PQgetisnull (result, 0, 0);
    PQclear (result);
    if (!is_there)
        return 0;
    result =
        pgserver_ask (s, "SELECT value FROM dsnd.meta WHERE key = 'dsnd-store'", -1, NULL, error);
    if (!result)
        return -1;
    if (PQntuples (result) == 1)
        version = (int)pgserver_number (result, 0, 0);
    PQclear (result);
    return version;
}

/* One makes the tables; others wait for it. */
static bool
make_tables (struct pgserver *s, GError **error)
{
    int version;

    if (!pgserver_begin (s, error))
        return false;
    if (!pgserver_run (s, "SELECT pg_advisory_xact_lock (x'64736e64'::bigint)", -1, NULL, error))
        return pgserver_finish (s, false, error);
    version = get_version (s, error);
    return pgserver_finish (
        s, version > 0 || (version == 0 && pgserver_run (s, schema, -1, NULL, error)), error);
}

static bool
prepare (struct pgserver *s, GError **error)
{
    const int version = get_version (s, error);

    if (version < 0)
        return false;
    if (version == 0 && !s->options.is_read_only)
        return make_tables (s, error);
    if (version == LEDGER_VERSION)
        return true;
    g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_FATAL,
                 version ? "PostgreSQL: this store was made by a later version"
                         : "PostgreSQL: there's no store in this database");
    return false;
}

/* The server's own words tell what is wrong with a connection, and no code does. */
static bool
fail_to_connect (struct pgserver *s, GError **error)
{
    g_autofree char *words = g_strdup (PQerrorMessage (s->pg));
    const bool needs_person =
        strstr (words, "authentication failed") || strstr (words, "does not exist") ||
        strstr (words, "pg_hba.conf") || strstr (words, "no password supplied") ||
        strstr (words, "invalid connection option") || strstr (words, "certificate verify failed");

    g_set_error (error, LEDGER_ERROR, needs_person ? LEDGER_ERROR_FATAL : LEDGER_ERROR_RETRY,
                 "PostgreSQL: %s", g_strstrip (words));
    return false;
}

static void *
postgresql_open (const struct ledger_options *options, GError **error)
{
    struct pgserver *s = g_new0 (struct pgserver, 1);
    const char *const keys[] = { "dbname",          "connect_timeout",  "fallback_application_name",
                                 "client_encoding", "tcp_user_timeout", NULL };
    const char *const values[] = { options->place, "10", "dsn-relay", "UTF8", "20000", NULL };
    bool is_ok;

    s->options = *options;
    s->pg = PQconnectdbParams (keys, values, 1);
    is_ok = (PQstatus (s->pg) == CONNECTION_OK && PQsetnonblocking (s->pg, 1) == 0) ||
            fail_to_connect (s, error);
    if (is_ok && prepare (s, error))
        return s;
    postgresql_close (s);
    return NULL;
}

const struct ledger_kind ledger_postgresql = {
    .open = postgresql_open,
    .close = postgresql_close,
    .enter = postgresql_enter,
    .find = postgresql_find,
    .each = postgresql_each,
    .events = postgresql_events,
    .decide = postgresql_decide,
    .forget = postgresql_forget,
    .is_forgotten = postgresql_is_forgotten,
    .expire = postgresql_expire,
    .change = postgresql_change,
};
