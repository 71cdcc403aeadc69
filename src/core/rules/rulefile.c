/* The lexer of rule files: bytes to lines of words. Each error names its line and column and what
 * to write instead.
 */
#include "core/rules/rulefile.h"

#include <stdarg.h>

bool
rulefile_fail (struct dsn_rules_error *ret_error, const char *file, unsigned line, unsigned column,
               const char *format, ...)
{
    va_list args;

    va_start (args, format);
    *ret_error = (struct dsn_rules_error){ .file = g_strdup (file),
                                           .line = line,
                                           .column = column,
                                           .message = g_strdup_vprintf (format, args) };
    va_end (args);
    return false;
}

void
dsn_rules_error_clear (struct dsn_rules_error *error)
{
    g_clear_pointer (&error->file, g_free);
    g_clear_pointer (&error->message, g_free);
    error->line = error->column = 0;
}

void
rulefile_init (struct rulefile *f, const char *name, struct dsn_bytes in)
{
    *f = (struct rulefile){
        .name = name,
        .in = in,
        .words = g_array_new (FALSE, FALSE, sizeof (struct rule_word)),
        .texts = g_string_chunk_new (256),
    };
    if (in.n >= 3 && memcmp (in.p, "\xEF\xBB\xBF", 3) == 0)
        f->at = 3; /* a byte order mark, as some editors write it */
}

void
rulefile_clear (struct rulefile *f)
{
    g_clear_pointer (&f->words, g_array_unref);
    g_clear_pointer (&f->texts, g_string_chunk_free);
}

/* One line of the file while its words are read. */
struct cursor {
    struct rulefile *f;
    struct dsn_bytes in; /* the line, without its end */
    size_t at;
    size_t mark; /* the byte that stands in column @mark_column */
    unsigned mark_column;
    struct dsn_rules_error *error;
};

/* The column of byte @at, in characters; never before the one asked for last. */
static unsigned
column_of (struct cursor *c, size_t at)
{
    c->mark_column += (unsigned)g_utf8_strlen (c->in.p + c->mark, (gssize)(at - c->mark));
    c->mark = at;
    return c->mark_column;
}

#define FAIL(c, at, ...)                                                                           \
    rulefile_fail ((c)->error, (c)->f->name, (c)->f->line, column_of ((c), (at)), __VA_ARGS__)

static bool
is_blank (char c)
{
    return c == ' ' || c == '\t';
}

static void
add_word (struct cursor *c, const char *text, size_t n, size_t at, bool is_quoted)
{
    struct rule_word w = { g_string_chunk_insert_len (c->f->texts, text, (gssize)n),
                           column_of (c, at), is_quoted };

    g_array_append_val (c->f->words, w);
}

/* Whether the quote that starts at @at is closed and holds no escape; its end in @ret_end. */
static bool
is_plain_quote (const struct cursor *c, size_t at, size_t *ret_end)
{
    for (at++; at < c->in.n && c->in.p[at] != '\\'; at++)
        if (c->in.p[at] == '"') {
            *ret_end = at;
            return true;
        }
    return false;
}

/* The words of a quote with escapes, or of one that isn't closed: false. */
static bool
read_escaped (struct cursor *c, size_t start)
{
    g_autoptr (GString) text = g_string_new (NULL);

    for (; c->at < c->in.n && c->in.p[c->at] != '"'; c->at++) {
        char next = c->at + 1 < c->in.n ? c->in.p[c->at + 1] : '\0';
        if (c->in.p[c->at] == '\\') {
            if (next != '"' && next != '\\')
                return FAIL (c, c->at,
                             "in quotes, a backslash stands before \" or \\ only: "
                             "write \\\\ for a backslash");
            c->at++;
        }
        g_string_append_c (text, c->in.p[c->at]);
    }
    if (c->at == c->in.n)
        return FAIL (c, start, "this quote isn't closed: put a \" at the end of the words");
    add_word (c, text->str, text->len, start, true);
    return true;
}

static bool
read_quoted (struct cursor *c)
{
    size_t start = c->at++, end;

    if (is_plain_quote (c, start, &end)) {
        add_word (c, c->in.p + start + 1, end - start - 1, start, true);
        c->at = end;
    } else if (!read_escaped (c, start)) {
        return false;
    }
    c->at++;
    if (c->at < c->in.n && !is_blank (c->in.p[c->at]) && c->in.p[c->at] != '#')
        return FAIL (c, c->at,
                     "put a blank after the closing quote (a quote inside is written \\\")");
    return true;
}

static bool
read_bare (struct cursor *c)
{
    size_t start = c->at;

    while (c->at < c->in.n && !is_blank (c->in.p[c->at]) && c->in.p[c->at] != '#') {
        if (c->in.p[c->at] == '"')
            return FAIL (c, c->at,
                         "a quote within a word: put the whole word in quotes, and "
                         "write \\\" for the quote");
        c->at++;
    }
    add_word (c, c->in.p + start, c->at - start, start, false);
    return true;
}

static bool
check_characters (struct cursor *c)
{
    const char *bad;

    /* g_utf8_validate stops at a NUL, too */
    if (!g_utf8_validate (c->in.p, (gssize)c->in.n, &bad))
        return FAIL (c, (size_t)(bad - c->in.p), "not UTF-8 text: save the file as UTF-8");
    for (size_t i = 0; i < c->in.n; i++)
        if (((unsigned char)c->in.p[i] < ' ' && !is_blank (c->in.p[i])) || c->in.p[i] == 0x7F)
            return FAIL (c, i, "a control character (0x%02X): remove it",
                         (unsigned)(unsigned char)c->in.p[i]);
    return true;
}

/* The words of one line, none for a blank one. */
static bool
read_line (struct cursor *c)
{
    if (c->in.n == 0)
        return true;
    if (!check_characters (c))
        return false;
    for (;;) {
        while (c->at < c->in.n && is_blank (c->in.p[c->at]))
            c->at++;
        if (c->at == c->in.n || c->in.p[c->at] == '#')
            return true;
        if (!(c->in.p[c->at] == '"' ? read_quoted (c) : read_bare (c)))
            return false;
    }
}

/* Takes the next line off the file, without LF or CRLF. */
static struct dsn_bytes
take_line (struct rulefile *f)
{
    const char *start = f->in.p + f->at, *end = memchr (start, '\n', f->in.n - f->at);
    size_t n = end ? (size_t)(end - start) : f->in.n - f->at;

    f->at += n + (end != NULL);
    f->line++;
    if (n && start[n - 1] == '\r')
        n--;
    return (struct dsn_bytes){ start, n };
}

enum rulefile_result
rulefile_next (struct rulefile *f, struct rule_line *ret_line, struct dsn_rules_error *ret_error)
{
    g_array_set_size (f->words, 0);
    g_string_chunk_clear (f->texts);
    while (f->at < f->in.n) {
        struct cursor c = { .f = f, .in = take_line (f), .mark_column = 1, .error = ret_error };
        if (!read_line (&c))
            return RULEFILE_ERROR;
        if (f->words->len == 0)
            continue;
        *ret_line = (struct rule_line){ f->line, (const struct rule_word *)(void *)f->words->data,
                                        f->words->len };
        return RULEFILE_LINE;
    }
    return RULEFILE_END;
}
