/* A program that stays: it reads events, a line each, and answers each with a line, in their order.
 * This is the pipe to it and back; what an answer means for an event is decided in turns.c.
 */
#ifndef CLI_RESIDENT_H
#define CLI_RESIDENT_H

#include <glib.h>
#include <poll.h>
#include <stdbool.h>

/* What the program said of an event. */
enum answer {
    ANSWER_NONE, /* nothing yet */
    ANSWER_OK,
    ANSWER_RETRY, /* this event again later */
    ANSWER_PARK,  /* never this event again */
    ANSWER_WAIT,  /* nothing for now: it's no fault of the event */
    ANSWER_BROKEN /* a line that is no answer: what follows can't be understood any more */
};

struct resident;

/* @command is for /bin/sh, (borrowed). From here on a broken pipe is an error, not a signal. */
struct resident *resident_new (const char *command);

/* Closes the program's input, which tells it to end, gives it a moment, and kills what is left. */
void resident_free (struct resident *r);

/* Starts the program unless it runs. False on an error, errno tells. */
bool resident_start (struct resident *r);
bool resident_is_running (const struct resident *r);

/* Gives it the text of @turn (struct backlog_item *), as far as it takes it at once. */
void resident_give (struct resident *r, const GPtrArray *turn);

/* What to wait for, -1 in each where there's nothing. */
void resident_poll (const struct resident *r, struct pollfd ret_fds[2]);

/* Writes what the program takes and reads what it has said, without waiting. */
void resident_move (struct resident *r);

/* The next answer, and the words behind it, "" if there are none (for BROKEN: the line), unless
 * it's NONE. (transfer full) */
enum answer resident_answer (struct resident *r, char **ret_words);

/* Whether the program is gone; then its status of waitpid(). True once. What it had said can still
 * be asked for, until it's forgotten. */
bool resident_has_ended (struct resident *r, int *ret_status);
void resident_forget (struct resident *r);

/* No more input will come: the program gets to know once it has read what was given. */
void resident_close (struct resident *r);

/* To the program and what it started. */
void resident_signal (const struct resident *r, int signal);

#endif
