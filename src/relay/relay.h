/* The relay itself: from the source into a window, from the window to the sink, and back to the
 * source what the sink confirmed.
 */
#ifndef DSND_RELAY_H
#define DSND_RELAY_H

#include <glib.h>

enum relay_exit {
    RELAY_OK = 0,
    RELAY_FAILED = 1,
    RELAY_USAGE = 2,
    RELAY_CONFIG = 78 /* EX_CONFIG: starting again won't help */
};

/* Runs the relay of the configuration at @path until SIGTERM or SIGINT. */
enum relay_exit relay_run (const char *path);

/* Opens both ends, says on stdout what was found, and sends nothing. */
enum relay_exit relay_check (const char *path);

#endif
