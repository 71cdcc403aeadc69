/* Trying a setup in a worker, and waiting for what it says: before there's a loop. */
#ifndef DSND_PROOF_H
#define DSND_PROOF_H

#include "daemon/settings/setup.h"
#include "daemon/workers/slot.h"

#include <glib.h>
#include <stdbool.h>

/* Whether a worker can read mails with @setup. An error of SETUP_ERROR tells what is wrong with the
 * rules. */
bool proof_run (const struct setup *setup, GError **error);

/* What a worker says that is to try a setup, once its socket can be read. False: not enough yet.
 * True: *ret_reason tells why the setup can't be used, NULL if it can. (borrowed until the slot is
 * started anew or done) */
bool proof_hear (struct slot *slot, const char **ret_reason);

/* Why it can't be used where the worker says nothing in time. */
#define PROOF_TOO_LONG "a worker took too long over the rules"

#endif
