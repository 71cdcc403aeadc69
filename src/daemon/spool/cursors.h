/* Named consumers: how far each has acknowledged, kept in one small file per name. */
#ifndef DSND_CONSUMER_H
#define DSND_CONSUMER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest name; it consists of letters, digits, '.', '-' and '_', and starts with one of the
 * first two. */
#define CONSUMER_NAME_MAX 64
#define CONSUMERS_MAX     64

struct consumer {
    char *name;
    uint64_t acked;   /* all events up to this are done */
    uint64_t durable; /* what the file says */
    uid_t uid;        /* who may use the name */
    bool is_in_use;   /* a connection follows it now */
};

struct consumers;

#define CONSUMER_ERROR consumer_error_quark ()
enum consumer_error {
    CONSUMER_ERROR_REFUSED, /* the client asked for what it may not have */
    CONSUMER_ERROR_FAILED,  /* a cursor can't be read or stored */
};
GQuark consumer_error_quark (void);

bool consumer_is_name (const char *name);

/* Reads the cursors kept in the directory "consumer" of @spool_dirfd, made if it's missing. A
 * file that can't be understood is an error that names it: guessing would lose or repeat events.
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
void consumer_release (struct consumer *consumer);

/* Makes consumer->acked durable. On failure the file keeps the old value. */
bool consumers_store (struct consumers *consumers, struct consumer *consumer, GError **error);

/* Deletes the cursor, durably, and frees the consumer. False: there's none, it's in use, or another
 * user's. */
bool consumers_forget (struct consumers *consumers, const char *name, uid_t uid, GError **error);

/* The highest seq that any consumer acknowledged; 0: none. */
uint64_t consumers_highest (const struct consumers *consumers);

/* The first seq that some consumer hasn't acknowledged durably; UINT64_MAX without consumers. */
uint64_t consumers_floor (const struct consumers *consumers);

#endif
