/* Tokens: HMAC-SHA-256 over recipient, tag and day, cut to 80 bits, in base32 of lower case, so
 * that neither folded case nor 64 octets of a local part harm it. docs/return-path.md.
 */
#include "core/returnpath/token.h"

#include "core/bytes/address.h"
#include "core/returnpath/wrapping.h"
#include "core/bytes/text.h"

#include <string.h>

#define MARK           't'    /* first character: version of the form */
#define DAY_MODULUS    32768u /* three characters of 5 bits */
#define LOCAL_MAX      64     /* RFC 5321 s.4.5.3.1.1 */
#define CONTEXT        "dsnd-token-1\n"
#define CANDIDATES_MAX 8

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

/* 0..31, or -1. */
static int
digit_value (char c)
{
    c = g_ascii_tolower (c);
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool
is_tag_char (char c)
{
    return g_ascii_isalnum (c) || c == '_';
}

/* --- the form ------------------------------------------------------------------------------- */

static bool
is_token_at (struct dsn_bytes local, size_t at)
{
    size_t n = 0;

    if (at > 0 && local.p[at - 1] != '+' && local.p[at - 1] != '-')
        return false;
    if (at >= local.n || g_ascii_tolower (local.p[at]) != MARK)
        return false;
    while (at + n < local.n && n <= TOKEN_CHARS && digit_value (local.p[at + n]) >= 0)
        n++;
    return n == TOKEN_CHARS && (at + n == local.n || !g_ascii_isalnum (local.p[at + n]));
}

/* Reads what follows the token: ".TAG", "-user=domain", both, or nothing. */
static bool
read_rest (struct dsn_bytes rest, struct token_shape *shape)
{
    const char *equals;
    size_t n = 0;

    if (rest.n && rest.p[0] == '.') {
        rest = dsn_bytes_sub (rest, 1, rest.n);
        while (n < rest.n && is_tag_char (rest.p[n]))
            n++;
        if (n == 0 || n > DSN_TOKEN_TAG_MAX_BYTES)
            return false;
        shape->tag = dsn_bytes_sub (rest, 0, n);
        rest = dsn_bytes_sub (rest, n, rest.n);
    }
    if (rest.n == 0)
        return true;
    /* no domain holds a '=': the last one stands for the '@' */
    equals = memrchr (rest.p, '=', rest.n);
    if (rest.p[0] != '-' || !equals)
        return false;
    shape->user = dsn_bytes_sub (rest, 1, (size_t)(equals - rest.p));
    shape->domain = dsn_bytes_sub (rest, (size_t)(equals - rest.p) + 1, rest.n);
    return shape->user.n > 0 && shape->domain.n > 0;
}

enum token_form
token_find (struct dsn_bytes local, struct token_shape *ret_shape)
{
    for (size_t i = 0; i < local.n; i++) {
        struct token_shape shape = { .text = dsn_bytes_sub (local, i, i + TOKEN_CHARS) };

        if (!is_token_at (local, i))
            continue;
        if (!read_rest (dsn_bytes_sub (local, i + TOKEN_CHARS, local.n), &shape))
            return TOKEN_BROKEN;
        *ret_shape = shape;
        return TOKEN_WHOLE;
    }
    return TOKEN_NONE;
}

/* --- the signature -------------------------------------------------------------------------- */

static void
append_lower (GString *out, struct dsn_bytes in)
{
    for (size_t i = 0; i < in.n; i++)
        g_string_append_c (out, g_ascii_tolower (in.p[i]));
}

static void
sign (const struct dsn_token_key *key, uint32_t day, struct dsn_bytes tag,
      struct dsn_bytes recipient, uint8_t ret_mac[TOKEN_MAC_BYTES])
{
    g_autoptr (GString) said = g_string_new (CONTEXT);
    GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, key->secret, key->n_secret);
    uint8_t whole[32];
    gsize n = sizeof whole;

    g_string_append_printf (said, "%u\n", day);
    append_lower (said, tag);
    g_string_append_c (said, '\n');
    append_lower (said, recipient);
    g_hmac_update (hmac, (const guchar *)said->str, (gssize)said->len);
    g_hmac_get_digest (hmac, whole, &n);
    g_hmac_unref (hmac);
    memcpy (ret_mac, whole, TOKEN_MAC_BYTES);
}

/* Takes the same time wherever they differ. */
static bool
is_same_mac (const uint8_t a[TOKEN_MAC_BYTES], const uint8_t b[TOKEN_MAC_BYTES])
{
    volatile uint8_t difference = 0;

    for (size_t i = 0; i < TOKEN_MAC_BYTES; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

/* 10 bytes are 16 characters without a bit left over: no two texts stand for the same bytes. */
static void
decode_mac (struct dsn_bytes text, uint8_t ret_mac[TOKEN_MAC_BYTES])
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        bits = (bits << 5 | (uint32_t)digit_value (text.p[i])) & 0xffff;
        n_bits += 5;
        if (n_bits >= 8) {
            n_bits -= 8;
            ret_mac[n++] = (uint8_t)(bits >> n_bits);
        }
    }
}

static void
append_mac (GString *out, const uint8_t mac[TOKEN_MAC_BYTES])
{
    uint32_t bits = 0;
    unsigned n_bits = 0;

    for (size_t i = 0; i < TOKEN_MAC_BYTES; i++) {
        bits = (bits << 8 | mac[i]) & 0xffff;
        for (n_bits += 8; n_bits >= 5; n_bits -= 5)
            g_string_append_c (out, digits[bits >> (n_bits - 5) & 31]);
    }
}

/* --- making --------------------------------------------------------------------------------- */

