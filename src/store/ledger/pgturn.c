/* Arrays go over, and what is known comes back. */
#include "store/ledger/pgturn.h"

#include "store/ledger/pgcolumns.h"
#include "store/ledger/pgstates.h"

#include <string.h>

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
get_cursors (struct pgserver *s, const struct ledger_entry *entries, unsigned n, GError **error)
{
    g_autoptr (GHashTable) spools = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GHashTable) cursors =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    struct pgcolumns c;
    const char *values[1];
    PGresult *result;

    pgcolumns_init (&c, 1);
    for (unsigned i = 0; i < n; i++)
        if (g_hash_table_add (spools, (gpointer)entries[i].spool))
            pgcolumns_add_text (&c, 0, entries[i].spool);
    pgcolumns_finish (&c, values);
    result = pgserver_ask (s, "SELECT spool, seq FROM dsnd.cursor WHERE spool = ANY ($1::text[])",
                           1, values, error);
    pgcolumns_clear (&c);
    if (!result)
        return NULL;
    for (int i = 0; i < PQntuples (result); i++) {
        uint64_t *seq = g_new (uint64_t, 1);
        *seq = (uint64_t)pgserver_number (result, i, 1);
        (void)g_hash_table_insert (cursors, g_strdup (pgserver_cell (result, i, 0)), seq);
    }
    PQclear (result);
    return g_steal_pointer (&cursors);
}

/* What of the turn is about an address, and new as far as the cursors tell. (transfer full) NULL on
 * an error. */
static GArray *
choose (struct pgserver *s, const struct ledger_entry *entries, unsigned n, bool is_ordered,
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
add_event (const struct pgserver *s, struct pgcolumns *c, const struct entering *e)
{
    const struct store_fact *fact = e->entry->fact;
    /* it often says the address, which a store of digests must not hold */
    const bool keeps_words = fact->diagnostic && s->options.keying.secret.n == 0;

    pgcolumns_add_text (c, 0, fact->id);
    pgcolumns_add_text (c, 1, e->key);
    pgcolumns_add_number (c, 2, fact->at);
    pgcolumns_add_text (c, 3, e->entry->spool);
    pgcolumns_add_number (c, 4, (int64_t)e->entry->seq);
    pgcolumns_add_text (c, 5, fact->kind);
    pgcolumns_add_text (c, 6, fact->category);
    pgcolumns_add_text (c, 7, fact->rule);
    pgcolumns_add_number (c, 8, fact->confidence);
    pgcolumns_add_text (c, 9, e->row->name);
    pgcolumns_add_text (c, 10, keeps_words ? fact->diagnostic : "");
    pgcolumns_add_number (c, 11, g_get_real_time () / G_USEC_PER_SEC);
}

/* Adds the events that aren't there yet. Returns their ids. (transfer full) NULL on an error. */
static GHashTable *
add_events (struct pgserver *s, const GArray *chosen, GError **error)
{
    GHashTable *fresh;
    struct pgcolumns c;
    const char *values[12];
    PGresult *result;

    pgcolumns_init (&c, 12);
    for (unsigned i = 0; i < chosen->len; i++)
        add_event (s, &c, &g_array_index (chosen, struct entering, i));
    pgcolumns_finish (&c, values);
    /* in the order of ids, so that two relays with the same events don't wait for each other */
    result = pgserver_ask (
        s,
        "INSERT INTO dsnd.history SELECT * FROM unnest ($1::text[], $2::text[], "
        "$3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], "
        "$9::integer[], $10::text[], $11::text[], $12::bigint[]) AS e (id) ORDER BY id "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        12, values, error);
    pgcolumns_clear (&c);
    if (!result)
        return NULL;
    fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < PQntuples (result); i++)
        (void)g_hash_table_add (fresh, g_strdup (pgserver_cell (result, i, 0)));
    PQclear (result);
    return fresh;
}

/* Adds what the new events mean to the states of their addresses. */
static bool
add_to_states (struct pgserver *s, const GArray *chosen, GHashTable *fresh, GError **error)
{
    g_autoptr (GHashTable) states = NULL;
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
    struct pgcolumns c;
    const char *values[1];

    pgcolumns_init (&c, 1);
    for (unsigned i = 0; i < chosen->len; i++) {
        const struct entering *e = &g_array_index (chosen, struct entering, i);
        if (e->row->effect != STORE_HISTORY && g_hash_table_contains (fresh, e->entry->fact->id) &&
            g_hash_table_add (seen, e->key))
            pgcolumns_add_text (&c, 0, e->key);
    }
    pgcolumns_finish (&c, values);
    states = g_hash_table_size (seen) ? pgstates_lock (s, values[0], error) : NULL;
    pgcolumns_clear (&c);
    if (!states)
        return g_hash_table_size (seen) == 0;
    for (unsigned i = 0; i < chosen->len; i++) {
        const struct entering *e = &g_array_index (chosen, struct entering, i);
        struct store_state *state = g_hash_table_lookup (states, e->key);
        if (state && g_hash_table_contains (fresh, e->entry->fact->id))
            store_state_add (state, &s->options.policy, e->entry->fact);
    }
    return pgstates_save (s, states, error);
}

static bool
set_cursors (struct pgserver *s, const struct ledger_entry *entries, unsigned n, GError **error)
{
    struct pgcolumns c;
    const char *values[2];
    bool is_ok;

    pgcolumns_init (&c, 2);
    for (unsigned i = 0; i < n; i++) {
        /* the last of each run of one spool; of several runs SQL takes the highest */
        if (i + 1 < n && strcmp (entries[i].spool, entries[i + 1].spool) == 0 &&
            entries[i].seq <= entries[i + 1].seq)
            continue;
        pgcolumns_add_text (&c, 0, entries[i].spool);
        pgcolumns_add_number (&c, 1, (int64_t)entries[i].seq);
    }
    pgcolumns_finish (&c, values);
    is_ok = pgserver_run (
        s,
        "INSERT INTO dsnd.cursor AS c SELECT spool, max (seq) FROM unnest ($1::text[], "
        "$2::bigint[]) AS n (spool, seq) GROUP BY spool ORDER BY spool ON CONFLICT (spool) "
        "DO UPDATE SET seq = greatest (c.seq, excluded.seq)",
        2, values, error);
    pgcolumns_clear (&c);
    return is_ok;
}

static bool
enter_chosen (struct pgserver *s, const GArray *chosen, GError **error)
{
    g_autoptr (GHashTable) fresh = NULL;

    if (chosen->len == 0)
        return true;
    fresh = add_events (s, chosen, error);
    return fresh && add_to_states (s, chosen, fresh, error);
}

bool
pgturn_enter (struct pgserver *s, const struct ledger_entry *entries, unsigned n, bool is_ordered,
              GError **error)
{
    GArray *chosen = choose (s, entries, n, is_ordered, error);
    const bool is_ok =
        chosen && enter_chosen (s, chosen, error) && set_cursors (s, entries, n, error);

    if (chosen)
        g_array_unref (chosen);
    return is_ok;
}
