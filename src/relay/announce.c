/* The journal, systemd and Prometheus. */
#include "relay/announce.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#define AGAIN_US ((int64_t)60 * 1000 * 1000)

/* Words of servers and of mails come through here. */
static void
tame (char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void
announce_line (const char *name, int priority, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    tame (text);
    if (g_getenv ("JOURNAL_STREAM"))
        (void)fprintf (stderr, "<%d>%s\n", priority, text);
    else
        (void)fprintf (stderr, "dsn-relay: %s: %s\n", name, text);
}

/* Whether to tell now; *@ret_n is how often it came untold since the last time. */
static bool
is_due (struct announce_limit *limit, uint64_t *ret_n)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (limit->told_us && now_us - limit->told_us < AGAIN_US) {
        limit->n_untold++;
        return false;
    }
    limit->told_us = now_us;
    *ret_n = limit->n_untold;
    limit->n_untold = 0;
    return true;
}

void
announce_trouble (const char *name, struct announce_limit *limit, const char *what,
                  const char *trouble)
{
    uint64_t n;

    if (!is_due (limit, &n))
        return;
    if (n)
        announce_line (name, LOG_WARNING, "%s: %s (%" G_GUINT64_FORMAT " more so far)", what,
                       trouble, n);
    else
        announce_line (name, LOG_WARNING, "%s: %s", what, trouble);
}

void
announce_status (const struct announce_figures *f)
{
    (void)sd_notifyf (0,
                      "STATUS=%" G_GUINT64_FORMAT " confirmed, %" G_GUINT64_FORMAT
                      " in flight, lag %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " parked%s%s",
                      f->confirmed, f->in_flight, f->lag, f->parked,
                      f->is_source_up ? "" : "; the source is away",
                      f->is_sink_up ? "" : "; the sink is away");
}

static void
append_family (GString *out, const char *name, const char *metric, const char *type,
               const char *help, double value)
{
    const bool is_counter = g_str_equal (type, "counter");
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (out, "# TYPE dsn_relay_%s %s\n# HELP dsn_relay_%s %s\n", metric, type,
                            metric, help);
    g_string_append_printf (out, "dsn_relay_%s%s{relay=\"%s\"} %s\n", metric,
                            is_counter ? "_total" : "", name,
                            g_ascii_dtostr (text, sizeof text, value));
}

/* A label's value, with what would end it escaped. */
static char *
quote (const char *name)
{
    GString *out = g_string_new (NULL);

    for (; *name; name++)
        g_string_append_printf (out, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    return g_string_free (out, FALSE);
}

static void
append_metrics (GString *out, const char *name, const struct announce_figures *f)
{
    append_family (out, name, "taken", "counter", "Events taken from the source.",
                   (double)f->taken);
    append_family (out, name, "confirmed", "counter", "Events that the sink confirmed.",
                   (double)f->confirmed);
    append_family (out, name, "parked", "counter", "Events that the sink refused for good.",
                   (double)f->parked);
    append_family (out, name, "turns", "counter", "Deliveries of one or more events.",
                   (double)f->turns);
    append_family (out, name, "failures", "counter", "Deliveries that must be made again.",
                   (double)f->failures);
    append_family (out, name, "in_flight_events", "gauge", "Events taken and not yet done.",
                   (double)f->in_flight);
    append_family (out, name, "lag_events", "gauge", "Events not acknowledged at the source.",
                   (double)f->lag);
    append_family (out, name, "oldest_unconfirmed_seconds", "gauge",
                   "Age of the oldest event in flight.", (double)f->oldest_us / G_USEC_PER_SEC);
    append_family (out, name, "source_up", "gauge", "Whether the source can be reached.",
                   f->is_source_up);
    append_family (out, name, "sink_up", "gauge", "Whether the sink can be reached.",
                   f->is_sink_up);
    g_string_append (out, "# EOF\n");
}

bool
announce_metrics (const char *path, const char *name, const struct announce_figures *figures,
                  GError **error)
{
    g_autofree char *fresh = g_strconcat (path, ".new", NULL);
    g_autofree char *label = quote (name);
    g_autoptr (GString) text = g_string_new (NULL);

    append_metrics (text, label, figures);
    if (!g_file_set_contents_full (fresh, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_NONE,
                                   0644, error))
        return false;
    if (g_rename (fresh, path) == 0)
        return true;
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                 g_strerror (errno));
    return false;
}