static bool
is_tag (struct dsn_bytes tag)
{
    for (size_t i = 0; i < tag.n; i++)
        if (!is_tag_char (tag.p[i]))
            return false;
    return tag.n <= DSN_TOKEN_TAG_MAX_BYTES;
}

static bool
is_prefix (struct dsn_bytes prefix)
{
    for (size_t i = 0; i < prefix.n; i++)
        if (!g_ascii_isalnum (prefix.p[i]) && !strchr ("+-_=.", prefix.p[i]))
            return false;
    return prefix.n == 0 || prefix.p[prefix.n - 1] == '+' || prefix.p[prefix.n - 1] == '-';
}

/* Whether the recipient can stand in a local part as user=domain. */
static bool
is_carriable (struct dsn_bytes recipient)
{
    return !memchr (recipient.p, '"', recipient.n) && !memchr (recipient.p, '[', recipient.n);
}

char *
dsn_token_make (const struct dsn_token_key *key, const char *prefix, const char *recipient,
                const char *tag, uint32_t day)
{
    const struct dsn_bytes to = dsn_bytes_str (recipient), label = dsn_bytes_str (tag);
    const struct dsn_bytes domain = address_domain (to);
    g_autoptr (GString) out = g_string_new (prefix);
    const size_t n_prefix = out->len;
    struct token_shape shape;
    uint8_t mac[TOKEN_MAC_BYTES];

    if (!address_is (to) || to.n >= DSN_TOKEN_RECIPIENT_SIZE || !is_tag (label) ||
        !is_prefix (dsn_bytes_str (prefix)))
        return NULL;
    sign (key, day, label, to, mac);
    g_string_append_printf (out, "%c%c%c%c%c", MARK, key->id, digits[day % DAY_MODULUS >> 10],
                            digits[day >> 5 & 31], digits[day & 31]);
    append_mac (out, mac);
    if (label.n) {
        g_string_append_c (out, '.');
        append_lower (out, label);
    }
    if (is_carriable (to) && out->len + 1 + to.n <= LOCAL_MAX)
        g_string_append_printf (out, "-%.*s=%s", (int)(to.n - domain.n - 1), to.p, domain.p);
    /* the prefix itself may look like a token */
    if (out->len > LOCAL_MAX || token_find (text_of (out), &shape) != TOKEN_WHOLE ||
        shape.text.p != out->str + n_prefix)
        return NULL;
    return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- checking ------------------------------------------------------------------------------- */

static const struct dsn_token_key *
find_key (const struct dsn_token_keys *keys, char id)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->keys[i].id == g_ascii_tolower (id))
            return &keys->keys[i];
    return NULL;
}

/* The day that the token's 15 bits mean: the last such day, or tomorrow, since clocks differ. */
static uint32_t
day_of (struct dsn_bytes text, uint32_t today)
{
    const uint32_t day = (uint32_t)digit_value (text.p[2]) << 10 |
                         (uint32_t)digit_value (text.p[3]) << 5 | (uint32_t)digit_value (text.p[4]);
    const uint32_t age = (today - day) % DAY_MODULUS;

    return age == DAY_MODULUS - 1 ? today + 1 : today - age;
}

/* Whether @recipient is the one that was signed; then it's written to @ret. */
static bool
try_recipient (const struct token_shape *shape, const struct dsn_token_key *key, uint32_t day,
               struct dsn_bytes recipient, struct dsn_token *ret)
{
    uint8_t is[TOKEN_MAC_BYTES], should[TOKEN_MAC_BYTES];

    if (recipient.n == 0 || recipient.n >= sizeof ret->recipient)
        return false;
    decode_mac (dsn_bytes_sub (shape->text, 5, TOKEN_CHARS), is);
    sign (key, day, shape->tag, recipient, should);
    if (!is_same_mac (is, should))
        return false;
    *ret = (struct dsn_token){ .key_id = key->id, .day = day };
    memcpy (ret->recipient, recipient.p, recipient.n);
    for (size_t i = 0; i < shape->tag.n; i++)
        ret->tag[i] = g_ascii_tolower (shape->tag.p[i]);
    return true;
}

static bool
try_all (const struct token_shape *shape, const struct dsn_token_key *key, uint32_t day,
         const char *const *candidates, struct dsn_token *ret)
{
    g_autoptr (GString) carried = g_string_new (NULL);

    if (!shape->user.n) {
        for (size_t i = 0; candidates && candidates[i] && i < CANDIDATES_MAX; i++)
            if (try_recipient (shape, key, day, dsn_bytes_str (candidates[i]), ret))
                return true;
        return false;
    }
    g_string_append_len (carried, shape->user.p, (gssize)shape->user.n);
    g_string_append_c (carried, '@');
    g_string_append_len (carried, shape->domain.p, (gssize)shape->domain.n);
    return try_recipient (shape, key, day, text_of (carried), ret);
}

enum dsn_token_verdict
dsn_token_check (const struct dsn_token_keys *keys, uint32_t today, struct dsn_bytes address,
                 const char *const *candidates, struct dsn_token *ret_token)
{
    g_autoptr (GString) bare = g_string_new (NULL);
    const struct dsn_token_key *key;
    struct token_shape shape;
    enum token_form form;
    uint32_t day;

    (void)wrapping_unwrap (address, bare);
    form = token_find (wrapping_local (text_of (bare)), &shape);
    if (form != TOKEN_WHOLE)
        return form == TOKEN_NONE ? DSN_TOKEN_ABSENT : DSN_TOKEN_BAD;
    key = find_key (keys, shape.text.p[1]);
    day = day_of (shape.text, today);
    if (!key || !try_all (&shape, key, day, candidates, ret_token))
        return DSN_TOKEN_BAD;
    return day + keys->window_days < today ? DSN_TOKEN_EXPIRED : DSN_TOKEN_VALID;
}
