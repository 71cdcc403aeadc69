/* The store in a SQLite file, in WAL mode: its readers don't wait for its writer. */
#include "store/ledger/litefile.h"
#include "store/ledger/liteturn.h"

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

static bool
sqlite_enter (void *db, const struct ledger_entry *entries, unsigned n, bool is_ordered,
              GError **error)
{
    struct litefile *f = db;

    return litefile_begin (f, error) &&
           litefile_finish (f, liteturn_enter (f, entries, n, is_ordered, error), error);
}

static bool
sqlite_find (void *db, const char *key, struct store_state *ret_state, GError **error)
{
    return liteturn_get_state (db, key, ret_state, error);
}

static bool
sqlite_each (void *db, ledger_row_fn *take, void *data, GError **error)
{
    struct litefile *f = db;
    sqlite3_stmt *s = litefile_get (f, LITE_EACH_ADDRESS);
    bool wants_more = true;
    int code = SQLITE_DONE;

    while (s && wants_more && (code = sqlite3_step (s)) == SQLITE_ROW) {
        struct ledger_row row = { .key = litefile_column (s, 0) };
        store_state_read (dsn_bytes_str (litefile_column (s, 1)), &row.state);
        wants_more = take (&row, data);
    }
    if (!s || (code != SQLITE_DONE && code != SQLITE_ROW))
        (void)litefile_fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return s && (code == SQLITE_DONE || code == SQLITE_ROW);
}

static bool
sqlite_events (void *db, const char *key, unsigned n, ledger_event_fn *take, void *data,
               GError **error)
{
    struct litefile *f = db;
    sqlite3_stmt *s = litefile_get (f, LITE_EACH_EVENT);
    bool wants_more = true;
    int code = SQLITE_DONE;

    if (!s)
        return litefile_fail (f, "reading", error);
    litefile_bind_text (s, 1, key);
    (void)sqlite3_bind_int64 (s, 2, n);
    while (wants_more && (code = sqlite3_step (s)) == SQLITE_ROW) {
        const struct ledger_event event = {
            litefile_column (s, 0),      litefile_column (s, 1),
            litefile_column (s, 2),      litefile_column (s, 3),
            litefile_column (s, 4),      litefile_column (s, 5),
            litefile_column (s, 6),      (uint64_t)sqlite3_column_int64 (s, 7),
            sqlite3_column_int64 (s, 8), sqlite3_column_int (s, 9),
        };
        wants_more = take (&event, data);
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        (void)litefile_fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

static bool
sqlite_decide (void *db, const char *const *keys, const struct store_hand *hand, GError **error)
{
    struct litefile *f = db;
    bool is_ok = true;

    if (!litefile_begin (f, error))
        return false;
    for (; *keys && is_ok; keys++) {
        struct store_state state;
        is_ok = liteturn_get_state (f, *keys, &state, error);
        if (is_ok)
            store_state_decide (&state, hand);
        is_ok = is_ok && liteturn_set_state (f, *keys, &state, hand->at, error);
    }
    return litefile_finish (f, is_ok, error);
}

static bool
run_with_key (struct litefile *f, enum lite_statement which, const char *key, GError **error)
{
    sqlite3_stmt *s = litefile_get (f, which);

    if (!s)
        return litefile_fail (f, "writing", error);
    litefile_bind_text (s, 1, key);
    return litefile_run (f, which, error);
}

static bool
sqlite_forget (void *db, const char *key, bool keeps_digest, GError **error)
{
    struct litefile *f = db;
    g_autofree char *digest = store_key_digest (key);
    bool is_ok;

    if (!litefile_begin (f, error))
        return false;
    is_ok = run_with_key (f, LITE_DROP_ADDRESS, key, error) &&
            run_with_key (f, LITE_DROP_EVENTS, key, error);
    if (is_ok && keeps_digest) {
        (void)sqlite3_bind_int64 (litefile_get (f, LITE_ADD_FORGOTTEN), 2,
                                  g_get_real_time () / G_USEC_PER_SEC);
        is_ok = run_with_key (f, LITE_ADD_FORGOTTEN, digest, error);
    }
    return litefile_finish (f, is_ok, error);
}

static bool
sqlite_is_forgotten (void *db, const char *key, bool *ret_is, GError **error)
{
    struct litefile *f = db;
    g_autofree char *digest = store_key_digest (key);
    sqlite3_stmt *s = litefile_get (f, LITE_GET_FORGOTTEN);
    int code;

    if (!s)
        return litefile_fail (f, "reading", error);
    litefile_bind_text (s, 1, digest);
    code = sqlite3_step (s);
    *ret_is = code == SQLITE_ROW;
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE || litefile_fail (f, "reading", error);
}

static bool
sqlite_expire (void *db, int64_t now, uint64_t *ret_n, GError **error)
{
    struct litefile *f = db;
    sqlite3_stmt *s = litefile_get (f, LITE_EXPIRE);

    if (!s)
        return litefile_fail (f, "writing", error);
    (void)sqlite3_bind_int64 (s, 1, now - (int64_t)f->options.history_days * 24 * 60 * 60);
    if (!litefile_run (f, LITE_EXPIRE, error))
        return false;
    *ret_n = (uint64_t)sqlite3_changes (f->db);
    return true;
}

static bool
sqlite_change (void *db, uint64_t *ret_change, GError **error)
{
    struct litefile *f = db;
    sqlite3_stmt *s = litefile_get (f, LITE_DATA_VERSION);
    const bool is_ok = s && sqlite3_step (s) == SQLITE_ROW;

    if (is_ok)
        *ret_change = (uint64_t)sqlite3_column_int64 (s, 0) + f->n_own_changes;
    else
        (void)litefile_fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return is_ok;
}

static void
sqlite_close (void *db)
{
    struct litefile *f = db;

    for (unsigned i = 0; i < LITE_STATEMENT_N; i++)
        (void)sqlite3_finalize (f->prepared[i]);
    (void)sqlite3_close (f->db);
    g_free (f->place);
    g_free (f);
}

/* The version of the tables; 0: there are none, -1: an error. */
static int
get_version (struct litefile *f)
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
        version = (int)g_ascii_strtoll (litefile_column (s, 0), NULL, 10);
    (void)sqlite3_finalize (s);
    return version;
}

static bool
make_tables (struct litefile *f, GError **error)
{
    if (sqlite3_exec (f->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK)
        return litefile_fail (f, "opening", error);
    if (!litefile_begin (f, error))
        return false;
    /* another may have been faster */
    return litefile_finish (f,
                            get_version (f) == LEDGER_VERSION ||
                                sqlite3_exec (f->db, schema, NULL, NULL, NULL) == SQLITE_OK ||
                                litefile_fail (f, "making the tables", error),
                            error);
}

static bool
prepare_file (struct litefile *f, GError **error)
{
    const int version = get_version (f);

    if (version == 0 && !f->options.is_read_only)
        return make_tables (f, error);
    if (version == LEDGER_VERSION)
        return true;
    if (version < 0 && (sqlite3_errcode (f->db) & 0xff) == SQLITE_BUSY)
        return litefile_fail (f, "opening", error);
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
    struct litefile *f = g_new0 (struct litefile, 1);
    const int flags =
        options->is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    bool is_ok;

    f->options = *options;
    f->place = g_strdup (options->place);
    is_ok = sqlite3_open_v2 (options->place, &f->db, flags, NULL) == SQLITE_OK ||
            litefile_fail (f, "opening", error);
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
