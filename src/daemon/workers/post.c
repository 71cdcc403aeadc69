/* A post changes hands: workers end, and their successors go on with the mails that aren't
 * answered. */
#include "daemon/workers/post.h"

#include "daemon/base/log.h"

#define START_MS   20000 /* from exec to hello */
#define DEATHS_MAX 2

static gboolean socket_ready (gint fd, GIOCondition condition, gpointer data);

bool
post_start (struct post *post, GError **error)
{
    struct crew *crew = post->crew;

    post->slot.generation = crew->generation;
    if (!slot_start (&post->slot, post->setup->fd, error))
        return false;
    crew->n_started += !post->listener;
    post->source = post->listener ? g_unix_fd_add (post->slot.socket, G_IO_IN, post->listener,
                                                   post->listener_data)
                                  : g_unix_fd_add (post->slot.socket, G_IO_IN, socket_ready, post);
    return true;
}

void
post_stop (struct post *post, const char *why)
{
    g_clear_handle_id (&post->source, g_source_remove);
    reaper_add (post->crew->reaper, slot_stop (&post->slot), why);
}

/* A worker that ends before it's ready is started again, by post_tend(), not at once. */
static void
fail_start (struct post *post)
{
    post_stop (post, NULL);
    post->crew->n_failed_starts++;
}

void
post_replace (struct post *post)
{
    g_autoptr (GError) error = NULL;

    post_stop (post, NULL);
    if (!post_start (post, &error)) {
        fail_start (post);
        log_event (LOG_ERR, "worker-start", "can't start a worker", "ERROR", error->message, NULL);
    }
}

/* The mail that a worker was lost over is tried again, or given up. */
static void
judge (struct post *post, struct slot_job *job)
{
    const struct pool_options *options = &post->crew->options;
    void *const mail = job->data;

    post->crew->n_deaths++;
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
    post_stop (post, why);
    if (post->slot.state == SLOT_STARTING)
        fail_start (post);
    else
        post_replace (post);
}

unsigned
post_mails_max (const struct post *post)
{
    const struct pool_options *options = &post->crew->options;

    return post->slot.peak_kib > options->peak_kib_max ? options->mails_large_max
                                                       : options->mails_max;
}

void
post_retire_if_due (struct post *post)
{
    struct slot *slot = &post->slot;

    if (slot->state == SLOT_READY && slot->n_mails >= post_mails_max (post))
        slot->state = SLOT_LEAVING;
    if (slot->state == SLOT_LEAVING && slot->jobs.length == 0)
        post_replace (post);
}

/* Reads what the worker sent. False: it was lost, and has been replaced. */
static bool
read_slot (struct post *post)
{
    switch (slot_read (&post->slot)) {
    case SLOT_INPUT_OK:
        post_retire_if_due (post);
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

static gboolean
socket_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct post *post = data;
    const struct pool_options *options = &post->crew->options;
    bool is_alive;

    (void)fd;
    (void)condition;
    is_alive = read_slot (post);
    slot_send (&post->slot);
    options->handler->has_room (options->data);
    return is_alive && post->source ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
answered (void *data, void *job, struct dsn_report *report, size_t n_bytes)
{
    const struct post *post = data;
    const struct pool_options *options = &post->crew->options;

    options->handler->answered (options->data, job, report, n_bytes, post->slot.ruleset);
}

static void
greeted (void *data)
{
    const struct post *post = data;

    if (post->listener)
        return;
    post->crew->n_failed_starts = 0;
    post->crew->ready_us = g_get_monotonic_time ();
}

static void
refused (void *data, void *job, unsigned n, int call)
{
    struct crew *crew = ((const struct post *)data)->crew;

    if (crew->n_refused == 0)
        crew->options.handler->was_refused (crew->options.data, job, call);
    crew->n_refused += n;
}

static const struct slot_handler slot_handler = { .answered = answered,
                                                  .greeted = greeted,
                                                  .refused = refused };

bool
post_is_overdue (struct post *post)
{
    return slot_is_overdue (&post->slot, START_MS, post->crew->options.deadline_ms);
}

bool
post_tend (struct post *post)
{
    if (post->slot.socket < 0) {
        post_replace (post);
        return true;
    }
    /* what it has sent counts, even if we were too busy to read it */
    if (post_is_overdue (post) && read_slot (post) && post_is_overdue (post)) {
        bury (post, "took too long");
        return false;
    }
    slot_send (&post->slot);
    return true;
}

bool
post_init (struct post *post, struct crew *crew, const struct setup_copy *setup)
{
    *post = (struct post){ .crew = crew, .setup = setup };
    return slot_init (&post->slot, &slot_handler, post, &crew->options.limits);
}

void
post_done (struct post *post)
{
    g_clear_handle_id (&post->source, g_source_remove);
    reaper_add (post->crew->reaper, slot_done (&post->slot), NULL);
}
