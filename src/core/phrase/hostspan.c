/* Host names, addresses and URLs in a normalised text, found from the '.', '@' and "://" that
 * each must hold: most of a text is passed over at one table look-up per byte.
 */
#include "core/phrase/hostspan.h"

#include "core/phrase/normal.h"

#include <stdbool.h>

enum { HOST = 1, WORD = 2 }; /* WORD: may stand in an address, '@' included */

#define W WORD
#define B (HOST | WORD)

/* By ASCII character of a normalised text, which has no upper case; beyond ASCII all are B. */
static const unsigned char classes[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0, W, 0, W, W, W, W, W, 0, 0, W, W, 0, B, B, W, //
    B, B, B, B, B, B, B, B, B, B, 0, 0, 0, W, 0, W, //
    W, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, W, B, //
    W, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, //
    B, B, B, B, B, B, B, B, B, B, B, W, W, W, W, 0, //
};

#undef W
#undef B

static inline unsigned
class_of (char c)
{
    return (unsigned char)c < 0x80 ? classes[(unsigned char)c] : HOST | WORD;
}

/* Top-level domains of more than two letters that hosts in bounces use; a new word here only
 * makes more of a text a host name. */
static const char *const common_tlds[] = {
    "app",     "arpa",     "biz",     "cloud",   "club",    "com",    "coop",        "corp",
    "dev",     "edu",      "email",   "example", "gov",     "group",  "info",        "int",
    "intern",  "internal", "invalid", "lan",     "live",    "local",  "localdomain", "localhost",
    "mil",     "mobi",     "name",    "net",     "network", "online", "org",         "pro",
    "shop",    "site",     "space",   "store",   "tech",    "test",   "top",         "travel",
    "website", "work",     "world",   "xyz",
};

static bool
is_alpha (char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_digit (char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_common_tld (const char *p, size_t n)
{
    for (size_t i = 0; i < G_N_ELEMENTS (common_tlds); i++)
        if (n && common_tlds[i][0] == p[0] && strlen (common_tlds[i]) == n &&
            memcmp (common_tlds[i], p, n) == 0)
            return true;
    return n > 4 && memcmp (p, "xn--", 4) == 0;
}

/* Whether @in, of HOST characters, is a host name (a dot at its end is a full stop). */
static bool
is_host (struct dsn_bytes in)
{
    size_t label = 0;
    bool has_digit = false, is_word = true;

    while (in.n && in.p[in.n - 1] == '.')
        in.n--;
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '.' && i == label)
            return false; /* an empty label */
        if (in.p[i] == '.') {
            has_digit |= !is_word;
            label = i + 1;
            is_word = true;
        } else if (is_digit (in.p[i])) {
            is_word = false;
        }
    }
    if (label == 0)
        return false;
    if (is_common_tld (in.p + label, in.n - label))
        return true;
    for (size_t i = label; i < in.n; i++)
        if (!is_alpha (in.p[i]))
            return false;
    return in.n - label == 2 || (has_digit && in.n - label > 2);
}

static void
add_span (GArray *spans, size_t start, size_t end)
{
    struct normal_span s = { (uint32_t)start, (uint32_t)end };

    g_array_append_val (spans, s);
}

static size_t
word_start (struct dsn_bytes text, size_t from, size_t at, unsigned class)
{
    while (at > from && class_of (text.p[at - 1]) & class)
        at--;
    return at;
}

static size_t
word_end (struct dsn_bytes text, size_t at, unsigned class)
{
    while (at < text.n && class_of (text.p[at]) & class)
        at++;
    return at;
}

/* The host names in a word without '@'; a path after one belongs to it. */
static void
add_hosts (struct dsn_bytes text, size_t start, size_t end, GArray *spans)
{
    while (start < end) {
        size_t stop = word_end (text, start, HOST);
        bool is_one = stop > start && is_host (dsn_bytes_sub (text, start, stop));
        if (is_one && stop < end && text.p[stop] == '/')
            stop = end;
        if (is_one)
            add_span (spans, start, stop);
        start = stop + (stop < end);
    }
}

/* A word round a '.' or '@' at @at. Returns where to go on. */
static size_t
read_word (struct dsn_bytes text, size_t from, size_t at, GArray *spans)
{
    size_t start = word_start (text, from, at, WORD), end = word_end (text, at, WORD), sign = end;

    while (sign > start && text.p[sign - 1] != '@')
        sign--;
    if (sign == start) {
        add_hosts (text, start, end, spans);
        return end;
    }
    /* the domain ends where its characters do: "a@example.com=text" */
    if (sign - start > 1 && word_end (text, sign, HOST) > sign) {
        end = word_end (text, sign, HOST);
        add_span (spans, start, end);
    }
    return end;
}

/* A URL if the ':' at @at stands in a "scheme://". Returns where to go on. */
static size_t
read_url (struct dsn_bytes text, size_t from, size_t at, GArray *spans)
{
    size_t start = at, end = at + 1;

    if (at + 3 > text.n || text.p[at + 1] != '/' || text.p[at + 2] != '/')
        return end;
    while (start > from && is_alpha (text.p[start - 1]))
        start--;
    if (start == at)
        return end;
    while (end < text.n && !strchr (" \n<>\"", text.p[end]))
        end++;
    add_span (spans, start, end);
    return end;
}

#define EACH(byte) (UINT64_C (0x0101010101010101) * (byte))

/* Whether one of the eight bytes of @x is @byte. May say so wrongly only where one is. */
static inline uint64_t
has_byte (uint64_t x, char byte)
{
    x ^= EACH ((unsigned char)byte);
    return (x - EACH (1)) & ~x & EACH (0x80);
}

/* Moves on to the next eight bytes that hold a '.', '@' or ':'. */
static size_t
skip_plain (struct dsn_bytes text, size_t at)
{
    uint64_t x;

    for (; text.n - at >= sizeof x; at += sizeof x) {
        memcpy (&x, text.p + at, sizeof x);
        if (has_byte (x, '.') | has_byte (x, '@') | has_byte (x, ':'))
            break;
    }
    return at;
}

void
hostspan_find (struct dsn_bytes text, size_t from, GArray *spans)
{
    for (size_t at = skip_plain (text, from); at < text.n;) {
        char c = text.p[at];
        if (c == ':')
            at = from = read_url (text, from, at, spans);
        else if (c == '.' || c == '@')
            at = from = read_word (text, from, at, spans);
        else if (++at % 8 == 0)
            at = skip_plain (text, at);
    }
}
