/* The store in PostgreSQL, for many writers. A turn's events are entered by a handful of queries,
 * whatever their number: arrays go over, and what is known comes back, all in one transaction.
 */
#include "store/ledger/ledgerkind.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
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

struct server {
    PGconn *pg;
    struct ledger_options options;
};

/* Arrays for unnest(): one a column. */
struct columns {
    GString *texts[12];
    unsigned n;
};

static void
columns_init (struct columns *c, unsigned n)
{
    c->n = n;
    for (unsigned i = 0; i < n; i++)
        c->texts[i] = g_string_new ("{");
}

static void
columns_clear (struct columns *c)
{
    for (unsigned i = 0; i < c->n; i++)
        (void)g_string_free (c->texts[i], TRUE);
}

static void
add_text (struct columns *c, unsigned i, const char *text)
{
    GString *out = c->texts[i];

    g_string_append (out, out->len > 1 ? ",\"" : "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c (out, '\\');
        g_string_append_c (out, *text);
    }
    g_string_append_c (out, '"');
}

static void
add_number (struct columns *c, unsigned i, int64_t number)
{
    g_string_append_printf (c->texts[i], "%s%" G_GINT64_FORMAT, c->texts[i]->len > 1 ? "," : "",
                            number);
}

/* The arrays as parameters, into @ret. (borrowed) */
static void
columns_finish (struct columns *c, const char **ret)
{
    for (unsigned i = 0; i < c->n; i++)
        ret[i] = g_string_append_c (c->texts[i], '}')->str;
}

/* SQLSTATE classes that don't pass by themselves: authorization, no such database or schema, no
 * such table or right, and data that we must not have sent. */
static bool
is_fatal (const char *state)
{
    static const char *const classes[] = { "28", "3D", "3F", "42", "22", "23" };

    for (size_t i = 0; i < G_N_ELEMENTS (classes); i++)
        if (g_str_has_prefix (state, classes[i]))
            return true;
    return false;
}

static bool
fail (struct server *s, const PGresult *result, GError **error)
{
    const char *state = result ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
    g_autofree char *words =
        g_strdup (result ? PQresultErrorMessage (result) : PQerrorMessage (s->pg));

    g_set_error (
        error, LEDGER_ERROR, state && is_fatal (state) ? LEDGER_ERROR_FATAL : LEDGER_ERROR_RETRY,
        "PostgreSQL: %s", *g_strstrip (words) ? words : "no answer within the time allowed");
    return false;
}

/* Waits until the server has answered, as long as patience lasts. */
static bool
await (struct server *s)
{
    const int64_t until_us = g_get_monotonic_time () + (int64_t)s->options.patience_ms * 1000;

    for (;;) {
        const int unsent = PQflush (s->pg);
        struct pollfd fd = { PQsocket (s->pg), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0 };
        const int64_t left_us = until_us - g_get_monotonic_time ();
        if (unsent < 0)
            return false;
        if (!unsent && !PQisBusy (s->pg))
            return true;
        if (left_us <= 0)
            return false;
        if (poll (&fd, 1, (int)(left_us / 1000) + 1) < 0 && errno != EINTR)
            return false;
        if ((fd.revents & (POLLIN | POLLERR | POLLHUP)) && !PQconsumeInput (s->pg))
            return false;
    }
}

/* Runs one statement. (transfer full): PQclear(). NULL on an error. */
static PGresult *
ask (struct server *s, const char *query, int n, const char *const *values, GError **error)
{
    PGresult *result = NULL, *more;
    const bool is_sent = n < 0 ? PQsendQuery (s->pg, query)
                               : PQsendQueryParams (s->pg, query, n, NULL, values, NULL, NULL, 0);
    bool is_ok = is_sent && await (s);

    result = is_ok ? PQgetResult (s->pg) : NULL;
    while (is_ok && (is_ok = await (s)) && (more = PQgetResult (s->pg))) {
        /* several statements: the last one's result, or the first error */
        if (PQresultStatus (result) == PGRES_FATAL_ERROR) {
            PQclear (more);
        } else {
            PQclear (result);
            result = more;
        }
    }
    if (is_ok &&
        (PQresultStatus (result) == PGRES_COMMAND_OK || PQresultStatus (result) == PGRES_TUPLES_OK))
        return result;
    (void)fail (s, is_ok ? result : NULL, error);
    PQclear (result);
    return NULL;
}

