#include "store/ledger/pgstates.h"

#include "store/ledger/pgcolumns.h"

GHashTable *
pgstates_lock (struct pgserver *s, const char *keys, GError **error)
{
    GHashTable *states;
    PGresult *result;

    if (!pgserver_run (
            s,
            "INSERT INTO dsnd.address (key) SELECT k FROM unnest ($1::text[]) AS k ORDER BY k "
            "ON CONFLICT DO NOTHING",
            1, &keys, error))
        return NULL;
    result = pgserver_ask (
        s,
        "SELECT key, state FROM dsnd.address WHERE key = ANY ($1::text[]) ORDER BY key "
        "FOR UPDATE",
        1, &keys, error);
    if (!result)
        return NULL;
    states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < PQntuples (result); i++) {
        struct store_state *state = g_new (struct store_state, 1);
        store_state_read (dsn_bytes_str (pgserver_cell (result, i, 1)), state);
        (void)g_hash_table_insert (states, g_strdup (pgserver_cell (result, i, 0)), state);
    }
    PQclear (result);
    return states;
}

static void
add_state (const struct pgserver *s, struct pgcolumns *c, const char *key,
           const struct store_state *state)
{
    const int64_t now = g_get_real_time () / G_USEC_PER_SEC;
    const struct store_verdict v = store_state_judge (state, &s->options.policy, now);
    g_autoptr (GString) text = g_string_new (NULL);

    store_state_append (text, state);
    pgcolumns_add_text (c, 0, key);
    pgcolumns_add_text (c, 1, store_standing_name (v.standing));
    pgcolumns_add_text (c, 2, v.reason);
    pgcolumns_add_number (c, 3, v.since);
    pgcolumns_add_number (c, 4, v.until);
    pgcolumns_add_text (c, 5, v.mark ? v.mark->id : "");
    pgcolumns_add_text (c, 6, v.mark ? v.mark->rule : "");
    pgcolumns_add_number (c, 7, v.mark ? v.mark->confidence : 0);
    pgcolumns_add_text (c, 8, text->str);
}

bool
pgstates_save (struct pgserver *s, GHashTable *states, GError **error)
{
    GHashTableIter iter;
    gpointer key, state;
    struct pgcolumns c;
    const char *values[9];
    bool is_ok;

    pgcolumns_init (&c, 9);
    g_hash_table_iter_init (&iter, states);
    while (g_hash_table_iter_next (&iter, &key, &state))
        add_state (s, &c, key, state);
    pgcolumns_finish (&c, values);
    is_ok = pgserver_run (
        s,
        "UPDATE dsnd.address AS a SET standing = n.standing, reason = n.reason, "
        "since = n.since, until = n.until, event = n.event, rule = n.rule, "
        "confidence = n.confidence, state = n.state FROM unnest ($1::text[], $2::text[], "
        "$3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::integer[], "
        "$9::text[]) AS n (key, standing, reason, since, until, event, rule, confidence, "
        "state) WHERE a.key = n.key",
        9, values, error);
    pgcolumns_clear (&c);
    return is_ok;
}
