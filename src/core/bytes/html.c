/* HTML to text, in one pass.
 */
#include "core/bytes/html.h"

#include "core/bytes/text.h"

#include <stdlib.h>

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

/* A named character of HTML. */
struct entity {
    const char *name, *text;
};

/* All of them, by name (tools/gen-entities.py). */
static const struct entity entities[] = {
#include "entities.h"
};

/* The longest name is CounterClockwiseContourIntegral. */
#define MAX_NAME 32

static int
compare_name (const void *key, const void *row)
{
    return strcmp (key, ((const struct entity *)row)->name);
}

/* Length of "&name;" at the start of @in, 0 if no character has that name. Mail programs write
 * some in capitals. */
static size_t
append_named (GString *out, struct dsn_bytes in)
{
    char name[MAX_NAME + 1] = "";
    const struct entity *found;
    size_t n = 0;

    while (n < MAX_NAME && n + 1 < in.n && g_ascii_isalnum (in.p[n + 1])) {
        name[n] = in.p[n + 1];
        n++;
    }
    if (!n || n + 1 >= in.n || in.p[n + 1] != ';')
        return 0;
    found = bsearch (name, entities, G_N_ELEMENTS (entities), sizeof *entities, compare_name);
    for (size_t i = 0; !found && i < n; i++)
        name[i] = g_ascii_tolower (name[i]);
    if (!found)
        found = bsearch (name, entities, G_N_ELEMENTS (entities), sizeof *entities, compare_name);
    if (found)
        g_string_append (out, strcmp (found->name, "nbsp") == 0 ? " " : found->text);
    return found ? n + 2 : 0;
}

/* Length of the character reference at the start of @in ("&lt;"), 0 if it's only a '&'. */
static size_t
append_reference (GString *out, struct dsn_bytes in)
{
    unsigned value = 0;
    size_t n = append_named (out, in);
    bool is_hex;

    if (n)
        return n;
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
