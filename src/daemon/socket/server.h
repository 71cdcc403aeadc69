/* The socket: consumers read events, acknowledge them, and ask for counters. docs/protocol.md
 * A client costs a descriptor and a bounded buffer, whatever it does or doesn't do.
 */
#ifndef DSND_SERVER_H
#define DSND_SERVER_H

#include "daemon/settings/config.h"
#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"

#include <glib.h>
#include <stdbool.h>

struct server;

struct server_options {
    const struct config *config; /* (borrowed until server_free or _configure) */
    int listen_fd;               /* from the service manager, which then owns the path; -1: none */
    struct spool *spool;         /* (borrowed until server_free) */
    struct consumers *consumers; /* (borrowed until server_free) */
    /* Appends the members of the STATUS object that aren't the server's, each with a comma
     * before it. */
    void (*status) (GString *out, void *data);
    void *data;
};

/* Listens. (transfer full): server_free() */
struct server *server_new (const struct server_options *options, GError **error);

/* Stores the cursors, closes all connections, and removes the socket if we made it. */
void server_free (struct server *server);

/* Takes over the limits of @config, whose socket is the same. */
void server_configure (struct server *server, const struct config *config);

/* New events are durable: sends them to those who wait. */
void server_publish (struct server *server);

unsigned server_clients (const struct server *server);

/* Connections refused since the start, for want of room. */
uint64_t server_refused (const struct server *server);

#endif
