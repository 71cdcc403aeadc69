/* Counters as JSON, and as a line. */
#include "daemon/counters.h"

#include "daemon/base/hold.h"

#include "core/event/taxonomy.h"

/* Adds to the object of counters that @out ends in. */
static void
append_counter (GString *out, const char *name, uint64_t value)
{
    g_string_append_printf (out, "%s\"%s\":%" G_GUINT64_FORMAT,
                            out->str[out->len - 1] == '{' ? "" : ",", name, value);
}

static void
append_names (GString *out, const char *key, const char *const *names, unsigned n,
              const uint64_t *values)
{
    g_string_append_printf (out, ",\"%s\":{", key);
    for (unsigned i = 1; i < n; i++)
        append_counter (out, names[i], values[i]);
    g_string_append_c (out, '}');
}

/* Those that are 0, too: whoever draws a rate needs its beginning. */
static void
append_categories (GString *out, const uint64_t *values)
{
    g_string_append (out, ",\"categories\":{");
    for (unsigned i = 1; i < dsn_category_count (); i++)
        append_counter (out, dsn_category_get (i)->name, values[i]);
    g_string_append_c (out, '}');
}

static void
append_splits (GString *out, const uint64_t *n)
{
    g_string_append (out, ",\"structure\":{");
    append_counter (out, "plain", n[DSN_SPLIT_PLAIN] + n[DSN_SPLIT_SAME]);
    append_counter (out, "gmime", n[DSN_SPLIT_GMIME] + n[DSN_SPLIT_DIFFERENT]);
    append_counter (out, "compared", n[DSN_SPLIT_SAME] + n[DSN_SPLIT_DIFFERENT]);
    append_counter (out, "different", n[DSN_SPLIT_DIFFERENT]);
    g_string_append_c (out, '}');
}

void
counters_append (GString *out, const struct counters *counters)
{
    const struct pipeline_counts *c = &counters->counts;
    const struct hold hold = hold_worst ();

    g_string_append_printf (
        out,
        ",\"uptime_s\":%" G_GINT64_FORMAT ",\"state\":\"%s\",\"mails\":%" G_GUINT64_FORMAT
        ",\"events\":%" G_GUINT64_FORMAT ",\"commits\":%" G_GUINT64_FORMAT
        ",\"in_flight\":%u,\"waiting\":%u,\"special\":%" G_GUINT64_FORMAT
        ",\"denied\":%" G_GUINT64_FORMAT ",\"failed_reads\":%" G_GUINT64_FORMAT
        ",\"failed_moves\":%" G_GUINT64_FORMAT ",\"stuck\":%u,\"mailboxes_missing\":%u"
        ",\"workers\":{\"ready\":%u,\"started\":%u,"
        "\"deaths\":%u,\"refused_calls\":%" G_GUINT64_FORMAT "},\"clients\":%u,\"refused\":"
        "%" G_GUINT64_FORMAT,
        counters->uptime_s, c->blocked ? "blocked" : "running", c->recorded.mails,
        c->recorded.events, c->recorded.commits, c->in_flight, c->waiting, c->special, c->denied,
        c->failed_reads, c->failed_moves, c->stuck, c->missing, c->workers_ready,
        c->workers_started, c->worker_deaths, c->refused_calls, counters->clients,
        counters->refused_clients);
    g_string_append_printf (
        out, ",\"loop\":{\"worst_ms\":%" G_GINT64_FORMAT ",\"worst_cpu_ms\":%" G_GINT64_FORMAT "}",
        hold.worst_us / 1000, hold.worst_cpu_us / 1000);
    append_splits (out, c->recorded.splits);
    if (c->blocked)
        g_string_append_printf (out, ",\"blocked\":\"%s\"", c->blocked);
    if (counters->restart)
        g_string_append_printf (out, ",\"restart_needed\":\"%s\"", counters->restart);
    append_names (out, "kinds", dsn_kind_names, _DSN_KIND_N, c->recorded.kinds);
    append_names (out, "trust", dsn_trust_names, _DSN_TRUST_N, c->recorded.trust);
    append_categories (out, c->recorded.categories);
    g_string_append_printf (out, ",\"spool_max_bytes\":%" G_GUINT64_FORMAT,
                            counters->spool_max_bytes);
}

char *
counters_line (const struct counters *counters)
{
    const struct pipeline_counts *c = &counters->counts;

    return g_strdup_printf ("%s%s%s%s; %" G_GUINT64_FORMAT " mails, %" G_GUINT64_FORMAT
                            " events recorded, %u connections",
                            counters->restart ? "restart needed: " : "",
                            counters->restart ? counters->restart : "",
                            counters->restart ? "; " : "", c->blocked ? c->blocked : "taking mail",
                            c->recorded.mails, c->recorded.events, counters->clients);
}
