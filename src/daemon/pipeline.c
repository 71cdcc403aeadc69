/* From new/ to the spool. Mails are kept in the order in which they were taken; the first ones
 * whose reports are there form a batch, which is made durable as one.
 */
#include "pipeline.h"

#include "intake.h"
#include "keys.h"
#include "log.h"
#include "letter.h"
#include "pool.h"
#include "sys.h"

#include <dsnd/event.h>
#include <dsnd/token.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAILS      64
#define BATCH_BYTES      ((gsize)4 * 1024 * 1024)
#define BATCH_MS         5
#define TAKEN_MAX        512                      /* mails read out of order behind a slow one */
#define WAITING_BYTES    ((gsize)8 * 1024 * 1024) /* of their reports */
#define ROUND_MAILS      64                       /* taken before other work gets its turn */
#define RETRY_MS         2000
#define PAUSE_MS         1000
#define TRIM_S           10
#define BLOCKED_LOG_S    60
#define DEADLINE_MS      5000
#define WORKER_MAILS_MAX 5000
#define LARGE_MAILS_MAX  500
#define LARGE_KIB        (32 * 1024)

struct pipeline {
    struct pipeline_options options;
    struct dsn_limits limits;
    struct intake *intake;
    struct pool *pool;
    struct dsn_rules *rules; /* for their version alone: workers have their own */
    GQueue order;            /* struct letter *, as taken */
    GQueue aside;            /* struct letter *, that lost their place */
    struct letter *held;     /* taken, and waiting for room in a worker */
    gsize waiting_bytes;     /* of the reports in order */
    GQueue batch;            /* struct letter *, whose events are in lines */
    GString *lines;
    uint64_t n_lines;
    guint batch_timer, retry_timer, pause_timer, idle, trim_timer;
    bool is_started, is_dead;
    const char *blocked;
    int64_t blocked_logged_us;
    struct pipeline_counts counts;
};

static void pump (struct pipeline *p);
static void commit (struct pipeline *p);

static void
die (struct pipeline *p, const char *reason)
{
    p->is_dead = true;
    p->options.handler->died (p->options.data, reason);
}

/* Remembers and logs why no mail is taken, once a minute as long as it lasts. */
static void
set_blocked (struct pipeline *p, const char *reason)
{
    const int64_t now = g_get_monotonic_time ();

    if (!reason && p->blocked)
        log_event (LOG_NOTICE, "spool-resumed", "taking mail again", NULL);
    if (reason && (!p->blocked || now - p->blocked_logged_us >= BLOCKED_LOG_S * G_USEC_PER_SEC)) {
        log_event (LOG_ERR, "spool-blocked", "no mail is taken; it stays in its mailbox", "REASON",
                   reason, NULL);
        p->blocked_logged_us = now;
    }
    p->blocked = reason;
}

static void
trim (struct pipeline *p)
{
    const struct config *config = p->options.config;
    const uint64_t floor = p->options.handler->floor (p->options.data);

    (void)spool_trim (p->options.spool, floor, config->spool_keep_s, config->spool_max_bytes);
}

static gboolean
retry (gpointer data)
{
    struct pipeline *p = data;

    p->retry_timer = 0;
    trim (p);
    if (p->batch.length)
        commit (p);
    else
        set_blocked (p, spool_blocked (p->options.spool, p->options.config->spool_max_bytes));
    if (p->blocked && !p->retry_timer)
        p->retry_timer = g_timeout_add (RETRY_MS, retry, p);
    pump (p);
    return G_SOURCE_REMOVE;
}

static void
block (struct pipeline *p, const char *reason)
{
    set_blocked (p, reason);
    if (reason && !p->retry_timer)
        p->retry_timer = g_timeout_add (RETRY_MS, retry, p);
}

static gboolean
trim_due (gpointer data)
{
    struct pipeline *p = data;

    trim (p);
    if (!p->blocked)
        block (p, spool_blocked (p->options.spool, p->options.config->spool_max_bytes));
    return G_SOURCE_CONTINUE;
}

