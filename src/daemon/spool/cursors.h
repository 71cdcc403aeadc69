/* Named consumers: how far each has acknowledged, kept in one small file per name. */
#ifndef DSND_CURSORS_H
#define DSND_CURSORS_H

#include "daemon/spool/consumer.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CONSUMERS_MAX 64
/* Of them, those that one user may have, and those that only root may. */
#define CONSUMERS_PER_UID  16
#define CONSUMERS_FOR_ROOT 16

struct consumers;

#define CONSUMER_ERROR consumer_error_quark ()
enum consumer_error {
    CONSUMER_ERROR_REFUSED, /* the client asked for what it may not have */
    CONSUMER_ERROR_FAILED,  /* a cursor can't be read or stored */
};
GQuark consumer_error_quark (void);

/* Reads the cursors kept in the directory "consumer" of @spool_dirfd, which stays the caller's and
 * open as long; it's made if it's missing. One that can't be understood starts anew, which repeats
 * events and loses none; one that tells another name is a copy, and left alone.
 * (transfer full): consumers_free() */
struct consumers *consumers_open (int spool_dirfd, GError **error);
void consumers_free (struct consumers *consumers);

/* (borrowed until it's forgotten), NULL if there's none. */
struct consumer *consumers_find (struct consumers *consumers, const char *name);

/* All of them, sorted by name. (borrowed) */
const GPtrArray *consumers_all (const struct consumers *consumers);

/* Takes the consumer into use for @uid. A new name is made, with a cursor that is durable when this
 * returns. NULL: the name is another user's or in use, there are too many, or no space.
 * (borrowed until it's forgotten): consumer_release() */
struct consumer *consumers_claim (struct consumers *consumers, const char *name, uid_t uid,
                                  uint64_t acked, GError **error);

/* Looks which consumers are past the limits. @bytes_from tells how much is kept from a seq on. */
void consumers_judge (struct consumers *consumers, const struct consumer_limits *limits,
                      uint64_t next, uint64_t (*bytes_from) (const void *data, uint64_t seq),
                      const void *data);

/* To be called about once a second: writes again what somebody deleted. */
void consumers_keep (struct consumers *consumers);

/* Milliseconds until a cursor may be stored again: all of them together get a small share of the
 * time, and a slow disk gets fewer and larger steps. 0: now. */
unsigned consumers_rest_ms (const struct consumers *consumers);

/* Makes consumer->acked durable. On failure the file keeps the old value. */
bool consumers_store (struct consumers *consumers, struct consumer *consumer, GError **error);

/* Deletes the cursor, durably, and frees the consumer. False: there's none, it's in use, or another
 * user's. */
bool consumers_forget (struct consumers *consumers, const char *name, uid_t uid, GError **error);

/* The highest seq that any consumer acknowledged; 0: none. */
uint64_t consumers_highest (const struct consumers *consumers);

/* The first seq that some consumer for which events are kept hasn't acknowledged durably;
 * UINT64_MAX without such. */
uint64_t consumers_floor (const struct consumers *consumers);

#endif
