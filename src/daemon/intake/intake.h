/* All mailboxes together: which mail is next. Leaves alone what isn't a mail, what may not be
 * read, and what's on its way already.
 */
#ifndef DSND_INTAKE_H
#define DSND_INTAKE_H

#include "daemon/settings/config.h"
#include "daemon/intake/letter.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct intake;

struct intake_counts {
    uint64_t special, denied, failed_reads; /* files that can't be taken */
    uint64_t failed_moves;
    unsigned stuck;     /* recorded mails that can't be moved out of new/ */
    unsigned waiting;   /* names known and not yet taken */
    unsigned in_flight; /* mails between intake_next() and intake_done() */
    unsigned missing;   /* mailboxes that are gone at the moment */
};

/* Opens the mailboxes of @config. @wake is called, soon after, when new names may be there.
 * (transfer full): intake_free() */
struct intake *intake_new (const struct config *config, void (*wake) (void *data), void *data,
                           GError **error);
void intake_free (struct intake *intake);

/* Opens the mailboxes of @config that aren't open yet, for intake_configure(); nothing is taken
 * from them before. False, and nothing has changed, if one can't be used. */
bool intake_prepare (struct intake *intake, const struct config *config, GError **error);

/* Takes over the mailboxes of @config, their folders and deletion: those that were prepared are
 * read from now on, others no more; mails that are on their way from there arrive. */
void intake_configure (struct intake *intake, const struct config *config);

/* What was prepared isn't wanted. */
void intake_forget_prepared (struct intake *intake);

/* Moves away the mails of @recorded (struct spool_recorded *) that are still in new/, and those
 * that the file "stuck" in the directory @dirfd tells of, which is kept up to date from then on. */
void intake_recover (struct intake *intake, const GPtrArray *recorded, int dirfd);

/* Why no mail is taken (static); NULL: it is. */
const char *intake_blocked (const struct intake *intake);

enum intake_result {
    INTAKE_MAIL,
    INTAKE_NONE,  /* nothing for now; wake() tells when to ask again */
    INTAKE_AGAIN, /* much was looked at; ask again after other work */
    INTAKE_PAUSE, /* out of descriptors: ask again in a second */
};

/* The next mail, opened. (transfer full): by intake_done() */
enum intake_result intake_next (struct intake *intake, struct letter **ret_mail);

/* Ends with a mail: moved away if its events are durable, else left for another time. Frees it. */
void intake_done (struct intake *intake, struct letter *mail, bool is_durable);

/* Gives the mail back: reading it failed, with errno. It's tried again later. Frees it. */
void intake_failed (struct intake *intake, struct letter *mail);

/* Makes all moves durable, and what is known of those that failed, or logs why not. */
void intake_sync (struct intake *intake);

void intake_count (const struct intake *intake, struct intake_counts *ret_counts);

#endif
