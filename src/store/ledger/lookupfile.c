/* A database made in one transaction, journal mode DELETE, synced and renamed. */
#include "store/ledger/lookupfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static const char schema[] =
    "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; BEGIN;"
    "CREATE TABLE suppression (address TEXT PRIMARY KEY, reason TEXT NOT NULL,"
    " since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID";

struct writing {
    sqlite3 *db;
    sqlite3_stmt *insert;
    const struct store_policy *policy;
    int64_t now;
    bool has_failed;
};

static bool
write_row (const struct ledger_row *row, void *data)
{
    struct writing *w = data;
    const struct store_verdict v = store_state_judge (&row->state, w->policy, w->now);

    if (v.standing != STORE_SUPPRESSED)
        return true;
    (void)sqlite3_bind_text (w->insert, 1, row->key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text (w->insert, 2, v.reason, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64 (w->insert, 3, v.since);
    (void)sqlite3_bind_int64 (w->insert, 4, v.until);
    w->has_failed = sqlite3_step (w->insert) != SQLITE_DONE;
    (void)sqlite3_reset (w->insert);
    return !w->has_failed;
}

static bool
fill (struct writing *w, struct ledger *ledger, const char *path, GError **error)
{
    if (sqlite3_exec (w->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2 (w->db, "INSERT INTO suppression VALUES (?1, ?2, ?3, ?4)", -1,
                            &w->insert, NULL) == SQLITE_OK) {
        if (!ledger_each (ledger, write_row, w, error))
            return false;
        if (!w->has_failed && sqlite3_exec (w->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
            return true;
    }
    g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_RETRY, "%s: %s", path, sqlite3_errmsg (w->db));
    return false;
}

static bool
make (struct ledger *ledger, const struct store_policy *policy, const char *path, GError **error)
{
    struct writing w = { .policy = policy, .now = g_get_real_time () / G_USEC_PER_SEC };
    bool is_ok = sqlite3_open_v2 (path, &w.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                 SQLITE_OK;

    if (is_ok)
        is_ok = fill (&w, ledger, path, error);
    else
        g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_RETRY, "%s: %s", path,
                     sqlite3_errmsg (w.db));
    (void)sqlite3_finalize (w.insert);
    (void)sqlite3_close (w.db);
    return is_ok;
}

/* Syncs what @path names, a file or a directory. */
static bool
sync_path (const char *path)
{
    const int fd = open (path, O_RDONLY | O_CLOEXEC);
    const bool is_ok = fd >= 0 && fsync (fd) == 0;
    const int saved = errno;

    if (fd >= 0)
        (void)close (fd);
    errno = saved;
    return is_ok;
}

bool
lookupfile_publish (struct ledger *ledger, const struct store_policy *policy, const char *path,
                    GError **error)
{
    g_autofree char *fresh = g_strconcat (path, ".new", NULL);
    g_autofree char *dir = g_path_get_dirname (path);

    (void)g_unlink (fresh);
    if (!make (ledger, policy, fresh, error))
        return false;
    /* every mail system on this host may ask */
    if (chmod (fresh, 0644) == 0 && sync_path (fresh) && g_rename (fresh, path) == 0 &&
        sync_path (dir))
        return true;
    g_set_error (error, LEDGER_ERROR, LEDGER_ERROR_RETRY, "%s: %s", path, g_strerror (errno));
    return false;
}
