/* What forwarders and senders wrap around an address: SRS and BATV (prvs=, btv1==). */
#include "core/returnpath/wrapping.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"
#include "core/returnpath/srs.h"

#define WRAPPINGS_MAX 4

struct dsn_bytes
wrapping_local (struct dsn_bytes address)
{
    struct dsn_bytes domain = address_domain (address);

    return dsn_bytes_sub (address, 0, address.n - domain.n - (domain.n ? 1 : 0));
}

void
wrapping_put_address (GString *out, struct dsn_bytes local, struct dsn_bytes domain)
{
    g_string_append_len (out, local.p, (gssize)local.n);
    g_string_append_c (out, '@');
    g_string_append_len (out, domain.p, (gssize)domain.n);
}

/* The local part behind "prvs=KDDDSSSSSS=" or "btv1==KDDDSSSSSS==", empty: it isn't BATV. */
static struct dsn_bytes
within_batv (struct dsn_bytes local)
{
    const size_t n_equals = text_has_prefix (local, "btv1==") ? 2 : 1;
    struct dsn_bytes rest = dsn_bytes_sub (local, 4 + n_equals, local.n);
    size_t n = 0;

    if (n_equals == 1 && !text_has_prefix (local, "prvs="))
        return (struct dsn_bytes){ 0 };
    while (n < rest.n && g_ascii_isalnum (rest.p[n]))
        n++;
    if (n < 6 || n > 64 || rest.n - n < n_equals || memcmp (rest.p + n, "==", n_equals) != 0)
        return (struct dsn_bytes){ 0 };
    return dsn_bytes_sub (rest, n + n_equals, rest.n);
}

/* Takes one wrapping off @address. */
static enum dsn_scheme
unwrap_once (GString *address)
{
    const struct dsn_bytes whole = text_of (address);
    const struct dsn_bytes local = wrapping_local (whole), batv = within_batv (local);
    g_autoptr (GString) inner = g_string_new (NULL);
    struct srs srs;
    enum dsn_scheme scheme = DSN_SCHEME_NONE;

    if (srs_read (local, &srs)) {
        wrapping_put_address (inner, srs.local, srs.domain);
        scheme = DSN_SCHEME_SRS;
    } else if (batv.n) {
        wrapping_put_address (inner, batv, address_domain (whole));
        scheme = DSN_SCHEME_BATV;
    }
    if (!scheme || !address_is (text_of (inner)))
        return DSN_SCHEME_NONE;
    g_string_assign (address, inner->str);
    return scheme;
}

enum dsn_scheme
wrapping_unwrap (struct dsn_bytes address, GString *out)
{
    g_autoptr (GString) bare = g_string_new_len (address.p, (gssize)address.n);
    const enum dsn_scheme scheme = unwrap_once (bare);

    for (unsigned i = 1; scheme && i < WRAPPINGS_MAX && unwrap_once (bare); i++)
        ;
    g_string_append_len (out, bare->str, (gssize)bare->len);
    return scheme;
}
