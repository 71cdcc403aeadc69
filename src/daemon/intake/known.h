/* Mails whose events are durable although they're still in new/: after a crash, or when a move
 * failed. They're moved away without being recorded again.
 */
#ifndef DSND_KNOWN_H
#define DSND_KNOWN_H

#include "daemon/intake/letter.h"

#include <glib.h>
#include <stdbool.h>

struct known;

/* (transfer full): known_free() */
struct known *known_new (void);
void known_free (struct known *known);

/* Moves away each mail of @recorded (struct spool_recorded *) that is still in new/ of one of
 * @mailboxes (struct maildir *); those that can't be moved or looked up are remembered.
 * Returns how many went. */
unsigned known_recover (struct known *known, const GPtrArray *recorded, const GPtrArray *mailboxes);

/* Remembers @mail, whose move failed. */
void known_add (struct known *known, const struct letter *mail, enum maildir_fate fate);

/* Whether the mail is one of them; *ret_fate tells where it goes. */
bool known_find (const struct known *known, const struct letter *mail, enum maildir_fate *ret_fate);

/* Forgets @mail: it was moved. */
void known_remove (struct known *known, const struct letter *mail);

unsigned known_count (const struct known *known);

#endif
