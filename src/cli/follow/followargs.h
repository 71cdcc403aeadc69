/* The command line of `dsnctl follow`. */
#ifndef CLI_FOLLOWARGS_H
#define CLI_FOLLOWARGS_H

#include "cli/follow/turns.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct followargs {
    const char *name; /* (borrowed from argv) NULL: anonymous */
    gboolean wants_acks;
    gint64 count;          /* events to take, 0: no end */
    gboolean wants_parked; /* what is parked, instead of what comes */
    gint n_tries, n_batch, patience_s, timeout_s;
    char *socket, *since, *kinds, *command, *lines, *dir, *park; /* owned, NULL: not given */
    struct output_arguments output;
    struct consumer_options options; /* what follows from them */
};

/* Reads them. False after what's wrong has been told: exit with EXIT_USAGE. Either way,
 * followargs_clear(). */
bool followargs_read (int argc, char **argv, struct followargs *ret);
/* Whether events go to a program, be it one for each or one that stays. */
bool followargs_has_program (const struct followargs *a);

void followargs_clear (struct followargs *a);

#endif
