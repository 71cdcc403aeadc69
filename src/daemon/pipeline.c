/* From new/ to the spool. Mails are kept in the order in which they were taken; the first ones
 * whose reports are there form a batch, which is made durable as one.
 */
#include "daemon/pipeline.h"

#include "daemon/intake/intake.h"
#include "daemon/settings/keys.h"
#include "daemon/intake/letter.h"
#include "daemon/base/log.h"
#include "daemon/record/order.h"
#include "daemon/workers/pool.h"
#include "daemon/base/sys.h"
#include "daemon/record/writer.h"

#include "core/event/event.h"
#include "core/returnpath/tokenkeys.h"

#include <string.h>
#include <time.h>

#define TAKEN_MAX        512                      /* mails read out of order behind a slow one */
#define WAITING_BYTES    ((gsize)8 * 1024 * 1024) /* of their reports */
#define ROUND_MAILS      64                       /* taken before other work gets its turn */
#define PAUSE_MS         1000
#define DEADLINE_MS      5000
#define WORKER_MAILS_MAX 20000
#define LARGE_MAILS_MAX  500
#define LARGE_KIB        (32 * 1024)

struct pipeline {
    struct pipeline_options options;
    struct dsn_limits limits;
    struct intake *intake;
    struct pool *pool;
    struct writer *writer;
    const struct config *next; /* (borrowed) taken over when its setup is proved; NULL: none */
    struct letter *held;       /* taken, and waiting for room in a worker */
    struct order *order;
    guint pause_timer, idle;
    bool is_started, is_dead;
};

static void pump (struct pipeline *p);

static void
died (void *data, const char *reason)
{
    struct pipeline *p = data;

    p->is_dead = true;
    p->options.handler->died (p->options.data, reason);
}

/* Days since 1970-01-01 UTC. */
static uint32_t
today (void)
{
    struct timespec now;

    (void)clock_gettime (CLOCK_REALTIME, &now);
    return (uint32_t)(now.tv_sec / 86400);
}

/* --- intake --------------------------------------------------------------------------------- */

static gboolean
idle_due (gpointer data)
{
    struct pipeline *p = data;

    p->idle = 0;
    pump (p);
    return G_SOURCE_REMOVE;
}

static void
pump_later (struct pipeline *p)
{
    if (!p->idle)
        p->idle = g_idle_add (idle_due, p);
}

static gboolean
pause_over (gpointer data)
{
    struct pipeline *p = data;

    p->pause_timer = 0;
    pump (p);
    return G_SOURCE_REMOVE;
}

/* Reads the mail into the worker's memory and hands it over. False: no worker has room. */
static bool
submit (struct pipeline *p, struct letter *mail)
{
    const size_t want = MIN (mail->file.size_bytes, p->limits.mail_bytes);
    struct pool_place place;
    ssize_t n;

    if (!pool_reserve (p->pool, want, &place))
        return false;
    n = sys_read_full (mail->file.fd, place.p, want);
    if (n < 0) {
        intake_failed (p->intake, mail);
        return true;
    }
    sys_close (&mail->file.fd);
    mail->id =
        dsn_mail_id ((struct dsn_bytes){ place.p, (size_t)n }, (size_t)mail->file.size_bytes);
    order_add (p->order, mail);
    pool_submit (p->pool, &place, (size_t)n, mail->file.size_bytes, mail);
    return true;
}

/* Gives the workers as many mails as they have room for. */
static void
take_mails (struct pipeline *p)
{
    for (unsigned n = 0; n < ROUND_MAILS; n++) {
        struct pool_place place;
        if (writer_blocked (p->writer) || p->pause_timer || order_length (p->order) >= TAKEN_MAX ||
            order_waiting_bytes (p->order) >= WAITING_BYTES)
            return;
        if (!p->held) {
            enum intake_result result;
            if (!pool_reserve (p->pool, 0, &place))
                return;
            result = intake_next (p->intake, &p->held);
            if (result == INTAKE_AGAIN)
                pump_later (p);
            else if (result == INTAKE_PAUSE)
                p->pause_timer = g_timeout_add (PAUSE_MS, pause_over, p);
            if (result != INTAKE_MAIL)
                return;
        }
        if (!submit (p, p->held))
            return;
        p->held = NULL;
    }
    pump_later (p);
}

