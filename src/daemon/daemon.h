/* The daemon from its start to its end. */
#ifndef DSND_DAEMON_H
#define DSND_DAEMON_H

#include <glib.h>
#include <stdbool.h>

/* Runs with the configuration at @config_path until a signal ends it or the spool fails;
 * *ret_status is then the exit status. False: it couldn't start. */
bool daemon_run (const char *config_path, int *ret_status, GError **error);

#endif
