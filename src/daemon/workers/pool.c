/* The pool: which worker reads a mail, and how all get another setup. */
#include "daemon/workers/pool.h"

#include "daemon/workers/post.h"
#include "daemon/workers/proof.h"

#include <errno.h>
#include <string.h>

#define TICK_MS      250
#define RESTARTS_MAX 5                     /* starts in a row that failed */
#define PATIENCE_US  (10 * G_USEC_PER_SEC) /* as long without any worker ready, that's too many */

struct pool {
    struct crew crew;
    struct post *posts;
    struct setup_copy setup, tried; /* what workers get; what is being tried, or none */
    struct post trial;              /* whose worker tries it, and reads no mail */
    bool is_rolling;                /* not all workers have the setup yet */
    guint tick;
};

/* --- another setup --------------------------------------------------------------------------- */

/* Replaces one of the workers that have an old setup, unless another is on its way out or in: mail
 * goes on meanwhile. */
static void
roll (struct pool *pool)
{
    struct post *stale = NULL;

    for (unsigned i = 0; i < pool->crew.options.workers_count; i++) {
        struct post *post = &pool->posts[i];
        const bool is_stale = post->slot.generation != pool->crew.generation;
        if (is_stale && post->slot.state == SLOT_STARTING) {
            post_replace (post);
            return;
        }
        if (post->slot.state != SLOT_READY)
            return;
        if (is_stale)
            stale = post;
    }
    if (stale) {
        stale->slot.state = SLOT_LEAVING;
        post_retire_if_due (stale);
    } else if (pool->is_rolling) {
        pool->is_rolling = false;
        pool->crew.options.handler->reloaded (pool->crew.options.data, NULL);
    }
}

/* The trial is over. @error: NULL, or why the setup can't be used. */
static void
conclude (struct pool *pool, const char *error)
{
    g_autofree char *why = g_strdup (error);

    post_stop (&pool->trial, NULL);
    if (why) {
        setup_copy_clear (&pool->tried);
        pool->crew.options.handler->reloaded (pool->crew.options.data, why);
    } else {
        setup_copy_clear (&pool->setup);
        pool->setup = pool->tried;
        pool->tried = SETUP_COPY_NONE;
        pool->crew.generation++;
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
        pool->crew.options.handler->reloaded (pool->crew.options.data, NULL);
    } else if (!post_start (&pool->trial, &error)) {
        conclude (pool, error->message);
    }
}

static gboolean
tick (gpointer data)
{
    struct pool *pool = data;
    bool is_lost = false;

    /* somebody may kill workers faster than they start: that alone isn't a reason to give up */
    if (pool->crew.n_failed_starts >= RESTARTS_MAX &&
        g_get_monotonic_time () - pool->crew.ready_us > PATIENCE_US) {
        pool->crew.options.handler->broke (pool->crew.options.data);
        pool->tick = 0;
        return G_SOURCE_REMOVE;
    }
    for (unsigned i = 0; i < pool->crew.options.workers_count; i++)
        is_lost |= !post_tend (&pool->posts[i]);
    if (pool->tried.fd >= 0 && pool->trial.slot.socket >= 0 && post_is_overdue (&pool->trial))
        conclude (pool, PROOF_TOO_LONG);
    roll (pool);
    /* the mails behind the one that was set aside needn't wait for the new worker */
    if (is_lost)
        pool->crew.options.handler->has_room (pool->crew.options.data);
    return G_SOURCE_CONTINUE;
}

static bool
fail_memory (GError **error)
{
    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno),
                 "no memory for the workers' mails: %s", g_strerror (errno));
    return false;
}

struct pool *
pool_new (const struct pool_options *options, const struct setup *setup, GError **error)
{
    struct pool *pool = g_new0 (struct pool, 1);
    bool is_ok;

    pool->crew.options = *options;
    pool->crew.ready_us = g_get_monotonic_time ();
    pool->crew.reaper = reaper_new ();
    pool->posts = g_new0 (struct post, options->workers_count);
    pool->tried = SETUP_COPY_NONE;
    is_ok = setup_copy_make (&pool->setup, setup, error);
    /* the one that tries setups has no mails in its memory */
    (void)post_init (&pool->trial, &pool->crew, &pool->tried);
    pool->trial.listener = trial_ready;
    pool->trial.listener_data = pool;
    for (unsigned i = 0; i < options->workers_count; i++)
        if (!post_init (&pool->posts[i], &pool->crew, &pool->setup))
            is_ok = is_ok && fail_memory (error);
    for (unsigned i = 0; is_ok && i < options->workers_count; i++)
        is_ok = post_start (&pool->posts[i], error);
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
    for (unsigned i = 0; i < pool->crew.options.workers_count; i++)
        post_done (&pool->posts[i]);
    post_done (&pool->trial);
    reaper_free (pool->crew.reaper);
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

    for (unsigned i = 0; i < pool->crew.options.workers_count; i++) {
        const struct post *post = &pool->posts[i];
        const unsigned n_jobs = post->slot.jobs.length;
        uint32_t room;
        if (post->slot.n_mails + n_jobs >= post_mails_max (post) ||
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
    for (unsigned i = 0; i < pool->crew.options.workers_count; i++)
        slot_send (&pool->posts[i].slot);
}

void
pool_reap (struct pool *pool)
{
    reaper_reap (pool->crew.reaper);
}

unsigned
pool_deaths (const struct pool *pool)
{
    return pool->crew.n_deaths;
}

uint64_t
pool_refused (const struct pool *pool)
{
    return pool->crew.n_refused;
}

unsigned
pool_started (const struct pool *pool)
{
    return pool->crew.n_started;
}

unsigned
pool_ready (const struct pool *pool)
{
    unsigned n = 0;

    for (unsigned i = 0; i < pool->crew.options.workers_count; i++)
        n += pool->posts[i].slot.state == SLOT_READY;
    return n;
}
