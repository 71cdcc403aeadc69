/* Addresses: finding them in text, unwrapping them from fields.
 */
#include "core/bytes/address.h"

#include "core/bytes/mailbox.h"
#include "core/bytes/text.h"

#define SMTP_ATTRIBUTE "smtp="

bool
address_is_local_char (char c)
{
    return (unsigned char)c >= 0x80 || g_ascii_isalnum (c) ||
           (c && strchr ("!#$%&'*+-/=?^_`{|}~.", c));
}

bool
address_is_domain_char (char c)
{
    return (unsigned char)c >= 0x80 || g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_';
}

/* Punctuation of scripts without blanks, and typographic marks: never part of an address. */
static bool
is_wide_mark (gunichar c)
{
    return (c >= 0x2010 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f) ||
           (c >= 0xff00 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20);
}

/* Whether an ASCII address ends where @c stands beside it: in Chinese, Japanese and Korean text no
 * blank does. (An internationalised label or local part doesn't change script in the middle.) */
static bool
ends_ascii (gunichar c)
{
    return is_wide_mark (c) || c >= 0x2e80;
}

/* The character that ends before @at; its length in @ret_n. */
static gunichar
char_before (struct dsn_bytes in, size_t at, size_t *ret_n)
{
    size_t n = 1;

    while (n < 4 && n < at && ((unsigned char)in.p[at - n] & 0xc0) == 0x80)
        n++;
    *ret_n = n;
    return g_utf8_get_char_validated (in.p + at - n, (gssize)n);
}

/* Start of the local part that ends before the '@' at @at; @at itself if there's none. */
static size_t
local_start (struct dsn_bytes in, size_t from, size_t at)
{
    size_t start = at;

    if (at > from && in.p[at - 1] == '"') {
        /* "quoted local part"@domain: at most 64 bytes back, on one line */
        for (size_t i = at - 1; i > from && at - i < 66 && in.p[i - 1] != '\n'; i--)
            if (in.p[i - 1] == '"' && (i < 2 || in.p[i - 2] != '\\'))
                return i - 1;
        return at;
    }
    while (start > from && address_is_local_char (in.p[start - 1])) {
        size_t n = 1;
        if ((unsigned char)in.p[start - 1] >= 0x80) {
            gunichar c = char_before (in, start, &n);
            if (is_wide_mark (c) || n > start - from ||
                (start < at && (unsigned char)in.p[start] < 0x80 && ends_ascii (c)))
                break;
        }
        start -= n;
    }
    /* quotes and dashes that stand before an address aren't of it */
    while (start < at && strchr ("'`.*-=|/", in.p[start]) && start + 1 < at &&
           !(in.p[start] == '=' && in.p[start + 1] == '?'))
        start++;
    /* an X.400 name carries an address as its "dda:SMTP=" (RFC 2156) */
    if (text_has_prefix (dsn_bytes_sub (in, start, at), SMTP_ATTRIBUTE))
        start += strlen (SMTP_ATTRIBUTE);
    return start;
}

static size_t
domain_end (struct dsn_bytes in, size_t start)
{
    size_t end = start;

    if (start < in.n && in.p[start] == '[') {
        while (end < in.n && in.p[end] != ']' && in.p[end] > ' ')
            end++;
        return end < in.n && in.p[end] == ']' ? end + 1 : start;
    }
    while (end < in.n && address_is_domain_char (in.p[end])) {
        if ((unsigned char)in.p[end] >= 0x80) {
            gunichar c =
                g_utf8_get_char_validated (in.p + end, (gssize)MIN (in.n - end, (size_t)4));
            if (is_wide_mark (c) || (end > start && in.p[end - 1] != '.' &&
                                     (unsigned char)in.p[end - 1] < 0x80 && ends_ascii (c)))
                break;
        }
        end++;
    }
    while (end > start && (in.p[end - 1] == '.' || in.p[end - 1] == '-' || in.p[end - 1] == '_'))
        end--;
    return end;
}

bool
address_around (struct dsn_bytes in, size_t from, size_t at, struct dsn_bytes *ret)
{
    size_t start = local_start (in, from, at), end = domain_end (in, at + 1);

    if (start == at || end == at + 1)
        return false;
    *ret = dsn_bytes_sub (in, start, end);
    return true;
}

size_t
address_find (struct dsn_bytes in, size_t from, size_t *ret_n)
{
    size_t floor = from;

    while (floor < in.n) {
        const char *hit = memchr (in.p + floor, '@', in.n - floor);
        struct dsn_bytes found;

        if (!hit)
            return G_MAXSIZE;
        if (address_around (in, from, (size_t)(hit - in.p), &found)) {
            *ret_n = found.n;
            return (size_t)(found.p - in.p);
        }
        floor = (size_t)(hit - in.p) + 1;
    }
    return G_MAXSIZE;
}

bool
address_is (struct dsn_bytes in)
{
    size_t n = 0;
    return address_find (in, 0, &n) == 0 && n == in.n;
}