static bool
run (struct server *s, const char *query, int n, const char *const *values, GError **error)
{
    PGresult *result = ask (s, query, n, values, error);
    const bool is_ok = result != NULL;

    PQclear (result);
    return is_ok;
}

static bool
begin (struct server *s, GError **error)
{
    return run (s, "BEGIN", -1, NULL, error);
}

static bool
finish (struct server *s, bool is_ok, GError **error)
{
    if (is_ok)
        return run (s, "COMMIT", -1, NULL, error);
    (void)run (s, "ROLLBACK", -1, NULL, NULL);
    return false;
}

static const char *
cell (const PGresult *result, int row, int column)
{
    return PQgetvalue (result, row, column);
}

static int64_t
number (const PGresult *result, int row, int column)
{
    return g_ascii_strtoll (cell (result, row, column), NULL, 10);
}

/* One event of a turn that is to be entered. */
struct entering {
    const struct ledger_entry *entry;
    const struct store_row *row;
    char *key;
};

static void
entering_clear (gpointer data)
{
    g_free (((struct entering *)data)->key);
}

/* The last number entered of each spool of the turn. (transfer full) */
static GHashTable *
get_cursors (struct server *s, const struct ledger_entry *entries, unsigned n, GError **error)
{
    g_autoptr (GHashTable) spools = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GHashTable) cursors =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    struct columns c;
    const char *values[1];
    PGresult *result;

    columns_init (&c, 1);
    for (unsigned i = 0; i < n; i++)
        if (g_hash_table_add (spools, (gpointer)entries[i].spool))
            add_text (&c, 0, entries[i].spool);
    columns_finish (&c, values);
    result = ask (s, "SELECT spool, seq FROM dsnd.cursor WHERE spool = ANY ($1::text[])", 1, values,
                  error);
    columns_clear (&c);
    if (!result)
        return NULL;
    for (int i = 0; i < PQntuples (result); i++) {
        uint64_t *seq = g_new (uint64_t, 1);
        *seq = (uint64_t)number (result, i, 1);
        (void)g_hash_table_insert (cursors, g_strdup (cell (result, i, 0)), seq);
    }
    PQclear (result);
    return g_steal_pointer (&cursors);
}

/* What of the turn is about an address, and new as far as the cursors tell. (transfer full) NULL on
 * an error. */
static GArray *
choose (struct server *s, const struct ledger_entry *entries, unsigned n, bool is_ordered,
        GError **error)
{
    g_autoptr (GHashTable) cursors = is_ordered ? get_cursors (s, entries, n, error) : NULL;
    GArray *chosen;

    if (is_ordered && !cursors)
        return NULL;
    chosen = g_array_new (FALSE, FALSE, sizeof (struct entering));
    g_array_set_clear_func (chosen, entering_clear);
    for (unsigned i = 0; i < n; i++) {
        const uint64_t *last = cursors ? g_hash_table_lookup (cursors, entries[i].spool) : NULL;
        struct entering e = { &entries[i], store_policy_row (&s->options.policy, entries[i].fact),
                              NULL };
        if ((last && entries[i].seq <= *last) || e.row->effect == STORE_NOTHING)
            continue;
        e.key = store_key (dsn_bytes_str (e.entry->fact->recipient), &s->options.keying);
        if (e.key)
            g_array_append_val (chosen, e);
    }
    return chosen;
}

static void
add_event (const struct server *s, struct columns *c, const struct entering *e)
{
    const struct store_fact *fact = e->entry->fact;
    /* it often says the address, which a store of digests must not hold */
    const bool keeps_words = fact->diagnostic && s->options.keying.secret.n == 0;

    add_text (c, 0, fact->id);
    add_text (c, 1, e->key);
    add_number (c, 2, fact->at);
    add_text (c, 3, e->entry->spool);
    add_number (c, 4, (int64_t)e->entry->seq);
    add_text (c, 5, fact->kind);
    add_text (c, 6, fact->category);
    add_text (c, 7, fact->rule);
    add_number (c, 8, fact->confidence);
    add_text (c, 9, e->row->name);
    add_text (c, 10, keeps_words ? fact->diagnostic : "");
    add_number (c, 11, g_get_real_time () / G_USEC_PER_SEC);
}

