/* The gate. Whatever shut it, it opens only by what the spool says then. */
#include "daemon/record/gate.h"

#include "daemon/base/log.h"

#define RETRY_MS 2000
#define WATCH_S  1
#define TRIM_S   10
#define LOG_S    60

struct gate {
    const struct config *config;
    struct spool *spool;
    const struct consumers *consumers;
    void (*retry) (void *data);
    void *data;
    const char *reason; /* NULL: open */
    int64_t logged_us;
    guint retry_timer, watch_timer;
    unsigned n_watches;
};

static void
trim (struct gate *gate)
{
    const uint64_t floor = MIN (consumers_floor (gate->consumers), spool_next (gate->spool));

    (void)spool_trim (gate->spool, floor, gate->config->spool_keep_s,
                      gate->config->spool_max_bytes);
}

static gboolean
retry_due (gpointer data)
{
    struct gate *gate = data;

    gate->retry_timer = 0;
    trim (gate);
    gate->retry (gate->data);
    return G_SOURCE_REMOVE;
}

/* Remembers why it's shut, and logs that once a minute as long as it lasts. */
static void
set_reason (struct gate *gate, const char *reason)
{
    const int64_t now = g_get_monotonic_time ();

    if (!reason && gate->reason)
        log_event (LOG_NOTICE, "spool-resumed", "taking mail again", NULL);
    if (reason && (!gate->reason || now - gate->logged_us >= LOG_S * G_USEC_PER_SEC)) {
        log_event (LOG_ERR, "spool-blocked", "no mail is taken; it stays in its mailbox", "REASON",
                   reason, NULL);
        gate->logged_us = now;
    }
    gate->reason = reason;
    if (reason && !gate->retry_timer)
        gate->retry_timer = g_timeout_add (RETRY_MS, retry_due, gate);
}

static gboolean
watch_due (gpointer data)
{
    struct gate *gate = data;

    spool_watch (gate->spool);
    if (++gate->n_watches % TRIM_S == 0)
        trim (gate);
    if (!gate->reason)
        gate_check (gate);
    return G_SOURCE_CONTINUE;
}

struct gate *
gate_new (const struct config *config, struct spool *spool, const struct consumers *consumers,
          void (*retry) (void *data), void *data)
{
    struct gate *gate = g_new0 (struct gate, 1);

    gate->config = config;
    gate->spool = spool;
    gate->consumers = consumers;
    gate->retry = retry;
    gate->data = data;
    gate->watch_timer = g_timeout_add_seconds (WATCH_S, watch_due, gate);
    return gate;
}

void
gate_free (struct gate *gate)
{
    if (!gate)
        return;
    g_clear_handle_id (&gate->retry_timer, g_source_remove);
    g_clear_handle_id (&gate->watch_timer, g_source_remove);
    g_free (gate);
}

void
gate_configure (struct gate *gate, const struct config *config)
{
    gate->config = config;
}

void
gate_check (struct gate *gate)
{
    if (gate->config->spool_max_bytes <= spool_bytes (gate->spool))
        trim (gate);
    set_reason (gate, spool_blocked (gate->spool, gate->config->spool_max_bytes));
}

void
gate_shut (struct gate *gate, const char *reason)
{
    const char *own = spool_blocked (gate->spool, gate->config->spool_max_bytes);

    /* straight from one reason to the next: it isn't over in between */
    set_reason (gate, own ? own : reason);
}

const char *
gate_reason (const struct gate *gate)
{
    return gate->reason;
}
