/* The keys of return-path tokens: from a file that the configuration names, or from the service
 * manager's credential `token-key`. Workers never see them.
 */
#ifndef DSND_KEYS_H
#define DSND_KEYS_H

#include "daemon/settings/config.h"

/* Fills config->token_keys; @file is the configuration's name in messages. No file named and no
 * credential given: no keys, and no error. A file that others can read is refused. The error is of
 * CONFIG_ERROR. */
bool keys_load (const char *file, struct config *config, GError **error);

/* The keys by which a mail of @kind in the mailbox @name is judged: none for complaints in a
 * mailbox where they come without a token. (borrowed from @config) */
const struct dsn_token_keys *keys_for (const struct config *config, const char *name,
                                       enum dsn_kind kind);

#endif
