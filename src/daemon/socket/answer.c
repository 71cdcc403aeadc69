/* The server's words. Names of consumers need no escapes: consumer_is_name(). */
#include "daemon/socket/answer.h"

#include "core/event/event.h"

#include <unistd.h>

#define U64 "%" G_GUINT64_FORMAT

void
answer_greeting (GString *out, const struct spool *spool)
{
    g_string_append_printf (out,
                            "{\"dsnd\":1,\"spool\":\"%s\",\"first\":" U64 ",\"next\":" U64 "}\n",
                            spool_id (spool), spool_first (spool), spool_next (spool));
}

void
answer_error (GString *out, const char *reason)
{
    g_string_append (out, "{\"error\":");
    dsn_json_append_string (out, dsn_bytes_str (reason));
    g_string_append (out, "}\n");
}

void
answer_following (GString *out, const char *name, uint64_t from)
{
    g_string_append_printf (out, "{\"following\":\"%s\",\"from\":" U64 "}\n", name[0] ? name : "-",
                            from);
}

void
answer_acked (GString *out, uint64_t seq)
{
    g_string_append_printf (out, "{\"acked\":" U64 "}\n", seq);
}

void
answer_forgot (GString *out, const char *name)
{
    g_string_append_printf (out, "{\"forgot\":\"%s\"}\n", name);
}

void
answer_gap (GString *out, uint64_t from, uint64_t to)
{
    g_string_append_printf (out, "{\"gap\":{\"from\":" U64 ",\"to\":" U64 "}}\n", from, to);
}

static void
append_consumers (GString *out, const struct consumers *consumers, uint64_t next)
{
    const GPtrArray *all = consumers_all (consumers);

    g_string_append (out, ",\"consumers\":[");
    for (unsigned i = 0; i < all->len; i++) {
        const struct consumer *consumer = g_ptr_array_index (all, i);
        const uint64_t done = consumer->acked + 1;
        g_string_append_printf (out,
                                "%s{\"name\":\"%s\",\"acked\":" U64 ",\"lag\":" U64
                                ",\"connected\":%s,\"lapsed\":%s,\"uid\":%d}",
                                i ? "," : "", consumer->name, consumer->acked,
                                next > done ? next - done : 0,
                                consumer->is_in_use ? "true" : "false",
                                consumer->is_lapsed ? "true" : "false", (int)consumer->uid);
    }
    g_string_append (out, "]");
}

void
answer_status (GString *out, const struct spool *spool, const struct consumers *consumers,
               void (*append) (GString *out, void *data), void *data)
{
    g_string_append_printf (out,
                            "{\"status\":{\"version\":\"" DSND_VERSION "\",\"pid\":%d,\"spool\":"
                            "{\"id\":\"%s\",\"first\":" U64 ",\"next\":" U64 ",\"bytes\":" U64
                            ",\"segments\":%u,\"damaged\":%u}",
                            (int)getpid (), spool_id (spool), spool_first (spool),
                            spool_next (spool), spool_bytes (spool), spool_segments (spool),
                            spool_damaged (spool));
    append (out, data);
    append_consumers (out, consumers, spool_next (spool));
    g_string_append (out, "}}\n");
}