static void
format_now (char text[32])
{
    struct timespec now;
    struct tm tm;
    size_t n;

    (void)clock_gettime (CLOCK_REALTIME, &now);
    (void)gmtime_r (&now.tv_sec, &tm);
    n = strftime (text, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)g_snprintf (text + n, 32 - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

/* Days since 1970-01-01 UTC. */
static uint32_t
today (void)
{
    struct timespec now;

    (void)clock_gettime (CLOCK_REALTIME, &now);
    return (uint32_t)(now.tv_sec / 86400);
}

/* Writes the mail's events to the end of the batch. */
static void
append_events (struct pipeline *p, struct letter *mail)
{
    const size_t n = dsn_event_count (mail->report);
    char now[32];
    struct dsn_event_context context = {
        .mail_id = mail->id,
        .time = now,
        .ruleset = dsn_rules_version (p->rules),
        .mailbox = maildir_name (mail->mailbox),
        .file = mail->clean_name,
        .size_bytes = mail->file.size_bytes,
        .ino = mail->file.ino,
        .mtime_ns = mail->file.mtime_ns,
    };

    format_now (now);
    for (size_t i = 0; i < n; i++) {
        const gsize start = p->lines->len;
        context.seq = spool_next (p->options.spool) + p->n_lines++;
        dsn_event_append_json (p->lines, mail->report, i, &context);
        dsn_spoolline_finish (p->lines, start);
    }
    p->waiting_bytes -= mail->report_bytes;
    mail->state = LETTER_BATCHED;
    g_queue_push_tail (&p->batch, mail);
}

/* --- the state machine of a mail ------------------------------------------------------------ */

typedef void step_fn (struct pipeline *p, struct letter *mail);

/* An event that can't come in this state: we are wrong. */
static void
wrong (struct pipeline *p, struct letter *mail)
{
    (void)p;
    g_error ("mail in state %d got an event that can't be", (int)mail->state);
}

static void
become_ready (struct pipeline *p, struct letter *mail)
{
    (void)p;
    mail->state = LETTER_READY;
}

/* A mail that lost its place takes the next free one. */
static void
become_ready_first (struct pipeline *p, struct letter *mail)
{
    mail->state = LETTER_READY;
    (void)g_queue_remove (&p->aside, mail);
    g_queue_push_head (&p->order, mail);
}

static void
set_aside (struct pipeline *p, struct letter *mail)
{
    mail->state = LETTER_ASIDE;
    (void)g_queue_remove (&p->order, mail);
    g_queue_push_tail (&p->aside, mail);
}

static void
stay (struct pipeline *p, struct letter *mail)
{
    (void)p;
    (void)mail;
}

/* From here on the spool answers for the mail, and it may leave new/. */
static void
finish (struct pipeline *p, struct letter *mail)
{
    p->counts.mails++;
    p->counts.events += dsn_event_count (mail->report);
    p->counts.kinds[mail->report->kind]++;
    intake_done (p->intake, mail, true);
}

static step_fn *const steps[_LETTER_STATE_N][_LETTER_EVENT_N] = {
    [LETTER_PARSING] = { [LETTER_ANSWERED] = become_ready,
                         [LETTER_STUMBLED] = set_aside,
                         [LETTER_GAVE_UP] = become_ready,
                         [LETTER_TURN] = wrong,
                         [LETTER_COMMITTED] = wrong },
    [LETTER_ASIDE] = { [LETTER_ANSWERED] = become_ready_first,
                       [LETTER_STUMBLED] = stay,
                       [LETTER_GAVE_UP] = become_ready_first,
                       [LETTER_TURN] = wrong,
                       [LETTER_COMMITTED] = wrong },
    [LETTER_READY] = { [LETTER_ANSWERED] = wrong,
                       [LETTER_STUMBLED] = wrong,
                       [LETTER_GAVE_UP] = wrong,
                       [LETTER_TURN] = append_events,
                       [LETTER_COMMITTED] = wrong },
    [LETTER_BATCHED] = { [LETTER_ANSWERED] = wrong,
                         [LETTER_STUMBLED] = wrong,
                         [LETTER_GAVE_UP] = wrong,
                         [LETTER_TURN] = wrong,
                         [LETTER_COMMITTED] = finish },
};

static void
step (struct pipeline *p, struct letter *mail, enum letter_event event)
{
    steps[mail->state][event](p, mail);
}

/* --- the batch ------------------------------------------------------------------------------ */

static void
handle_commit_error (struct pipeline *p, const GError *error)
{
    if (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_RETRY)) {
        block (p, "the spool can't be written");
        return;
    }
    log_event (LOG_CRIT, "spool-failed", "the spool failed; ending, so that recovery finds out",
               "ERROR", error->message, NULL);
    die (p, "the spool failed");
}

/* A mail with very many events leaves a large buffer, which isn't kept. */
static void
empty_lines (struct pipeline *p)
{
    if (p->lines->allocated_len > 2 * BATCH_BYTES) {
        g_string_free (p->lines, TRUE);
        p->lines = g_string_sized_new (BATCH_MAILS * 2048);
    }
    g_string_truncate (p->lines, 0);
    p->n_lines = 0;
}

/* Makes the batch durable, tells the consumers, moves the mails away: in this order. */
static void
commit (struct pipeline *p)
{
    g_autoptr (GError) error = NULL;
    const struct dsn_bytes lines = { p->lines->str, p->lines->len };
    bool is_new_segment = false;
    struct letter *mail;

    g_clear_handle_id (&p->batch_timer, g_source_remove);
    if (p->is_dead || p->batch.length == 0)
        return;
    if (!spool_commit (p->options.spool, lines, p->n_lines, &is_new_segment, &error)) {
        handle_commit_error (p, error);
        return;
    }
    p->counts.commits++;
    empty_lines (p);
    p->options.handler->published (p->options.data);
    while ((mail = g_queue_pop_head (&p->batch)))
        step (p, mail, LETTER_COMMITTED);
    /* recovery looks for doubles in the newest segments only: moves of the older ones must last */
    if (is_new_segment && !intake_sync (p->intake))
        log_event (LOG_ERR, "mailbox-sync", "can't make moves in a mailbox durable", "ERROR",
                   g_strerror (errno), NULL);
    if (p->options.config->spool_max_bytes <= spool_bytes (p->options.spool))
        trim (p);
    block (p, spool_blocked (p->options.spool, p->options.config->spool_max_bytes));
}

static gboolean
batch_due (gpointer data)
{
    struct pipeline *p = data;

    p->batch_timer = 0;
    if (!p->blocked)
        commit (p);
    pump (p);
    return G_SOURCE_REMOVE;
}

/* Batches the mails whose turn has come, and commits when that's worth it. */
static void
drain (struct pipeline *p)
{
    const struct letter *first = g_queue_peek_head (&p->order);

    while (!p->is_dead && !(p->blocked && p->batch.length) && first &&
           first->state == LETTER_READY) {
        step (p, g_queue_pop_head (&p->order), LETTER_TURN);
        if (p->batch.length >= BATCH_MAILS || p->lines->len >= BATCH_BYTES)
            commit (p);
        first = g_queue_peek_head (&p->order);
    }
    if (p->batch.length == 0 || p->is_dead || p->blocked)
        return;
    if (p->order.length == 0)
        commit (p);
    else if (!p->batch_timer)
        p->batch_timer = g_timeout_add (BATCH_MS, batch_due, p);
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
    g_queue_push_tail (&p->order, mail);
    pool_submit (p->pool, &place, (size_t)n, mail->file.size_bytes, mail);
    return true;
}

/* Gives the workers as many mails as they have room for. */
static void
take_mails (struct pipeline *p)
{
    for (unsigned n = 0; n < ROUND_MAILS; n++) {
        struct pool_place place;
        if (p->blocked || p->pause_timer || p->order.length >= TAKEN_MAX ||
            p->waiting_bytes >= WAITING_BYTES)
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
    drain (p);
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
answered (void *data, void *job, struct dsn_report *report, size_t n_bytes)
{
    struct pipeline *p = data;
    struct letter *mail = job;

    /* workers have no keys: what a report proves is judged here, whatever they say */
    dsn_report_apply_trust (
        report, keys_for (p->options.config, maildir_name (mail->mailbox), report->kind), today ());
    mail->report = report;
    mail->report_bytes = n_bytes;
    p->waiting_bytes += n_bytes;
    step (p, mail, LETTER_ANSWERED);
}

static void
stumbled (void *data, void *job)
{
    step (data, job, LETTER_STUMBLED);
}

static void
gave_up (void *data, void *job)
{
    struct letter *mail = job;

    log_event (LOG_WARNING, "mail-unprocessable", "two workers ended while they read a mail",
               "MAILBOX", maildir_name (mail->mailbox), "FILE", mail->name, NULL);
    mail->report = letter_unprocessable ();
    step (data, mail, LETTER_GAVE_UP);
}

static void
broke (void *data)
{
    log_event (LOG_CRIT, "workers-broken", "workers end before they are ready; giving up", NULL);
    die (data, "workers can't be started");
}

static const struct pool_handler pool_handler = {
    .answered = answered,
    .stumbled = stumbled,
    .gave_up = gave_up,
    .has_room = wake,
    .broke = broke,
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

    /* first, so that the workers compile the rules while we do */
    p->pool = pool_new (&pool, setup, error);
    if (!p->pool)
        return false;
    p->rules = setup_compile (setup, error);
    if (!p->rules)
        return false;
    p->intake = intake_new (p->options.config, wake, p, error);
    if (!p->intake)
        return false;
    intake_recover (p->intake, recorded);
    return true;
}

struct pipeline *
pipeline_new (const struct pipeline_options *options, GError **error)
{
    g_autoptr (pipeline_t) p = g_new0 (struct pipeline, 1);

    p->options = *options;
    p->limits = dsn_limits_default ();
    p->lines = g_string_sized_new (BATCH_MAILS * 2048);
    g_queue_init (&p->order);
    g_queue_init (&p->aside);
    g_queue_init (&p->batch);
    if (!open_parts (p, options->setup, error))
        return NULL;
    p->trim_timer = g_timeout_add_seconds (TRIM_S, trim_due, p);
    return g_steal_pointer (&p);
}

static void
drop (gpointer data, gpointer user_data)
{
    struct pipeline *p = user_data;

    intake_done (p->intake, data, false);
}

void
pipeline_free (struct pipeline *p)
{
    if (!p)
        return;
    p->is_started = false;
    pool_free (p->pool);
    if (p->intake) {
        drain (p);
        commit (p);
        g_queue_foreach (&p->order, drop, p);
        g_queue_foreach (&p->aside, drop, p);
        g_queue_foreach (&p->batch, drop, p);
        if (p->held)
            intake_done (p->intake, p->held, false);
        (void)intake_sync (p->intake);
    }
    g_clear_handle_id (&p->batch_timer, g_source_remove);
    g_clear_handle_id (&p->retry_timer, g_source_remove);
    g_clear_handle_id (&p->pause_timer, g_source_remove);
    g_clear_handle_id (&p->trim_timer, g_source_remove);
    g_clear_handle_id (&p->idle, g_source_remove);
    g_queue_clear (&p->order);
    g_queue_clear (&p->aside);
    g_queue_clear (&p->batch);
    intake_free (p->intake);
    dsn_rules_free (p->rules);
    g_string_free (p->lines, TRUE);
    g_free (p);
}

bool
pipeline_reload (struct pipeline *p, const struct config *config, const struct setup *setup,
                 GError **error)
{
    struct dsn_rules *rules = setup_compile (setup, error);

    if (!rules || !pool_reload (p->pool, setup, error)) {
        dsn_rules_free (rules);
        return false;
    }
    dsn_rules_free (p->rules);
    p->rules = rules;
    p->options.config = config;
    intake_configure (p->intake, config);
    return true;
}

void
pipeline_start (struct pipeline *p)
{
    p->is_started = true;
    block (p, spool_blocked (p->options.spool, p->options.config->spool_max_bytes));
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
    *ret_counts = p->counts;
    ret_counts->special = intake.special;
    ret_counts->denied = intake.denied;
    ret_counts->failed_reads = intake.failed_reads;
    ret_counts->failed_moves = intake.failed_moves;
    ret_counts->in_flight = intake.in_flight;
    ret_counts->waiting = intake.waiting;
    ret_counts->worker_deaths = pool_deaths (p->pool);
    ret_counts->workers_started = pool_started (p->pool);
    ret_counts->workers_ready = pool_ready (p->pool);
    ret_counts->blocked = p->blocked;
}
