#include "cli/top/topframe.h"

#include "cli/report/reportname.h"
#include "cli/report/reporttime.h"

#include <inttypes.h>
#include <string.h>

#define CONSUMERS_SHOWN 3
#define INCIDENTS_SHOWN 2
#define KEY_COLUMNS     30
#define SELECTED        "7"
#define HEADING         "1"
#define QUIET           "2"
#define ALARM           "1;31"

struct frame {
    GArray *lines;
    const struct tty *tty;
};

static const char *const window_names[_TOP_WINDOW_N] = { "1 min", "15 min", "60 min" };
static const char *const table_names[_TOP_TABLE_N] = { "Reasons", "Kinds", "Providers",
                                                       "Block lists", "Domains" };

static void
line_clear (gpointer data)
{
    g_free (((struct top_line *)data)->text);
}

/* Adds a line, made safe and cut to the width. */
static void
add (const struct frame *f, const char *style, const char *text)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    struct top_line line = { NULL, f->tty->has_color ? style : NULL };
    unsigned used = 0;
    const char *at;

    tty_append_safe (safe, dsn_bytes_str (text), f->tty->is_utf8);
    for (at = safe->str; *at; at = g_utf8_next_char (at)) {
        used += tty_columns ((struct dsn_bytes){ at, (size_t)(g_utf8_next_char (at) - at) });
        if (used > f->tty->width)
            break;
    }
    line.text = g_strndup (safe->str, (gsize)(at - safe->str));
    g_array_append_val (f->lines, line);
}

static void G_GNUC_PRINTF (3, 4)
    add_formatted (const struct frame *f, const char *style, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    add (f, style, text);
}

static json_int_t
number (const json_t *object, const char *key)
{
    return json_integer_value (json_object_get (object, key));
}

/* "3 kB", "1.2 GB": what people compare. */
static char *
size_of (json_int_t bytes)
{
    g_autofree char *text = g_format_size (bytes > 0 ? (guint64)bytes : 0);
    g_auto (GStrv) words = g_strsplit (text, "\u00a0", -1);

    return g_strjoinv (" ", words);
}

static void
add_spool (const struct frame *f, const json_t *status)
{
    const json_t *spool = json_object_get (status, "spool");
    const json_t *workers = json_object_get (status, "workers");
    g_autofree char *used = size_of (number (spool, "bytes"));
    g_autofree char *most = size_of (number (status, "spool_max_bytes"));

    add_formatted (f, NULL,
                   "Spool %s of %s, events %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                   "   Workers %" JSON_INTEGER_FORMAT " ready, %" JSON_INTEGER_FORMAT " died",
                   used, most, number (spool, "first"), number (spool, "next") - 1,
                   number (workers, "ready"), number (workers, "deaths"));
}

static void
add_consumers (const struct frame *f, const json_t *consumers)
{
    const size_t n = json_array_size (consumers);

    for (size_t i = 0; i < MIN (n, CONSUMERS_SHOWN); i++) {
        const json_t *c = json_array_get (consumers, i);
        const bool is_there = json_is_true (json_object_get (c, "connected"));
        const char *name = json_string_value (json_object_get (c, "name"));
        add_formatted (f, is_there ? NULL : ALARM,
                       "Consumer %-20s %" JSON_INTEGER_FORMAT " behind%s%s", name ? name : "",
                       number (c, "lag"), is_there ? "" : ", not connected",
                       json_is_true (json_object_get (c, "lapsed")) ? ", lapsed" : "");
    }
    if (n > CONSUMERS_SHOWN)
        add_formatted (f, QUIET, "and %zu more consumers: dsnctl consumers", n - CONSUMERS_SHOWN);
}

static void
add_head (const struct frame *f, const struct top_state *s, const struct top_view *v)
{
    g_autofree char *clock = report_time_format (s->now, NULL, "%H:%M:%S");
    const char *blocked = json_string_value (json_object_get (s->status, "blocked"));

    add_formatted (f, HEADING, "dsnd %s  %s UTC%s", v->trouble ? "away" : "running", clock,
                   v->is_paused ? "  PAUSED: space goes on" : "");
    if (v->trouble)
        add (f, ALARM, v->trouble);
    else if (blocked)
        add_formatted (f, ALARM, "Blocked: %s", blocked);
    add_formatted (f, NULL,
                   "Now %.1f mails/s, %.1f events/s   Waiting %" JSON_INTEGER_FORMAT
                   ", in work %" JSON_INTEGER_FORMAT,
                   s->mails, s->events, number (s->status, "waiting"),
                   number (s->status, "in_flight"));
    add_formatted (
        f, NULL, "Events %" PRIu64 " in 1 min, %" PRIu64 " in 15 min, %" PRIu64 " in 60 min",
        toptally_total (s->tally, TOP_1_MIN, s->now), toptally_total (s->tally, TOP_15_MIN, s->now),
        toptally_total (s->tally, TOP_60_MIN, s->now));
    add_spool (f, s->status);
    add_consumers (f, json_object_get (s->status, "consumers"));
    for (unsigned i = 0; s->incidents && i < MIN (s->incidents->len, INCIDENTS_SHOWN); i++)
        add_formatted (f, ALARM, "! %s", (const char *)g_ptr_array_index (s->incidents, i));
}

static const char *
name_of (enum top_table table, const char *key)
{
    return table == TOP_REASON ? report_name (REPORT_TABLE_CATEGORY, key)
           : table == TOP_KIND ? report_name (REPORT_TABLE_KIND, key)
                               : key;
}

