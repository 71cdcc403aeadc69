/* JSON strings. All that a line reader, a terminal or JavaScript could take for structure is
 * escaped: C0 and C1 controls, DEL, U+2028 and U+2029.
 */
#include "core/event/event.h"

/* Whether the byte needs a look: most never do, and go out in runs. */
static bool
is_special (unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c == 0xc2 || c == 0xe2;
}

/* The escape for an ASCII byte; 0: none of the short ones. */
static char
short_escape (unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void
append_unicode_escape (GString *out, unsigned code)
{
    static const char hex[] = "0123456789abcdef";
    const char text[6] = {
        '\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]
    };

    g_string_append_len (out, text, sizeof text);
}

/* Appends the special at the start of @in, escaped if it must be; returns its bytes. */
static size_t
append_special (GString *out, struct dsn_bytes in)
{
    const unsigned char *p = (const unsigned char *)in.p;

    if (p[0] < 0x80) {
        char e = short_escape (p[0]);
        if (e) {
            g_string_append_c (out, '\\');
            g_string_append_c (out, e);
        } else {
            append_unicode_escape (out, p[0]);
        }
        return 1;
    }
    if (p[0] == 0xc2 && in.n >= 2 && p[1] < 0xa0) {
        append_unicode_escape (out, p[1]);
        return 2;
    }
    if (p[0] == 0xe2 && in.n >= 3 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
        append_unicode_escape (out, 0x2000u + (p[2] & 0x3fu));
        return 3;
    }
    g_string_append_c (out, (char)p[0]);
    return 1;
}

void
dsn_json_append_string (GString *out, struct dsn_bytes text)
{
    size_t at = 0;

    g_string_append_c (out, '"');
    while (at < text.n) {
        size_t run = at;
        while (run < text.n && !is_special ((unsigned char)text.p[run]))
            run++;
        if (run > at)
            g_string_append_len (out, text.p + at, (gssize)(run - at));
        at = run;
        if (at < text.n)
            at += append_special (out, dsn_bytes_sub (text, at, text.n));
    }
    g_string_append_c (out, '"');
}
