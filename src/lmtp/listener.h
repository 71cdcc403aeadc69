/* The listening socket and its conversations, on GLib's main loop. */
#ifndef LMTP_LISTENER_H
#define LMTP_LISTENER_H

#include "maildrop/maildrop.h"

#include <glib.h>
#include <stdint.h>

struct listener_options {
    const char *host;      /* our name in replies (borrowed) */
    struct maildrop *drop; /* (borrowed) */
    uint64_t max_bytes;    /* of a mail */
};

struct listener;

/* Opens "/path/of.sock" or "127.0.0.1:24", "[::1]:24". A socket file that nobody listens at is
 * replaced, anything else at the path is not. -1 with @error, of G_FILE_ERROR. */
int listener_open (const char *where, GError **error);

/* Serves the listening socket @fd, which it takes over. (transfer full): listener_free() */
struct listener *listener_new (int fd, const struct listener_options *options);
void listener_free (struct listener *l);

#endif