/* @text in @columns, cut or filled. (transfer full) */
static char *
cell (const struct frame *f, const char *text, unsigned columns)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    unsigned used = 0;
    const char *at;

    tty_append_safe (safe, dsn_bytes_str (text), f->tty->is_utf8);
    for (at = safe->str; *at; at = g_utf8_next_char (at)) {
        const unsigned wide =
            tty_columns ((struct dsn_bytes){ at, (size_t)(g_utf8_next_char (at) - at) });
        if (used + wide > columns)
            break;
        used += wide;
    }
    return g_strdup_printf ("%.*s%*s", (int)(at - safe->str), safe->str, (int)(columns - used), "");
}

static void
add_row (const struct frame *f, const struct top_view *v, const struct top_row *row, uint64_t most,
         bool is_selected)
{
    g_autofree char *name = cell (f, name_of (v->table, row->key), KEY_COLUMNS);
    const unsigned room = f->tty->width > 68 ? f->tty->width - 68 : 0;
    const unsigned n = most ? (unsigned)((row->n[v->sort] * room + most - 1) / most) : 0;
    g_autofree char *bar = g_strnfill (n, '#');

    add_formatted (f, is_selected ? SELECTED : NULL,
                   "%s %s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "  %s", is_selected ? ">" : " ",
                   name, row->n[TOP_1_MIN], row->n[TOP_15_MIN], row->n[TOP_60_MIN], bar);
}

/* The first of @n lines that is shown, so that the chosen one is among @room. */
static unsigned
scroll (unsigned selected, unsigned room)
{
    return selected >= room ? selected - room + 1 : 0;
}

static void
add_table (const struct frame *f, const struct top_state *s, struct top_view *v, unsigned room)
{
    g_autoptr (GArray) rows = toptally_rows (s->tally, v->table, v->sort, s->now);
    const struct top_row *first = rows->len ? &g_array_index (rows, struct top_row, 0) : NULL;
    unsigned from;

    v->selected = rows->len ? MIN (v->selected, rows->len - 1) : 0;
    from = scroll (v->selected, room - 1);
    add_formatted (f, HEADING, "  %-*s %10s %10s %10s  by %s", KEY_COLUMNS, table_names[v->table],
                   window_names[0], window_names[1], window_names[2], window_names[v->sort]);
    for (unsigned i = from; i < MIN (rows->len, from + room - 1); i++)
        add_row (f, v, &g_array_index (rows, struct top_row, i), first->n[v->sort],
                 i == v->selected);
    if (!rows->len)
        add (f, QUIET, "  nothing in the last hour");
}

/* One line for an event: when, to whom, why. (transfer full) */
static char *
event_line (const char *json)
{
    json_t *event = json_loads (json, 0, NULL);
    const char *time = json_string_value (json_object_get (event, "time"));
    const char *recipient = json_string_value (json_object_get (event, "recipient"));
    const char *words = json_string_value (json_object_get (event, "diagnostic"));
    char *line = g_strdup_printf ("%.8s %s  %s", time && strlen (time) > 19 ? time + 11 : "",
                                  recipient ? recipient : "(no recipient)", words ? words : "");

    json_decref (event);
    return line;
}

static void
add_events (const struct frame *f, struct top_view *v, unsigned room)
{
    const unsigned n = v->events->len;
    unsigned from;

    v->selected = n ? MIN (v->selected, n - 1) : 0;
    from = scroll (v->selected, room - 1);
    add_formatted (f, HEADING, "  %s: the last %u events", name_of (v->table, v->opened), n);
    for (unsigned i = from; i < MIN (n, from + room - 1); i++) {
        g_autofree char *line = event_line (g_ptr_array_index (v->events, i));
        add_formatted (f, i == v->selected ? SELECTED : NULL, "%s %s", i == v->selected ? ">" : " ",
                       line);
    }
}

static void
add_page (const struct frame *f, struct top_view *v, unsigned room)
{
    const unsigned last = v->page->len > room ? v->page->len - room : 0;

    v->selected = MIN (v->selected, last);
    for (unsigned i = v->selected; i < MIN (v->page->len, v->selected + room); i++)
        add (f, NULL, g_ptr_array_index (v->page, i));
}

GArray *
topframe_make (const struct top_state *state, struct top_view *view, const struct tty *tty,
               unsigned height)
{
    const struct frame f = { g_array_new (FALSE, FALSE, sizeof (struct top_line)), tty };
    const char *keys = view->page ? "up/down: read on   Esc: back   q: quit"
                       : view->opened
                           ? "up/down: choose   Enter: show   e: explain   Esc: back   q: quit"
                           : "Tab: next table   s: sort   up/down, Enter: events   "
                             "space: pause   q: quit";
    unsigned room;

    g_array_set_clear_func (f.lines, line_clear);
    add_head (&f, state, view);
    add (&f, NULL, "");
    room = height > f.lines->len + 3 ? height - f.lines->len - 1 : height ? 2 : 1000;
    if (view->page)
        add_page (&f, view, room);
    else if (view->opened)
        add_events (&f, view, room);
    else
        add_table (&f, state, view, room);
    while (height && f.lines->len + 1 < height)
        add (&f, NULL, "");
    if (height && f.lines->len >= height)
        g_array_set_size (f.lines, height - 1);
    if (height)
        add (&f, QUIET, keys);
    return f.lines;
}
