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
/* Of them, those that one user may have, and those that only root may. */
#define CONSUMERS_PER_UID  16
#define CONSUMERS_FOR_ROOT 16
/* Whose consumer it is when nobody knows: whoever uses it next. */
#define CONSUMER_NOBODY ((uid_t)-1)

struct consumer {
    char *name;
    uint64_t acked;    /* all events up to this are done */
    uint64_t durable;  /* what the file says */
    uid_t uid;         /* who may use the name */
    bool is_in_use;    /* a connection follows it now */
    bool has_acked;    /* it acknowledged something, ever */
    bool is_lapsed;    /* nothing is kept for it, until it acknowledges again */
    int64_t active_us; /* when it last did, or had nothing to acknowledge, monotonic */
};

struct consumers;

#define CONSUMER_ERROR consumer_error_quark ()
enum consumer_error {
    CONSUMER_ERROR_REFUSED, /* the client asked for what it may not have */
    CONSUMER_ERROR_FAILED,  /* a cursor can't be read or stored */
};
GQuark consumer_error_quark (void);

bool consumer_is_name (const char *name);

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
void consumer_release (struct consumer *consumer);

/* Takes the acknowledgement of all up to @seq; consumers_store() makes it durable. */
void consumer_ack (struct consumer *consumer, uint64_t seq);

/* When a consumer holds nothing back any more: 0 stands for never, but for new_max_bytes. Root's
 * consumers know the time alone. */
struct consumer_limits {
    uint64_t timeout_s;      /* without an acknowledgement, though there are events */
    uint64_t held_max_bytes; /* of events that wait for it */
    uint64_t new_max_bytes;  /* the same for one that never acknowledged anything */
};

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
