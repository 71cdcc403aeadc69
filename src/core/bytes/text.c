/* Bytes to clean text: charsets, invalid sequences, control characters, line ends.
 */
#include "core/bytes/text.h"

#include <errno.h>
#include <stdint.h>

struct dsn_bytes
text_trim (struct dsn_bytes in)
{
    while (in.n && g_ascii_isspace (in.p[0])) {
        in.p++;
        in.n--;
    }
    while (in.n && g_ascii_isspace (in.p[in.n - 1]))
        in.n--;
    return in;
}

bool
text_next_line (struct dsn_bytes *rest, struct dsn_bytes *ret_line)
{
    const char *lf;

    if (!rest->n)
        return false;
    lf = memchr (rest->p, '\n', rest->n);
    *ret_line = dsn_bytes_sub (*rest, 0, lf ? (size_t)(lf - rest->p) : rest->n);
    *rest = dsn_bytes_sub (*rest, ret_line->n + 1, rest->n);
    if (ret_line->n && ret_line->p[ret_line->n - 1] == '\r')
        ret_line->n--;
    return true;
}

bool
text_is_ascii (struct dsn_bytes in)
{
    size_t i = 0;
    uint64_t x;

    for (; in.n - i >= sizeof x; i += sizeof x) {
        memcpy (&x, in.p + i, sizeof x);
        if (x & UINT64_C (0x8080808080808080))
            return false;
    }
    for (; i < in.n; i++)
        if ((unsigned char)in.p[i] >= 0x80)
            return false;
    return true;
}

bool
text_has_prefix_rest (struct dsn_bytes in, const char *prefix)
{
    size_t n = strlen (prefix);
    return in.n >= n && g_ascii_strncasecmp (in.p, prefix, n) == 0;
}

bool
text_has_suffix (struct dsn_bytes in, const char *suffix)
{
    size_t n = strlen (suffix);
    return in.n >= n && g_ascii_strncasecmp (in.p + in.n - n, suffix, n) == 0;
}

bool
text_equal_rest (struct dsn_bytes a, const char *b)
{
    size_t n = strlen (b);

    /* most names that are compared differ at their end */
    return a.n == n && (n == 0 || (g_ascii_tolower (a.p[n - 1]) == g_ascii_tolower (b[n - 1]) &&
                                   g_ascii_strncasecmp (a.p, b, n) == 0));
}

size_t
text_find (struct dsn_bytes in, const char *needle)
{
    const char *hit = in.p && in.n ? memmem (in.p, in.n, needle, strlen (needle)) : NULL;
    return hit ? (size_t)(hit - in.p) : G_MAXSIZE;
}

size_t
text_find_nocase (struct dsn_bytes in, const char *needle)
{
    size_t n = strlen (needle);
    char low = g_ascii_tolower (needle[0]);
    char up = g_ascii_toupper (needle[0]);

    for (size_t i = 0; i + n <= in.n; i++)
        if ((in.p[i] == low || in.p[i] == up) && g_ascii_strncasecmp (in.p + i, needle, n) == 0)
            return i;
    return G_MAXSIZE;
}

size_t
text_scan_number (struct dsn_bytes in, unsigned max, unsigned *ret_value)
{
    uint64_t value = 0;
    size_t n = 0;

    while (n < in.n && g_ascii_isdigit (in.p[n])) {
        value = value * 10 + (uint64_t)(in.p[n] - '0');
        if (value > max)
            return 0;
        n++;
    }
    if (n)
        *ret_value = (unsigned)value;
    return n;
}

/* Length of the valid character at the start of @in and its code point, 0 if it's invalid. */
static size_t
valid_char (struct dsn_bytes in, gunichar *ret)
{
    gunichar c;

    if ((unsigned char)in.p[0] < 0x80) {
        *ret = (unsigned char)in.p[0];
        return 1;
    }
    c = g_utf8_get_char_validated (in.p, (gssize)MIN (in.n, (size_t)4));
    if (c == (gunichar)-1 || c == (gunichar)-2)
        return 0;
    *ret = c;
    return (size_t)g_utf8_skip[(unsigned char)in.p[0]];
}

static bool
is_control (gunichar c)
{
    /* C0, DEL, C1, the line and paragraph separators, and the directional overrides that would
     * let a mail rewrite what a person sees */
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* How many of the first bytes of @in go out as they are: printable ASCII, and single blanks between
 * two of it. */
static size_t
word_length (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n) {
        unsigned char c = (unsigned char)in.p[n];
        if (c > ' ' && c < 0x7f)
            n++;
        else if (c == ' ' && n && n + 1 < in.n && in.p[n + 1] > ' ' && in.p[n + 1] < 0x7f)
            n += 2;
        else
            break;
    }
    return n;
}

