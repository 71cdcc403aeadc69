/* Lines of at most the terminal's width. Bars are drawn in cells; with colours, in colour. */
#include "cli/report/reporttext.h"
#include "cli/terminal/paragraph.h"
#include "cli/report/reportname.h"
#include "cli/report/reportwords.h"

#include <string.h>

#define WIDTH_MAX      120
#define LABEL_COLUMNS  30 /* at most; less where the bars need the room */
#define NUMBER_COLUMNS 10
#define SHARE_COLUMNS  6

struct page {
    GString *out;
    const struct tty *tty;
    unsigned width;
};

static const struct {
    const char *cell; /* of a bar */
    const char *plain;
    const char *color;
} part_looks[_REPORT_PART_N] = {
    [REPORT_HARD] = { "█", "#", RED },
    [REPORT_SOFT] = { "▒", "=", YELLOW },
    [REPORT_DELAYED] = { "░", "-", BLUE },
    [REPORT_OTHER] = { "▪", "+", DIM },
};

/* @text made safe, cut or filled up to @columns. */
static void
append_cell (const struct page *p, const char *text, unsigned columns)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    unsigned used = 0;
    const char *at;

    tty_append_safe (safe, dsn_bytes_str (text), p->tty->is_utf8);
    for (at = safe->str; *at; at = g_utf8_next_char (at)) {
        const unsigned wide =
            tty_columns ((struct dsn_bytes){ at, (size_t)(g_utf8_next_char (at) - at) });
        if (used + wide > columns)
            break;
        used += wide;
    }
    /* the sign for "cut" takes the place of the last character */
    while (*at && used >= columns && at > safe->str) {
        at = g_utf8_prev_char (at);
        used -= tty_columns ((struct dsn_bytes){ at, (size_t)(g_utf8_next_char (at) - at) });
    }
    g_string_append_len (p->out, safe->str, at - safe->str);
    if (*at) {
        g_string_append (p->out, p->tty->is_utf8 ? "…" : "~");
        used++;
    }
    g_string_append_printf (p->out, "%*s", (int)(columns - used), "");
}

/* A host's name is cut between its parts: what is left is one. (transfer full) */
static char *
shorten (const struct page *p, const char *name, unsigned columns)
{
    const size_t n = strlen (name);
    size_t end = columns > 1 ? columns - 1 : 0;

    if (n <= columns || !strchr (name, '.') || strchr (name, ' '))
        return g_strdup (name);
    while (end > columns / 2 && name[end - 1] != '.')
        end--;
    return end > columns / 2
               ? g_strdup_printf ("%.*s%s", (int)end, name, p->tty->is_utf8 ? "…" : "~")
               : g_strdup (name);
}

static void
append_heading (const struct page *p, const char *title, const char *note)
{
    g_string_append_c (p->out, '\n');
    paragraph_append_colored (p->out, "1", title, p->tty);
    if (note && strlen (title) + strlen (note) + 3 <= p->width) {
        g_string_append (p->out, "  ");
        paragraph_append_colored (p->out, DIM, note, p->tty);
    }
    g_string_append_c (p->out, '\n');
}

/* Words in lines of the page's width. */
static void
append_words (const struct page *p, const char *text, const char *mark)
{
    g_autoptr (GString) safe = g_string_new (NULL);
    g_auto (GStrv) words = NULL;
    unsigned used = 0;

    tty_append_safe (safe, dsn_bytes_str (text), p->tty->is_utf8);
    words = g_strsplit (safe->str, " ", -1);
    g_string_append (p->out, mark);
    used = (unsigned)strlen (mark);
    for (char **word = words; *word; word++) {
        const unsigned columns = tty_columns (dsn_bytes_str (*word));
        if (word > words && used + 1 + columns > p->width) {
            g_string_append_printf (p->out, "\n%*s", (int)strlen (mark), "");
            used = (unsigned)strlen (mark);
        } else if (word > words) {
            g_string_append_c (p->out, ' ');
            used++;
        }
        append_cell (p, *word, MIN (columns, p->width - used));
        used += columns;
    }
    g_string_append_c (p->out, '\n');
}

static void
append_cells (const struct page *p, enum report_part part, unsigned n)
{
    g_autoptr (GString) cells = g_string_new (NULL);

    for (unsigned i = 0; i < n; i++)
        g_string_append (cells, p->tty->is_utf8 ? part_looks[part].cell : part_looks[part].plain);
    if (n)
        paragraph_append_colored (p->out, part_looks[part].color, cells->str, p->tty);
}

/* A bar of @columns for @max; its parts one after another. What is there is seen, if there's room
 * for one cell. */
