/* The key file of tokens: one "ID HEX" a line.
 */
#include "core/returnpath/tokenkeys.h"

#include "core/bytes/text.h"

#include <string.h>

/* Reads an even number of hexadecimal digits; false if there's anything else. */
static bool
read_secret (struct dsn_bytes hex, struct dsn_token_key *key)
{
    if (hex.n % 2 || hex.n / 2 < DSN_TOKEN_SECRET_MIN_BYTES ||
        hex.n / 2 > DSN_TOKEN_SECRET_MAX_BYTES)
        return false;
    for (size_t i = 0; i < hex.n; i += 2) {
        const int high = g_ascii_xdigit_value (hex.p[i]), low = g_ascii_xdigit_value (hex.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        key->secret[i / 2] = (uint8_t)(high << 4 | low);
    }
    key->n_secret = hex.n / 2;
    return true;
}

/* Reads one line into @keys; why it can't be used, or NULL. */
static const char *
read_key (struct dsn_bytes line, struct dsn_token_keys *keys)
{
    struct dsn_token_key *key = &keys->keys[keys->n];

    if (keys->n == DSN_TOKEN_KEYS_MAX)
        return "there may be at most 8 keys";
    if (line.n < 3 || !(line.p[1] == ' ' || line.p[1] == '\t') ||
        !((line.p[0] >= 'a' && line.p[0] <= 'z') || (line.p[0] >= '2' && line.p[0] <= '7')))
        return "a key is one of a-z 2-7, a blank, and its secret";
    key->id = line.p[0];
    for (size_t i = 0; i < keys->n; i++)
        if (keys->keys[i].id == key->id)
            return "another key has the same letter";
    if (!read_secret (text_trim (dsn_bytes_sub (line, 2, line.n)), key))
        return "a secret is 32 to 128 hexadecimal digits";
    keys->n++;
    return NULL;
}

bool
dsn_token_keys_read (struct dsn_bytes text, struct dsn_token_keys *ret_keys, unsigned *ret_line,
                     const char **ret_reason)
{
    struct dsn_token_keys keys = { .window_days = DSN_TOKEN_WINDOW_DAYS };
    struct dsn_bytes line;
    const char *reason = NULL;

    *ret_line = 0;
    while (!reason && text_next_line (&text, &line)) {
        ++*ret_line;
        line = text_trim (line);
        if (line.n && line.p[0] != '#')
            reason = read_key (line, &keys);
    }
    if (!reason && keys.n == 0)
        reason = "there's no key in it; `dsnctl token new-key` makes one";
    if (!reason)
        *ret_keys = keys;
    dsn_token_keys_clear (&keys);
    *ret_reason = reason;
    return !reason;
}

const char *
dsn_token_verdict_name (enum dsn_token_verdict verdict)
{
    return verdict == DSN_TOKEN_VALID     ? "valid"
           : verdict == DSN_TOKEN_EXPIRED ? "expired"
           : verdict == DSN_TOKEN_BAD     ? "bad"
                                          : "absent";
}

void
dsn_token_keys_clear (struct dsn_token_keys *keys)
{
    explicit_bzero (keys, sizeof *keys);
}
