/* The store in a SQLite file, in WAL mode: its readers don't wait for its writer. */
#include "store/ledger/ledgerkind.h"

#include <sqlite3.h>
#include <string.h>

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('dsnd-store', '1');"
    "CREATE TABLE cursor (spool TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE address (key TEXT PRIMARY KEY, standing TEXT NOT NULL, reason TEXT NOT NULL,"
    " since INTEGER NOT NULL, until INTEGER NOT NULL, event TEXT NOT NULL, rule TEXT NOT NULL,"
    " confidence INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE history (id TEXT PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL,"
    " spool TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL,"
    " rule TEXT NOT NULL, confidence INTEGER NOT NULL, policy TEXT NOT NULL,"
    " diagnostic TEXT NOT NULL, entered INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX history_key ON history (key, at);"
    "CREATE INDEX history_entered ON history (entered);"
    "CREATE TABLE forgotten (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    GET_CURSOR,
    SET_CURSOR,
    ADD_EVENT,
    GET_STATE,
    SET_STATE,
    EACH_ADDRESS,
    EACH_EVENT,
    DROP_ADDRESS,
    DROP_EVENTS,
    ADD_FORGOTTEN,
    GET_FORGOTTEN,
    EXPIRE,
    DATA_VERSION,
    STATEMENT_N
};

static const char *const statements[STATEMENT_N] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [GET_CURSOR] = "SELECT seq FROM cursor WHERE spool = ?1",
    [SET_CURSOR] = "INSERT INTO cursor VALUES (?1, ?2) ON CONFLICT (spool) DO UPDATE SET"
                   " seq = max (seq, excluded.seq)",
    [ADD_EVENT] = "INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
                  " ON CONFLICT (id) DO NOTHING",
    [GET_STATE] = "SELECT state FROM address WHERE key = ?1",
    [SET_STATE] = "INSERT INTO address VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                  " ON CONFLICT (key) DO UPDATE SET standing = excluded.standing,"
                  " reason = excluded.reason, since = excluded.since, until = excluded.until,"
                  " event = excluded.event, rule = excluded.rule,"
                  " confidence = excluded.confidence, state = excluded.state",
    [EACH_ADDRESS] = "SELECT key, state FROM address WHERE standing <> 'ok' ORDER BY key",
    [EACH_EVENT] = "SELECT id, spool, kind, category, rule, policy, diagnostic, seq, at, confidence"
                   " FROM history WHERE key = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
    [DROP_ADDRESS] = "DELETE FROM address WHERE key = ?1",
    [DROP_EVENTS] = "DELETE FROM history WHERE key = ?1",
    [ADD_FORGOTTEN] = "INSERT INTO forgotten VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [GET_FORGOTTEN] = "SELECT 1 FROM forgotten WHERE digest = ?1",
    [EXPIRE] = "DELETE FROM history WHERE id IN"
               " (SELECT id FROM history WHERE entered < ?1 LIMIT 10000)",
    [DATA_VERSION] = "PRAGMA data_version",
};

struct file {
    sqlite3 *db;
    sqlite3_stmt *prepared[STATEMENT_N]; /* each when it's first used */
    struct ledger_options options;
    char *place;
    uint64_t n_own_changes; /* PRAGMA data_version tells only of others' */
};

static bool
fail (struct file *f, const char *doing, GError **error)
{
    const int code = sqlite3_errcode (f->db) & 0xff;
    const bool is_fatal = code == SQLITE_NOTADB || code == SQLITE_CORRUPT ||
                          code == SQLITE_CANTOPEN || code == SQLITE_READONLY ||
                          code == SQLITE_PERM || code == SQLITE_ERROR;

    g_set_error (error, LEDGER_ERROR, is_fatal ? LEDGER_ERROR_FATAL : LEDGER_ERROR_RETRY,
                 "%s: %s: %s", f->place, doing, sqlite3_errmsg (f->db));
    return false;
}

static sqlite3_stmt *
get (struct file *f, enum statement which)
{
    if (!f->prepared[which])
        (void)sqlite3_prepare_v3 (f->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &f->prepared[which], NULL);
    return f->prepared[which];
}

static void
bind_text (sqlite3_stmt *s, int i, const char *text)
{
    (void)sqlite3_bind_text (s, i, text, -1, SQLITE_STATIC);
}

static const char *
column (sqlite3_stmt *s, int i)
{
    const char *text = (const char *)sqlite3_column_text (s, i);

    return text ? text : "";
}

/* Runs a statement that gives no row, and readies it for its next use. */
static bool
run (struct file *f, enum statement which, GError **error)
{
    sqlite3_stmt *s = get (f, which);
    const bool is_ok = s && sqlite3_step (s) == SQLITE_DONE;

    if (!is_ok)
        (void)fail (f, "writing", error);
    (void)sqlite3_reset (s);
    return is_ok;
}

