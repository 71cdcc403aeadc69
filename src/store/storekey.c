/* Folding addresses. */
#include "store/storekey.h"

#include <string.h>

#define LOCAL_MAX_BYTES  256 /* RFC 5321 says 64; real ones are longer */
#define DOMAIN_MAX_BYTES 255

/* The place of the '@' before the domain; NULL if the address has no such parts. */
static const char *
find_at (const char *address)
{
    const char *at = strrchr (address, '@');

    return at && at > address && at[1] && at - address <= LOCAL_MAX_BYTES &&
                   strlen (at + 1) <= DOMAIN_MAX_BYTES
               ? at
               : NULL;
}

static bool
is_clean (struct dsn_bytes address)
{
    if (!g_utf8_validate (address.p, (gssize)address.n, NULL))
        return false;
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] < 0x20 || address.p[i] == 0x7f)
            return false;
    return true;
}

/* "user"@ is user@ (RFC 5321 s.4.1.2), unless the quotes are needed. */
static char *
unquote (const char *local)
{
    const size_t n = strlen (local);

    if (n > 2 && local[0] == '"' && local[n - 1] == '"' &&
        strspn (
            local + 1,
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~") ==
            n - 2)
        return g_strndup (local + 1, n - 2);
    return g_strdup (local);
}

/* A trailing dot says nothing; what is no host name (an address literal) is only folded. */
static char *
fold_domain (const char *domain)
{
    g_autofree char *bare = g_strdup (domain);
    const size_t n = strlen (bare);
    char *ascii;

    if (n > 1 && bare[n - 1] == '.')
        bare[n - 1] = '\0';
    ascii = g_hostname_to_ascii (bare);
    return ascii ? ascii : g_ascii_strdown (bare, -1);
}

static char *
fold_local (const char *local, bool is_case_sensitive)
{
    g_autofree char *bare = unquote (local);

    if (is_case_sensitive)
        return g_utf8_normalize (bare, -1, G_NORMALIZE_NFC);
    if (g_str_is_ascii (bare))
        return g_ascii_strdown (bare, -1);
    g_autofree char *folded = g_utf8_casefold (bare, -1);
    return g_utf8_normalize (folded, -1, G_NORMALIZE_NFC);
}

char *
store_key (struct dsn_bytes address, const struct store_keying *keying)
{
    g_autofree char *text = is_clean (address) ? g_strndup (address.p, address.n) : NULL;
    const char *at = text ? find_at (text) : NULL;
    g_autofree char *given = at ? g_strndup (text, (gsize)(at - text)) : NULL;
    g_autofree char *local = given ? fold_local (given, keying->is_case_sensitive) : NULL;
    g_autofree char *domain = local ? fold_domain (at + 1) : NULL;
    g_autofree char *key = domain ? g_strconcat (local, "@", domain, NULL) : NULL;

    if (!key)
        return NULL;
    if (keying->secret.n == 0)
        return g_steal_pointer (&key);
    return g_compute_hmac_for_data (G_CHECKSUM_SHA256, (const guchar *)keying->secret.p,
                                    keying->secret.n, (const guchar *)key, strlen (key));
}

char *
store_key_digest (const char *key)
{
    return g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
}
