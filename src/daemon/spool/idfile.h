/* The file "id" of a spool: what makes it this spool and no other, and the mark: all numbers below
 * it may have been given to events. The two stand in one file, so that a spool that lost its mark
 * lost its id, too, and is another spool to every consumer. And it says which file it is, so that a
 * copy of it is known for one: a backup that was put back knows nothing of the numbers that were
 * given since, and is another spool, too.
 */
#ifndef DSND_IDFILE_H
#define DSND_IDFILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define IDFILE_DIGITS 32

struct idfile {
    int fd; /* -1: none */
    char id[IDFILE_DIGITS + 1];
    uint64_t mark;  /* 0: none is known */
    bool is_copied; /* the id is new, as the one that was there was a copy's */
};

/* Reads the file in the directory @dirfd, or makes it. A mark that is torn or missing is none: a
 * spool of an earlier version, or a loss of power. */
bool idfile_open (struct idfile *idfile, int dirfd, GError **error);
void idfile_done (struct idfile *idfile);

/* Writes a new mark. Not synced: it has to outlive this process, and whatever is done to the
 * segments; after a loss of power the synced events tell. */
bool idfile_set_mark (struct idfile *idfile, uint64_t mark);

/* Whether the file is still the one in the directory; if it's gone it's made again. */
bool idfile_keep (struct idfile *idfile, int dirfd);

#endif
