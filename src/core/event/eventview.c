/* A strict reader of JSON that keeps the members of the first two levels, and steps over the rest.
 * Texts are unescaped into one buffer, which is never longer than the JSON itself: each loses its
 * two quotation marks and gains a NUL.
 */
#include "core/event/eventview.h"

#include <stdbool.h>
#include <string.h>

struct member {
    const char *group, *key; /* of the buffer; group "": the event's own */
    size_t n_key;
    const char *text;         /* of the buffer; NULL: no string */
    struct dsn_bytes literal; /* a number as it stands; else empty */
};

struct dsn_eventview {
    GArray *members; /* struct member */
    char *buffer;
};

struct reader {
    const char *at, *end;
    char *free; /* of the buffer: where the next text goes */
    struct dsn_eventview *view;
};

static bool read_value (struct reader *r, unsigned depth, const char *group, struct member *ret);

static void
skip_blanks (struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

/* Steps over @c and the blanks before it; false if it isn't there. */
static bool
skip_char (struct reader *r, char c)
{
    skip_blanks (r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Four digits of an escape; -1 if they aren't there. */
static int
read_hex (struct reader *r)
{
    int value = 0;

    if (r->end - r->at < 4)
        return -1;
    for (unsigned i = 0; i < 4; i++) {
        const int digit = g_ascii_xdigit_value (*r->at++);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* What stands behind "\u": one unit of UTF-16, or a pair (RFC 8259 section 7). */
static bool
read_unicode (struct reader *r)
{
    int unit = read_hex (r), low;

    if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return false;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
            return false;
        r->at += 2;
        low = read_hex (r);
        if (low < 0xdc00 || low > 0xdfff)
            return false;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    r->free += g_unichar_to_utf8 ((gunichar)unit, r->free);
    return true;
}

/* What stands behind a backslash. */
static bool
read_escape (struct reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (r->at == r->end)
        return false;
    if (*r->at == 'u') {
        r->at++;
        return read_unicode (r);
    }
    found = *r->at ? strchr (from, *r->at) : NULL;
    if (!found)
        return false;
    r->at++;
    *r->free++ = to[found - from];
    return true;
}

/* The string at @r, its first quotation mark included; NULL if there's none. (borrowed) */
static const char *
read_string (struct reader *r)
{
    const char *text = r->free;

    if (!skip_char (r, '"'))
        return NULL;
    while (r->at < r->end) {
        const unsigned char c = (unsigned char)*r->at++;
        if (c == '"') {
            *r->free++ = '\0';
            return text;
        }
        if (c < ' ' || (c == '\\' && !read_escape (r)))
            return NULL;
        if (c != '\\')
            *r->free++ = (char)c;
    }
    return NULL;
}

static size_t
skip_digits (struct reader *r)
{
    const char *start = r->at;

    while (r->at < r->end && g_ascii_isdigit (*r->at))
        r->at++;
    return (size_t)(r->at - start);
}

static bool
skip_any (struct reader *r, const char *set)
{
    const bool is_there = r->at < r->end && *r->at && strchr (set, *r->at);

    r->at += is_there;
    return is_there;
}

/* RFC 8259 section 6. */
static bool
read_number (struct reader *r, struct member *ret)
{
    const char *start = r->at, *digits;

    (void)skip_any (r, "-");
    digits = r->at;
    if (skip_digits (r) == 0 || (*digits == '0' && r->at - digits > 1))
        return false;
    if (skip_any (r, ".") && skip_digits (r) == 0)
        return false;
    if (skip_any (r, "eE")) {
        (void)skip_any (r, "+-");
        if (skip_digits (r) == 0)
            return false;
    }
    ret->literal = (struct dsn_bytes){ start, (size_t)(r->at - start) };
    return true;
}

static bool
read_word (struct reader *r)
{
    static const char *const words[] = { "true", "false", "null" };

    for (unsigned i = 0; i < G_N_ELEMENTS (words); i++) {
        const size_t n = strlen (words[i]);
        if ((size_t)(r->end - r->at) >= n && memcmp (r->at, words[i], n) == 0) {
            r->at += n;
            return true;
        }
    }
    return false;
}

/* Members are kept of the event (depth 1) and of the objects in it (depth 2). */
static bool
read_object (struct reader *r, unsigned depth, const char *group)
{
    if (!skip_char (r, '{'))
        return false;
    if (skip_char (r, '}'))
        return true;
    do {
        struct member m = { .group = depth == 1 ? "" : group, .key = read_string (r) };
        /* its NUL counts, too */
        m.n_key = m.key ? (size_t)(r->free - m.key) : 0;
        if (!m.key || !skip_char (r, ':') || !read_value (r, depth, m.key, &m))
            return false;
        if (depth <= 2)
            g_array_append_val (r->view->members, m);
    } while (skip_char (r, ','));
    return skip_char (r, '}');
}

static bool
read_array (struct reader *r, unsigned depth)
{
    struct member ignored;

    if (!skip_char (r, '['))
        return false;
    if (skip_char (r, ']'))
        return true;
    do
        if (!read_value (r, depth, NULL, &ignored))
            return false;
    while (skip_char (r, ','));
    return skip_char (r, ']');
}

/* A value at @depth, called @name; NULL: it stands in an array, and what is in it has no name. */
static bool
read_value (struct reader *r, unsigned depth, const char *name, struct member *ret)
{
    skip_blanks (r);
    if (r->at == r->end)
        return false;
    switch (*r->at) {
    case '"':
        return (ret->text = read_string (r)) != NULL;
    case '{':
        return depth < DSN_EVENTVIEW_MAX_DEPTH && read_object (r, depth + 1, name);
    case '[':
        return depth < DSN_EVENTVIEW_MAX_DEPTH && read_array (r, depth + 1);
    case 't':
    case 'f':
    case 'n':
        return read_word (r);
    default:
        return read_number (r, ret);
    }
}

struct dsn_eventview *
dsn_eventview_read (struct dsn_bytes json)
{
    g_autoptr (dsn_eventview_t) view = g_new0 (struct dsn_eventview, 1);
    struct reader r = { .at = json.p, .view = view };

    if (json.n == 0 || !g_utf8_validate_len (json.p, json.n, NULL))
        return NULL;
    r.end = json.p + json.n;
    r.free = view->buffer = g_malloc (json.n);
    view->members = g_array_sized_new (FALSE, FALSE, sizeof (struct member), 64);
    if (!read_object (&r, 1, ""))
        return NULL;
    skip_blanks (&r);
    return r.at == r.end ? g_steal_pointer (&view) : NULL;
}

void
dsn_eventview_free (struct dsn_eventview *view)
{
    if (!view)
        return;
    if (view->members)
        g_array_unref (view->members);
    g_free (view->buffer);
    g_free (view);
}

static const struct member *
find (const struct dsn_eventview *view, const char *group, const char *key)
{
    const size_t n_key = strlen (key) + 1;

    for (unsigned i = view->members->len; i > 0; i--) {
        const struct member *m = &g_array_index (view->members, struct member, i - 1);
        if (m->n_key == n_key && memcmp (m->key, key, n_key) == 0 && strcmp (m->group, group) == 0)
            return m;
    }
    return NULL;
}

const char *
dsn_eventview_text (const struct dsn_eventview *view, const char *group, const char *key)
{
    const struct member *m = find (view, group, key);

    return m && m->text ? m->text : "";
}

int64_t
dsn_eventview_number (const struct dsn_eventview *view, const char *group, const char *key,
                      int64_t otherwise)
{
    const struct member *m = find (view, group, key);
    char text[sizeof "-9223372036854775808"] = "";
    gint64 value;

    if (!m || m->literal.n == 0 || m->literal.n >= sizeof text)
        return otherwise;
    memcpy (text, m->literal.p, m->literal.n);
    return g_ascii_string_to_signed (text, 10, INT64_MIN, INT64_MAX, &value, NULL) ? value
                                                                                   : otherwise;
}
