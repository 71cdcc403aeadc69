/* Files of new/ that can't be taken, and why: each is counted and logged once for each reason, and
 * one that failed to be read is left alone for a while.
 */
#ifndef DSND_NOTES_H
#define DSND_NOTES_H

#include "daemon/intake/maildir.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct notes;

struct notes_counts {
    uint64_t special, denied, failed_reads;
};

/* (transfer full): notes_free() */
struct notes *notes_new (void);
void notes_free (struct notes *notes);

/* Notes that the file @name of @maildir can't be taken: not OPENED, not GONE. errno tells more of
 * FAILED. */
void notes_take (struct notes *notes, const struct maildir *maildir, const char *name,
                 enum maildir_opened why);

/* Whether the file failed to be read of late: a minute at first, an hour in the end. */
bool notes_is_postponed (const struct notes *notes, const struct maildir *maildir,
                         const char *name);

/* (borrowed) since the start */
const struct notes_counts *notes_counts (const struct notes *notes);

#endif