static bool
begin (struct file *f, GError **error)
{
    return run (f, BEGIN, error);
}

/* Ends the transaction; what was done is kept only if all of it was. */
static bool
finish (struct file *f, bool is_ok, GError **error)
{
    if (is_ok && run (f, COMMIT, error)) {
        f->n_own_changes++;
        return true;
    }
    if (!sqlite3_get_autocommit (f->db))
        (void)run (f, ROLLBACK, NULL);
    return false;
}

static bool
get_state (struct file *f, const char *key, struct store_state *ret_state, GError **error)
{
    sqlite3_stmt *s = get (f, GET_STATE);
    int code;

    if (!s)
        return fail (f, "reading", error);
    bind_text (s, 1, key);
    code = sqlite3_step (s);
    memset (ret_state, 0, sizeof *ret_state);
    if (code == SQLITE_ROW)
        store_state_read (dsn_bytes_str (column (s, 0)), ret_state);
    else if (code != SQLITE_DONE)
        (void)fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool
set_state (struct file *f, const char *key, const struct store_state *state, int64_t now,
           GError **error)
{
    const struct store_verdict v = store_state_judge (state, &f->options.policy, now);
    g_autoptr (GString) text = g_string_new (NULL);
    sqlite3_stmt *s = get (f, SET_STATE);

    if (!s)
        return fail (f, "writing", error);
    store_state_append (text, state);
    bind_text (s, 1, key);
    bind_text (s, 2, store_standing_name (v.standing));
    bind_text (s, 3, v.reason);
    (void)sqlite3_bind_int64 (s, 4, v.since);
    (void)sqlite3_bind_int64 (s, 5, v.until);
    bind_text (s, 6, v.mark ? v.mark->id : "");
    bind_text (s, 7, v.mark ? v.mark->rule : "");
    (void)sqlite3_bind_int (s, 8, v.mark ? v.mark->confidence : 0);
    bind_text (s, 9, text->str);
    return run (f, SET_STATE, error);
}

/* Adds the event unless it's there; @ret_is_new tells. */
static bool
add_event (struct file *f, const struct ledger_entry *e, const char *key, const char *row,
           int64_t now, bool *ret_is_new, GError **error)
{
    const struct store_fact *fact = e->fact;
    sqlite3_stmt *s = get (f, ADD_EVENT);
    /* it often says the address, which a store of digests must not hold */
    const bool keeps_words = fact->diagnostic && f->options.keying.secret.n == 0;

    if (!s)
        return fail (f, "writing", error);
    bind_text (s, 1, fact->id);
    bind_text (s, 2, key);
    (void)sqlite3_bind_int64 (s, 3, fact->at);
    bind_text (s, 4, e->spool);
    (void)sqlite3_bind_int64 (s, 5, (sqlite3_int64)e->seq);
    bind_text (s, 6, fact->kind);
    bind_text (s, 7, fact->category);
    bind_text (s, 8, fact->rule);
    (void)sqlite3_bind_int (s, 9, fact->confidence);
    bind_text (s, 10, row);
    bind_text (s, 11, keeps_words ? fact->diagnostic : "");
    (void)sqlite3_bind_int64 (s, 12, now);
    if (!run (f, ADD_EVENT, error))
        return false;
    *ret_is_new = sqlite3_changes (f->db) == 1;
    return true;
}

static bool
enter_one (struct file *f, const struct ledger_entry *e, int64_t now, GError **error)
{
    const struct store_row *row = store_policy_row (&f->options.policy, e->fact);
    g_autofree char *key = row->effect == STORE_NOTHING
                               ? NULL
                               : store_key (dsn_bytes_str (e->fact->recipient), &f->options.keying);
    struct store_state state;
    bool is_new = false;

    if (!key)
        return true;
    if (!add_event (f, e, key, row->name, now, &is_new, error))
        return false;
    if (!is_new || row->effect == STORE_HISTORY)
        return true;
    if (!get_state (f, key, &state, error))
        return false;
    store_state_add (&state, &f->options.policy, e->fact);
    return set_state (f, key, &state, now, error);
}

static bool
get_cursor (struct file *f, const char *spool, uint64_t *ret_seq, GError **error)
{
    sqlite3_stmt *s = get (f, GET_CURSOR);
    int code;

    if (!s)
        return fail (f, "reading", error);
    bind_text (s, 1, spool);
    code = sqlite3_step (s);
    *ret_seq = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (s, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        (void)fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool
set_cursor (struct file *f, const char *spool, uint64_t seq, GError **error)
{
    sqlite3_stmt *s = get (f, SET_CURSOR);

    if (!s)
        return fail (f, "writing", error);
    bind_text (s, 1, spool);
    (void)sqlite3_bind_int64 (s, 2, (sqlite3_int64)seq);
    return run (f, SET_CURSOR, error);
}

/* Those of the entries from @i on that are of one spool and stand together; @ret_end is behind
 * them. */
static bool
enter_spool (struct file *f, const struct ledger_entry *entries, unsigned n, unsigned i,
             bool is_ordered, unsigned *ret_end, GError **error)
{
    const char *spool = entries[i].spool;
    const int64_t now = g_get_real_time () / G_USEC_PER_SEC;
    uint64_t last = 0, highest = 0;

    if (is_ordered && !get_cursor (f, spool, &last, error))
        return false;
    for (; i < n && strcmp (entries[i].spool, spool) == 0; i++) {
        if (entries[i].seq > last && !enter_one (f, &entries[i], now, error))
            return false;
        highest = MAX (highest, entries[i].seq);
    }
    *ret_end = i;
    return set_cursor (f, spool, highest, error);
}

static bool
sqlite_enter (void *db, const struct ledger_entry *entries, unsigned n, bool is_ordered,
              GError **error)
{
    struct file *f = db;
    bool is_ok = true;

    if (!begin (f, error))
        return false;
    for (unsigned i = 0; i < n && is_ok;)
        is_ok = enter_spool (f, entries, n, i, is_ordered, &i, error);
    return finish (f, is_ok, error);
}

static bool
sqlite_find (void *db, const char *key, struct store_state *ret_state, GError **error)
{
    return get_state (db, key, ret_state, error);
}

static bool
sqlite_each (void *db, ledger_row_fn *take, void *data, GError **error)
{
    struct file *f = db;
    sqlite3_stmt *s = get (f, EACH_ADDRESS);
    bool wants_more = true;
    int code = SQLITE_DONE;

    while (s && wants_more && (code = sqlite3_step (s)) == SQLITE_ROW) {
        struct ledger_row row = { .key = column (s, 0) };
        store_state_read (dsn_bytes_str (column (s, 1)), &row.state);
        wants_more = take (&row, data);
    }
    if (!s || (code != SQLITE_DONE && code != SQLITE_ROW))
        (void)fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return s && (code == SQLITE_DONE || code == SQLITE_ROW);
}

static bool
sqlite_events (void *db, const char *key, unsigned n, ledger_event_fn *take, void *data,
               GError **error)
{
    struct file *f = db;
    sqlite3_stmt *s = get (f, EACH_EVENT);
    bool wants_more = true;
    int code = SQLITE_DONE;

    if (!s)
        return fail (f, "reading", error);
    bind_text (s, 1, key);
    (void)sqlite3_bind_int64 (s, 2, n);
    while (wants_more && (code = sqlite3_step (s)) == SQLITE_ROW) {
        const struct ledger_event event = {
            column (s, 0),
            column (s, 1),
            column (s, 2),
            column (s, 3),
            column (s, 4),
            column (s, 5),
            column (s, 6),
            (uint64_t)sqlite3_column_int64 (s, 7),
            sqlite3_column_int64 (s, 8),
            sqlite3_column_int (s, 9),
        };
        wants_more = take (&event, data);
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        (void)fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

static bool
sqlite_decide (void *db, const char *const *keys, const struct store_hand *hand, GError **error)
{
    struct file *f = db;
    bool is_ok = true;

    if (!begin (f, error))
        return false;
    for (; *keys && is_ok; keys++) {
        struct store_state state;
        is_ok = get_state (f, *keys, &state, error);
        if (is_ok)
            store_state_decide (&state, hand);
        is_ok = is_ok && set_state (f, *keys, &state, hand->at, error);
    }
    return finish (f, is_ok, error);
}

static bool
run_with_key (struct file *f, enum statement which, const char *key, GError **error)
{
    sqlite3_stmt *s = get (f, which);

    if (!s)
        return fail (f, "writing", error);
    bind_text (s, 1, key);
    return run (f, which, error);
}

static bool
sqlite_forget (void *db, const char *key, bool keeps_digest, GError **error)
{
    struct file *f = db;
    g_autofree char *digest = store_key_digest (key);
    bool is_ok;

    if (!begin (f, error))
        return false;
    is_ok = run_with_key (f, DROP_ADDRESS, key, error) && run_with_key (f, DROP_EVENTS, key, error);
    if (is_ok && keeps_digest) {
        (void)sqlite3_bind_int64 (get (f, ADD_FORGOTTEN), 2, g_get_real_time () / G_USEC_PER_SEC);
        is_ok = run_with_key (f, ADD_FORGOTTEN, digest, error);
    }
    return finish (f, is_ok, error);
}

static bool
sqlite_is_forgotten (void *db, const char *key, bool *ret_is, GError **error)
{
    struct file *f = db;
    g_autofree char *digest = store_key_digest (key);
    sqlite3_stmt *s = get (f, GET_FORGOTTEN);
    int code;

    if (!s)
        return fail (f, "reading", error);
    bind_text (s, 1, digest);
    code = sqlite3_step (s);
    *ret_is = code == SQLITE_ROW;
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE || fail (f, "reading", error);
}

static bool
sqlite_expire (void *db, int64_t now, uint64_t *ret_n, GError **error)
{
    struct file *f = db;
    sqlite3_stmt *s = get (f, EXPIRE);

    if (!s)
        return fail (f, "writing", error);
    (void)sqlite3_bind_int64 (s, 1, now - (int64_t)f->options.history_days * 24 * 60 * 60);
    if (!run (f, EXPIRE, error))
        return false;
    *ret_n = (uint64_t)sqlite3_changes (f->db);
    return true;
}

static bool
sqlite_change (void *db, uint64_t *ret_change, GError **error)
{
    struct file *f = db;
    sqlite3_stmt *s = get (f, DATA_VERSION);
    const bool is_ok = s && sqlite3_step (s) == SQLITE_ROW;

    if (is_ok)
        *ret_change = (uint64_t)sqlite3_column_int64 (s, 0) + f->n_own_changes;
    else
        (void)fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return is_ok;
}

static void
sqlite_close (void *db)
{
    struct file *f = db;

    for (unsigned i = 0; i < STATEMENT_N; i++)
        (void)sqlite3_finalize (f->prepared[i]);
    (void)sqlite3_close (f->db);
    g_free (f->place);
    g_free (f);
}

/* The version of the tables; 0: there are none, -1: an error. */
static int
get_version (struct file *f)
{
    sqlite3_stmt *s = NULL;
    int version = -1;

    if (sqlite3_prepare_v2 (f->db, "SELECT count(*) FROM sqlite_master", -1, &s, NULL) ==
            SQLITE_OK &&
        sqlite3_step (s) == SQLITE_ROW)
        version = sqlite3_column_int (s, 0) == 0 ? 0 : -1;
    (void)sqlite3_finalize (s);
    if (version == 0 ||
        sqlite3_prepare_v2 (f->db, "SELECT value FROM meta WHERE key = 'dsnd-store'", -1, &s,
                            NULL) != SQLITE_OK)
        return version;
    if (sqlite3_step (s) == SQLITE_ROW)
        version = (int)g_ascii_strtoll (column (s, 0), NULL, 10);
    (void)sqlite3_finalize (s);
    return version;
}

static bool
make_tables (struct file *f, GError **error)
{
    if (sqlite3_exec (f->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK)
        return fail (f, "opening", error);
    if (!begin (f, error))
        return false;
    /* another may have been faster */
    return finish (f,
                   get_version (f) == LEDGER_VERSION ||
                       sqlite3_exec (f->db, schema, NULL, NULL, NULL) == SQLITE_OK ||
                       fail (f, "making the tables", error),
                   error);
}

static bool
prepare_file (struct file *f, GError **error)
{
    const int version = get_version (f);

    if (version == 0 && !f->options.is_read_only)
        return make_tables (f, error);
    if (version == LEDGER_VERSION)
        return true;
    if (version < 0 && (sqlite3_errcode (f->db) & 0xff) == SQLITE_BUSY)
        return fail (f, "opening", error);
    g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_FATAL,
                 version > LEDGER_VERSION ? "%s: this store was made by a later version"
                                          : "%s: this is no store of dsnd",
                 f->place);
    return false;
}

/* Synchronous FULL: what is committed is acked at the source next. */
static void *
sqlite_open (const struct ledger_options *options, GError **error)
{
    struct file *f = g_new0 (struct file, 1);
    const int flags =
        options->is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    bool is_ok;

    f->options = *options;
    f->place = g_strdup (options->place);
    is_ok = sqlite3_open_v2 (options->place, &f->db, flags, NULL) == SQLITE_OK ||
            fail (f, "opening", error);
    if (is_ok) {
        (void)sqlite3_extended_result_codes (f->db, 1);
        (void)sqlite3_busy_timeout (f->db, (int)options->patience_ms);
        (void)sqlite3_exec (f->db, "PRAGMA synchronous = FULL; PRAGMA cache_size = -8000", NULL,
                            NULL, NULL);
        is_ok = prepare_file (f, error);
    }
    if (is_ok)
        return f;
    sqlite_close (f);
    return NULL;
}

const struct ledger_kind ledger_sqlite = {
    .open = sqlite_open,
    .close = sqlite_close,
    .enter = sqlite_enter,
    .find = sqlite_find,
    .each = sqlite_each,
    .events = sqlite_events,
    .decide = sqlite_decide,
    .forget = sqlite_forget,
    .is_forgotten = sqlite_is_forgotten,
    .expire = sqlite_expire,
    .change = sqlite_change,
};
