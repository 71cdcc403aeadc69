/* The mbox format: RFC 4155, and the tolerance that its many writers call for. */
#include "cli/read/mbox.h"

static bool
is_any_of (struct dsn_bytes word, const char *const *names)
{
    for (; *names; names++)
        if (word.n == 3 && memcmp (word.p, *names, 3) == 0)
            return true;
    return false;
}

bool
mbox_is_from_line (struct dsn_bytes line)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", NULL };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                                          "Aug", "Sep", "Oct", "Nov", "Dec", NULL };

    if (line.n < 5 || memcmp (line.p, "From ", 5) != 0)
        return false;
    for (size_t i = 5; i + 12 <= line.n; i++)
        if (line.p[i] == ' ' && line.p[i + 4] == ' ' && line.p[i + 8] == ' ' &&
            is_any_of (dsn_bytes_sub (line, i + 1, i + 4), days) &&
            is_any_of (dsn_bytes_sub (line, i + 5, i + 8), months))
            return true;
    return false;
}

void
mbox_scanner_init (struct mbox_scanner *s)
{
    *s = (struct mbox_scanner){ .is_after_blank = true, .content_length = -1 };
    s->mails = g_array_new (FALSE, FALSE, sizeof (struct mbox_mail));
}

void
mbox_scanner_clear (struct mbox_scanner *s)
{
    g_clear_pointer (&s->mails, g_array_unref);
}

static struct mbox_mail *
last_mail (struct mbox_scanner *s)
{
    return s->mails->len ? &g_array_index (s->mails, struct mbox_mail, s->mails->len - 1) : NULL;
}

static void
begin_mail (struct mbox_scanner *s)
{
    const struct mbox_mail mail = { .start = s->offset };

    g_array_append_val (s->mails, mail);
    s->is_in_header = true;
    s->content_length = -1;
}

/* The Content-Length was right: From_ lines before its end were text. */
static void
believe_length (struct mbox_scanner *s)
{
    g_array_set_size (s->mails, s->n_at_body);
    last_mail (s)->end = s->body_end;
    last_mail (s)->is_counted = true;
    s->body_end = 0;
}

/* Whether, at the beginning of a line, the mail can end where its Content-Length says: a line end
 * that the body lacked, and an empty line, may stand between. */
static bool
is_near_body_end (const struct mbox_scanner *s, uint64_t offset)
{
    return s->body_end && offset >= s->body_end && offset - s->body_end <= 2 * strlen ("\r\n");
}

static bool
is_content_length (struct dsn_bytes line, int64_t *ret_length)
{
    static const char name[] = "Content-Length:";
    g_autofree char *value = NULL;
    guint64 n;

    if (line.n < sizeof name || g_ascii_strncasecmp (line.p, name, sizeof name - 1) != 0)
        return false;
    value = g_strstrip (g_strndup (line.p + sizeof name - 1, line.n - (sizeof name - 1)));
    if (!g_ascii_string_to_unsigned (value, 10, 0, INT64_MAX / 2, &n, NULL))
        return false;
    *ret_length = (int64_t)n;
    return true;
}

static void
read_header_line (struct mbox_scanner *s, struct dsn_bytes line, bool is_blank)
{
    if (!is_blank) {
        (void)is_content_length (line, &s->content_length);
        return;
    }
    s->is_in_header = false;
    if (s->content_length >= 0 && s->body_end == 0) {
        s->body_end = s->offset + (uint64_t)s->content_length;
        s->n_at_body = s->mails->len;
    }
}

/* The line in s->head is complete, and the next begins at s->offset. */
static void
end_line (struct mbox_scanner *s)
{
    const struct dsn_bytes line = { s->head, s->n_head };
    const bool is_blank = line.n == 0 || (line.n == 1 && line.p[0] == '\r');
    const bool is_first = s->line_start == 0;
    const bool is_from = mbox_is_from_line (line);

    if (is_from && is_near_body_end (s, s->line_start)) {
        believe_length (s);
        begin_mail (s);
    } else if (is_from && s->is_after_blank && (is_first || s->mails->len)) {
        if (last_mail (s))
            last_mail (s)->end = s->blank_start;
        begin_mail (s);
    } else if (s->is_in_header) {
        read_header_line (s, line, is_blank);
    }
    if (s->line_start >= s->body_end && !is_blank)
        s->body_end = 0; /* something else stands there: it was wrong */
    s->is_after_blank = is_blank;
    s->blank_start = s->line_start;
    s->line_start = s->offset;
    s->n_head = 0;
}

void
mbox_scanner_feed (struct mbox_scanner *s, struct dsn_bytes piece)
{
    size_t at = 0;

    while (at < piece.n) {
        const char *end = memchr (piece.p + at, '\n', piece.n - at);
        size_t n = end ? (size_t)(end - piece.p) - at : piece.n - at;
        size_t n_kept = MIN (n, sizeof s->head - s->n_head);

        memcpy (s->head + s->n_head, piece.p + at, n_kept);
        s->n_head += n_kept;
        s->offset += n + (end ? 1 : 0);
        at += n + (end ? 1 : 0);
        if (end)
            end_line (s);
    }
}

void
mbox_scanner_finish (struct mbox_scanner *s)
{
    if (s->n_head)
        end_line (s);
    if (is_near_body_end (s, s->offset))
        believe_length (s);
    else if (last_mail (s))
        last_mail (s)->end = s->is_after_blank ? s->blank_start : s->offset;
}

/* Length of the quotes before "From " at the start of @line, 0 if it's no quoted From_ line. */
static size_t
quotes_of (const char *line, size_t n)
{
    size_t n_quotes = 0;

    while (n_quotes < n && line[n_quotes] == '>')
        n_quotes++;
    return n - n_quotes >= 5 && memcmp (line + n_quotes, "From ", 5) == 0 ? n_quotes : 0;
}

size_t
mbox_unquote (char *mail, size_t n)
{
    size_t from = 0, to = 0;

    while (from < n) {
        const char *end = memchr (mail + from, '\n', n - from);
        const size_t n_line = end ? (size_t)(end - mail) + 1 - from : n - from;
        const size_t n_cut = quotes_of (mail + from, n_line) ? 1 : 0;
        if (to != from || n_cut)
            memmove (mail + to, mail + from + n_cut, n_line - n_cut);
        to += n_line - n_cut;
        from += n_line;
    }
    return to;
}
