/* The pool: which worker reads a mail, and what happens to workers that die, hang or grow old. */
#include "daemon/workers/pool.h"

#include "daemon/base/log.h"
#include "daemon/workers/proof.h"
#include "daemon/workers/reaper.h"
#include "daemon/workers/setupcopy.h"
#include "daemon/workers/slot.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>

#define TICK_MS      250
#define START_MS     20000                 /* from exec to hello */
#define RESTARTS_MAX 5                     /* starts in a row that failed */
#define PATIENCE_US  (10 * G_USEC_PER_SEC) /* as long without any worker ready, that's too many */
#define DEATHS_MAX   2

/* A slot with what the main loop needs of it. */
struct post {
    struct pool *pool;
    struct slot slot;
    guint source;
};

struct pool {
    struct pool_options options;
    struct post *posts;
    struct setup_copy setup, tried; /* what workers get; what is being tried, or none */
    struct post trial;              /* whose worker tries it, and reads no mail */
    unsigned generation;            /* of the setup */
    bool is_rolling;                /* not all workers have it yet */
    struct reaper *reaper;
    guint tick;
    unsigned n_deaths, n_started, n_failed_starts;
    uint64_t n_refused;
    int64_t ready_us; /* when a worker was last ready; at first, when the pool was made */
};

static gboolean socket_ready (gint fd, GIOCondition condition, gpointer data);
static gboolean trial_ready (gint fd, GIOCondition condition, gpointer data);

static bool
start (struct post *post, GError **error)
{
    struct pool *pool = post->pool;
    const int fd = post == &pool->trial ? pool->tried.fd : pool->setup.fd;

    post->slot.generation = pool->generation;
    if (!slot_start (&post->slot, fd, error))
        return false;
    pool->n_started += post != &pool->trial;
    post->source = post == &pool->trial
                       ? g_unix_fd_add (post->slot.socket, G_IO_IN, trial_ready, pool)
                       : g_unix_fd_add (post->slot.socket, G_IO_IN, socket_ready, post);
    return true;
}

/* Ends the process; SIGCHLD reaps it. @why: it was lost, which the reaper logs; NULL: it may go. */
static void
stop (struct post *post, const char *why)
{
    g_clear_handle_id (&post->source, g_source_remove);
    reaper_add (post->pool->reaper, slot_stop (&post->slot), why);
}

/* A worker that ends before it's ready is started again, by tick(), not at once. */
static void
fail_start (struct post *post)
{
    stop (post, NULL);
    post->pool->n_failed_starts++;
}

static void
replace (struct post *post)
{
    g_autoptr (GError) error = NULL;

    stop (post, NULL);
    if (!start (post, &error)) {
        fail_start (post);
        log_event (LOG_ERR, "worker-start", "can't start a worker", "ERROR", error->message, NULL);
    }
}

/* The mail that a worker was lost over is tried again, or given up. */
static void
judge (struct post *post, struct slot_job *job)
{
    const struct pool_options *options = &post->pool->options;
    void *const mail = job->data;

    post->pool->n_deaths++;
    if (job->deaths >= DEATHS_MAX) {
        slot_drop (&post->slot, job);
        options->handler->gave_up (options->data, mail, post->slot.ruleset);
    } else {
        slot_give_back (&post->slot, job);
        options->handler->stumbled (options->data, mail);
    }
}

/* The worker died, hung, or said something odd. */
static void
bury (struct post *post, const char *why)
{
    struct slot_job *job = slot_take_blamed (&post->slot);

    if (job)
        judge (post, job);
    stop (post, why);
    if (post->slot.state == SLOT_STARTING)
        fail_start (post);
    else
        replace (post);
}

/* How many mails the worker may read: to start one costs as much as some hundred mails. */
static unsigned
mails_max (const struct post *post)
{
    const struct pool_options *options = &post->pool->options;

    return post->slot.peak_kib > options->peak_kib_max ? options->mails_large_max
                                                       : options->mails_max;
}

/* A worker that read enough mails goes. */
static void
retire_if_due (struct post *post)
{
    struct slot *slot = &post->slot;

    if (slot->state == SLOT_READY && slot->n_mails >= mails_max (post))
        slot->state = SLOT_LEAVING;
    if (slot->state == SLOT_LEAVING && slot->jobs.length == 0)
        replace (post);
}

