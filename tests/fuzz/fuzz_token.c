/* Return paths: templates, SRS, BATV and tokens; the first line as a key file too. */
#include "core/returnpath/wrapping.h"
#include "core/returnpath/srs.h"
#include "core/returnpath/token.h"
#include "core/returnpath/verp.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    static const struct dsn_token_keys key = { { { 'a', { 0 }, 16 } }, 1, 30 };
    struct dsn_bytes in = { (const char *)data, n };
    g_autoptr (GString) bare = g_string_new (NULL);
    struct dsn_token_keys keys;
    struct dsn_token token;
    struct verp verp;
    const char *reason;
    unsigned line;

    (void)wrapping_unwrap (in, bare);
    g_assert (dsn_token_check (&key, 20778, in, NULL, &token) != DSN_TOKEN_VALID);
    for (const char *const *t = verp_default_templates; *t; t++)
        if (verp_read (*t, in, &verp))
            g_assert (verp.user.n + verp.domain.n + verp.tag.n < n);
    if (dsn_token_keys_read (in, &keys, &line, &reason))
        g_assert (keys.n > 0 && keys.n <= DSN_TOKEN_KEYS_MAX);
    return 0;
}
