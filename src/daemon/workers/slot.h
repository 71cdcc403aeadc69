/* One worker as the daemon sees it: its process, the memory where its mails stand, and the mails
 * it has in hand. When the process dies its successor gets the same memory, and the mails that were
 * not answered one at a time: the one that kills is then found for certain.
 */
#ifndef DSND_SLOT_H
#define DSND_SLOT_H

#include "daemon/workers/ring.h"

#include "core/bytes/limits.h"
#include "core/event/report.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SLOT_JOBS_MAX RING_PLACES_MAX /* in hand: enough while a slow disk holds us up */

struct slot_job {
    uint32_t offset, n_bytes;
    uint64_t total_bytes;
    unsigned deaths;
    void *data;
};

enum slot_state {
    SLOT_STARTING, /* no hello yet, or no process */
    SLOT_READY,
    SLOT_LEAVING, /* takes no more mails: it's replaced when all are answered */
};

struct slot_handler {
    /* While it read the mail, @n system calls were refused to the worker; the last was @call. */
    void (*refused) (void *data, void *job_data, unsigned n, int call);
    /* The report of a mail, and about how much memory it takes. @report: (transfer full) */
    void (*answered) (void *data, void *job_data, struct dsn_report *report, size_t n_bytes);
    /* The worker said hello: it compiled the rules, and is in its sandbox. */
    void (*greeted) (void *data);
};

struct slot {
    const struct slot_handler *handler;
    void *data;
    struct dsn_limits limits;
    enum slot_state state;
    char *arena;
    int arena_fd;
    struct ring ring;
    GQueue jobs;     /* struct slot_job *, in the order of the answers */
    unsigned n_sent; /* of them, known to the worker */
    bool is_careful; /* one at a time, after a death */
    pid_t pid;       /* 0: no process */
    int socket;
    GByteArray *in;
    unsigned n_mails;    /* that this process has read */
    uint32_t peak_kib;   /* as the worker tells */
    uint32_t n_refused;  /* the same */
    char *ruleset;       /* of the worker that greeted last, "" before the first */
    char *refusal;       /* why it can't read mails with its setup; NULL: it didn't say so */
    unsigned generation; /* the owner's: which setup it was started with */
    unsigned n_progress; /* its start, its answers, and requests where it had none */
    /* as of the last slot_is_overdue() */
    unsigned seen_progress;
    int64_t seen_cpu_ns, base_cpu_ns; /* what it has used; the same at its last progress */
    int64_t moving_us;                /* when it was last seen to have used some, monotonic */
};

/* Makes the memory; no process yet. False with errno. The slot is good for slot_done() in any
 * case. */
bool slot_init (struct slot *slot, const struct slot_handler *handler, void *data,
                const struct dsn_limits *limits);

/* Ends the process as slot_stop() does, and drops the jobs silently. */
pid_t slot_done (struct slot *slot);

bool slot_start (struct slot *slot, int setup_fd, GError **error);

/* Ends the process at once and lets go of it. Returns its pid for the caller to reap, or 0. */
pid_t slot_stop (struct slot *slot);

/* Whether it takes a mail of @n_bytes, and where. */
bool slot_find (const struct slot *slot, size_t n_bytes, uint32_t *ret_offset);

/* Takes over the mail at @offset; slot_send() tells the worker. */
void slot_submit (struct slot *slot, uint32_t offset, size_t n_bytes, uint64_t total_bytes,
                  void *job_data);

/* Sends the requests that the worker doesn't have yet. A full socket is tried again later. */
void slot_send (struct slot *slot);

enum slot_input {
    SLOT_INPUT_OK,
    SLOT_INPUT_ENDED,   /* the worker is gone */
    SLOT_INPUT_INVALID, /* it says what no worker says */
    SLOT_INPUT_REFUSED, /* it can't read mails with its setup: slot.refusal */
};

/* Takes what the worker sent. Anything but OK: the process is to be stopped. */
enum slot_input slot_read (struct slot *slot);

/* Whether the worker has used more than @start_ms of processor time since its start, or
 * @deadline_ms over the mail in its hand; or stood still for as long while time went on. A machine
 * that's slow takes nothing from a mail's time. To be called a few times a second. */
bool slot_is_overdue (struct slot *slot, unsigned start_ms, unsigned deadline_ms);

/* The mail that the worker had in its hand when it was lost, taken off its jobs; NULL: none. Those
 * that are left are sent one at a time. (transfer full): slot_give_back() or slot_drop() */
struct slot_job *slot_take_blamed (struct slot *slot);

/* The blamed mail goes last, so that those behind it don't wait for its second try. */
void slot_give_back (struct slot *slot, struct slot_job *job);

/* Forgets the blamed mail and frees its memory. */
void slot_drop (struct slot *slot, struct slot_job *job);

#endif
