/* The end of the pipeline: mails whose turn has come are batched, their events are made durable,
 * told to the consumers, and only then the mails are let go: in this order, whatever fails.
 */
#ifndef DSND_WRITER_H
#define DSND_WRITER_H

#include "daemon/settings/config.h"
#include "daemon/intake/intake.h"
#include "daemon/record/order.h"
#include "daemon/record/tally.h"
#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"

#include <stdbool.h>

struct writer;

struct writer_handler {
    void (*published) (void *data);                /* new events are durable */
    void (*died) (void *data, const char *reason); /* can't go on */
    void (*waited) (void *data); /* a timer did what could be done: there may be room for more */
};

struct writer_options {
    const struct config *config; /* (borrowed until writer_free or _configure) */
    struct spool *spool;         /* this and the rest: (borrowed until writer_free) */
    const struct consumers *consumers;
    struct intake *intake; /* whose mails they are */
    struct order *order;   /* where they come from */
    const struct writer_handler *handler;
    void *data;
};

/* (transfer full): writer_free() */
struct writer *writer_new (const struct writer_options *options);

/* Lets go of what isn't durable: it stays in new/. */
void writer_free (struct writer *writer);

void writer_configure (struct writer *writer, const struct config *config);

/* Batches the mails whose turn has come, and commits when that's worth it. */
void writer_drain (struct writer *writer);

/* Commits what is batched, now. */
void writer_commit (struct writer *writer);

/* Looks whether the spool takes more. */
void writer_check (struct writer *writer);

/* Why no mail is to be taken (static); NULL: it is. */
const char *writer_blocked (const struct writer *writer);

/* What was recorded since the start. (borrowed) */
const struct tally *writer_tally (const struct writer *writer);

#endif
