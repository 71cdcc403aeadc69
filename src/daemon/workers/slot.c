/* What is said to one worker and what it says. Nothing here waits for it, and nothing it says is
 * believed before it's checked.
 */
#include "daemon/workers/slot.h"

#include "daemon/workers/launch.h"
#include "daemon/base/sys.h"
#include "daemon/workers/wire.h"
#include "daemon/workers/worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define WRAP_BYTES (1024u * 1024u)
#define READ_BYTES ((size_t)256 * 1024)

bool
slot_init (struct slot *slot, const struct slot_handler *handler, void *data,
           const struct dsn_limits *limits)
{
    *slot = (struct slot){ .handler = handler,
                           .data = data,
                           .limits = *limits,
                           .socket = -1,
                           .arena_fd = -1,
                           .in = g_byte_array_new (),
                           .ruleset = g_strdup ("") };
    g_queue_init (&slot->jobs);
    ring_init (&slot->ring, WORKER_ARENA_BYTES, WRAP_BYTES);
    slot->arena = launch_arena (WORKER_ARENA_BYTES, &slot->arena_fd);
    return slot->arena != NULL;
}

pid_t
slot_done (struct slot *slot)
{
    const pid_t pid = slot_stop (slot);

    g_queue_clear_full (&slot->jobs, g_free);
    g_byte_array_unref (slot->in);
    g_free (slot->ruleset);
    g_free (slot->refusal);
    if (slot->arena)
        (void)munmap (slot->arena, WORKER_ARENA_BYTES);
    sys_close (&slot->arena_fd);
    return pid;
}

bool
slot_start (struct slot *slot, int setup_fd, GError **error)
{
    slot->state = SLOT_STARTING;
    slot->n_mails = 0;
    slot->peak_kib = 0;
    slot->n_refused = 0;
    slot->n_sent = 0;
    slot->n_progress++;
    g_clear_pointer (&slot->refusal, g_free);
    g_byte_array_set_size (slot->in, 0);
    return launch_worker (slot->arena_fd, setup_fd, &slot->pid, &slot->socket, error);
}

pid_t
slot_stop (struct slot *slot)
{
    const pid_t pid = slot->pid;

    sys_close (&slot->socket);
    if (pid > 0)
        (void)kill (pid, SIGKILL);
    slot->pid = 0;
    return pid;
}

bool
slot_find (const struct slot *slot, size_t n_bytes, uint32_t *ret_offset)
{
    return slot->state == SLOT_READY && !slot->is_careful &&
           ring_find (&slot->ring, n_bytes, ret_offset);
}

void
slot_submit (struct slot *slot, uint32_t offset, size_t n_bytes, uint64_t total_bytes,
             void *job_data)
{
    struct slot_job *job = g_new (struct slot_job, 1);

    *job = (struct slot_job){
        .offset = offset, .n_bytes = (uint32_t)n_bytes, .total_bytes = total_bytes, .data = job_data
    };
    ring_hold (&slot->ring, offset, n_bytes);
    g_queue_push_tail (&slot->jobs, job);
}

void
slot_send (struct slot *slot)
{
    struct wire_request requests[SLOT_JOBS_MAX];
    const unsigned want = slot->is_careful ? 1 : SLOT_JOBS_MAX;
    unsigned n = 0;
    ssize_t done;

    if (slot->socket < 0 || slot->state == SLOT_STARTING ||
        slot->n_sent >= MIN (want, slot->jobs.length))
        return;
    for (GList *l = g_queue_peek_nth_link (&slot->jobs, slot->n_sent); l && slot->n_sent + n < want;
         l = l->next) {
        const struct slot_job *job = l->data;
        requests[n++] = (struct wire_request){ .total_bytes = job->total_bytes,
                                               .offset = job->offset,
                                               .n_bytes = job->n_bytes };
    }
    slot->n_progress += slot->n_sent == 0;
    /* a socket takes all of so few bytes, or nothing; an error shows when it's read */
    done = sys_send (slot->socket, requests, n * sizeof requests[0]);
    if (done > 0)
        slot->n_sent += (unsigned)((size_t)done / sizeof requests[0]);
}

/* Takes one whole answer. False: the worker talks nonsense. */
static bool
take_answer (struct slot *slot, const struct wire_reply *reply, const char *payload)
{
    struct slot_job *job = slot->n_sent ? g_queue_peek_head (&slot->jobs) : NULL;
    struct dsn_report *report;

    if (!job || job->offset != reply->offset || reply->split >= _DSN_SPLIT_N)
        return false;
    report = wire_decode ((struct dsn_bytes){ payload, reply->n_bytes }, &slot->limits);
    if (!report)
        return false;
    report->split = (enum dsn_split)reply->split;
    (void)g_queue_pop_head (&slot->jobs);
    ring_release (&slot->ring, job->offset);
    slot->n_sent--;
    slot->n_mails++;
    slot->peak_kib = reply->peak_kib;
    if (reply->n_refused > slot->n_refused)
        slot->handler->refused (slot->data, job->data, reply->n_refused - slot->n_refused,
                                reply->refused_call);
    slot->n_refused = reply->n_refused;
    slot->n_progress++;
    if (slot->jobs.length == 0)
        slot->is_careful = false;
    slot->handler->answered (slot->data, job->data, report,
                             reply->n_bytes + report->n_recipients * sizeof *report->recipients);
    g_free (job);
    return true;
}

