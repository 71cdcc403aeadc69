/* What the operator says: the configuration with its keys, and the rule files. */
#ifndef DSND_SETTINGS_H
#define DSND_SETTINGS_H

#include "daemon/settings/config.h"
#include "daemon/settings/setup.h"

#include <glib.h>
#include <stdbool.h>

/* Reads the configuration at @path and the files of rules that it names, which aren't understood
 * yet: workers do that. Both (transfer full), or neither. */
bool settings_load (const char *path, struct config **ret_config, struct setup **ret_setup,
                    GError **error);

/* A running daemon can't change some keys: gives @next the values of @now for these. Returns the
 * keys that were to change, "[Spool] Path, [Workers] Count", for people; NULL: none. (transfer
 * full): g_free() */
char *settings_keep_fixed (const struct config *now, struct config *next);

#endif
