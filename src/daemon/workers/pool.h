/* The daemon's side of the workers: starts them, hands mails over, takes answers, and ends those
 * that hang. A mail that a worker dies of is tried once more, alone; then it's given up.
 */
#ifndef DSND_POOL_H
#define DSND_POOL_H

#include "daemon/settings/setup.h"

#include "core/bytes/limits.h"
#include "core/event/report.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pool;

/* What the pool tells. @job is what was given to pool_submit(). */
struct pool_handler {
    /* The report of a mail, about how much memory it takes, and the version of the rules that made
     * it. @report: (transfer full) */
    void (*answered) (void *data, void *job, struct dsn_report *report, size_t n_bytes,
                      const char *ruleset);
    /* A worker died of the mail, or of one before it; it's being tried again. */
    void (*stumbled) (void *data, void *job);
    /* A second worker died of it, alone: it isn't tried again. */
    void (*gave_up) (void *data, void *job, const char *ruleset);
    /* A worker was refused a system call over the mail, for the first time since the start. */
    void (*was_refused) (void *data, void *job, int call);
    /* What came of pool_reload(): NULL when all workers have the new setup, or why it can't be used
     * and the old one is kept. */
    void (*reloaded) (void *data, const char *error);
    /* There may be room for more. */
    void (*has_room) (void *data);
    /* Workers don't start any more: the daemon can't work. */
    void (*broke) (void *data);
};

struct pool_options {
    unsigned workers_count;
    unsigned deadline_ms;     /* for one mail */
    unsigned mails_max;       /* a worker that read so many is replaced */
    unsigned mails_large_max; /* the same for one that has grown past peak_kib_max */
    unsigned peak_kib_max;
    struct dsn_limits limits;
    const struct pool_handler *handler; /* (borrowed until pool_free) */
    void *data;
};

/* Starts the workers with @setup, which is copied. (transfer full): pool_free() */
struct pool *pool_new (const struct pool_options *options, const struct setup *setup,
                       GError **error);

/* Ends all workers at once; jobs in flight are dropped silently. */
void pool_free (struct pool *pool);

/* Tries @setup, which is copied, in a worker of its own. If that gets ready the others are
 * replaced, one after the other, each when it's done; reloaded() tells. Not while another is being
 * tried. */
void pool_reload (struct pool *pool, const struct setup *setup);

/* Where a mail of up to n_bytes may be put. */
struct pool_place {
    unsigned slot;
    uint32_t offset;
    char *p;
};

/* Room for a mail of @n_bytes, at most limits.mail_bytes. False: all workers are busy. Until
 * pool_submit(), a second call gives the same room. */
bool pool_reserve (struct pool *pool, size_t n_bytes, struct pool_place *ret_place);

/* Hands over the mail that stands in @place. */
void pool_submit (struct pool *pool, const struct pool_place *place, size_t n_bytes,
                  uint64_t total_bytes, void *job);

/* Sends what was submitted: once after a round of submissions. */
void pool_flush (struct pool *pool);

/* Reaps workers that ended; to be called on SIGCHLD. */
void pool_reap (struct pool *pool);

unsigned pool_deaths (const struct pool *pool);  /* workers that died of a mail */
uint64_t pool_refused (const struct pool *pool); /* system calls that workers were refused */
unsigned pool_started (const struct pool *pool); /* workers started so far */
unsigned pool_ready (const struct pool *pool);   /* workers that can take mails now */

#endif
