/* Trying a setup in a worker, and waiting for what it says: before there's a loop. */
#ifndef DSND_PROOF_H
#define DSND_PROOF_H

#include "daemon/settings/setup.h"

#include <glib.h>
#include <stdbool.h>

/* Whether a worker can read mails with @setup. An error of SETUP_ERROR tells what is wrong with the
 * rules. */
bool proof_run (const struct setup *setup, GError **error);

#endif
