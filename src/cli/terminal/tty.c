/* Text that is safe to show, and what the terminal can show. */
#include "cli/terminal/tty.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     40

static unsigned
terminal_width (int fd)
{
    const char *columns = g_getenv ("COLUMNS");
    struct winsize size;
    guint64 n;

    if (columns && g_ascii_string_to_unsigned (columns, 10, WIDTH_MIN, 1000, &n, NULL))
        return (unsigned)n;
    if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_MIN)
        return size.ws_col;
    return WIDTH_DEFAULT;
}

struct tty
tty_of (FILE *stream)
{
    const char *no_color = g_getenv ("NO_COLOR");
    struct tty t = { .is_terminal = isatty (fileno (stream)) == 1, .width = WIDTH_DEFAULT };

    if (t.is_terminal)
        t.width = terminal_width (fileno (stream));
    t.is_utf8 = !t.is_terminal || g_get_charset (NULL);
    t.has_color =
        t.is_terminal && (!no_color || !*no_color) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
    return t;
}

/* Characters that change how others are shown, without being shown. The joiners are part of
 * words and emoji. */
static bool
is_hidden (gunichar c)
{
    if (c == 0x200c || c == 0x200d)
        return false;
    switch ((int)g_unichar_type (c)) {
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
        return true;
    default:
        return false;
    }
}

static gunichar
safe_char (gunichar c)
{
    if (c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
        return ' ';
    if (c < 0x20)
        return 0x2400 + c;
    if (c == 0x7f)
        return 0x2421;
    if ((c >= 0x80 && c < 0xa0) || is_hidden (c))
        return 0xfffd;
    return c;
}

void
tty_append_safe (GString *out, struct dsn_bytes text, bool is_utf8)
{
    size_t at = 0;

    while (at < text.n) {
        gunichar c = g_utf8_get_char_validated (text.p + at, (gssize)(text.n - at));
        /* a NUL reads as "partial", since GLib takes it for the end */
        bool is_nul = text.p[at] == '\0';
        bool is_bad = !is_nul && (c == (gunichar)-1 || c == (gunichar)-2);
        gunichar shown = is_nul ? 0x2400 : is_bad ? 0xfffd : safe_char (c);

        if (shown < 0x80 || is_utf8)
            g_string_append_unichar (out, shown);
        else
            g_string_append_c (out, '?');
        at += is_nul || is_bad ? 1 : (size_t)g_unichar_to_utf8 (c, NULL);
    }
}

void
tty_append_json (GString *out, struct dsn_bytes json)
{
    size_t at = 0, n;

    for (; at < json.n; at += n) {
        gunichar c = (unsigned char)json.p[at];
        n = 1;
        if (c >= 0x80) {
            c = g_utf8_get_char (json.p + at);
            n = (size_t)g_unichar_to_utf8 (c, NULL);
        }
        if (c < 0x80 || !is_hidden (c))
            g_string_append_len (out, json.p + at, (gssize)n);
        else if (c < 0x10000)
            g_string_append_printf (out, "\\u%04x", c);
        else
            g_string_append_printf (out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
                                    0xdc00 + (c & 0x3ff));
    }
}

unsigned
tty_columns (struct dsn_bytes text)
{
    unsigned columns = 0;

    for (const char *p = text.p; p && p < text.p + text.n; p = g_utf8_next_char (p)) {
        gunichar c = g_utf8_get_char (p);
        if (!g_unichar_iszerowidth (c))
            columns += g_unichar_iswide (c) ? 2 : 1;
    }
    return columns;
}

void
tty_complain (const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autoptr (GString) safe = g_string_new ("dsnctl: ");
    va_list ap;

    va_start (ap, format);
    message = g_strdup_vprintf (format, ap);
    va_end (ap);
    tty_append_safe (safe, dsn_bytes_str (message), tty_of (stderr).is_utf8);
    g_string_append_c (safe, '\n');
    (void)fwrite (safe->str, 1, safe->len, stderr);
}