bool
text_append_line (GString *out, struct dsn_bytes in, size_t max_bytes)
{
    size_t start = out->len;
    bool is_gap = false;

    in = text_trim (in);
    while (in.n) {
        gunichar c = 0xfffd;
        size_t room = max_bytes - (out->len - start); /* a word may be the whole mail */
        size_t n, from_n, run = word_length (dsn_bytes_sub (in, 0, room));
        const char *from;

        if (run && run + is_gap <= room) {
            if (is_gap)
                g_string_append_c (out, ' ');
            is_gap = false;
            g_string_append_len (out, in.p, (gssize)run);
            in = dsn_bytes_sub (in, run, in.n);
            continue;
        }
        n = valid_char (in, &c);
        from = n ? in.p : "\xef\xbf\xbd";
        from_n = n ? n : 3;

        in = dsn_bytes_sub (in, n ? n : 1, in.n);
        if (c == ' ' || is_control (c)) {
            is_gap = out->len > start;
            continue;
        }
        if (from_n + is_gap > room)
            return true;
        if (is_gap)
            g_string_append_c (out, ' ');
        is_gap = false;
        g_string_append_len (out, from, (gssize)from_n);
    }
    return false;
}

/* How many of the first bytes of @in, at most @max, are printable ASCII, LF or a tab. */
static size_t
plain_length (struct dsn_bytes in, size_t max)
{
    size_t n = 0;

    max = MIN (in.n, max);
    while (n < max) {
        unsigned char c = (unsigned char)in.p[n];
        if (c >= 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
            break;
        n++;
    }
    return n;
}

bool
text_append_lines (GString *out, struct dsn_bytes in, size_t max_bytes)
{
    size_t start = out->len;

    while (in.n) {
        gunichar c = 0xfffd;
        const char *from;
        size_t n, from_n, run = plain_length (in, max_bytes - (out->len - start));
        if (run) {
            g_string_append_len (out, in.p, (gssize)run);
            in = dsn_bytes_sub (in, run, in.n);
            continue;
        }
        n = valid_char (in, &c);
        from = n ? in.p : "\xef\xbf\xbd";
        from_n = n ? n : 3;

        if (out->len - start + from_n > max_bytes)
            return true;
        if (c == '\r') {
            /* CRLF and a bare CR are both one line end */
            if (in.n < 2 || in.p[1] != '\n')
                g_string_append_c (out, '\n');
        } else if (c == '\n' || c == '\t')
            g_string_append_c (out, (char)c);
        else if (is_control (c))
            g_string_append_c (out, ' ');
        else
            g_string_append_len (out, from, (gssize)from_n);
        in = dsn_bytes_sub (in, n ? n : 1, in.n);
    }
    return false;
}

/* Appends @in through @cd; a byte that can't be converted becomes U+FFFD. */
static void
append_iconv (GString *out, struct dsn_bytes in, GIConv cd)
{
    char buffer[1024];
    char *from = (char *)in.p;
    gsize left = in.n;

    while (left) {
        char *to = buffer;
        gsize room = sizeof buffer;
        gsize rc = g_iconv (cd, &from, &left, &to, &room);
        int error = errno;

        g_string_append_len (out, buffer, to - buffer);
        if (rc != (gsize)-1 || error == E2BIG)
            continue;
        g_string_append (out, "\xef\xbf\xbd");
        if (error == EINVAL || !left)
            break;
        from++;
        left--;
    }
}

static bool
append_charset (GString *out, struct dsn_bytes in, const char *charset)
{
    GIConv cd = g_iconv_open ("UTF-8", charset);

    if (cd == (GIConv)-1)
        return false;
    append_iconv (out, in, cd);
    (void)g_iconv_close (cd);
    return true;
}

/* ISO-2022-JP says what it is by its escape sequences, whatever the label says. */
static bool
looks_iso_2022_jp (struct dsn_bytes in)
{
    if (!in.n || !memchr (in.p, '\033', in.n))
        return false;
    return text_find (in, "\033$B") != G_MAXSIZE || text_find (in, "\033$@") != G_MAXSIZE;
}

/* Whether bytes below 0x80 may stand for something else than ASCII in @charset. */
static bool
is_escaped_charset (const char *charset)
{
    static const char *const parts[] = { "utf-7", "utf7", "utf-16", "utf16",   "utf-32",
                                         "utf32", "ucs-", "hz-",    "iso-2022" };

    for (size_t i = 0; charset && i < G_N_ELEMENTS (parts); i++)
        if (text_find_nocase (dsn_bytes_str (charset), parts[i]) != G_MAXSIZE)
            return true;
    return false;
}

bool
text_has_control (struct dsn_bytes in)
{
    while (in.n) {
        gunichar c = 0xfffd;
        size_t n = MAX (valid_char (in, &c), 1u);

        if (is_control (c) && c != '\t' && c != '\r' && c != '\n')
            return true;
        in = dsn_bytes_sub (in, n, in.n);
    }
    return false;
}

bool
text_append_converted (GString *out, struct dsn_bytes in, const char *charset)
{
    if (looks_iso_2022_jp (in) && append_charset (out, in, "ISO-2022-JP-3"))
        return true;
    if (in.n == 0 || (!is_escaped_charset (charset) && !looks_iso_2022_jp (in) &&
                      (text_is_ascii (in) || g_utf8_validate_len (in.p, in.n, NULL)))) {
        g_string_append_len (out, in.p, (gssize)in.n);
        return true;
    }
    if (charset && *charset && append_charset (out, in, charset))
        return true;
    if (!append_charset (out, in, "WINDOWS-1252"))
        g_string_append_len (out, in.p, (gssize)in.n);
    return false;
}
