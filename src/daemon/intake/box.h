/* A mailbox in the event loop: its Maildir, whether it's there, and what of it is on its way. */
#ifndef DSND_BOX_H
#define DSND_BOX_H

#include "daemon/settings/config.h"
#include "daemon/intake/maildir.h"

#include <glib.h>
#include <stdbool.h>

struct box {
    struct maildir *maildir;
    bool is_missing;   /* gone at the moment */
    bool is_retired;   /* the configuration names it no more: no mail is taken from it */
    GHashTable *taken; /* names in flight (borrowed from the mails) */
    void (*wake) (void *data);
    void *data;
    guint source;
    int source_fd;
    bool is_unwatched;
};

/* Opens the mailbox, and logs what's risky about it. @wake is called when new names may be there.
 * (transfer full): box_free() */
struct box *box_new (const struct config_mailbox *mailbox, void (*wake) (void *data), void *data,
                     GError **error);
void box_free (struct box *box);

/* Takes over folder and deletion. */
void box_configure (struct box *box, const struct config_mailbox *mailbox);

/* To be called once a second: looks whether the mailbox is still there, and tells when that
 * changes. */
void box_tick (struct box *box);

#endif
