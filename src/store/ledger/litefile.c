#include "store/ledger/litefile.h"

static const char *const statements[LITE_STATEMENT_N] = {
    [LITE_BEGIN] = "BEGIN IMMEDIATE",
    [LITE_COMMIT] = "COMMIT",
    [LITE_ROLLBACK] = "ROLLBACK",
    [LITE_GET_CURSOR] = "SELECT seq FROM cursor WHERE spool = ?1",
    [LITE_SET_CURSOR] = "INSERT INTO cursor VALUES (?1, ?2) ON CONFLICT (spool) DO UPDATE SET"
                        " seq = max (seq, excluded.seq)",
    [LITE_ADD_EVENT] =
        "INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        " ON CONFLICT (id) DO NOTHING",
    [LITE_GET_STATE] = "SELECT state FROM address WHERE key = ?1",
    [LITE_SET_STATE] = "INSERT INTO address VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                       " ON CONFLICT (key) DO UPDATE SET standing = excluded.standing,"
                       " reason = excluded.reason, since = excluded.since, until = excluded.until,"
                       " event = excluded.event, rule = excluded.rule,"
                       " confidence = excluded.confidence, state = excluded.state",
    [LITE_EACH_ADDRESS] = "SELECT key, state FROM address WHERE standing <> 'ok' ORDER BY key",
    [LITE_EACH_EVENT] =
        "SELECT id, spool, kind, category, rule, policy, diagnostic, seq, at, confidence"
        " FROM history WHERE key = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
    [LITE_DROP_ADDRESS] = "DELETE FROM address WHERE key = ?1",
    [LITE_DROP_EVENTS] = "DELETE FROM history WHERE key = ?1",
    [LITE_ADD_FORGOTTEN] = "INSERT INTO forgotten VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [LITE_GET_FORGOTTEN] = "SELECT 1 FROM forgotten WHERE digest = ?1",
    [LITE_EXPIRE] = "DELETE FROM history WHERE id IN"
                    " (SELECT id FROM history WHERE entered < ?1 LIMIT 10000)",
    [LITE_DATA_VERSION] = "PRAGMA data_version",
};

bool
litefile_fail (struct litefile *f, const char *doing, GError **error)
{
    const int code = sqlite3_errcode (f->db) & 0xff;
    const bool is_fatal = code == SQLITE_NOTADB || code == SQLITE_CORRUPT ||
                          code == SQLITE_CANTOPEN || code == SQLITE_READONLY ||
                          code == SQLITE_PERM || code == SQLITE_ERROR;

    g_set_error (error, LEDGER_ERROR, is_fatal ? LEDGER_ERROR_FATAL : LEDGER_ERROR_RETRY,
                 "%s: %s: %s", f->place, doing, sqlite3_errmsg (f->db));
    return false;
}

sqlite3_stmt *
litefile_get (struct litefile *f, enum lite_statement which)
{
    if (!f->prepared[which])
        (void)sqlite3_prepare_v3 (f->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &f->prepared[which], NULL);
    return f->prepared[which];
}

void
litefile_bind_text (sqlite3_stmt *s, int i, const char *text)
{
    (void)sqlite3_bind_text (s, i, text, -1, SQLITE_STATIC);
}

const char *
litefile_column (sqlite3_stmt *s, int i)
{
    const char *text = (const char *)sqlite3_column_text (s, i);

    return text ? text : "";
}

bool
litefile_run (struct litefile *f, enum lite_statement which, GError **error)
{
    sqlite3_stmt *s = litefile_get (f, which);
    const bool is_ok = s && sqlite3_step (s) == SQLITE_DONE;

    if (!is_ok)
        (void)litefile_fail (f, "writing", error);
    (void)sqlite3_reset (s);
    return is_ok;
}

bool
litefile_begin (struct litefile *f, GError **error)
{
    return litefile_run (f, LITE_BEGIN, error);
}

bool
litefile_finish (struct litefile *f, bool is_ok, GError **error)
{
    if (is_ok && litefile_run (f, LITE_COMMIT, error)) {
        f->n_own_changes++;
        return true;
    }
    if (!sqlite3_get_autocommit (f->db))
        (void)litefile_run (f, LITE_ROLLBACK, NULL);
    return false;
}
