/* The pool. Each slot has a piece of memory for mails, used as a ring, and the process that reads
 * them in order. When the process dies its successor gets the same memory, and the mails that
 * were not answered one at a time: the one that kills is then found for certain.
 */
#include "pool.h"

#include "log.h"
#include "launch.h"
#include "sys.h"
#include "wire.h"
#include "worker.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH        128 /* mails in flight per worker: enough while a slow disk holds us up */
#define WRAP_BYTES   (1024u * 1024u) /* the ring's end if that will do: less memory is touched */
#define TICK_MS      250
#define START_MS     20000                 /* from exec to hello */
#define RESTARTS_MAX 5                     /* starts in a row that failed */
#define PATIENCE_US  (10 * G_USEC_PER_SEC) /* as long without any worker ready, that's too many */
#define READ_BYTES   ((size_t)256 * 1024)
#define DEATHS_MAX   2
#define ALIGNMENT    64u

struct job {
    uint32_t offset, n_bytes;
    uint64_t total_bytes;
    unsigned deaths;
    void *data;
};

enum slot_state {
    SLOT_STARTING, /* no hello yet */
    SLOT_READY,
    SLOT_LEAVING, /* takes no more mails: it's replaced when all are answered */
};

struct slot {
    struct pool *pool;
    enum slot_state state;
    char *arena;
    int arena_fd;
    uint32_t head;   /* of the ring: where the next mail goes */
    GQueue jobs;     /* struct job *, in the order of the answers */
    unsigned n_sent; /* of them, known to the worker */
    bool is_careful; /* one at a time, after a death */
    pid_t pid;
    int socket;
    guint source;
    GByteArray *in;
    unsigned n_mails;
    uint32_t peak_kib;   /* as the worker tells */
    int64_t progress_us; /* start of the process, its last answer, or the first request since */
};

struct pool {
    struct pool_options options;
    struct slot *slots;
    int setup_fd;
    GArray *ended; /* pid_t: to be reaped */
    guint tick;
    unsigned n_deaths, n_started, n_failed_starts;
    int64_t ready_us; /* when a worker was last ready; at first, when the pool was made */
};

static gboolean socket_ready (gint fd, GIOCondition condition, gpointer data);

static bool
start (struct slot *slot, GError **error)
{
    slot->state = SLOT_STARTING;
    slot->n_mails = 0;
    slot->peak_kib = 0;
    slot->n_sent = 0;
    slot->progress_us = g_get_monotonic_time ();
    g_byte_array_set_size (slot->in, 0);
    if (!launch_worker (slot->arena_fd, slot->pool->setup_fd, &slot->pid, &slot->socket, error))
        return false;
    slot->pool->n_started++;
    slot->source = g_unix_fd_add (slot->socket, G_IO_IN, socket_ready, slot);
    return true;
}

/* Ends the process and lets go of it; SIGCHLD reaps it. */
static void
stop (struct slot *slot)
{
    if (slot->source)
        g_source_remove (slot->source);
    slot->source = 0;
    sys_close (&slot->socket);
    if (slot->pid > 0) {
        (void)kill (slot->pid, SIGKILL);
        g_array_append_val (slot->pool->ended, slot->pid);
    }
    slot->pid = 0;
}

/* Sends the requests that the worker doesn't have yet. A full socket is tried again later. */
static void
send_requests (struct slot *slot)
{
    struct wire_request requests[DEPTH];
    const unsigned want = slot->is_careful ? 1 : DEPTH;
    unsigned n = 0;
    ssize_t done;

    if (slot->state == SLOT_STARTING || slot->n_sent >= MIN (want, slot->jobs.length))
        return;
    for (GList *l = g_queue_peek_nth_link (&slot->jobs, slot->n_sent); l && slot->n_sent + n < want;
         l = l->next) {
        const struct job *job = l->data;
        requests[n++] = (struct wire_request){ .total_bytes = job->total_bytes,
                                               .offset = job->offset,
                                               .n_bytes = job->n_bytes };
    }
    if (slot->n_sent == 0)
        slot->progress_us = g_get_monotonic_time ();
    /* a socket takes all of so few bytes, or nothing; an error shows when it's read */
    done = sys_send (slot->socket, requests, n * sizeof requests[0]);
    if (done > 0)
        slot->n_sent += (unsigned)((size_t)done / sizeof requests[0]);
}

