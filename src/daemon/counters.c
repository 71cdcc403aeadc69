/* Counters as JSON, and as a line. */
#include "counters.h"

#include <dsnd/taxonomy.h>

static void
append_kinds (GString *out, const struct pipeline_counts *counts)
{
    g_string_append (out, ",\"kinds\":{");
    for (unsigned kind = 1; kind < _DSN_KIND_N; kind++)
        g_string_append_printf (out, "%s\"%s\":%" G_GUINT64_FORMAT, kind > 1 ? "," : "",
                                dsn_kind_names[kind], counts->kinds[kind]);
    g_string_append (out, "}");
}

void
counters_append (GString *out, const struct counters *counters)
{
    const struct pipeline_counts *c = &counters->counts;

    g_string_append_printf (
        out,
        ",\"uptime_s\":%" G_GINT64_FORMAT ",\"state\":\"%s\",\"mails\":%" G_GUINT64_FORMAT
        ",\"events\":%" G_GUINT64_FORMAT ",\"commits\":%" G_GUINT64_FORMAT
        ",\"in_flight\":%u,\"waiting\":%u,\"special\":%" G_GUINT64_FORMAT
        ",\"denied\":%" G_GUINT64_FORMAT ",\"failed_reads\":%" G_GUINT64_FORMAT
        ",\"failed_moves\":%" G_GUINT64_FORMAT
        ",\"workers\":{\"ready\":%u,\"started\":%u,\"deaths\":%u},\"clients\":%u,\"refused\":"
        "%" G_GUINT64_FORMAT,
        counters->uptime_s, c->blocked ? "blocked" : "running", c->mails, c->events, c->commits,
        c->in_flight, c->waiting, c->special, c->denied, c->failed_reads, c->failed_moves,
        c->workers_ready, c->workers_started, c->worker_deaths, counters->clients,
        counters->refused_clients);
    if (c->blocked)
        g_string_append_printf (out, ",\"blocked\":\"%s\"", c->blocked);
    append_kinds (out, c);
    g_string_append_printf (out, ",\"spool_max_bytes\":%" G_GUINT64_FORMAT,
                            counters->spool_max_bytes);
}

char *
counters_line (const struct counters *counters)
{
    const struct pipeline_counts *c = &counters->counts;

    return g_strdup_printf (
        "%s; %" G_GUINT64_FORMAT " mails, %" G_GUINT64_FORMAT " events recorded, %u connections",
        c->blocked ? c->blocked : "taking mail", c->mails, c->events, counters->clients);
}
