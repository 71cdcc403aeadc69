/* Signed return paths for programs: what <dsn/keys.h> declares.
 */
#include "core/library/signkeys.h"

#include <glib.h>

struct dsn_keys *
dsn_keys_new (struct dsn_bytes text, char **ret_error)
{
    struct dsn_keys *keys = g_new0 (struct dsn_keys, 1);
    const char *reason;
    unsigned line;

    if (dsn_token_keys_read (text, &keys->keys, &line, &reason))
        return keys;
    if (ret_error)
        *ret_error = g_strdup_printf ("line %u: %s", line, reason);
    dsn_keys_free (keys);
    return NULL;
}

void
dsn_keys_free (struct dsn_keys *keys)
{
    if (keys)
        dsn_token_keys_clear (&keys->keys);
    g_free (keys);
}

struct dsn_keys *
signkeys_copy (const struct dsn_keys *keys)
{
    struct dsn_keys *copy;

    if (!keys)
        return NULL;
    copy = g_new (struct dsn_keys, 1);
    *copy = *keys;
    return copy;
}

bool
dsn_keys_set_window (struct dsn_keys *keys, unsigned days)
{
    if (days < 1 || days > DSN_TOKEN_WINDOW_MAX_DAYS)
        return false;
    keys->keys.window_days = days;
    return true;
}

char *
dsn_keys_sign (const struct dsn_keys *keys, const char *prefix, const char *recipient,
               const char *tag, uint32_t day)
{
    return dsn_token_make (&keys->keys.keys[0], prefix, recipient, tag, day);
}

const char *
dsn_keys_check (const struct dsn_keys *keys, uint32_t today, struct dsn_bytes address,
                const char *const *candidates, char **ret_recipient, char **ret_tag)
{
    struct dsn_token token;
    const enum dsn_token_verdict verdict =
        dsn_token_check (&keys->keys, today, address, candidates, &token);

    if (verdict == DSN_TOKEN_VALID || verdict == DSN_TOKEN_EXPIRED) {
        if (ret_recipient)
            *ret_recipient = g_utf8_make_valid (token.recipient, -1);
        if (ret_tag)
            *ret_tag = g_strdup (token.tag);
    }
    return dsn_token_verdict_name (verdict);
}
