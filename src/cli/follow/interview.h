/* A turn with a program that stays (resident.h): its events are given to it, its answers decide
 * their fate. A program that dies, is silent or says what isn't an answer is started anew with the
 * next turn; what it hadn't answered comes again.
 */
#ifndef CLI_INTERVIEW_H
#define CLI_INTERVIEW_H

#include "cli/follow/fate.h"

#include <poll.h>

struct interview;

/* @fate and its options stay the caller's, as long as this lives. */
struct interview *interview_new (struct fate *fate);

/* Lets the program come to its end: waits for that, a moment. */
void interview_free (struct interview *d);

/* Hands out @turn, (borrowed until it's over). False: the program can't be started, and there's a
 * pause. */
bool interview_begin (struct interview *d, const GPtrArray *turn);

/* Whether a turn may begin: none is under way, and no program is being killed. */
bool interview_is_free (const struct interview *d);

/* Takes what has come, and looks at the time. True if the turn that was under way is over. */
bool interview_talk (struct interview *d);

/* What to wait for, as in poll(2), and until when; monotonic, INT64_MAX: no end. */
void interview_poll (const struct interview *d, struct pollfd ret_fds[2]);
int64_t interview_due_us (const struct interview *d);

/* No more turns will come: the program may finish the one that is under way. Said again, it gets
 * @signal. */
void interview_stop (struct interview *d, int signal);

#endif
