/* The few control sequences that all terminals since the VT100 know. */
#include "cli/top/topscreen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER    "\033[?1049h\033[?25l\033[2J"
#define LEAVE    "\033[0m\033[?25h\033[?1049l"
#define LEAVE_MS 1000

struct topscreen {
    int fd;
    struct termios before;
    GPtrArray *shown; /* the lines of the last frame, as they were written */
    unsigned width, height;
    GString *out;
    gsize n_written;
    char keys[64];
    size_t n_keys, at;
};

struct topscreen *
topscreen_new (void)
{
    const int fd = open ("/dev/tty", O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct topscreen *s;
    struct termios raw, before;

    if (fd < 0)
        return NULL;
    if (tcgetattr (fd, &before) != 0) {
        (void)close (fd);
        return NULL;
    }
    s = g_new0 (struct topscreen, 1);
    s->fd = fd;
    s->before = raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    (void)tcsetattr (fd, TCSADRAIN, &raw);
    s->shown = g_ptr_array_new_with_free_func (g_free);
    s->out = g_string_new (ENTER);
    topscreen_flush (s);
    return s;
}

void
topscreen_free (struct topscreen *s)
{
    struct pollfd fd = { s->fd, POLLOUT, 0 };

    /* a line that is too slow for this gets no more than the end */
    g_string_append (s->out, LEAVE);
    for (int i = 0; topscreen_is_busy (s) && i < 10 && poll (&fd, 1, LEAVE_MS / 10) >= 0; i++)
        topscreen_flush (s);
    (void)tcsetattr (s->fd, TCSANOW, &s->before);
    (void)close (s->fd);
    g_ptr_array_unref (s->shown);
    (void)g_string_free (s->out, TRUE);
    g_free (s);
}

int
topscreen_fd (const struct topscreen *s)
{
    return s->fd;
}

bool
topscreen_is_busy (const struct topscreen *s)
{
    return s->n_written < s->out->len;
}

void
topscreen_flush (struct topscreen *s)
{
    while (topscreen_is_busy (s)) {
        const ssize_t n = write (s->fd, s->out->str + s->n_written, s->out->len - s->n_written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        s->n_written += (gsize)n;
    }
    g_string_truncate (s->out, 0);
    s->n_written = 0;
}

void
topscreen_size (const struct topscreen *s, unsigned *ret_width, unsigned *ret_height)
{
    struct winsize size = { 0 };
    const bool is_known = ioctl (s->fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;

    *ret_width = is_known ? MAX (size.ws_col, 20) : 80;
    *ret_height = is_known ? MAX (size.ws_row, 8) : 24;
}

static const char *
line_shown (const struct topscreen *s, unsigned i)
{
    return i < s->shown->len ? g_ptr_array_index (s->shown, i) : NULL;
}

void
topscreen_show (struct topscreen *s, const GArray *lines)
{
    g_autoptr (GPtrArray) next = g_ptr_array_new_with_free_func (g_free);
    unsigned width, height;

    if (topscreen_is_busy (s))
        return;
    topscreen_size (s, &width, &height);
    if (width != s->width || height != s->height) {
        g_ptr_array_set_size (s->shown, 0);
        g_string_append (s->out, "\033[2J");
        s->width = width;
        s->height = height;
    }
    for (unsigned i = 0; i < lines->len; i++) {
        const struct top_line *line = &g_array_index (lines, struct top_line, i);
        char *text = line->style ? g_strdup_printf ("\033[%sm%s\033[0m", line->style, line->text)
                                 : g_strdup (line->text);
        if (g_strcmp0 (text, line_shown (s, i)) != 0)
            g_string_append_printf (s->out, "\033[%u;1H\033[K%s", i + 1, text);
        g_ptr_array_add (next, text);
    }
    g_ptr_array_unref (s->shown);
    s->shown = g_steal_pointer (&next);
    topscreen_flush (s);
}

/* What the characters behind ESC mean; how many they are in *@ret_n. */
static int
escape_key (const char *text, size_t n, size_t *ret_n)
{
    static const struct {
        const char *text;
        int key;
    } keys[] = {
        { "[A", KEY_UP },       { "OA", KEY_UP },         { "[B", KEY_DOWN }, { "OB", KEY_DOWN },
        { "[5~", KEY_PAGE_UP }, { "[6~", KEY_PAGE_DOWN }, { "[C", KEY_NONE }, { "[D", KEY_ESCAPE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        if (strlen (keys[i].text) <= n &&
            strncmp (keys[i].text, text, strlen (keys[i].text)) == 0) {
            *ret_n = strlen (keys[i].text);
            return keys[i].key;
        }
    *ret_n = 0;
    return KEY_ESCAPE;
}

int
topscreen_key (struct topscreen *s)
{
    size_t n_more = 0;
    int key;

    if (s->at == s->n_keys) {
        const ssize_t n = read (s->fd, s->keys, sizeof s->keys);
        if (n <= 0)
            return n < 0 && errno != EAGAIN && errno != EINTR ? -1 : KEY_NONE;
        s->n_keys = (size_t)n;
        s->at = 0;
    }
    key = (unsigned char)s->keys[s->at++];
    if (key == '\033') {
        key = escape_key (s->keys + s->at, s->n_keys - s->at, &n_more);
        s->at += n_more;
    }
    return key;
}