/* Reads what the worker sent. False: it was lost, and has been replaced. */
static bool
read_slot (struct post *post)
{
    switch (slot_read (&post->slot)) {
    case SLOT_INPUT_OK:
        retire_if_due (post);
        return true;
    case SLOT_INPUT_ENDED:
        bury (post, "ended");
        break;
    case SLOT_INPUT_INVALID:
        bury (post, "its answer is not valid");
        break;
    case SLOT_INPUT_REFUSED:
        bury (post, post->slot.refusal);
        break;
    }
    return false;
}

/* --- another setup --------------------------------------------------------------------------- */

/* Replaces one of the workers that have an old setup, unless another is on its way out or in: mail
 * goes on meanwhile. */
static void
roll (struct pool *pool)
{
    struct post *stale = NULL;

    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct post *post = &pool->posts[i];
        const bool is_stale = post->slot.generation != pool->generation;
        if (is_stale && post->slot.state == SLOT_STARTING) {
            replace (post);
            return;
        }
        if (post->slot.state != SLOT_READY)
            return;
        if (is_stale)
            stale = post;
    }
    if (stale) {
        stale->slot.state = SLOT_LEAVING;
        retire_if_due (stale);
    } else if (pool->is_rolling) {
        pool->is_rolling = false;
        pool->options.handler->reloaded (pool->options.data, NULL);
    }
}

/* The trial is over. @error: NULL, or why the setup can't be used. */
static void
conclude (struct pool *pool, const char *error)
{
    g_autofree char *why = g_strdup (error);

    stop (&pool->trial, NULL);
    if (why) {
        setup_copy_clear (&pool->tried);
        pool->options.handler->reloaded (pool->options.data, why);
    } else {
        setup_copy_clear (&pool->setup);
        pool->setup = pool->tried;
        pool->tried = SETUP_COPY_NONE;
        pool->generation++;
        pool->is_rolling = true;
        roll (pool);
    }
}

static gboolean
trial_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct pool *pool = data;
    const char *reason = NULL;

    (void)fd;
    (void)condition;
    if (!proof_hear (&pool->trial.slot, &reason))
        return G_SOURCE_CONTINUE;
    conclude (pool, reason);
    return G_SOURCE_REMOVE;
}

void
pool_reload (struct pool *pool, const struct setup *setup)
{
    g_autoptr (GError) error = NULL;

    g_assert (pool->tried.fd < 0);
    if (!setup_copy_make (&pool->tried, setup, &error)) {
        conclude (pool, error->message);
    } else if (strcmp (pool->tried.digest, pool->setup.digest) == 0) {
        setup_copy_clear (&pool->tried);
        pool->options.handler->reloaded (pool->options.data, NULL);
    } else if (!start (&pool->trial, &error)) {
        conclude (pool, error->message);
    }
}

static gboolean
socket_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct post *post = data;
    struct pool *pool = post->pool;
    bool is_alive;

    (void)fd;
    (void)condition;
    is_alive = read_slot (post);
    slot_send (&post->slot);
    pool->options.handler->has_room (pool->options.data);
    return is_alive && post->source ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
answered (void *data, void *job, struct dsn_report *report, size_t n_bytes)
{
    const struct post *post = data;
    const struct pool_options *options = &post->pool->options;

    options->handler->answered (options->data, job, report, n_bytes, post->slot.ruleset);
}

static void
greeted (void *data)
{
    const struct post *post = data;

    if (post == &post->pool->trial)
        return;
    post->pool->n_failed_starts = 0;
    post->pool->ready_us = g_get_monotonic_time ();
}

static void
refused (void *data, void *job, unsigned n, int call)
{
    struct pool *pool = ((const struct post *)data)->pool;

    if (pool->n_refused == 0)
        pool->options.handler->was_refused (pool->options.data, job, call);
    pool->n_refused += n;
}

static const struct slot_handler slot_handler = { .answered = answered,
                                                  .greeted = greeted,
                                                  .refused = refused };

static bool
is_overdue (struct post *post)
{
    return slot_is_overdue (&post->slot, START_MS, post->pool->options.deadline_ms);
}

/* Looks after one worker. False: it was lost. */
static bool
tend (struct post *post)
{
    if (post->slot.socket < 0) {
        replace (post);
        return true;
    }
    /* what it has sent counts, even if we were too busy to read it */
    if (is_overdue (post) && read_slot (post) && is_overdue (post)) {
        bury (post, "took too long");
        return false;
    }
    slot_send (&post->slot);
    return true;
}

