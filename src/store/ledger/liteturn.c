#include "store/ledger/liteturn.h"

#include <string.h>

bool
liteturn_get_state (struct litefile *f, const char *key, struct store_state *ret_state,
                    GError **error)
{
    sqlite3_stmt *s = litefile_get (f, LITE_GET_STATE);
    int code;

    if (!s)
        return litefile_fail (f, "reading", error);
    litefile_bind_text (s, 1, key);
    code = sqlite3_step (s);
    memset (ret_state, 0, sizeof *ret_state);
    if (code == SQLITE_ROW)
        store_state_read (dsn_bytes_str (litefile_column (s, 0)), ret_state);
    else if (code != SQLITE_DONE)
        (void)litefile_fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

bool
liteturn_set_state (struct litefile *f, const char *key, const struct store_state *state,
                    int64_t now, GError **error)
{
    const struct store_verdict v = store_state_judge (state, &f->options.policy, now);
    g_autoptr (GString) text = g_string_new (NULL);
    sqlite3_stmt *s = litefile_get (f, LITE_SET_STATE);

    if (!s)
        return litefile_fail (f, "writing", error);
    store_state_append (text, state);
    litefile_bind_text (s, 1, key);
    litefile_bind_text (s, 2, store_standing_name (v.standing));
    litefile_bind_text (s, 3, v.reason);
    (void)sqlite3_bind_int64 (s, 4, v.since);
    (void)sqlite3_bind_int64 (s, 5, v.until);
    litefile_bind_text (s, 6, v.mark ? v.mark->id : "");
    litefile_bind_text (s, 7, v.mark ? v.mark->rule : "");
    (void)sqlite3_bind_int (s, 8, v.mark ? v.mark->confidence : 0);
    litefile_bind_text (s, 9, text->str);
    return litefile_run (f, LITE_SET_STATE, error);
}

/* Adds the event unless it's there; @ret_is_new tells. */
static bool
add_event (struct litefile *f, const struct ledger_entry *e, const char *key, const char *row,
           int64_t now, bool *ret_is_new, GError **error)
{
    const struct store_fact *fact = e->fact;
    sqlite3_stmt *s = litefile_get (f, LITE_ADD_EVENT);
    /* it often says the address, which a store of digests must not hold */
    const bool keeps_words = fact->diagnostic && f->options.keying.secret.n == 0;

    if (!s)
        return litefile_fail (f, "writing", error);
    litefile_bind_text (s, 1, fact->id);
    litefile_bind_text (s, 2, key);
    (void)sqlite3_bind_int64 (s, 3, fact->at);
    litefile_bind_text (s, 4, e->spool);
    (void)sqlite3_bind_int64 (s, 5, (sqlite3_int64)e->seq);
    litefile_bind_text (s, 6, fact->kind);
    litefile_bind_text (s, 7, fact->category);
    litefile_bind_text (s, 8, fact->rule);
    (void)sqlite3_bind_int (s, 9, fact->confidence);
    litefile_bind_text (s, 10, row);
    litefile_bind_text (s, 11, keeps_words ? fact->diagnostic : "");
    (void)sqlite3_bind_int64 (s, 12, now);
    if (!litefile_run (f, LITE_ADD_EVENT, error))
        return false;
    *ret_is_new = sqlite3_changes (f->db) == 1;
    return true;
}

static bool
enter_one (struct litefile *f, const struct ledger_entry *e, int64_t now, GError **error)
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
    if (!liteturn_get_state (f, key, &state, error))
        return false;
    store_state_add (&state, &f->options.policy, e->fact);
    return liteturn_set_state (f, key, &state, now, error);
}

static bool
get_cursor (struct litefile *f, const char *spool, uint64_t *ret_seq, GError **error)
{
    sqlite3_stmt *s = litefile_get (f, LITE_GET_CURSOR);
    int code;

    if (!s)
        return litefile_fail (f, "reading", error);
    litefile_bind_text (s, 1, spool);
    code = sqlite3_step (s);
    *ret_seq = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (s, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        (void)litefile_fail (f, "reading", error);
    (void)sqlite3_reset (s);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool
set_cursor (struct litefile *f, const char *spool, uint64_t seq, GError **error)
{
    sqlite3_stmt *s = litefile_get (f, LITE_SET_CURSOR);

    if (!s)
        return litefile_fail (f, "writing", error);
    litefile_bind_text (s, 1, spool);
    (void)sqlite3_bind_int64 (s, 2, (sqlite3_int64)seq);
    return litefile_run (f, LITE_SET_CURSOR, error);
}

/* Those of the entries from @i on that are of one spool and stand together; @ret_end is behind
 * them. */
static bool
enter_spool (struct litefile *f, const struct ledger_entry *entries, unsigned n, unsigned i,
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

bool
liteturn_enter (struct litefile *f, const struct ledger_entry *entries, unsigned n, bool is_ordered,
                GError **error)
{
    bool is_ok = true;

    for (unsigned i = 0; i < n && is_ok;)
        is_ok = enter_spool (f, entries, n, i, is_ordered, &i, error);
    return is_ok;
}