/* A worker that ends before it's ready is started again, by tick(), not at once. */
static void
fail_start (struct slot *slot)
{
    stop (slot);
    slot->pool->n_failed_starts++;
}

static void
replace (struct slot *slot)
{
    g_autoptr (GError) error = NULL;

    stop (slot);
    if (!start (slot, &error)) {
        fail_start (slot);
        log_event (LOG_ERR, "worker-start", "can't start a worker", "ERROR", error->message, NULL);
    }
}

/* The worker died, hung, or said something odd. The mail it had in hand goes last, so that those
 * behind it don't wait for its second try. */
static void
bury (struct slot *slot, const char *why)
{
    const struct pool_handler *handler = slot->pool->options.handler;
    struct job *job = slot->n_sent ? g_queue_pop_head (&slot->jobs) : NULL;
    g_autofree char *pid = log_number ((uint64_t)slot->pid);

    log_event (LOG_WARNING, "worker-death", "a worker was lost and is replaced", "REASON", why,
               "WORKER_PID", pid, NULL);
    if (job) {
        slot->pool->n_deaths++;
        job->deaths++;
        if (job->deaths >= DEATHS_MAX) {
            handler->gave_up (slot->pool->options.data, job->data);
            g_free (job);
        } else {
            g_queue_push_tail (&slot->jobs, job);
            handler->stumbled (slot->pool->options.data, job->data);
        }
    }
    /* until the queue is empty: without one, nothing would end it */
    slot->is_careful = slot->jobs.length > 0;
    if (slot->state == SLOT_STARTING)
        fail_start (slot);
    else
        replace (slot);
}

/* Takes one whole answer off the start of slot->in. False: the worker talks nonsense. */
static bool
take_answer (struct slot *slot, const struct wire_reply *reply, const char *payload)
{
    const struct pool_options *options = &slot->pool->options;
    struct job *job = slot->n_sent ? g_queue_peek_head (&slot->jobs) : NULL;
    struct dsn_report *report;

    if (!job || job->offset != reply->offset)
        return false;
    report = wire_decode ((struct dsn_bytes){ payload, reply->n_bytes }, &options->limits);
    if (!report)
        return false;
    (void)g_queue_pop_head (&slot->jobs);
    slot->n_sent--;
    slot->n_mails++;
    slot->peak_kib = reply->peak_kib;
    slot->progress_us = g_get_monotonic_time ();
    if (slot->jobs.length == 0)
        slot->is_careful = false;
    options->handler->answered (options->data, job->data, report,
                                reply->n_bytes + report->n_recipients * sizeof *report->recipients);
    g_free (job);
    return true;
}

static bool
take_hello (struct slot *slot, size_t *at)
{
    uint32_t hello;

    if (slot->in->len < sizeof hello)
        return true;
    memcpy (&hello, slot->in->data, sizeof hello);
    *at = sizeof hello;
    if (hello != WIRE_HELLO)
        return false;
    slot->state = SLOT_READY;
    slot->pool->n_failed_starts = 0;
    slot->pool->ready_us = g_get_monotonic_time ();
    return true;
}

/* Takes all that is whole of what came. False: nonsense. */
static bool
take_input (struct slot *slot)
{
    size_t at = 0;
    bool is_ok = slot->state != SLOT_STARTING || take_hello (slot, &at);

    while (is_ok && slot->state != SLOT_STARTING) {
        struct wire_reply reply;
        if (slot->in->len - at < sizeof reply)
            break;
        memcpy (&reply, slot->in->data + at, sizeof reply);
        if (reply.n_bytes > WIRE_REPORT_MAX_BYTES)
            is_ok = false;
        if (!is_ok || slot->in->len - at - sizeof reply < reply.n_bytes)
            break;
        at += sizeof reply;
        is_ok = take_answer (slot, &reply, (const char *)slot->in->data + at);
        at += reply.n_bytes;
    }
    if (is_ok && at)
        g_byte_array_remove_range (slot->in, 0, (guint)at);
    return is_ok;
}

/* How many mails the worker may read: to start one costs as much as some hundred mails. */
static unsigned
mails_max (const struct slot *slot)
{
    const struct pool_options *options = &slot->pool->options;

    return slot->peak_kib > options->peak_kib_max ? options->mails_large_max : options->mails_max;
}