/* Everything that can be done now. */
static void
pump (struct pipeline *p)
{
    if (!p->is_started || p->is_dead)
        return;
    writer_drain (p->writer);
    if (p->is_dead)
        return;
    take_mails (p);
    pool_flush (p->pool);
}

static void
wake (void *data)
{
    pump (data);
}

/* --- what the pool tells -------------------------------------------------------------------- */

static void
answered (void *data, void *job, struct dsn_report *report, size_t n_bytes, const char *ruleset)
{
    struct pipeline *p = data;
    struct letter *mail = job;

    /* workers have no keys: what a report proves is judged here, whatever they say */
    dsn_report_apply_trust (
        report, keys_for (p->options.config, maildir_name (mail->mailbox), report->kind), today ());
    mail->report = report;
    mail->report_bytes = n_bytes;
    mail->ruleset = g_strdup (ruleset);
    order_tell (p->order, mail, LETTER_ANSWERED);
}

static void
stumbled (void *data, void *job)
{
    const struct pipeline *p = data;

    order_tell (p->order, job, LETTER_STUMBLED);
}

static void
gave_up (void *data, void *job, const char *ruleset)
{
    const struct pipeline *p = data;
    struct letter *mail = job;

    log_event (LOG_WARNING, "mail-unprocessable", "two workers ended while they read a mail",
               "MAILBOX", maildir_name (mail->mailbox), "FILE", mail->name, NULL);
    mail->report = letter_unprocessable ();
    mail->ruleset = g_strdup (ruleset);
    order_tell (p->order, mail, LETTER_GAVE_UP);
}

static void
was_refused (void *data, void *job, int call)
{
    const struct letter *mail = job;
    g_autofree char *number = log_number ((uint64_t)call);

    (void)data;
    log_event (LOG_WARNING, "call-refused",
               "a worker's sandbox refused it a system call while it read a mail: the events may "
               "differ from what dsnctl says. Only the first time is told, status counts all",
               "CALL", number, "MAILBOX", maildir_name (mail->mailbox), "FILE", mail->name, NULL);
}

static void
broke (void *data)
{
    log_event (LOG_CRIT, "workers-broken", "workers end before they are ready; giving up", NULL);
    died (data, "workers can't be started");
}

/* The workers have the new setup, and the rest goes with it; or all is as it was. */
static void
reloaded (void *data, const char *error)
{
    struct pipeline *p = data;

    if (error)
        intake_forget_prepared (p->intake);
    if (!error) {
        p->options.config = p->next;
        writer_configure (p->writer, p->next);
        intake_configure (p->intake, p->next);
    }
    p->next = NULL;
    p->options.handler->reloaded (p->options.data, error);
}

static const struct pool_handler pool_handler = {
    .reloaded = reloaded,
    .answered = answered,
    .stumbled = stumbled,
    .gave_up = gave_up,
    .was_refused = was_refused,
    .has_room = wake,
    .broke = broke,
};

/* --- what the writer tells and asks --------------------------------------------------------- */

static void
published (void *data)
{
    const struct pipeline *p = data;

    p->options.handler->published (p->options.data);
}

static const struct writer_handler writer_handler = {
    .published = published,
    .died = died,
    .waited = wake,
};

/* --- life ----------------------------------------------------------------------------------- */

static unsigned
workers_count (const struct config *config)
{
    return config->workers_count ? config->workers_count : CLAMP (g_get_num_processors (), 1, 64);
}

