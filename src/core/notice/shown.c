/* Finding a shown header, and making a mail of what follows it.
 */
#include "core/notice/shown.h"

#include "core/bytes/text.h"

/* A field's name is so long at most, in bytes. */
#define MAX_LABEL 48
/* Lines in a shown header that are no field that we know: an empty one between two, the rest of a
 * long one, another field. */
#define MAX_GAP 2
/* Fields that must be there, From among them. */
#define MIN_FIELDS 3
/* Lines in which a header may begin: nobody writes more above a mail that is only passed on. */
#define MAX_LINES 200

/* Blanks, quote marks and the marks of bold text that stand before or behind a field's name. */
static struct dsn_bytes
skip_marks (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && strchr (" \t>|*", in.p[n]))
        n++;
    return dsn_bytes_sub (in, n, in.n);
}

/* Which field @line is, _MARK_N: none; its value in @ret_value. */
static enum mark
field_of (const struct marks *marks, struct dsn_bytes line, struct dsn_bytes *ret_value)
{
    static const char wide_colon[] = "\xEF\xBC\x9A";
    g_autofree char *name = NULL, *text = NULL;
    struct dsn_bytes bare = skip_marks (line), head = dsn_bytes_sub (bare, 0, MAX_LABEL);
    size_t colon = text_find (head, ":"), wide = text_find (head, wide_colon);
    size_t at = MIN (colon, wide), n_colon = at == colon ? 1 : sizeof wide_colon - 1;
    enum mark mark;

    if (at == G_MAXSIZE)
        return _MARK_N;
    text = g_strndup (bare.p, at);
    name = normal_phrase (text);
    mark = marks_of_label (marks, text_trim (dsn_bytes_str (name)));
    if (mark < _MARK_N)
        *ret_value = text_trim (skip_marks (dsn_bytes_sub (bare, at + n_colon, bare.n)));
    return mark;
}

/* A header that stands at a line. */
struct shown {
    struct dsn_bytes value[_MARK_N]; /* of the MARK_SHOWN_ ones */
    unsigned n_fields;
    unsigned end; /* the line behind it */
};

static struct shown
header_at (const struct notice *n, const struct marks *marks, unsigned i)
{
    struct shown s = { .end = i };
    unsigned gap = 0;

    for (; i < n->lines->len && gap <= MAX_GAP; i++) {
        struct dsn_bytes value = { 0 };
        enum mark mark = field_of (marks, notice_line_at (n, i)->text, &value);

        gap++;
        /* a field that comes again is another header's, or the text's */
        if (mark == _MARK_N || s.value[mark].p)
            continue;
        gap = 0;
        s.value[mark] = value.p ? value : dsn_bytes_str ("");
        s.n_fields++;
        s.end = i + 1;
    }
    return s;
}

/* The text from line @i on, each line without the quote marks that stand before the header's. */
static void
append_body (const struct notice *n, unsigned i, bool is_quoted, GString *out)
{
    const char *start, *end = n->text->str + n->text->len;
    struct dsn_bytes rest, line;

    if (i >= n->lines->len)
        return;
    start = notice_line_at (n, i)->text.p;
    while (start > n->text->str && start[-1] != '\n')
        start--;
    rest = (struct dsn_bytes){ start, (size_t)(end - start) };
    while (text_next_line (&rest, &line)) {
        if (is_quoted && line.n && line.p[0] == '>')
            line = dsn_bytes_sub (line, line.n > 1 && line.p[1] == ' ' ? 2 : 1, line.n);
        g_string_append_len (out, line.p, (gssize)line.n);
        g_string_append_c (out, '\n');
    }
}

static void
append_mail (const struct notice *n, const struct shown *s, bool is_quoted, GString *out)
{
    static const struct {
        enum mark mark;
        const char *name;
    } fields[] = {
        { MARK_SHOWN_FROM, "From" },
        { MARK_SHOWN_TO, "To" },
        { MARK_SHOWN_SUBJECT, "Subject" },
        { MARK_SHOWN_DATE, "Date" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
        if (s->value[fields[i].mark].n)
            g_string_append_printf (out, "%s: %.*s\n", fields[i].name,
                                    (int)MIN (s->value[fields[i].mark].n, 1000),
                                    s->value[fields[i].mark].p);
    g_string_append_c (out, '\n');
    append_body (n, s->end, is_quoted, out);
}

bool
shown_append (const struct notice *n, const struct marks *marks, GString *out)
{
    for (unsigned i = 0; i < MIN (n->lines->len, MAX_LINES); i++) {
        struct dsn_bytes line = notice_line_at (n, i)->text, value;
        struct shown s;

        if (field_of (marks, line, &value) == _MARK_N)
            continue;
        s = header_at (n, marks, i);
        if (s.n_fields < MIN_FIELDS || !s.value[MARK_SHOWN_FROM].n)
            continue;
        append_mail (n, &s, line.n && line.p[0] == '>', out);
        return true;
    }
    return false;
}
