/* A path is read up to its closing bracket outside of quotes; nothing in it is interpreted. */
#include "lmtp/path.h"

#include <glib.h>
#include <string.h>

#define ADDRESS_BYTES 1000

struct dsn_bytes
path_trim (struct dsn_bytes in)
{
    size_t start = 0, end = in.n;

    while (start < end && (in.p[start] == ' ' || in.p[start] == '\t'))
        start++;
    while (end > start && (in.p[end - 1] == ' ' || in.p[end - 1] == '\t'))
        end--;
    return dsn_bytes_sub (in, start, end);
}

/* The length of the path without its brackets; false if it's not closed or holds what it may not.
 */
static bool
find_end (struct dsn_bytes in, size_t *ret_n)
{
    bool is_quoted = false;

    for (size_t i = 0; i < in.n; i++) {
        const unsigned char c = (unsigned char)in.p[i];
        if (c < 0x20 || c == 0x7F)
            return false;
        if (c == '\\' && is_quoted)
            i++;
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (c == '>' && !is_quoted) {
            *ret_n = i;
            return i <= ADDRESS_BYTES;
        }
    }
    return false;
}

static bool
read_size (struct dsn_bytes digits, uint64_t *ret)
{
    uint64_t n = 0;

    if (!digits.n || digits.n > 18)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (!g_ascii_isdigit (digits.p[i]))
            return false;
        n = n * 10 + (uint64_t)(digits.p[i] - '0');
    }
    *ret = n;
    return true;
}

static bool
is_word (struct dsn_bytes in, const char *word)
{
    return in.n == strlen (word) && g_ascii_strncasecmp (in.p, word, in.n) == 0;
}

static bool
read_parameter (struct dsn_bytes word, struct path *path)
{
    if (word.n > 5 && g_ascii_strncasecmp (word.p, "SIZE=", 5) == 0)
        return read_size (dsn_bytes_sub (word, 5, word.n), &path->size_bytes);
    return is_word (word, "BODY=7BIT") || is_word (word, "BODY=8BITMIME") ||
           is_word (word, "SMTPUTF8");
}

static bool
read_parameters (struct dsn_bytes in, struct path *path)
{
    in = path_trim (in);
    while (in.n) {
        const char *end = memchr (in.p, ' ', in.n);
        const size_t n = end ? (size_t)(end - in.p) : in.n;
        if (!read_parameter (dsn_bytes_sub (in, 0, n), path))
            return false;
        in = path_trim (dsn_bytes_sub (in, n, in.n));
    }
    return true;
}

/* "@a,@b:user@c" is user@c: RFC 5321, appendix C. */
static struct dsn_bytes
without_route (struct dsn_bytes address)
{
    const char *colon = address.n && *address.p == '@' ? memchr (address.p, ':', address.n) : NULL;

    return colon ? dsn_bytes_sub (address, (size_t)(colon + 1 - address.p), address.n) : address;
}

bool
path_read (struct dsn_bytes in, const char *keyword, struct path *ret)
{
    const size_t n_keyword = strlen (keyword);
    struct path path = { 0 };
    size_t n = 0;

    if (in.n < n_keyword || g_ascii_strncasecmp (in.p, keyword, n_keyword) != 0)
        return false;
    in = path_trim (dsn_bytes_sub (in, n_keyword, in.n));
    if (!in.n || *in.p != '<')
        return false;
    in = dsn_bytes_sub (in, 1, in.n);
    if (!find_end (in, &n))
        return false;
    path.address = without_route (dsn_bytes_sub (in, 0, n));
    in = dsn_bytes_sub (in, n + 1, in.n);
    if (in.n && *in.p != ' ')
        return false;
    path.is_known = read_parameters (in, &path);
    *ret = path;
    return true;
}