static gboolean
tick (gpointer data)
{
    struct pool *pool = data;
    bool is_lost = false;

    /* somebody may kill workers faster than they start: that alone isn't a reason to give up */
    if (pool->n_failed_starts >= RESTARTS_MAX &&
        g_get_monotonic_time () - pool->ready_us > PATIENCE_US) {
        pool->options.handler->broke (pool->options.data);
        pool->tick = 0;
        return G_SOURCE_REMOVE;
    }
    for (unsigned i = 0; i < pool->options.workers_count; i++)
        is_lost |= !tend (&pool->posts[i]);
    if (pool->tried.fd >= 0 && pool->trial.slot.socket >= 0 && is_overdue (&pool->trial))
        conclude (pool, PROOF_TOO_LONG);
    roll (pool);
    /* the mails behind the one that was set aside needn't wait for the new worker */
    if (is_lost)
        pool->options.handler->has_room (pool->options.data);
    return G_SOURCE_CONTINUE;
}

static bool
open_post (struct post *post, GError **error)
{
    if (post->slot.arena)
        return start (post, error);
    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno),
                 "no memory for the workers' mails: %s", g_strerror (errno));
    return false;
}

struct pool *
pool_new (const struct pool_options *options, const struct setup *setup, GError **error)
{
    struct pool *pool = g_new0 (struct pool, 1);
    bool is_ok;

    pool->options = *options;
    pool->ready_us = g_get_monotonic_time ();
    pool->reaper = reaper_new ();
    pool->posts = g_new0 (struct post, options->workers_count);
    pool->tried = SETUP_COPY_NONE;
    pool->trial.pool = pool;
    is_ok = setup_copy_make (&pool->setup, setup, error);
    (void)slot_init (&pool->trial.slot, &slot_handler, &pool->trial, &options->limits);
    for (unsigned i = 0; i < options->workers_count; i++) {
        struct post *post = &pool->posts[i];
        post->pool = pool;
        (void)slot_init (&post->slot, &slot_handler, post, &options->limits);
        is_ok = is_ok && open_post (post, error);
    }
    if (!is_ok) {
        pool_free (pool);
        return NULL;
    }
    pool->tick = g_timeout_add (TICK_MS, tick, pool);
    return pool;
}

void
pool_free (struct pool *pool)
{
    if (!pool)
        return;
    g_clear_handle_id (&pool->tick, g_source_remove);
    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct post *post = &pool->posts[i];
        g_clear_handle_id (&post->source, g_source_remove);
        reaper_add (pool->reaper, slot_done (&post->slot), NULL);
    }
    g_clear_handle_id (&pool->trial.source, g_source_remove);
    reaper_add (pool->reaper, slot_done (&pool->trial.slot), NULL);
    reaper_free (pool->reaper);
    setup_copy_clear (&pool->setup);
    setup_copy_clear (&pool->tried);
    g_free (pool->posts);
    g_free (pool);
}

bool
pool_reserve (struct pool *pool, size_t n_bytes, struct pool_place *ret_place)
{
    const struct post *best = NULL;
    uint32_t offset = 0;

    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        const struct post *post = &pool->posts[i];
        const unsigned n_jobs = post->slot.jobs.length;
        uint32_t room;
        if (post->slot.n_mails + n_jobs >= mails_max (post) ||
            (best && best->slot.jobs.length <= n_jobs) || !slot_find (&post->slot, n_bytes, &room))
            continue;
        best = post;
        offset = room;
    }
    if (!best)
        return false;
    *ret_place = (struct pool_place){ .slot = (unsigned)(best - pool->posts),
                                      .offset = offset,
                                      .p = best->slot.arena + offset };
    return true;
}

void
pool_submit (struct pool *pool, const struct pool_place *place, size_t n_bytes,
             uint64_t total_bytes, void *job)
{
    slot_submit (&pool->posts[place->slot].slot, place->offset, n_bytes, total_bytes, job);
}

void
pool_flush (struct pool *pool)
{
    for (unsigned i = 0; i < pool->options.workers_count; i++)
        slot_send (&pool->posts[i].slot);
}

void
pool_reap (struct pool *pool)
{
    reaper_reap (pool->reaper);
}

unsigned
pool_deaths (const struct pool *pool)
{
    return pool->n_deaths;
}

uint64_t
pool_refused (const struct pool *pool)
{
    return pool->n_refused;
}

unsigned
pool_started (const struct pool *pool)
{
    return pool->n_started;
}

unsigned
pool_ready (const struct pool *pool)
{
    unsigned n = 0;

    for (unsigned i = 0; i < pool->options.workers_count; i++)
        n += pool->posts[i].slot.state == SLOT_READY;
    return n;
}
