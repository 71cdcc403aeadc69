/* Left to right, each byte looked at once.
 */
#include "core/bytes/mailbox.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

/* A quoted local part's longest form: 64 bytes (RFC 5321 s.4.5.3.1.1), each with a backslash. */
#define QUOTED_BYTES 130

size_t
mailbox_quoted_length (struct dsn_bytes in)
{
    if (!in.n || in.p[0] != '"')
        return 0;
    for (size_t i = 1; i < in.n && i < QUOTED_BYTES && in.p[i] != '\n'; i++) {
        if (in.p[i] == '"')
            return i + 1;
        i += in.p[i] == '\\';
    }
    return 0;
}

/* Bytes at the start of @in of which the address may be made: beyond ASCII, letters and digits.
 * What no reader sees isn't among them, nor what looks like an '@' or stands for lost bytes. */
static size_t
run_length (struct dsn_bytes in, bool (*is_char) (char c))
{
    size_t n = 0;

    while (n < in.n && is_char (in.p[n])) {
        gunichar c;
        if ((unsigned char)in.p[n] < 0x80) {
            n++;
            continue;
        }
        c = g_utf8_get_char_validated (in.p + n, (gssize)MIN (in.n - n, (size_t)4));
        if (c > 0x10ffff || !(g_unichar_isalnum (c) || g_unichar_ismark (c)))
            break;
        n += (size_t)g_unichar_to_utf8 (c, NULL);
    }
    return n;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static size_t
literal_length (struct dsn_bytes in)
{
    size_t n = 1;

    while (n < in.n && (g_ascii_isalnum (in.p[n]) || in.p[n] == '.' || in.p[n] == ':'))
        n++;
    return n > 1 && n < in.n && in.p[n] == ']' ? n + 1 : 0;
}

static size_t
domain_length (struct dsn_bytes in)
{
    size_t n;

    if (in.n && in.p[0] == '[')
        return literal_length (in);
    n = run_length (in, address_is_domain_char);
    return n && in.p[0] != '.' && in.p[n - 1] != '-' && in.p[n - 1] != '_' ? n : 0;
}

size_t
mailbox_spec_length (struct dsn_bytes in)
{
    size_t n = mailbox_quoted_length (in), domain;

    if (!n)
        n = run_length (in, address_is_local_char);
    if (!n || n == in.n || in.p[n] != '@')
        return 0;
    domain = domain_length (dsn_bytes_sub (in, n + 1, in.n));
    if (!domain || (n + 1 + domain < in.n && in.p[n + 1 + domain] == '@'))
        return 0;
    return n + 1 + domain;
}

/* "@a.example,@b.example:" before the address: the hosts on its way (RFC 5321 s.4.1.2). */
static size_t
route_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && in.p[n] == '@') {
        size_t domain = domain_length (dsn_bytes_sub (in, n + 1, in.n));

        n += 1 + domain;
        if (!domain || n >= in.n)
            return 0;
        if (in.p[n] == ':')
            return n + 1;
        if (in.p[n] != ',')
            return 0;
        n++;
    }
    return 0;
}

static size_t
blanks_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && g_ascii_isspace (in.p[n]))
        n++;
    return n;
}

/* [route] addr-spec; a dot at the domain's end means the same domain. */
static size_t
routed_length (struct dsn_bytes in, struct dsn_bytes *ret_spec)
{
    size_t at = route_length (in), n = mailbox_spec_length (dsn_bytes_sub (in, at, in.n));

    if (!n)
        return 0;
    *ret_spec = dsn_bytes_sub (in, at, at + n);
    if (ret_spec->p[n - 1] == '.')
        ret_spec->n--;
    return at + n;
}

size_t
mailbox_angle_length (struct dsn_bytes in, struct dsn_bytes *ret_spec)
{
    struct dsn_bytes spec;
    size_t at = 1, n;

    if (!in.n || in.p[0] != '<')
        return 0;
    at += blanks_length (dsn_bytes_sub (in, at, in.n));
    if (text_has_prefix (dsn_bytes_sub (in, at, in.n), "mailto:"))
        at += strlen ("mailto:");
    n = routed_length (dsn_bytes_sub (in, at, in.n), &spec);
    at += n;
    at += blanks_length (dsn_bytes_sub (in, at, in.n));
    if (!n || at >= in.n || in.p[at] != '>')
        return 0;
    *ret_spec = spec;
    return at + 1;
}

/* A comment at the start of @in, with those in it; 0: none, or it isn't closed. */
static size_t
comment_length (struct dsn_bytes in)
{
    unsigned depth = 0;

    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '\\')
            i++;
        else if (in.p[i] == '(')
            depth++;
        else if (in.p[i] == ')' && --depth == 0)
            return i + 1;
        if (!depth)
            return 0;
    }
    return 0;
}

/* Blanks and comments. */
static size_t
gap_length (struct dsn_bytes in)
{
    size_t n = blanks_length (in), comment;

    while ((comment = comment_length (dsn_bytes_sub (in, n, in.n))) > 0) {
        n += comment;
        n += blanks_length (dsn_bytes_sub (in, n, in.n));
    }
    return n;
}

/* Words and quoted strings before a '<'. */
static size_t
name_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && in.p[n] != '<') {
        struct dsn_bytes rest = dsn_bytes_sub (in, n, in.n);
        size_t part = gap_length (rest);

        if (!part)
            part = mailbox_quoted_length (rest);
        if (!part && !strchr ("@,;:>\"()\\", in.p[n]))
            part = 1;
        if (!part)
            return 0;
        n += part;
    }
    return n;
}

bool
mailbox_read (struct dsn_bytes in, struct dsn_bytes *ret_spec)
{
    struct dsn_bytes spec;
    size_t at, n;

    in = text_trim (in);
    if (in.n > 2 && in.p[0] == '\'' && in.p[in.n - 1] == '\'')
        in = dsn_bytes_sub (in, 1, in.n - 1);
    at = gap_length (in);
    n = routed_length (dsn_bytes_sub (in, at, in.n), &spec);
    if (!n) {
        at += name_length (dsn_bytes_sub (in, at, in.n));
        n = mailbox_angle_length (dsn_bytes_sub (in, at, in.n), &spec);
    }
    if (!n)
        return false;
    at += n;
    at += gap_length (dsn_bytes_sub (in, at, in.n));
    if (at != in.n)
        return false;
    *ret_spec = spec;
    return true;
}
