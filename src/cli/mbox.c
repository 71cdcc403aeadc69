/* The mbox format: RFC 4155, and the tolerance that its many writers call for. */
#include "mbox.h"

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
    *s = (struct mbox_scanner){ .is_after_blank = true };
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

/* The line in s->head is complete, and the next begins at s->offset. */
static void
end_line (struct mbox_scanner *s)
{
    const bool is_first = s->line_start == 0;
    struct dsn_bytes line = { s->head, s->n_head };

    if (s->is_after_blank && (is_first || s->mails->len) && mbox_is_from_line (line)) {
        struct mbox_mail mail = { .start = s->offset };
        if (last_mail (s))
            last_mail (s)->end = s->line_start;
        g_array_append_val (s->mails, mail);
    }
    s->is_after_blank = line.n == 0 || (line.n == 1 && line.p[0] == '\r');
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
    if (last_mail (s))
        last_mail (s)->end = s->offset;
}
