/* HTML to text, in one pass.
 */
#include "core/bytes/html.h"

#include "core/bytes/text.h"

#include <stdint.h>

#include "entities.h"

static bool
tag_is (struct dsn_bytes tag, const char *name)
{
    size_t n = strlen (name);
    return text_has_prefix (tag, name) && (tag.n == n || !g_ascii_isalnum (tag.p[n]));
}

/* "<5.1.1" and "a < b" are text. */
static bool
is_tag_start (char c)
{
    return g_ascii_isalpha (c) || c == '/' || c == '!' || c == '?';
}

static bool
ends_line (struct dsn_bytes tag)
{
    static const char *const blocks[] = {
        "br", "p",  "div", "tr", "li", "table", "h1",  "h2",         "h3", "h4",
        "h5", "h6", "ul",  "ol", "hr", "title", "pre", "blockquote", "dt", "dd",
    };

    if (tag.n && tag.p[0] == '/')
        tag = dsn_bytes_sub (tag, 1, tag.n);
    for (size_t i = 0; i < G_N_ELEMENTS (blocks); i++)
        if (tag_is (tag, blocks[i]))
            return true;
    return false;
}

/* Letters and digits of the longest name. */
#define NAME_BYTES 32

/* The text of the character that HTML calls @name, which may end in ';'; empty if it knows none. */
static struct dsn_bytes
find_entity (struct dsn_bytes name)
{
    size_t low = 0, high = G_N_ELEMENTS (entity_at);

    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *known = entity_text + entity_at[middle], *text = strchr (known, '\t');
        size_t n = (size_t)(text - known);
        int order = memcmp (name.p, known, MIN (name.n, n));

        if (order == 0 && name.n == n)
            return (struct dsn_bytes){ text + 1, (size_t)(strchr (text, '\n') - text) - 1 };
        if (order < 0 || (order == 0 && name.n < n))
            high = middle;
        else
            low = middle + 1;
    }
    return (struct dsn_bytes){ 0 };
}

/* As below for a name: "&auml;". Some may lack the ';', where no word goes on behind them. */
static size_t
append_named (GString *out, struct dsn_bytes in)
{
    struct dsn_bytes text;
    size_t n = 1;

    while (n < in.n && n <= NAME_BYTES && g_ascii_isalnum (in.p[n]))
        n++;
    if (n < in.n && in.p[n] == '=')
        return 0;
    n += n < in.n && in.p[n] == ';';
    if (text_has_prefix (in, "&nbsp") && n <= strlen ("&nbsp;"))
        text = dsn_bytes_str (" ");
    else
        text = find_entity (dsn_bytes_sub (in, 1, n));
    g_string_append_len (out, text.p, (gssize)text.n);
    return text.n ? n : 0;
}

/* Length of the character reference at the start of @in ("&lt;"), 0 if it's only a '&'. */
static size_t
append_reference (GString *out, struct dsn_bytes in)
{
    unsigned value = 0;
    size_t n;
    bool is_hex;

    if (in.n > 1 && g_ascii_isalpha (in.p[1]))
        return append_named (out, in);
    if (in.n < 4 || in.p[1] != '#')
        return 0;
    is_hex = in.p[2] == 'x' || in.p[2] == 'X';
    for (n = is_hex ? 3 : 2; n < in.n && n < 10; n++) {
        int digit = is_hex ? g_ascii_xdigit_value (in.p[n]) : g_ascii_digit_value (in.p[n]);
        if (digit < 0)
            break;
        value = value * (is_hex ? 16 : 10) + (unsigned)digit;
    }
    if (n >= in.n || in.p[n] != ';' || !value || !g_unichar_validate (value))
        return 0;
    g_string_append_unichar (out, value);
    return n + 1;
}

/* Bytes to step over for an element whose content isn't text, 0 if it isn't one. @missing
 * remembers the ends that don't come any more, so that the search stays linear. */
static size_t
skip_element (struct dsn_bytes in, struct dsn_bytes tag, unsigned *missing)
{
    static const char *const names[] = { "style", "script", "head" };
    static const char *const ends[] = { "</style", "</script", "</head" };

    /* a comment may hold '>' */
    if (text_has_prefix (tag, "!--") && !(*missing & 1u << G_N_ELEMENTS (names))) {
        size_t end = text_find (in, "-->");
        if (end != G_MAXSIZE)
            return end + 3;
        *missing |= 1u << G_N_ELEMENTS (names);
    }
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (tag_is (tag, names[i]) && !(*missing & 1u << i)) {
            size_t end = text_find_nocase (in, ends[i]);
            if (end != G_MAXSIZE)
                return end;
            *missing |= 1u << i;
        }
    return 0;
}

void
html_append_text (GString *out, struct dsn_bytes in)
{
    unsigned missing = 0;
    bool has_close = true;

    while (in.n) {
        size_t n = 1;
        const char *close = NULL;

        if (in.p[0] == '<' && has_close && in.n > 1 && is_tag_start (in.p[1])) {
            close = memchr (in.p, '>', in.n);
            has_close = close != NULL;
        }

        if (close) {
            struct dsn_bytes tag = { in.p + 1, (size_t)(close - in.p) - 1 };
            size_t skip = skip_element (in, tag, &missing);
            n = skip ? skip : tag.n + 2;
            if (ends_line (tag)) {
                g_string_append_c (out, '\n');
                /* the end of the source's line is none of the text's */
                n += in.n > n && in.p[n] == '\r';
                n += in.n > n && in.p[n] == '\n';
            } else if (tag_is (tag, "td") || tag_is (tag, "th"))
                g_string_append_c (out, ' ');
        } else if (in.p[0] == '&' && (n = append_reference (out, in)) == 0) {
            g_string_append_c (out, '&');
            n = 1;
        } else if (in.p[0] != '&')
            g_string_append_c (out, in.p[0]);
        in = dsn_bytes_sub (in, n, in.n);
    }
}
