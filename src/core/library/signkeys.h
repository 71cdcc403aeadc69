/* The keys behind <dsn/keys.h>.
 */
#ifndef CORE_SIGNKEYS_H
#define CORE_SIGNKEYS_H

#include "core/returnpath/tokenkeys.h"

#include <dsn/keys.h>

struct dsn_keys {
    struct dsn_token_keys keys;
};

/* (transfer full): dsn_keys_free(). NULL for NULL. */
struct dsn_keys *signkeys_copy (const struct dsn_keys *keys);

#endif