/* Adds the events that aren't there yet. Returns their ids. (transfer full) NULL on an error. */
static GHashTable *
add_events (struct server *s, const GArray *chosen, GError **error)
{
    GHashTable *fresh;
    struct columns c;
    const char *values[12];
    PGresult *result;

    columns_init (&c, 12);
    for (unsigned i = 0; i < chosen->len; i++)
        add_event (s, &c, &g_array_index (chosen, struct entering, i));
    columns_finish (&c, values);
    /* in the order of ids, so that two relays with the same events don't wait for each other */
    result = ask (s,
                  "INSERT INTO dsnd.history SELECT * FROM unnest ($1::text[], $2::text[], "
                  "$3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], "
                  "$9::integer[], $10::text[], $11::text[], $12::bigint[]) AS e (id) ORDER BY id "
                  "ON CONFLICT (id) DO NOTHING RETURNING id",
                  12, values, error);
    columns_clear (&c);
    if (!result)
        return NULL;
    fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < PQntuples (result); i++)
        (void)g_hash_table_add (fresh, g_strdup (cell (result, i, 0)));
    PQclear (result);
    return fresh;
}

/* Locks the addresses @keys (an array of PostgreSQL), making those that aren't there, and reads
 * their states. (transfer full) NULL on an error. */
static GHashTable *
lock_states (struct server *s, const char *keys, GError **error)
{
    GHashTable *states;
    PGresult *result;

    if (!run (s,
              "INSERT INTO dsnd.address (key) SELECT k FROM unnest ($1::text[]) AS k ORDER BY k "
              "ON CONFLICT DO NOTHING",
              1, &keys, error))
        return NULL;
    result = ask (s,
                  "SELECT key, state FROM dsnd.address WHERE key = ANY ($1::text[]) ORDER BY key "
                  "FOR UPDATE",
                  1, &keys, error);
    if (!result)
        return NULL;
    states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < PQntuples (result); i++) {
        struct store_state *state = g_new (struct store_state, 1);
        store_state_read (dsn_bytes_str (cell (result, i, 1)), state);
        (void)g_hash_table_insert (states, g_strdup (cell (result, i, 0)), state);
    }
    PQclear (result);
    return states;
}

static void
add_state (const struct server *s, struct columns *c, const char *key,
           const struct store_state *state)
{
    const int64_t now = g_get_real_time () / G_USEC_PER_SEC;
    const struct store_verdict v = store_state_judge (state, &s->options.policy, now);
    g_autoptr (GString) text = g_string_new (NULL);

    store_state_append (text, state);
    add_text (c, 0, key);
    add_text (c, 1, store_standing_name (v.standing));
    add_text (c, 2, v.reason);
    add_number (c, 3, v.since);
    add_number (c, 4, v.until);
    add_text (c, 5, v.mark ? v.mark->id : "");
    add_text (c, 6, v.mark ? v.mark->rule : "");
    add_number (c, 7, v.mark ? v.mark->confidence : 0);
    add_text (c, 8, text->str);
}

static bool
save_states (struct server *s, GHashTable *states, GError **error)
{
    GHashTableIter iter;
    gpointer key, state;
    struct columns c;
    const char *values[9];
    bool is_ok;

    columns_init (&c, 9);
    g_hash_table_iter_init (&iter, states);
    while (g_hash_table_iter_next (&iter, &key, &state))
        add_state (s, &c, key, state);
    columns_finish (&c, values);
    is_ok = run (s,
                 "UPDATE dsnd.address AS a SET standing = n.standing, reason = n.reason, "
                 "since = n.since, until = n.until, event = n.event, rule = n.rule, "
                 "confidence = n.confidence, state = n.state FROM unnest ($1::text[], $2::text[], "
                 "$3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::integer[], "
                 "$9::text[]) AS n (key, standing, reason, since, until, event, rule, confidence, "
                 "state) WHERE a.key = n.key",
                 9, values, error);
    columns_clear (&c);
    return is_ok;
}

