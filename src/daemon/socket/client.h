/* One connection to the socket. */
#ifndef DSND_CLIENT_H
#define DSND_CLIENT_H

#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"

#include <glib.h>
#include <sys/types.h>

struct client;

struct client_options {
    int fd; /* (transfer full) */
    uid_t uid;
    struct spool *spool;         /* (borrowed until client_free) */
    struct consumers *consumers; /* (borrowed until client_free) */
    void (*status) (GString *out, void *data);
    void *status_data;
    /* The connection ended: frees the client. */
    void (*closed) (void *data, struct client *client);
    void *closed_data;
};

/* Greets. (transfer full): client_free() */
struct client *client_new (const struct client_options *options);

/* Stores the consumer's cursor, and closes. */
void client_free (struct client *client);

/* Tells a client whose consumer has lapsed so, and lets it go. May call closed(). */
void client_check (struct client *client);

uid_t client_uid (const struct client *client);

/* Sends what there is, as far as the client takes it. May call closed(). */
void client_pump (struct client *client);

#endif
