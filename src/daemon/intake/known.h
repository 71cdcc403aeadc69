/* Mails whose events are durable although they're still in new/: after a crash, or when a move
 * failed. They're moved away without being recorded again. Those that were seen to be stuck are
 * written down beside the spool, so that a later start knows them however old their events are.
 */
#ifndef DSND_KNOWN_H
#define DSND_KNOWN_H

#include "daemon/intake/letter.h"

#include <glib.h>
#include <stdbool.h>

struct known;

/* For the mails of @mailboxes (struct maildir *), which is borrowed. (transfer full): known_free()
 */
struct known *known_new (const GPtrArray *mailboxes);
void known_free (struct known *known);

/* Moves away each mail of @recorded (struct spool_recorded *) that is still in new/; those that
 * can't be moved or looked up are remembered. Returns how many went. */
unsigned known_recover (struct known *known, const GPtrArray *recorded);

/* Reads what an earlier process wrote down in the directory @dirfd. False with errno. */
bool known_load (struct known *known, int dirfd);

/* Writes the stuck ones down, durably, if they aren't the same as before. False with errno. */
bool known_store (struct known *known, int dirfd);

/* Remembers @mail, whose move failed: it's stuck. */
void known_add (struct known *known, const struct letter *mail, enum maildir_fate fate);

/* Whether the mail is one of them; *ret_fate tells where it goes. */
bool known_find (const struct known *known, const struct letter *mail, enum maildir_fate *ret_fate);

/* Forgets @mail: it was moved. */
void known_remove (struct known *known, const struct letter *mail);

/* Forgets the stuck ones that somebody else took away. */
void known_prune (struct known *known);

/* How many are stuck. */
unsigned known_stuck (const struct known *known);

#endif