/* A worker that read enough mails goes, as does one with an old setup. */
static void
retire_if_due (struct slot *slot)
{
    if (slot->state == SLOT_READY && slot->n_mails >= mails_max (slot))
        slot->state = SLOT_LEAVING;
    if (slot->state == SLOT_LEAVING && slot->jobs.length == 0)
        replace (slot);
}

/* Reads what the worker sent. False: it was lost, and has been replaced. */
static bool
read_socket (struct slot *slot)
{
    const guint old = slot->in->len;
    ssize_t n;

    g_byte_array_set_size (slot->in, old + (guint)READ_BYTES);
    n = sys_recv (slot->socket, slot->in->data + old, READ_BYTES);
    g_byte_array_set_size (slot->in, old + (guint)MAX (n, 0));
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        bury (slot, "it ended");
        return false;
    }
    if (n < 0)
        return true;
    if (!take_input (slot)) {
        bury (slot, "its answer is not valid");
        return false;
    }
    retire_if_due (slot);
    return true;
}

static gboolean
socket_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct slot *slot = data;
    struct pool *pool = slot->pool;
    bool is_alive;

    (void)fd;
    (void)condition;
    is_alive = read_socket (slot);
    if (slot->socket >= 0)
        send_requests (slot);
    pool->options.handler->has_room (pool->options.data);
    return is_alive && slot->source ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Whether the worker has been silent for too long over what it has to do. */
static bool
is_overdue (const struct slot *slot, int64_t now)
{
    const int64_t silent_ms = (now - slot->progress_us) / 1000;

    if (slot->state == SLOT_STARTING)
        return silent_ms > START_MS;
    return slot->n_sent && silent_ms > (int64_t)slot->pool->options.deadline_ms;
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
    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->socket < 0) {
            replace (slot);
            continue;
        }
        /* what it has sent counts, even if we were too busy to read it */
        if (is_overdue (slot, g_get_monotonic_time ()) && read_socket (slot) &&
            is_overdue (slot, g_get_monotonic_time ())) {
            bury (slot, "it took too long");
            is_lost = true;
        }
        if (slot->socket >= 0)
            send_requests (slot);
    }
    /* the mails behind the one that was set aside needn't wait for the new worker */
    if (is_lost)
        pool->options.handler->has_room (pool->options.data);
    return G_SOURCE_CONTINUE;
}

static int
make_setup (const struct setup *setup, GError **error)
{
    g_autoptr (GString) bytes = setup_encode (setup);
    const int fd = launch_memory (bytes);

    if (fd < 0)
        g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno),
                     "no memory for the workers' rules: %s", g_strerror (errno));
    return fd;
}

static bool
open_slot (struct pool *pool, struct slot *slot, GError **error)
{
    slot->arena = launch_arena (WORKER_ARENA_BYTES, &slot->arena_fd);
    if (!slot->arena) {
        g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno),
                     "no memory for the workers' mails: %s", g_strerror (errno));
        return false;
    }
    return pool->slots && start (slot, error);
}

struct pool *
pool_new (const struct pool_options *options, const struct setup *setup, GError **error)
{
    struct pool *pool = g_new0 (struct pool, 1);
    bool is_ok;

    pool->options = *options;
    pool->ready_us = g_get_monotonic_time ();
    pool->ended = g_array_new (FALSE, FALSE, sizeof (pid_t));
    pool->slots = g_new0 (struct slot, options->workers_count);
    for (unsigned i = 0; i < options->workers_count; i++) {
        pool->slots[i].pool = pool;
        pool->slots[i].socket = pool->slots[i].arena_fd = -1;
        pool->slots[i].in = g_byte_array_new ();
        g_queue_init (&pool->slots[i].jobs);
    }
    pool->setup_fd = make_setup (setup, error);
    is_ok = pool->setup_fd >= 0;
    for (unsigned i = 0; i < options->workers_count && is_ok; i++)
        is_ok = open_slot (pool, &pool->slots[i], error);
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
    if (pool->tick)
        g_source_remove (pool->tick);
    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct slot *slot = &pool->slots[i];
        stop (slot);
        g_queue_clear_full (&slot->jobs, g_free);
        g_byte_array_unref (slot->in);
        if (slot->arena)
            (void)munmap (slot->arena, WORKER_ARENA_BYTES);
        sys_close (&slot->arena_fd);
    }
    pool_reap (pool);
    g_array_unref (pool->ended);
    sys_close (&pool->setup_fd);
    g_free (pool->slots);
    g_free (pool);
}