/* A version of rules, or a sentence about a rule file: told to people, and nothing else. */
static char *
clean_text (const char *text, size_t n)
{
    g_autofree char *copy = g_strndup (text, n);
    char *valid = g_utf8_make_valid (copy, -1);

    for (char *p = valid; *p; p++)
        if (g_ascii_iscntrl (*p))
            *p = '?';
    return valid;
}

/* The first thing that a worker says. *ret_at: how much of the input it is; 0: not all is there. */
static enum slot_input
take_hello (struct slot *slot, size_t *ret_at)
{
    struct wire_hello hello;
    g_autofree char *text = NULL;

    if (slot->in->len < sizeof hello)
        return SLOT_INPUT_OK;
    memcpy (&hello, slot->in->data, sizeof hello);
    if (hello.magic != WIRE_HELLO || hello.n_bytes > WIRE_HELLO_MAX_BYTES)
        return SLOT_INPUT_INVALID;
    if (slot->in->len - sizeof hello < hello.n_bytes)
        return SLOT_INPUT_OK;
    text = clean_text ((const char *)slot->in->data + sizeof hello, hello.n_bytes);
    *ret_at = sizeof hello + hello.n_bytes;
    if (!hello.is_ready) {
        g_free (slot->refusal);
        slot->refusal = g_steal_pointer (&text);
        return SLOT_INPUT_REFUSED;
    }
    g_free (slot->ruleset);
    slot->ruleset = g_steal_pointer (&text);
    slot->state = SLOT_READY;
    slot->handler->greeted (slot->data);
    return SLOT_INPUT_OK;
}

/* Takes all that is whole of what came. */
static enum slot_input
take_input (struct slot *slot)
{
    size_t at = 0;
    const enum slot_input greeting =
        slot->state == SLOT_STARTING ? take_hello (slot, &at) : SLOT_INPUT_OK;
    bool is_ok = greeting == SLOT_INPUT_OK;

    if (!is_ok)
        return greeting;
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
    return is_ok ? SLOT_INPUT_OK : SLOT_INPUT_INVALID;
}

enum slot_input
slot_read (struct slot *slot)
{
    const guint old = slot->in->len;
    ssize_t n;

    g_byte_array_set_size (slot->in, old + (guint)READ_BYTES);
    n = sys_recv (slot->socket, slot->in->data + old, READ_BYTES);
    g_byte_array_set_size (slot->in, old + (guint)MAX (n, 0));
    if (n == 0 || (n < 0 && errno != EAGAIN))
        return SLOT_INPUT_ENDED;
    return n < 0 ? SLOT_INPUT_OK : take_input (slot);
}

/* The processor time that the process has used; -1: it can't be told. */
static int64_t
cpu_ns (pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (pid <= 0 || clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &used) < 0)
        return -1;
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

bool
slot_is_overdue (struct slot *slot, unsigned start_ms, unsigned deadline_ms)
{
    const int64_t limit_ms = slot->state == SLOT_STARTING ? start_ms : deadline_ms;
    const int64_t now_us = g_get_monotonic_time ();
    const int64_t used_ns = cpu_ns (slot->pid);
    const bool is_working = slot->state == SLOT_STARTING || slot->n_sent;

    if (!is_working || slot->n_progress != slot->seen_progress) {
        slot->seen_progress = slot->n_progress;
        slot->base_cpu_ns = slot->seen_cpu_ns = used_ns;
        slot->moving_us = now_us;
        return false;
    }
    if (used_ns > slot->seen_cpu_ns)
        slot->moving_us = now_us;
    slot->seen_cpu_ns = used_ns;
    return used_ns - slot->base_cpu_ns > limit_ms * 1000000 ||
           now_us - slot->moving_us > limit_ms * 1000;
}

struct slot_job *
slot_take_blamed (struct slot *slot)
{
    struct slot_job *job = slot->n_sent ? g_queue_pop_head (&slot->jobs) : NULL;

    slot->n_sent = 0;
    /* until the queue is empty: without one, nothing would end it */
    slot->is_careful = slot->jobs.length > 0;
    if (job)
        job->deaths++;
    return job;
}

void
slot_give_back (struct slot *slot, struct slot_job *job)
{
    slot->is_careful = true;
    g_queue_push_tail (&slot->jobs, job);
}

void
slot_drop (struct slot *slot, struct slot_job *job)
{
    ring_release (&slot->ring, job->offset);
    g_free (job);
}
