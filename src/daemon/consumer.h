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
    bool is_in_use;   /* a connection follows it now: it can't be forgotten */
};

struct consumers;

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

/* Makes a consumer whose cursor is durable when this returns. NULL: too many, or no space. */
struct consumer *consumers_add (struct consumers *consumers, const char *name, uid_t uid,
                                uint64_t acked, GError **error);

/* Makes consumer->acked durable. On failure the file keeps the old value. */
bool consumers_store (struct consumers *consumers, struct consumer *consumer, GError **error);

/* Deletes the cursor, durably, and frees @consumer, which may not be in use. */
bool consumers_forget (struct consumers *consumers, struct consumer *consumer, GError **error);

/* The first seq that some consumer hasn't acknowledged durably; UINT64_MAX without consumers. */
uint64_t consumers_floor (const struct consumers *consumers);

#endif
