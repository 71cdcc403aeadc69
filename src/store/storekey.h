/* How an address is looked up: the same person under every spelling that mail systems take for the
 * same. docs/suppression.md, "Keys". Pure.
 */
#ifndef DSND_STOREKEY_H
#define DSND_STOREKEY_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct store_keying {
    bool is_case_sensitive;  /* local parts differ by case */
    struct dsn_bytes secret; /* (borrowed) of the HMAC; empty: keys are addresses */
};

/* The key of @address: domain in lower case and A-labels, local part in lower case and, if it is
 * quoted without need, without its quotes; with a secret the HMAC-SHA256 of that, in hex.
 * (transfer full): g_free(). NULL if @address has no local part or no domain, is longer than an
 * address can be, isn't UTF-8, or holds controls. */
char *store_key (struct dsn_bytes address, const struct store_keying *keying);

/* SHA-256 of the key in hex, for the list of those who were forgotten. (transfer full): g_free() */
char *store_key_digest (const char *key);

#endif
