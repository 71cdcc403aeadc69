/* The suppression store as a sink, in either database. A turn is a transaction. */
#include "relay/sinks/sinks.h"
#include "store/ledger/ledger.h"
#ifdef HAVE_SQLITE
#include "store/ledger/lookupfile.h"
#endif

#include <string.h>

#define PATIENCE_MS      5000  /* for the other writers of a file */
#define SERVER_MS        20000 /* for a server to answer */
#define OPEN_EVERY_US    ((int64_t)5 * 1000 * 1000)
#define EXPIRE_EVERY_US  ((int64_t)60 * 1000 * 1000)
#define PUBLISH_EVERY_US ((int64_t)1000 * 1000)
#define PUBLISH_SHARE    10 /* of the time goes into the lookup file, one part of so many at most */
#define REFRESH_EVERY_US ((int64_t)3600 * 1000 * 1000) /* for what has run out */

struct store_sink {
    char *place, *lookup, *secret;
    struct ledger_options options;
    struct ledger *ledger; /* NULL: not open */
    /* when to do that next; monotonic */
    int64_t open_us, expire_us, publish_us, refresh_us;
    uint64_t published; /* the change that the lookup file has */
    bool has_published;
};

static void
store_close (void *sink)
{
    struct store_sink *s = sink;

    ledger_close (s->ledger);
    if (s->secret)
        explicit_bzero (s->secret, strlen (s->secret));
    g_free (s->secret);
    g_free (s->place);
    g_free (s->lookup);
    g_free (s);
}

static bool
read_policy (struct store_sink *s, struct section *section, GError **error)
{
    struct store_policy *p = &s->options.policy;
    uint64_t hard, soft, days, within, time, history;

    if (!section_number (section, "HardConfidence", 70, 0, 100, &hard, error) ||
        !section_number (section, "SoftConfidence", 50, 0, 100, &soft, error) ||
        !section_number (section, "SoftDays", 5, 1, 30, &days, error) ||
        !section_number (section, "SoftWithinDays", 30, 1, 30, &within, error) ||
        !section_number (section, "SoftForDays", 30, 1, 30, &time, error) ||
        !section_number (section, "HistoryDays", 90, 1, 36500, &history, error))
        return false;
    *p = (struct store_policy){ (int)hard, (int)soft, (unsigned)days, (unsigned)within,
                                (unsigned)time };
    s->options.history_days = (unsigned)history;
    return true;
}

static bool
read_keys (struct store_sink *s, struct section *section, GError **error)
{
    if (!section_bool (section, "CaseSensitive", false, &s->options.keying.is_case_sensitive,
                       error) ||
        !section_secret (section, "Hash", &s->secret, error) || !read_policy (s, section, error))
        return false;
    if (s->secret && strlen (s->secret) < 16)
        return section_fail (section, "Hash", error, "the secret must have 16 characters or more");
    if (s->secret && s->lookup)
        return section_fail (section, "Lookup", error,
                             "mail systems can't look up what is hashed: Hash= and Lookup= "
                             "exclude each other");
    s->options.keying.secret = dsn_bytes_str (s->secret);
    s->options.patience_ms = PATIENCE_MS;
    s->options.place = s->place;
    return true;
}

static bool
open_ledger (struct store_sink *s, GError **error)
{
    if (!s->ledger)
        s->ledger = ledger_open (&s->options, error);
    return s->ledger != NULL;
}

static enum sink_result
tell (struct store_sink *s, const GError *error, char **ret_trouble)
{
    *ret_trouble = g_strdup (error->message);
    g_clear_pointer (&s->ledger, ledger_close);
    return g_error_matches (error, LEDGER_ERROR, LEDGER_ERROR_FATAL) ? SINK_REFUSES : SINK_AWAY;
}

static enum sink_result
store_deliver (void *sink, struct parcel **parcels, unsigned n, bool source_is_ordered,
               char **ret_trouble)
{
    struct store_sink *s = sink;
    g_autoptr (GError) error = NULL;
    g_autofree struct ledger_entry *entries = g_new (struct ledger_entry, n);

    for (unsigned i = 0; i < n; i++)
        entries[i] = (struct ledger_entry){ parcels[i]->fact, parcels[i]->spool, parcels[i]->seq };
    if (!open_ledger (s, &error) ||
        !ledger_enter (s->ledger, entries, n, source_is_ordered, &error))
        return tell (s, error, ret_trouble);
    for (unsigned i = 0; i < n; i++)
        parcel_confirm (parcels[i]);
    return SINK_ANSWERED;
}

static bool
count (const struct ledger_row *row, void *data)
{
    (void)row;
    ++*(uint64_t *)data;
    return true;
}

