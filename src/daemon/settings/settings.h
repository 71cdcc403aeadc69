/* What the operator says: the configuration with its keys, and the rule files. */
#ifndef DSND_SETTINGS_H
#define DSND_SETTINGS_H

#include "daemon/settings/config.h"
#include "daemon/settings/setup.h"

#include <glib.h>
#include <stdbool.h>

/* Reads the configuration at @path and the rules it names, and tries them: what comes back can be
 * used. Both (transfer full), or neither. */
bool settings_load (const char *path, struct config **ret_config, struct setup **ret_setup,
                    GError **error);

/* What a running daemon can't change; NULL if @next differs from @now in none of it. (static) */
const char *settings_fixed_difference (const struct config *now, const struct config *next);

#endif
