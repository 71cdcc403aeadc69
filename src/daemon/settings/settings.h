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

/* What a running daemon can't change; NULL if @next differs from @now in none of it. (static) */
const char *settings_fixed_difference (const struct config *now, const struct config *next);

#endif