static bool
open_parts (struct pipeline *p, const struct setup *setup, GError **error)
{
    g_autoptr (GPtrArray) recorded = spool_take_recorded (p->options.spool);
    const struct pool_options pool = {
        .workers_count = workers_count (p->options.config),
        .deadline_ms = DEADLINE_MS,
        .mails_max = WORKER_MAILS_MAX,
        .mails_large_max = LARGE_MAILS_MAX,
        .peak_kib_max = LARGE_KIB,
        .limits = p->limits,
        .handler = &pool_handler,
        .data = p,
    };
    struct writer_options writer = {
        .config = p->options.config,
        .spool = p->options.spool,
        .consumers = p->options.consumers,
        .order = p->order,
        .handler = &writer_handler,
        .data = p,
    };

    p->pool = pool_new (&pool, setup, error);
    if (!p->pool)
        return false;
    p->intake = intake_new (p->options.config, wake, p, error);
    if (!p->intake)
        return false;
    intake_recover (p->intake, recorded, spool_dirfd (p->options.spool));
    /* the moves of the last run too: its segments may be deleted before the next new one */
    intake_sync (p->intake);
    writer.intake = p->intake;
    p->writer = writer_new (&writer);
    return true;
}

struct pipeline *
pipeline_new (const struct pipeline_options *options, GError **error)
{
    g_autoptr (pipeline_t) p = g_new0 (struct pipeline, 1);

    p->options = *options;
    p->limits = dsn_limits_default ();
    p->order = order_new ();
    if (!open_parts (p, options->setup, error))
        return NULL;
    return g_steal_pointer (&p);
}

void
pipeline_free (struct pipeline *p)
{
    struct letter *mail;

    if (!p)
        return;
    p->is_started = false;
    pool_free (p->pool);
    if (p->writer) {
        writer_drain (p->writer);
        writer_commit (p->writer);
        intake_sync (p->intake);
    }
    while ((mail = order_drop (p->order)))
        intake_done (p->intake, mail, false);
    if (p->held)
        intake_done (p->intake, p->held, false);
    writer_free (p->writer);
    g_clear_handle_id (&p->pause_timer, g_source_remove);
    g_clear_handle_id (&p->idle, g_source_remove);
    order_free (p->order);
    intake_free (p->intake);
    g_free (p);
}

void
pipeline_reload (struct pipeline *p, const struct config *config, const struct setup *setup)
{
    g_autoptr (GError) error = NULL;

    p->next = config;
    if (intake_prepare (p->intake, config, &error))
        pool_reload (p->pool, setup);
    else
        reloaded (p, error->message);
}

void
pipeline_start (struct pipeline *p)
{
    p->is_started = true;
    writer_check (p->writer);
    pump (p);
}

void
pipeline_reap (struct pipeline *p)
{
    pool_reap (p->pool);
}

void
pipeline_count (const struct pipeline *p, struct pipeline_counts *ret_counts)
{
    struct intake_counts intake;

    intake_count (p->intake, &intake);
    *ret_counts = (struct pipeline_counts){ .recorded = *writer_tally (p->writer) };
    ret_counts->special = intake.special;
    ret_counts->denied = intake.denied;
    ret_counts->failed_reads = intake.failed_reads;
    ret_counts->failed_moves = intake.failed_moves;
    ret_counts->in_flight = intake.in_flight;
    ret_counts->waiting = intake.waiting;
    ret_counts->worker_deaths = pool_deaths (p->pool);
    ret_counts->refused_calls = pool_refused (p->pool);
    ret_counts->workers_started = pool_started (p->pool);
    ret_counts->workers_ready = pool_ready (p->pool);
    ret_counts->stuck = intake.stuck;
    ret_counts->missing = intake.missing;
    ret_counts->blocked = writer_blocked (p->writer);
    if (!ret_counts->blocked)
        ret_counts->blocked = intake_blocked (p->intake);
}
