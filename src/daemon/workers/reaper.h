/* Processes that were let go of and are still to be waited for, so that none stays a zombie. */
#ifndef DSND_REAPER_H
#define DSND_REAPER_H

#include <sys/types.h>

struct reaper;

/* (transfer full): reaper_free() */
struct reaper *reaper_new (void);
void reaper_free (struct reaper *reaper);

/* Takes over the child @pid; 0 is none. @why: it was lost, which is logged with how it ended, in
 * one line; NULL: it was let go. */
void reaper_add (struct reaper *reaper, pid_t pid, const char *why);

/* Waits for those that have ended, and logs those that were lost or failed. Never blocks. */
void reaper_reap (struct reaper *reaper);

#endif
