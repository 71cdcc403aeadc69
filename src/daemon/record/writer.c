/* The writer. After a failed sync it does nothing more: what is on disk is unknown. */
#include "daemon/record/writer.h"

#include "daemon/record/batch.h"
#include "daemon/record/breaker.h"
#include "daemon/record/gate.h"
#include "daemon/base/log.h"

#include "core/event/event.h"

#define BATCH_MS 5

struct writer {
    struct writer_options options;
    struct batch *batch;
    struct gate *gate;
    struct breaker breaker;
    guint batch_timer;
    bool is_dead;
    struct tally tally;
};

/* From here on the spool answers for the mail, and it may leave new/. */
static void
finish (struct writer *w, struct letter *mail)
{
    tally_add (&w->tally, mail);
    if (breaker_take (&w->breaker, mail->report->kind == DSN_KIND_UNPROCESSABLE,
                      g_get_monotonic_time ()))
        log_event (LOG_ERR, "mails-unreadable",
                   "most of the last 32 mails could not be read; no mail is taken for a minute",
                   NULL);
    intake_done (w->options.intake, mail, true);
}

static void
handle_error (struct writer *w, const GError *error)
{
    if (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_RETRY)) {
        gate_shut (w->gate, "the spool can't be written");
        return;
    }
    log_event (LOG_CRIT, "spool-failed", "the spool failed; ending, so that recovery finds out",
               "ERROR", error->message, NULL);
    w->is_dead = true;
    w->options.handler->died (w->options.data, "the spool failed");
}

void
writer_commit (struct writer *w)
{
    g_autoptr (GError) error = NULL;
    bool is_new_segment = false;
    struct letter *mail;

    g_clear_handle_id (&w->batch_timer, g_source_remove);
    if (w->is_dead || batch_is_empty (w->batch))
        return;
    if (!spool_commit (w->options.spool, batch_lines (w->batch), batch_count (w->batch),
                       &is_new_segment, &error)) {
        handle_error (w, error);
        return;
    }
    w->tally.commits++;
    batch_clear_lines (w->batch);
    w->options.handler->published (w->options.data);
    while ((mail = batch_take (w->batch)))
        finish (w, mail);
    /* recovery looks for doubles in the newest segments only: moves of the older ones must last */
    if (is_new_segment)
        intake_sync (w->options.intake);
    gate_check (w->gate);
}

static gboolean
batch_due (gpointer data)
{
    struct writer *w = data;

    w->batch_timer = 0;
    if (!gate_reason (w->gate))
        writer_commit (w);
    w->options.handler->waited (w->options.data);
    return G_SOURCE_REMOVE;
}

void
writer_drain (struct writer *w)
{
    while (!w->is_dead && !(gate_reason (w->gate) && !batch_is_empty (w->batch)) &&
           order_is_ready (w->options.order)) {
        batch_add (w->batch, order_take (w->options.order), spool_next (w->options.spool));
        if (batch_is_full (w->batch))
            writer_commit (w);
    }
    if (batch_is_empty (w->batch) || w->is_dead || gate_reason (w->gate))
        return;
    if (order_length (w->options.order) == 0)
        writer_commit (w);
    else if (!w->batch_timer)
        w->batch_timer = g_timeout_add (BATCH_MS, batch_due, w);
}

/* The gate is shut, and time has passed. */
static void
retry (void *data)
{
    struct writer *w = data;

    if (batch_is_empty (w->batch))
        gate_check (w->gate);
    else
        writer_commit (w);
    w->options.handler->waited (w->options.data);
}

struct writer *
writer_new (const struct writer_options *options)
{
    struct writer *w = g_new0 (struct writer, 1);

    w->options = *options;
    w->batch = batch_new ();
    w->gate = gate_new (options->config, options->spool, options->consumers, retry, w);
    return w;
}

void
writer_free (struct writer *w)
{
    struct letter *mail;

    if (!w)
        return;
    while ((mail = batch_take (w->batch)))
        intake_done (w->options.intake, mail, false);
    g_clear_handle_id (&w->batch_timer, g_source_remove);
    gate_free (w->gate);
    batch_free (w->batch);
    g_free (w);
}

void
writer_configure (struct writer *w, const struct config *config)
{
    w->options.config = config;
    gate_configure (w->gate, config);
}

void
writer_check (struct writer *w)
{
    gate_check (w->gate);
}

const char *
writer_blocked (const struct writer *w)
{
    const char *reason = gate_reason (w->gate);

    return reason ? reason : breaker_reason (&w->breaker, g_get_monotonic_time ());
}

const struct tally *
writer_tally (const struct writer *w)
{
    return &w->tally;
}
