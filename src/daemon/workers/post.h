/* One worker's post in the pool: its slot, its place in the main loop, and what follows when it
 * dies, hangs, says something odd or has read enough.
 */
#ifndef DSND_POST_H
#define DSND_POST_H

#include "daemon/workers/pool.h"
#include "daemon/workers/reaper.h"
#include "daemon/workers/setupcopy.h"
#include "daemon/workers/slot.h"

#include <glib-unix.h>

/* What all posts share, and what they count. */
struct crew {
    struct pool_options options;
    struct reaper *reaper;
    unsigned generation; /* of the setup that workers get now */
    unsigned n_deaths, n_started;
    unsigned n_failed_starts; /* in a row */
    uint64_t n_refused;
    int64_t ready_us; /* when a worker was last ready; at first, when the pool was made */
};

struct post {
    struct crew *crew;
    const struct setup_copy *setup; /* what its worker gets */
    struct slot slot;
    guint source;
    /* Set for a worker that reads no mail: who hears what it says. */
    GUnixFDSourceFunc listener;
    void *listener_data;
};

/* False with errno: there's no memory for its mails. The post is good for post_done() in any case.
 * @crew, @setup: (borrowed until post_done) */
bool post_init (struct post *post, struct crew *crew, const struct setup_copy *setup);

/* Ends the process, and drops its mails silently. */
void post_done (struct post *post);

/* Starts a process where there's none. */
bool post_start (struct post *post, GError **error);

/* Ends the process; SIGCHLD reaps it. @why: it was lost, which the reaper logs; NULL: it may go. */
void post_stop (struct post *post, const char *why);

/* Ends the process and starts another; one that can't start is tried again by post_tend(). */
void post_replace (struct post *post);

/* How many mails its worker may read: to start one costs as much as some hundred mails. */
unsigned post_mails_max (const struct post *post);

/* Replaces a worker that read enough mails, or is leaving, once all that it has are answered. */
void post_retire_if_due (struct post *post);

/* Whether its worker has used more time than it may. To be called a few times a second. */
bool post_is_overdue (struct post *post);

/* Looks after the worker, a few times a second. False: it was lost. */
bool post_tend (struct post *post);

#endif
