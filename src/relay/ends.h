/* The two ends of a relay: its source and its sink, of the kinds that the configuration names.
 */
#ifndef DSND_ENDS_H
#define DSND_ENDS_H

#include "relay/relayconfig.h"

#include <glib.h>
#include <stdbool.h>

struct ends {
    void *source, *sink; /* NULL: not open */
};

/* Opens both. False: one can't be used as it's configured; ends_close() in any case. */
bool ends_open (struct ends *ends, const struct relayconfig *config, GError **error);
void ends_close (struct ends *ends, const struct relayconfig *config);

/* Asks both whether they answer, and says on stdout what they said. Sends nothing. */
bool ends_check (const struct ends *ends, const struct relayconfig *config);

#endif
