/* The key file of return-path tokens. */
#ifndef CLI_KEYFILE_H
#define CLI_KEYFILE_H

#include "core/returnpath/tokenkeys.h"

#define KEYFILE_PATH "/etc/dsnd/token.key"

/* Reads the keys of the file @path. False after the error has been told. The caller clears them:
 * dsn_token_keys_clear(). */
bool keyfile_read (const char *path, struct dsn_token_keys *ret_keys);

/* Today as tokens count days: from 1970-01-01, UTC. */
uint32_t keyfile_today (void);

#endif
