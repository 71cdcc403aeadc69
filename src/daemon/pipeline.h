/* From new/ to the spool: takes mails, has them read, records their events in the order in which
 * the mails were taken, and only then moves the mails away.
 */
#ifndef DSND_PIPELINE_H
#define DSND_PIPELINE_H

#include "daemon/settings/config.h"
#include "daemon/intake/maildir.h"
#include "daemon/settings/setup.h"
#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"
#include "daemon/record/writer.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct pipeline;

struct pipeline_counts {
    struct tally recorded;
    uint64_t special, denied;    /* files in new/ that aren't mails, or may not be read */
    uint64_t failed_reads;       /* reads to be tried again */
    uint64_t failed_moves;       /* recorded mails that are still in new/ */
    unsigned stuck;              /* of them, now */
    unsigned missing;            /* mailboxes that are gone at the moment */
    unsigned in_flight, waiting; /* mails being read or recorded; names known and not yet taken */
    uint64_t refused_calls;      /* system calls that workers were refused */
    unsigned worker_deaths, workers_started, workers_ready;
    const char *blocked; /* why no mail is taken, NULL: it is (static) */
};

struct pipeline_handler {
    void (*published) (void *data);                   /* new events are durable */
    void (*died) (void *data, const char *reason);    /* can't go on: end the process with 1 */
    void (*reloaded) (void *data, const char *error); /* NULL: the new configuration is in force */
};

struct pipeline_options {
    const struct config *config;       /* (borrowed until pipeline_free or _reload) */
    const struct setup *setup;         /* (borrowed for the call) */
    struct spool *spool;               /* (borrowed until pipeline_free) */
    const struct consumers *consumers; /* (borrowed until pipeline_free) who hold it back */
    const struct pipeline_handler *handler;
    void *data;
};

/* Opens the mailboxes, moves away what is recorded already, and starts the workers. An error of
 * MAILDIR_ERROR tells a mailbox that can't be used. (transfer full): pipeline_free() */
struct pipeline *pipeline_new (const struct pipeline_options *options, GError **error);

/* Commits what is ready, makes the moves durable, and ends the workers. Mails being read stay
 * where they are. */
void pipeline_free (struct pipeline *pipeline);

/* Takes over a new configuration whose spool and number of workers are the same, once its mailboxes
 * are open and a worker has proved its rules: reloaded() tells. Not before the last one is told of.
 * @config: (borrowed until pipeline_free or the next one is taken over) */
void pipeline_reload (struct pipeline *pipeline, const struct config *config,
                      const struct setup *setup);

/* Starts taking mails. */
void pipeline_start (struct pipeline *pipeline);

/* On SIGCHLD. */
void pipeline_reap (struct pipeline *pipeline);

void pipeline_count (const struct pipeline *pipeline, struct pipeline_counts *ret_counts);

typedef struct pipeline pipeline_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (pipeline_t, pipeline_free)

#endif