/* Adds what the new events mean to the states of their addresses. */
static bool
add_to_states (struct server *s, const GArray *chosen, GHashTable *fresh, GError **error)
{
    g_autoptr (GHashTable) states = NULL;
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
    struct columns c;
    const char *values[1];

    columns_init (&c, 1);
    for (unsigned i = 0; i < chosen->len; i++) {
        const struct entering *e = &g_array_index (chosen, struct entering, i);
        if (e->row->effect != STORE_HISTORY && g_hash_table_contains (fresh, e->entry->fact->id) &&
            g_hash_table_add (seen, e->key))
            add_text (&c, 0, e->key);
    }
    columns_finish (&c, values);
    states = g_hash_table_size (seen) ? lock_states (s, values[0], error) : NULL;
    columns_clear (&c);
    if (!states)
        return g_hash_table_size (seen) == 0;
    for (unsigned i = 0; i < chosen->len; i++) {
        const struct entering *e = &g_array_index (chosen, struct entering, i);
        struct store_state *state = g_hash_table_lookup (states, e->key);
        if (state && g_hash_table_contains (fresh, e->entry->fact->id))
            store_state_add (state, &s->options.policy, e->entry->fact);
    }
    return save_states (s, states, error);
}

static bool
set_cursors (struct server *s, const struct ledger_entry *entries, unsigned n, GError **error)
{
    struct columns c;
    const char *values[2];
    bool is_ok;

    columns_init (&c, 2);
    for (unsigned i = 0; i < n; i++) {
        /* the last of each run of one spool; of several runs SQL takes the highest */
        if (i + 1 < n && strcmp (entries[i].spool, entries[i + 1].spool) == 0 &&
            entries[i].seq <= entries[i + 1].seq)
            continue;
        add_text (&c, 0, entries[i].spool);
        add_number (&c, 1, (int64_t)entries[i].seq);
    }
    columns_finish (&c, values);
    is_ok =
        run (s,
             "INSERT INTO dsnd.cursor AS c SELECT spool, max (seq) FROM unnest ($1::text[], "
             "$2::bigint[]) AS n (spool, seq) GROUP BY spool ORDER BY spool ON CONFLICT (spool) "
             "DO UPDATE SET seq = greatest (c.seq, excluded.seq)",
             2, values, error);
    columns_clear (&c);
    return is_ok;
}

static bool
enter_chosen (struct server *s, const GArray *chosen, GError **error)
{
    g_autoptr (GHashTable) fresh = NULL;

    if (chosen->len == 0)
        return true;
    fresh = add_events (s, chosen, error);
    return fresh && add_to_states (s, chosen, fresh, error);
}

static bool
postgresql_enter (void *db, const struct ledger_entry *entries, unsigned n, bool is_ordered,
                  GError **error)
{
    struct server *s = db;
    GArray *chosen;
    bool is_ok;

    if (!begin (s, error))
        return false;
    chosen = choose (s, entries, n, is_ordered, error);
    is_ok = chosen && enter_chosen (s, chosen, error) && set_cursors (s, entries, n, error);
    if (chosen)
        g_array_unref (chosen);
    return finish (s, is_ok, error);
}