bool
pool_reload (struct pool *pool, const struct setup *setup, GError **error)
{
    const int fd = make_setup (setup, error);

    if (fd < 0)
        return false;
    sys_close (&pool->setup_fd);
    pool->setup_fd = fd;
    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == SLOT_READY)
            slot->state = SLOT_LEAVING;
        if (slot->jobs.length == 0)
            replace (slot);
    }
    return true;
}

/* What a mail of @n bytes takes in the ring. */
static uint32_t
room_of (size_t n)
{
    return (uint32_t)((n + ALIGNMENT) & ~(size_t)(ALIGNMENT - 1));
}

/* Room for @n bytes in the ring: behind the newest mail, or before the oldest. The newest never
 * ends where the oldest starts, so that full and empty differ. */
static bool
find_room (struct slot *slot, size_t n, uint32_t *ret_offset)
{
    const struct job *oldest = g_queue_peek_head (&slot->jobs);
    const uint32_t room = room_of (n);
    uint32_t tail;

    if (!oldest) {
        *ret_offset = slot->head = 0;
        return true;
    }
    tail = oldest->offset;
    if (slot->head >= tail && slot->head > WRAP_BYTES && tail > room)
        *ret_offset = 0;
    else if (slot->head >= tail && WORKER_ARENA_BYTES - slot->head >= room)
        *ret_offset = slot->head;
    else if (slot->head >= tail && tail > room)
        *ret_offset = 0;
    else if (slot->head < tail && tail - slot->head > room)
        *ret_offset = slot->head;
    else
        return false;
    return true;
}

bool
pool_reserve (struct pool *pool, size_t n_bytes, struct pool_place *ret_place)
{
    struct slot *best = NULL;
    uint32_t offset = 0;

    for (unsigned i = 0; i < pool->options.workers_count; i++) {
        struct slot *slot = &pool->slots[i];
        uint32_t room;
        if (slot->state != SLOT_READY || slot->is_careful || slot->jobs.length >= DEPTH ||
            slot->n_mails + slot->jobs.length >= mails_max (slot) ||
            (best && best->jobs.length <= slot->jobs.length) || !find_room (slot, n_bytes, &room))
            continue;
        best = slot;
        offset = room;
    }
    if (!best)
        return false;
    *ret_place = (struct pool_place){ .slot = (unsigned)(best - pool->slots),
                                      .offset = offset,
                                      .p = best->arena + offset };
    return true;
}

void
pool_submit (struct pool *pool, const struct pool_place *place, size_t n_bytes,
             uint64_t total_bytes, void *job_data)
{
    struct slot *slot = &pool->slots[place->slot];
    struct job *job = g_new (struct job, 1);

    *job = (struct job){ .offset = place->offset,
                         .n_bytes = (uint32_t)n_bytes,
                         .total_bytes = total_bytes,
                         .data = job_data };
    slot->head = place->offset + room_of (n_bytes);
    g_queue_push_tail (&slot->jobs, job);
}

void
pool_flush (struct pool *pool)
{
    for (unsigned i = 0; i < pool->options.workers_count; i++)
        if (pool->slots[i].socket >= 0)
            send_requests (&pool->slots[i]);
}

/* Tells how the worker ended, where it did so by itself. */
static void
log_end (pid_t pid, int status)
{
    g_autofree char *text = NULL;
    g_autofree char *number = log_number ((uint64_t)pid);

    if (WIFSIGNALED (status) && WTERMSIG (status) != SIGKILL)
        text = g_strdup_printf ("signal %d", WTERMSIG (status));
    else if (WIFEXITED (status) && WEXITSTATUS (status) != 0)
        text = g_strdup_printf ("exit status %d", WEXITSTATUS (status));
    if (text)
        log_event (LOG_WARNING, "worker-end", "a worker ended by itself", "WORKER_PID", number,
                   "STATUS", text, NULL);
}

void
pool_reap (struct pool *pool)
{
    for (unsigned i = pool->ended->len; i > 0; i--) {
        const pid_t pid = g_array_index (pool->ended, pid_t, i - 1);
        int status;
        if (waitpid (pid, &status, WNOHANG) == 0)
            continue;
        log_end (pid, status);
        g_array_remove_index_fast (pool->ended, i - 1);
    }
}

unsigned
pool_deaths (const struct pool *pool)
{
    return pool->n_deaths;
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
        n += pool->slots[i].state == SLOT_READY;
    return n;
}
