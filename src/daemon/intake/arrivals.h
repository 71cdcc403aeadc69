/* What inotify tells of a Maildir's new/: names of files that are whole. A hint only: it may be
 * missing, late, or too much at once.
 */
#ifndef DSND_ARRIVALS_H
#define DSND_ARRIVALS_H

#include <glib.h>
#include <stdbool.h>

struct arrivals;

/* (transfer full): arrivals_free() */
struct arrivals *arrivals_new (void);
void arrivals_free (struct arrivals *arrivals);

/* Watches the directory @new_fd, and no other any more; -1: none. Where inotify is exhausted or
 * missing nothing is told. */
void arrivals_watch (struct arrivals *arrivals, int new_fd);

/* The descriptor that becomes readable, -1 if there's none. */
int arrivals_fd (const struct arrivals *arrivals);

/* Appends to @names (char *, transfer full) those that are to be read now. False: more came than
 * could be told, a scan must find the rest. */
bool arrivals_read (struct arrivals *arrivals, GQueue *names);

/* Whether @name is known to be still written: a scan leaves it alone. */
bool arrivals_is_unfinished (const struct arrivals *arrivals, const char *name);

/* To be called about once a second. True: one that was still written was waited for long enough,
 * a scan is to find it. */
bool arrivals_tick (struct arrivals *arrivals);

#endif