static enum sink_result
store_check (void *sink, char **ret_words)
{
    struct store_sink *s = sink;
    g_autoptr (GError) error = NULL;
    uint64_t n = 0;

    if (!open_ledger (s, &error) || !ledger_each (s->ledger, count, &n, &error))
        return tell (s, error, ret_words);
    *ret_words = g_strdup_printf (
        "a store with %" G_GUINT64_FORMAT " addresses that are watched or suppressed", n);
    return SINK_ANSWERED;
}

#ifdef HAVE_SQLITE
/* At most a second after a change, but a large store gets no more than its share of the time. */
static void
publish (struct store_sink *s, int64_t now_us, GError **error)
{
    uint64_t change;
    int64_t took_us;

    if (!s->lookup || now_us < s->publish_us || !ledger_change (s->ledger, &change, error))
        return;
    if (s->has_published && change == s->published && now_us < s->refresh_us)
        return;
    if (!lookupfile_publish (s->ledger, &s->options.policy, s->lookup, error))
        return;
    took_us = g_get_monotonic_time () - now_us;
    s->published = change;
    s->has_published = true;
    s->publish_us = now_us + MAX (PUBLISH_EVERY_US / 2, took_us * PUBLISH_SHARE);
    s->refresh_us = now_us + REFRESH_EVERY_US;
}
#endif

/* Deletes what is too old, a while after the start and then each minute. */
static void
expire (struct store_sink *s, int64_t now_us, GError **error)
{
    uint64_t n;

    if (s->expire_us && now_us >= s->expire_us)
        (void)ledger_expire (s->ledger, g_get_real_time () / G_USEC_PER_SEC, &n, error);
    if (!s->expire_us || now_us >= s->expire_us)
        s->expire_us = now_us + EXPIRE_EVERY_US;
}

static void
store_tick (void *sink, char **ret_trouble)
{
    struct store_sink *s = sink;
    const int64_t now_us = g_get_monotonic_time ();
    g_autoptr (GError) error = NULL;

    if (!s->ledger && now_us < s->open_us)
        return;
    if (open_ledger (s, &error))
        expire (s, now_us, &error);
#ifdef HAVE_SQLITE
    if (!error)
        publish (s, now_us, &error);
#endif
    if (error) {
        s->open_us = g_get_monotonic_time () + OPEN_EVERY_US;
        (void)tell (s, error, ret_trouble);
    }
}

#ifdef HAVE_SQLITE
static void *
sqlite_open (struct section *section, const char *name, GError **error)
{
    struct store_sink *s = g_new0 (struct store_sink, 1);

    (void)name;
    s->place = g_strdup (section_text (section, "Path", LEDGER_DEFAULT_PATH));
    s->lookup = g_strdup (section_text (section, "Lookup", NULL));
    if (read_keys (s, section, error))
        return s;
    store_close (s);
    return NULL;
}

const struct sink_kind sink_sqlite = {
    .name = "sqlite",
    .is_ordered = true,
    .is_store = true,
    .is_local = true,
    .open = sqlite_open,
    .deliver = store_deliver,
    .check = store_check,
    .tick = store_tick,
    .close = store_close,
};
#endif

#ifdef HAVE_POSTGRESQL
/* A password stands in no configuration: libpq reads it from the file. */
static bool
add_password (struct store_sink *s, struct section *section, GError **error)
{
    g_autofree char *password = NULL;
    g_autoptr (GString) quoted = g_string_new (NULL);

    if (!section_secret (section, "Password", &password, error))
        return false;
    if (!password)
        return true;
    for (const char *p = password; *p; p++)
        g_string_append_printf (quoted, *p == '\'' || *p == '\\' ? "\\%c" : "%c", *p);
    explicit_bzero (password, strlen (password));
    g_free (s->place);
    s->place =
        g_strdup_printf ("%s password='%s'", section_text (section, "Connection", ""), quoted->str);
    explicit_bzero (quoted->str, quoted->len);
    return true;
}

static void *
postgresql_open (struct section *section, const char *name, GError **error)
{
    struct store_sink *s = g_new0 (struct store_sink, 1);
    const char *connection = section_need (section, "Connection", error);

    (void)name;
    s->place = g_strdup (connection);
    if (connection && (!strchr (connection, '=') || strstr (connection, "://")))
        (void)section_fail (section, "Connection", error,
                            "this needs keywords as in host=db.example.com dbname=dsn");
    else if (connection && add_password (s, section, error) && read_keys (s, section, error)) {
        s->options.patience_ms = SERVER_MS;
        return s;
    }
    store_close (s);
    return NULL;
}

const struct sink_kind sink_postgresql = {
    .name = "postgresql",
    .is_ordered = true,
    .is_store = true,
    .open = postgresql_open,
    .deliver = store_deliver,
    .check = store_check,
    .tick = store_tick,
    .close = store_close,
};
#endif