static bool
postgresql_find (void *db, const char *key, struct store_state *ret_state, GError **error)
{
    PGresult *result = ask (db, "SELECT state FROM dsnd.address WHERE key = $1", 1, &key, error);

    if (!result)
        return false;
    memset (ret_state, 0, sizeof *ret_state);
    if (PQntuples (result) == 1)
        store_state_read (dsn_bytes_str (cell (result, 0, 0)), ret_state);
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
        PGresult *result = ask (db,
                                "SELECT key, state FROM dsnd.address WHERE standing <> 'ok' AND "
                                "key COLLATE \"C\" > $1 ORDER BY key COLLATE \"C\" LIMIT 5000",
                                1, values, error);
        if (!result)
            return false;
        wants_more = PQntuples (result) > 0;
        for (int i = 0; i < PQntuples (result) && wants_more; i++) {
            struct ledger_row row = { .key = cell (result, i, 0) };
            store_state_read (dsn_bytes_str (cell (result, i, 1)), &row.state);
            wants_more = take (&row, data);
        }
        if (wants_more) {
            g_free (after);
            after = g_strdup (cell (result, PQntuples (result) - 1, 0));
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
    PGresult *result = ask (db,
                            "SELECT id, spool, kind, category, rule, policy, diagnostic, seq, at, "
                            "confidence FROM dsnd.history WHERE key = $1 ORDER BY at DESC, id DESC "
                            "LIMIT $2::bigint",
                            2, values, error);
    bool wants_more = true;

    if (!result)
        return false;
    for (int i = 0; i < PQntuples (result) && wants_more; i++) {
        const struct ledger_event event = {
            cell (result, i, 0),   cell (result, i, 1),
            cell (result, i, 2),   cell (result, i, 3),
            cell (result, i, 4),   cell (result, i, 5),
            cell (result, i, 6),   (uint64_t)number (result, i, 7),
            number (result, i, 8), (int)number (result, i, 9),
        };
        wants_more = take (&event, data);
    }
    PQclear (result);
    return true;
}

static bool
decide_all (struct server *s, const char *const *keys, const struct store_hand *hand,
            GError **error)
{
    g_autoptr (GHashTable) states = NULL;
    GHashTableIter iter;
    gpointer state;
    struct columns c;
    const char *values[1];

    columns_init (&c, 1);
    for (; *keys; keys++)
        add_text (&c, 0, *keys);
    columns_finish (&c, values);
    states = lock_states (s, values[0], error);
    columns_clear (&c);
    if (!states)
        return false;
    g_hash_table_iter_init (&iter, states);
    while (g_hash_table_iter_next (&iter, NULL, &state))
        store_state_decide (state, hand);
    return save_states (s, states, error);
}

static bool
postgresql_decide (void *db, const char *const *keys, const struct store_hand *hand, GError **error)
{
    struct server *s = db;

    return begin (s, error) && finish (s, decide_all (s, keys, hand, error), error);
}

static bool
forget_one (struct server *s, const char *key, bool keeps_digest, GError **error)
{
    g_autofree char *digest = store_key_digest (key);
    const char *value = digest;

    return run (s, "DELETE FROM dsnd.address WHERE key = $1", 1, &key, error) &&
           run (s, "DELETE FROM dsnd.history WHERE key = $1", 1, &key, error) &&
           (!keeps_digest || run (s,
                                  "INSERT INTO dsnd.forgotten VALUES ($1, extract (epoch FROM now "
                                  "())::bigint) ON CONFLICT DO NOTHING",
                                  1, &value, error));
}

static bool
postgresql_forget (void *db, const char *key, bool keeps_digest, GError **error)
{
    struct server *s = db;

    return begin (s, error) && finish (s, forget_one (s, key, keeps_digest, error), error);
}

static bool
postgresql_is_forgotten (void *db, const char *key, bool *ret_is, GError **error)
{
    g_autofree char *digest = store_key_digest (key);
    const char *value = digest;
    PGresult *result = ask (db, "SELECT 1 FROM dsnd.forgotten WHERE digest = $1", 1, &value, error);

    if (!result)
        return false;
    *ret_is = PQntuples (result) > 0;
    PQclear (result);
    return true;
}

static bool
postgresql_expire (void *db, int64_t now, uint64_t *ret_n, GError **error)
{
    struct server *s = db;
    g_autofree char *before = g_strdup_printf (
        "%" G_GINT64_FORMAT, now - (int64_t)s->options.history_days * 24 * 60 * 60);
    const char *value = before;
    PGresult *result = ask (s,
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
    struct server *s = db;

    PQfinish (s->pg);
    g_free (s);
}

/* The version of the tables; 0: there are none, -1: an error. */
static int
get_version (struct server *s, GError **error)
{
    PGresult *result = ask (s, "SELECT to_regclass ('dsnd.meta')", -1, NULL, error);
    bool is_there;
    int version = 0;

    if (!result)
        return -1;
    is_there = !PQgetisnull (result, 0, 0);
    PQclear (result);
    if (!is_there)
        return 0;
    result = ask (s, "SELECT value FROM dsnd.meta WHERE key = 'dsnd-store'", -1, NULL, error);
    if (!result)
        return -1;
    if (PQntuples (result) == 1)
        version = (int)number (result, 0, 0);
    PQclear (result);
    return version;
}

/* One makes the tables; others wait for it. */
static bool
make_tables (struct server *s, GError **error)
{
    int version;

    if (!begin (s, error))
        return false;
    if (!run (s, "SELECT pg_advisory_xact_lock (x'64736e64'::bigint)", -1, NULL, error))
        return finish (s, false, error);
    version = get_version (s, error);
    return finish (s, version > 0 || (version == 0 && run (s, schema, -1, NULL, error)), error);
}

static bool
prepare (struct server *s, GError **error)
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
fail_to_connect (struct server *s, GError **error)
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
    struct server *s = g_new0 (struct server, 1);
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
