/* Lines on their way to a client, as far as its socket takes them. */
#ifndef DSND_OUTBOX_H
#define DSND_OUTBOX_H

#include <glib.h>
#include <stddef.h>

struct outbox {
    int fd;        /* (borrowed) a stream socket */
    GString *text; /* to be appended to; what is sent is taken off when all of it is */
    size_t n_sent; /* bytes of it that are sent */
};

enum outbox_result {
    OUTBOX_EMPTY, /* all is sent */
    OUTBOX_FULL,  /* the client doesn't take more now: wait for G_IO_OUT */
    OUTBOX_GONE,  /* nobody reads any more */
};

void outbox_init (struct outbox *outbox, int fd);
void outbox_done (struct outbox *outbox);

/* Sends what the socket takes. Never blocks. */
enum outbox_result outbox_send (struct outbox *outbox);

/* Bytes that wait. */
size_t outbox_waiting (const struct outbox *outbox);

#endif