bool
address_is_local_part (struct dsn_bytes in)
{
    for (size_t i = 0; i < in.n; i++)
        if (!g_ascii_isalnum (in.p[i]) && !strchr ("._-+=", in.p[i]))
            return false;
    return in.n > 0;
}

/* The characters that utf-8-addr-xtext may write as \x{HEX}: what is beyond ASCII, and what xtext
 * can't hold. */
static bool
may_be_escaped (gunichar c)
{
    return c == ' ' || c == '+' || c == '=' || c == '\\' || (c >= 0xa0 && g_unichar_validate (c));
}

/* Appends @in with \x{HEX} (RFC 6533) and the +HH that xtext must use (for '+', '=' and blanks)
 * decoded. Other +HH stay: in the wild they are more often a tag than an encoding. */
static void
append_decoded (GString *out, struct dsn_bytes in)
{
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '+' && i + 2 < in.n &&
            (memcmp (in.p + i + 1, "2B", 2) == 0 || memcmp (in.p + i + 1, "3D", 2) == 0)) {
            g_string_append_c (out, in.p[i + 1] == '2' ? '+' : '=');
            i += 2;
        } else if (in.p[i] == '\\' && i + 4 < in.n && in.p[i + 1] == 'x' && in.p[i + 2] == '{') {
            gunichar c = 0;
            size_t n = i + 3;
            for (; n < in.n && n < i + 10 && g_ascii_isxdigit (in.p[n]); n++)
                c = c * 16 + (gunichar)g_ascii_xdigit_value (in.p[n]);
            if (n < in.n && in.p[n] == '}' && may_be_escaped (c)) {
                g_string_append_unichar (out, c);
                i = n;
            } else
                g_string_append_c (out, in.p[i]);
        } else
            g_string_append_c (out, in.p[i]);
    }
}

/* Length of an address type with its ';' at the start of @in ("rfc822;"), 0 if there's none. */
static size_t
type_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && (g_ascii_isalnum (in.p[n]) || in.p[n] == '-' || (n && in.p[n] == '/')))
        n++;
    while (n > 0 && n < in.n && in.p[n] == ' ')
        n++;
    return n > 0 && n < in.n && in.p[n] == ';' ? n + 1 : 0;
}

struct dsn_bytes
address_without_type (struct dsn_bytes in)
{
    in = text_trim (in);
    return text_trim (dsn_bytes_sub (in, type_length (in), in.n));
}

/* What is most like an address in what isn't one mailbox; all of it if nothing is. */
static struct dsn_bytes
guess_field (struct dsn_bytes in)
{
    size_t n = 0, at;

    if (in.n >= 2 && in.p[0] == '<' && in.p[in.n - 1] == '>')
        in = text_trim (dsn_bytes_sub (in, 1, in.n - 1));
    at = text_find (in, "<");
    if (at != G_MAXSIZE && address_find (dsn_bytes_sub (in, at, in.n), 0, &n) != G_MAXSIZE)
        in = dsn_bytes_sub (in, at, in.n);
    if (text_find (in, "\\x{") != G_MAXSIZE)
        return in;
    at = address_find (in, 0, &n);
    return at == G_MAXSIZE ? in : dsn_bytes_sub (in, at, at + n);
}

bool
address_append_from_field (GString *out, struct dsn_bytes in)
{
    g_autoptr (GString) decoded = g_string_new (NULL);
    struct dsn_bytes spec;
    bool is_whole;

    append_decoded (decoded, address_without_type (in));
    is_whole = mailbox_read (text_of (decoded), &spec);
    if (!is_whole)
        spec = guess_field (text_of (decoded));
    g_string_append_len (out, spec.p, (gssize)spec.n);
    return is_whole;
}

bool
address_append_from_header (GString *out, struct dsn_bytes in)
{
    struct dsn_bytes spec = { 0 };
    bool is_whole = mailbox_read (in, &spec);

    if (!is_whole) {
        size_t n = 0, at = text_find (in, "<");

        at = at == G_MAXSIZE ? 0 : at;
        if (address_find (in, at, &n) == G_MAXSIZE)
            at = 0;
        at = address_find (in, at, &n);
        if (at != G_MAXSIZE)
            spec = dsn_bytes_sub (in, at, at + n);
    }
    g_string_append_len (out, spec.p, (gssize)spec.n);
    return is_whole;
}

bool
address_equal (struct dsn_bytes a, struct dsn_bytes b)
{
    return a.n == b.n && (a.n == 0 || g_ascii_strncasecmp (a.p, b.p, a.n) == 0);
}

struct dsn_bytes
address_domain (struct dsn_bytes address)
{
    const char *at = address.p && address.n ? memrchr (address.p, '@', address.n) : NULL;

    return at ? dsn_bytes_sub (address, (size_t)(at - address.p) + 1, address.n)
              : (struct dsn_bytes){ 0 };
}
