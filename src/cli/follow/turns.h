/* A consumer's side of at-least-once: hands events to their handler one turn at a time, tries again
 * what failed, parks what fails for good, and knows up to where all is done. It knows no socket.
 */
#ifndef CLI_CONSUMER_H
#define CLI_CONSUMER_H

#include "cli/formats/output.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct backlog_item;

struct consumer_options {
    struct output output;
    const char *command; /* (borrowed) NULL: none */
    const char *lines;   /* (borrowed) a program that stays (resident.h); NULL: none */
    const char *dir;     /* (borrowed) NULL: none. None of the three: print */
    const char *park; /* (borrowed) directory for what its command can't handle; NULL: stop at it */
    unsigned n_tries; /* of a command for an event, from 1 */
    unsigned n_batch; /* events at a time, from 1 */
    /* How long an event is tried beyond n_tries while the command handles no other: then the fault
     * is likely the command's, or of what it writes to. */
    int64_t patience_us;
    int64_t timeout_us; /* for a program's answer */
    bool is_once;       /* nothing is waited for: what can't be done for now is a failure */
    void (*handled) (void *data, const struct backlog_item *item); /* NULL: nobody asks */
    void *data;
};

struct consumer;

#define CONSUMER_FDS 2

struct consumer *consumer_new (const struct consumer_options *options);
void consumer_free (struct consumer *c);

/* Takes the next event. */
void consumer_add (struct consumer *c, uint64_t seq, const char *id, struct dsn_bytes json);
/* The same for what's in its format already, with its line feed. (borrowed) */
struct backlog_item *consumer_add_text (struct consumer *c, uint64_t seq, const char *id,
                                        struct dsn_bytes text);
bool consumer_is_full (const struct consumer *c);

/* Does what is due, or starts it, one turn at most. With @wants_rest no more events will come for
 * now, and a batch needn't wait for them. True if there was something to do: call again. */
bool consumer_run (struct consumer *c, bool wants_rest);

/* Hears whether the command has ended, and what the program has said. To be called before
 * consumer_run(), after SIGCHLD, and when there's something at the descriptors of consumer_poll(),
 * which are -1 where there's nothing to wait for. */
void consumer_listen (struct consumer *c);
void consumer_poll (const struct consumer *c, struct pollfd ret_fds[CONSUMER_FDS]);

/* Milliseconds until consumer_run() or consumer_listen() has something to do; -1: it waits for the
 * command, or for events. */
int consumer_wait_ms (const struct consumer *c);

/* Takes what has come on the signalfd @signals, which doesn't block. Any signal but SIGCHLD ends
 * the turns: the command that runs gets it, a program that stays may end its turn first. Whether
 * one did. */
bool consumer_take_signals (struct consumer *c, int signals);

bool consumer_is_running (const struct consumer *c); /* a command, or a turn of the program */
bool consumer_is_empty (const struct consumer *c);   /* all is done */
bool consumer_has_failed (const struct consumer *c); /* it can't go on: told */

/* All events up to this number are done, 0: none; and how many were since consumer_new(). */
uint64_t consumer_done_seq (const struct consumer *c);
uint64_t consumer_done_count (const struct consumer *c);

/* The numbers so far are of a spool that's no more. */
void consumer_forget_numbers (struct consumer *c);

#endif
