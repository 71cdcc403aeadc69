/* Wrapping. */
#include "cli/terminal/paragraph.h"

#include <string.h>

#define LABEL_COLUMNS 13
#define WIDTH_MAX     110

void
paragraph_append_colored (GString *out, const char *color, const char *text, const struct tty *tty)
{
    if (tty->has_color)
        g_string_append_printf (out, "\033[%sm%s\033[0m", color, text);
    else
        g_string_append (out, text);
}

/* Bytes of the safe @text that fit into @columns: up to a space where there's one. */
static size_t
fitting (const char *text, unsigned columns)
{
    const char *p = text, *space = NULL;

    for (unsigned used = 0; *p; p = g_utf8_next_char (p)) {
        used += tty_columns ((struct dsn_bytes){ p, (size_t)(g_utf8_next_char (p) - p) });
        if (used > columns)
            return (size_t)((space ? space : p) - text);
        if (*p == ' ' && p > text)
            space = p;
    }
    return (size_t)(p - text);
}

void
paragraph_append (GString *out, const char *label, const char *text, const struct tty *tty)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    g_autofree char *padded = g_strdup_printf ("    %-*s", LABEL_COLUMNS - 4, label);
    const unsigned columns = MIN (tty->width, WIDTH_MAX) - LABEL_COLUMNS;
    const char *rest;

    tty_append_safe (safe, dsn_bytes_str (text), tty->is_utf8);
    g_strchomp (safe->str);
    paragraph_append_colored (out, DIM, padded, tty);
    for (rest = safe->str;; rest += strspn (rest, " ")) {
        const size_t n = fitting (rest, columns);
        size_t n_shown = n;
        while (n_shown && rest[n_shown - 1] == ' ')
            n_shown--;
        g_string_append_len (out, rest, (gssize)n_shown);
        g_string_append_c (out, '\n');
        rest += n;
        if (!*rest)
            return;
        g_string_append_printf (out, "%*s", LABEL_COLUMNS, "");
    }
}
