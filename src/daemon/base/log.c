/* Structured logging. The fields' values are escaped, for the journal, too: a file name may hold an
 * escape sequence, and whoever shows the journal may not expect it. The only state is where lines
 * go and how many each id wrote of late.
 */
#include "daemon/base/log.h"
#include "daemon/base/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BURST_COUNT    10
#define WINDOW_US      (60 * G_USEC_PER_SEC)
#define LINE_BYTES_MAX 4096 /* that a pipe takes as a whole */
#define FIELDS_MAX     16   /* MESSAGE is one more */

struct window {
    gint64 start_us;
    unsigned n, n_dropped;
};

static bool is_journal;
static int own_fd = -1;     /* where stderr goes, not blocking */
static unsigned n_lost;     /* lines that nobody took, since the last that was taken */
static GHashTable *windows; /* id -> struct window */

/* systemd tells the device and inode of the journal's stream, so that a stderr that was sent
 * elsewhere isn't taken for it. */
void
log_init (void)
{
    const char *stream = getenv ("JOURNAL_STREAM");
    struct stat st;

    if (stream && fstat (STDERR_FILENO, &st) == 0) {
        g_autofree char *own =
            g_strdup_printf ("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        is_journal = strcmp (own, stream) == 0;
    }
    if (!is_journal && own_fd < 0)
        own_fd = open ("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (!windows)
        windows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

bool
log_is_journal (void)
{
    return is_journal;
}

/* Counts the line; false if it's one too many. *ret_dropped: lines left out before this one. */
static bool
pass_window (const char *id, unsigned *ret_dropped)
{
    const gint64 now = g_get_monotonic_time ();
    struct window *w = windows ? g_hash_table_lookup (windows, id) : NULL;

    *ret_dropped = 0;
    if (!windows)
        return true;
    if (!w) {
        w = g_new0 (struct window, 1);
        w->start_us = now;
        g_hash_table_insert (windows, g_strdup (id), w);
    }
    if (now - w->start_us > WINDOW_US) {
        *ret_dropped = w->n_dropped;
        *w = (struct window){ .start_us = now };
    }
    if (w->n >= BURST_COUNT) {
        w->n_dropped++;
        return false;
    }
    w->n++;
    return true;
}

static const char *
priority_name (int priority)
{
    static const char *const names[] = { "emergency", "alert",  "critical", "error",
                                         "warning",   "notice", "info",     "debug" };

    return priority >= 0 && priority < (int)G_N_ELEMENTS (names) ? names[priority] : "?";
}

/* The value without anything that a terminal or a line reader takes for more than text. */
static void
append_escaped (GString *out, const char *value)
{
    const char *p = value;

    while (*p) {
        const gunichar c = g_utf8_get_char_validated (p, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf (out, "\\x%02x", (unsigned char)*p++);
            continue;
        }
        if (c == '"' || c == '\\')
            g_string_append_printf (out, "\\%c", (char)c);
        else if (!g_unichar_isprint (c) || (c != ' ' && g_unichar_isspace (c)))
            g_string_append_printf (out, "\\u%04x", c);
        else
            g_string_append_unichar (out, c);
        p = g_utf8_next_char (p);
    }
}

static void
add_field (GPtrArray *fields, const char *name, const char *value)
{
    if (fields->len < FIELDS_MAX)
        g_ptr_array_add (fields, g_strdup_printf ("%s=%s", name, value));
}

/* In journald's own protocol, "NAME=VALUE" a line: no value of ours has a line feed. The library's
 * function would wait for a journald that stands still. */
static void
write_journal (GPtrArray *fields)
{
    static const struct sockaddr_un journal = { .sun_family = AF_UNIX,
                                                .sun_path = "/run/systemd/journal/socket" };
    g_autoptr (GString) lines = g_string_new (NULL);

    for (unsigned i = 0; i < fields->len; i++)
        g_string_append_printf (lines, "%s\n", (const char *)g_ptr_array_index (fields, i));
    if (n_lost)
        g_string_append_printf (lines, "DSND_LOST=%u\n", n_lost);
    if (own_fd < 0)
        own_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    n_lost = sendto (own_fd, lines->str, lines->len, MSG_NOSIGNAL | MSG_DONTWAIT,
                     (const struct sockaddr *)&journal, sizeof journal) == (ssize_t)lines->len
                 ? 0
                 : n_lost + 1;
}

/* The line goes out at once, or is counted: whoever reads our stderr may stand still. A stream of
 * our own is not blocking, and leaves those who share the other one alone; where there's none, a
 * pipe that takes a page takes a line. */
static bool
write_line (const char *line, size_t n)
{
    GPollFD out = { .fd = STDERR_FILENO, .events = G_IO_OUT };

    if (own_fd >= 0)
        return write (own_fd, line, n) == (ssize_t)n;
    if (g_poll (&out, 1, 0) <= 0)
        return false;
    return write (STDERR_FILENO, line, MIN (n, LINE_BYTES_MAX)) >= 0;
}

static void
write_stderr (int priority, const char *id, const char *text, const GString *values)
{
    g_autofree char *lost = n_lost ? g_strdup_printf (" lost=\"%u\"", n_lost) : g_strdup ("");
    g_autofree char *line = g_strdup_printf ("dsnd: %s: %s [%s]%s%s\n", priority_name (priority),
                                             text, id, values->str, lost);

    n_lost = write_line (line, strlen (line)) ? 0 : n_lost + 1;
}

void
log_event (int priority, const char *id, const char *text, ...)
{
    g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GString) values = g_string_new (NULL);
    g_autoptr (GString) message = g_string_new (NULL);
    const int saved = errno;
    unsigned n_dropped;
    va_list ap;

    if (!pass_window (id, &n_dropped))
        return;
    g_ptr_array_add (fields, g_strdup_printf ("PRIORITY=%d", priority));
    add_field (fields, "SYSLOG_IDENTIFIER", "dsnd");
    add_field (fields, "DSND_EVENT", id);
    if (message_id (id))
        add_field (fields, "MESSAGE_ID", message_id (id));
    g_string_append_printf (message, "MESSAGE=%s", text);
    va_start (ap, text);
    for (const char *name = va_arg (ap, const char *); name; name = va_arg (ap, const char *)) {
        const char *value = va_arg (ap, const char *);
        g_autofree char *own_name = g_strconcat ("DSND_", name, NULL);
        g_autofree char *lower = g_ascii_strdown (name, -1);
        g_autoptr (GString) safe = g_string_new (NULL);
        if (!value)
            continue;
        append_escaped (safe, value);
        add_field (fields, own_name, safe->str);
        if (strcmp (name, "ERROR") == 0 || strcmp (name, "REASON") == 0)
            g_string_append_printf (message, ": %s", safe->str);
        g_string_append_printf (values, " %s=\"%s\"", lower, safe->str);
    }
    va_end (ap);
    if (n_dropped)
        g_string_append_printf (values, " left_out=\"%u\"", n_dropped);
    g_ptr_array_add (fields, g_strdup (message->str));
    if (is_journal)
        write_journal (fields);
    else
        write_stderr (priority, id, text, values);
    errno = saved;
}

char *
log_number (uint64_t value)
{
    return g_strdup_printf ("%" G_GUINT64_FORMAT, value);
}