static void
append_bar (const struct page *p, const struct report_entry *entry, bool has_parts, uint64_t max,
            unsigned columns)
{
    const unsigned n_cells = (unsigned)((entry->n * columns + max - 1) / max);
    uint64_t seen = 0;
    unsigned used = 0;

    for (unsigned part = 0; has_parts && part < REPORT_OTHER; part++) {
        const bool is_some = entry->parts[part] > 0;
        unsigned until;
        seen += entry->parts[part];
        until = seen == entry->n ? n_cells : (unsigned)((seen * columns + max / 2) / max);
        until = is_some ? MIN (MAX (until, used + 1), n_cells) : used;
        append_cells (p, part, until - used);
        used = until;
    }
    append_cells (p, REPORT_OTHER, n_cells - used);
    g_string_append_printf (p->out, "%*s", (int)(columns - n_cells), "");
}

static void
append_row (const struct page *p, const struct report_section *section,
            const struct report_entry *entry, const struct report_top *top, uint64_t max)
{
    const unsigned room = p->width - 3 - NUMBER_COLUMNS - SHARE_COLUMNS;
    const unsigned label_columns = MIN (LABEL_COLUMNS, room / 2);
    g_autofree char *number = report_words_number (entry->n);
    g_autofree char *marked = g_strconcat (entry->n_over ? "~" : "", number, NULL);
    g_autofree char *share = report_words_share (entry->n, report_top_total (top));
    g_autofree char *name = shorten (p, report_name (section->table, entry->key), label_columns);

    g_string_append (p->out, "  ");
    append_cell (p, name, label_columns);
    g_string_append_c (p->out, ' ');
    append_bar (p, entry, section->has_parts, max, room - label_columns);
    g_string_append_printf (p->out, "%*s%*s\n", NUMBER_COLUMNS, marked, SHARE_COLUMNS, share);
}

static void
append_section (const struct page *p, const struct report_section *section,
                const struct report_tally *tally)
{
    const struct report_top *top = tally->tables[section->table];
    g_autoptr (GPtrArray) sorted = report_top_sorted (top);
    const struct report_entry *first = sorted->len ? g_ptr_array_index (sorted, 0) : NULL;

    if (!first)
        return;
    append_heading (p, section->title, section->note);
    for (unsigned i = 0; i < MIN (sorted->len, REPORT_TEXT_ROWS); i++)
        append_row (p, section, g_ptr_array_index (sorted, i), top, first->n);
    if (sorted->len > REPORT_TEXT_ROWS)
        g_string_append_printf (p->out, "  and %s%u more\n",
                                report_top_over (top) ? "at least " : "",
                                sorted->len - REPORT_TEXT_ROWS);
}

static uint64_t
most (const GArray *bars, enum report_part part)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < bars->len; i++)
        n = MAX (n, g_array_index (bars, struct report_bar, i).n[part]);
    return n;
}

/* One line of columns of eight heights, the highest being the most of this part. */
static void
append_spark (const struct page *p, const GArray *bars, enum report_part part, uint64_t max)
{
    static const char *const heights[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const plain[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
    g_autoptr (GString) line = g_string_new (NULL);

    for (unsigned i = 0; i < bars->len; i++) {
        const uint64_t n = g_array_index (bars, struct report_bar, i).n[part];
        const unsigned height = max ? (unsigned)((n * 8 + max - 1) / max) : 0;
        g_string_append (line, p->tty->is_utf8 ? heights[height] : plain[height]);
    }
    paragraph_append_colored (p->out, part_looks[part].color, line->str, p->tty);
}

/* Days below the columns, as many as there's room for. */
static void
append_days (const struct page *p, const GArray *bars, int64_t width, GTimeZone *zone)
{
    const bool has_hours = (int64_t)bars->len * width <= 2 * 86400;
    unsigned used = 0;

    g_string_append_printf (p->out, "%*s", 10, "");
    for (unsigned i = 0; i < bars->len; i++) {
        const int64_t start = g_array_index (bars, struct report_bar, i).start;
        const int64_t shift = report_time_shift (start, zone);
        const bool is_mark =
            i == 0 || report_time_floor (start + shift, has_hours ? 21600 : 86400) == start + shift;
        g_autofree char *text = report_time_format (start, zone, has_hours ? "%H:%M" : "%m-%d");
        if (!is_mark || i < used)
            continue;
        g_string_append_printf (p->out, "%*s%s", (int)(i - used + (used > 0)), "", text);
        used = i + (unsigned)strlen (text) + 1;
    }
    g_string_append_c (p->out, '\n');
}

static void
append_series (const struct page *p, const struct report_tally *tally)
{
    g_autoptr (GArray) bars = NULL;
    g_autofree char *length = NULL, *note = NULL;
    struct report_range range;
    int64_t width;

    if (!report_tally_range (tally, p->width - 10 - 24, &range))
        return;
    bars = report_series_bars (tally->series, &range, &width);
    length = report_time_length (width);
    note = g_strdup_printf ("One column: %s.", length);
    append_heading (p, "Over time", note);
    for (unsigned part = 0; part < _REPORT_PART_N; part++) {
        const uint64_t max = most (bars, part);
        g_autofree char *sum = report_words_number (tally->n_parts[part]);
        g_autofree char *peak = report_words_number (max);
        g_string_append_printf (p->out, "  %-8s", report_part_names[part]);
        append_spark (p, bars, part, max);
        g_string_append_printf (p->out, "  %s, at most %s\n", sum, peak);
    }
    append_days (p, bars, width, tally->zone);
}

static void
append_quotation (const struct page *p, const char *text)
{
    g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

    append_words (p, quoted, "    ");
}

static void
append_todo (const struct page *p, const char *category)
{
    const char *todo = report_name_todo (category);
    g_autofree char *text = todo ? g_strconcat ("To do: ", todo, NULL) : NULL;

    if (text)
        append_words (p, text, "    ");
}

static void
append_changes (const struct page *p, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) changes = report_words_changes (tally);

    if (changes->len)
        append_heading (p, "Against the time before", NULL);
    for (unsigned i = 0; i < changes->len; i++)
        append_words (p, g_ptr_array_index (changes, i), "- ");
}

static void
append_addresses (const struct page *p, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) sorted = report_addresses_sorted (tally->addresses);

    if (sorted->len)
        append_heading (p, "Addresses to suppress", "The latest; --suppress FILE writes all.");
    for (unsigned i = 0; i < MIN (sorted->len, REPORT_ADDRESSES_SHOWN); i++) {
        const struct report_address *a = g_ptr_array_index (sorted, i);
        g_autofree char *text = g_strdup_printf ("%s: %s", a->address,
                                                 report_name (REPORT_TABLE_CATEGORY, a->category));
        append_words (p, text, "- ");
    }
    if (sorted->len > REPORT_ADDRESSES_SHOWN)
        g_string_append_printf (p->out, "  and %u more\n", sorted->len - REPORT_ADDRESSES_SHOWN);
}

