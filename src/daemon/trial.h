/* Trying, without starting, what a start will do: dsnd --check-config. */
#ifndef DSND_TRIAL_H
#define DSND_TRIAL_H

#include "daemon/settings/config.h"

/* Whether @user (NULL: who we are) has the rights on the Maildirs, the spool and the rules that
 * the daemon needs. Root tries it in a child that gives its rights up. False with @error, of
 * CONFIG_ERROR, that names the path, the missing right and the user. */
bool trial_run (const struct config *config, const char *user, GError **error);

#endif