static void
append_incidents (const struct page *p, const struct report_tally *tally)
{
    g_autoptr (GArray) incidents = report_tally_incidents (tally);

    if (incidents->len)
        append_heading (p, "Incidents", NULL);
    for (unsigned i = 0; i < MIN (incidents->len, REPORT_INCIDENTS_SHOWN); i++) {
        const struct report_incident *incident =
            &g_array_index (incidents, struct report_incident, i);
        g_autofree char *title = report_words_incident (incident);
        g_autofree char *more = report_words_incident_more (tally, incident);
        g_autofree char *mark = g_strdup_printf ("%3u ", i + 1);
        append_words (p, title, mark);
        append_words (p, more, "    ");
        append_todo (p, incident->category);
        if (incident->sample)
            append_quotation (p, incident->sample);
    }
    if (incidents->len > REPORT_INCIDENTS_SHOWN)
        g_string_append_printf (p->out, "    and %u smaller ones\n",
                                incidents->len - REPORT_INCIDENTS_SHOWN);
}

static void
append_totals (const struct page *p, struct report_tally *tally)
{
    g_autofree char *mails = report_words_count (tally->n_mails, "mail", "mails");
    g_autofree char *events = report_words_count (tally->n_events, "event", "events");
    g_autofree char *recipients = report_words_distinct (tally->recipients);
    g_autofree char *unknown = report_words_share (tally->n_unknown, report_tally_bounces (tally));
    g_autofree char *summary = report_words_summary (tally);
    g_autofree char *counts =
        g_strdup_printf ("%s, %s, recipients: %s, bounces without a known reason: %s", mails,
                         events, recipients, *unknown ? unknown : "none");

    append_words (p, counts, "");
    g_string_append_c (p->out, '\n');
    append_words (p, summary, "");
}

static void
append_legend (const struct page *p)
{
    g_string_append (p->out, "\nIn the bars: ");
    for (unsigned part = 0; part < REPORT_OTHER; part++) {
        append_cells (p, part, 1);
        g_string_append_printf (p->out, " %s%s", report_part_names[part],
                                part + 1 < REPORT_OTHER ? ", " : "\n");
    }
}

static void
append_notes (const struct page *p, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) notes = report_words_notes (tally);

    if (notes->len)
        append_heading (p, "Notes", NULL);
    for (unsigned i = 0; i < notes->len; i++)
        append_words (p, g_ptr_array_index (notes, i), "- ");
}

void
report_text_append (GString *out, struct report_tally *tally, const char *origin,
                    const struct tty *tty)
{
    const struct page page = { out, tty, MIN (tty->width, WIDTH_MAX) };
    g_autofree char *span = report_words_span (tally);

    paragraph_append_colored (out, "1", "Bounce report", tty);
    g_string_append_c (out, '\n');
    append_words (&page, span, "");
    append_words (&page, origin, "from ");
    g_string_append_c (out, '\n');
    if (tally->n_events) {
        append_totals (&page, tally);
        append_changes (&page, tally);
        append_incidents (&page, tally);
        append_addresses (&page, tally);
        append_series (&page, tally);
        append_legend (&page);
        for (unsigned i = 0; i < REPORT_SECTIONS; i++)
            append_section (&page, &report_sections[i], tally);
    } else {
        append_words (&page, "No events in this time.", "");
    }
    append_notes (&page, tally);
}
