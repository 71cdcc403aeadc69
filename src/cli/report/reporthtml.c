/* Elements are written in the order of the page. The only door for text of mails is
 * report_html_append_text(); what is printed by a format is ours.
 */
#include "cli/report/reporthtml.h"
#include "cli/report/reportname.h"
#include "cli/report/reportplot.h"
#include "cli/report/reportstyle.h"
#include "cli/report/reportwords.h"
#include "cli/terminal/tty.h"

#include <inttypes.h>
#include <string.h>

#define BAR_WIDTH   1000
#define BARS_WIDE   100
#define BARS_NARROW 42

void
report_html_append_text (GString *out, const char *text)
{
    g_autoptr (GString) safe = g_string_new (NULL);

    tty_append_safe (safe, dsn_bytes_str (text), true);
    for (const char *p = safe->str; *p; p++)
        switch (*p) {
        case '<':
            g_string_append (out, "&lt;");
            break;
        case '>':
            g_string_append (out, "&gt;");
            break;
        case '&':
            g_string_append (out, "&amp;");
            break;
        case '"':
            g_string_append (out, "&quot;");
            break;
        case '\'':
            g_string_append (out, "&#39;");
            break;
        default:
            g_string_append_c (out, *p);
        }
}

/* @text in an element of this name. */
static void
append_element (GString *out, const char *open, const char *text, const char *close)
{
    g_string_append (out, open);
    report_html_append_text (out, text);
    g_string_append (out, close);
}

/* Text that may be a host's name or an address: it breaks behind its dots rather than in a word. */
static void
append_name (GString *out, const char *text)
{
    g_autoptr (GString) safe = g_string_new (NULL);

    report_html_append_text (safe, text);
    for (const char *p = safe->str; *p; p++) {
        g_string_append_c (out, *p);
        if ((*p == '.' || *p == '@') && p[1])
            g_string_append (out, "<wbr />");
    }
}

/* The page may use its own style, and nothing else. */
static void
append_policy (GString *out, const char *style)
{
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
    g_autofree char *base64 = NULL;
    guint8 digest[32];
    gsize n = sizeof digest;

    g_checksum_update (sum, (const guchar *)style, -1);
    g_checksum_get_digest (sum, digest, &n);
    base64 = g_base64_encode (digest, n);
    g_string_append_printf (out,
                            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                            "'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\" "
                            "/>\n",
                            base64);
}

static void
append_head (GString *out, const char *span)
{
    g_autofree char *style = g_strjoinv ("", (char **)report_style);

    g_string_append (out,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n");
    append_policy (out, style);
    g_string_append (out,
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
                     "<meta name=\"color-scheme\" content=\"light dark\" />\n"
                     "<meta name=\"referrer\" content=\"no-referrer\" />\n"
                     "<meta name=\"robots\" content=\"noindex\" />\n");
    append_element (out, "<title>Bounce report: ", span, "</title>\n");
    g_string_append_printf (out, "<style>%s</style>\n</head>\n", style);
}

static void
append_figure (GString *out, const char *cls, const char *name, const char *number,
               const char *more)
{
    g_string_append_printf (out, "<div class=\"%s\"><dt>%s</dt>", cls, name);
    append_element (out, "<dd>", number, "");
    append_element (out, "<small>", more, "</small></dd></div>\n");
}

/* A part of all events. */
static void
append_part_figure (GString *out, const struct report_tally *tally, const char *name,
                    const char *cls, uint64_t n)
{
    g_autofree char *number = report_words_number (n);
    g_autofree char *share = report_words_share (n, tally->n_events);
    g_autofree char *words = g_strconcat (share, " of events", NULL);

    append_figure (out, cls, name, number, words);
}

static void
append_figures (GString *out, struct report_tally *tally)
{
    const uint64_t n_bounces = report_tally_bounces (tally);
    g_autofree char *mails = report_words_number (tally->n_mails);
    g_autofree char *events = report_words_count (tally->n_events, "event", "events");
    g_autofree char *recipients = report_words_distinct (tally->recipients);
    g_autofree char *suppress = report_words_distinct (tally->suppress);
    g_autofree char *unknown = report_words_share (tally->n_unknown, n_bounces);

    g_string_append (out, "<dl class=\"figures\">\n");
    append_figure (out, "all", "Mails", mails, events);
    append_figure (out, "all", "Recipients", recipients, "different addresses");
    append_part_figure (out, tally, "Hard bounces", "hard", tally->n_parts[REPORT_HARD]);
    append_part_figure (out, tally, "Soft bounces", "soft", tally->n_parts[REPORT_SOFT]);
    append_part_figure (out, tally, "Delayed", "delayed", tally->n_parts[REPORT_DELAYED]);
    append_figure (out, "all", "To suppress", suppress, "different addresses");
    append_part_figure (out, tally, "Complaints", "all",
                        report_top_count (tally->tables[REPORT_TABLE_KIND], "complaint"));
    append_figure (out, "all", "Reason unknown", *unknown ? unknown : "0%", "of bounces");
    append_part_figure (out, tally, "Maybe forged", "all",
                        report_top_count (tally->tables[REPORT_TABLE_TRUST], "suspect"));
    append_part_figure (out, tally, "Unreadable", "all",
                        report_top_count (tally->tables[REPORT_TABLE_KIND], "unprocessable"));
    g_string_append (out, "</dl>\n");
}

static void
append_incident (GString *out, const struct report_tally *tally,
                 const struct report_incident *incident, unsigned number)
{
    const char *todo = report_name_todo (incident->category);
    g_autofree char *title = report_words_incident (incident);
    g_autofree char *more = report_words_incident_more (tally, incident);

    g_string_append_printf (out, "<li id=\"incident-%u\"><span class=\"number\">%u</span>", number,
                            number);
    g_string_append (out, "<p><bdi><strong>");
    append_name (out, title);
    g_string_append (out, "</strong></bdi></p>");
    append_element (out, "<div class=\"words\"><p class=\"quiet\">", more, "</p>");
    if (todo)
        append_element (out, "<p>To do: ", todo, "</p>");
    if (incident->sample)
        append_element (out, "<p class=\"quiet\">One of them: <code><bdi>", incident->sample,
                        "</bdi></code></p>");
    g_string_append (out, "</div></li>\n");
}

static void
append_incidents (GString *out, const struct report_tally *tally, const GArray *incidents)
{
    const unsigned n = MIN (incidents->len, REPORT_INCIDENTS_SHOWN);

    g_string_append (out, "<section id=\"incidents\"><h2>Incidents</h2>\n");
    append_element (out, "<p class=\"quiet\">", report_words_rule (), "</p>\n");
    if (n)
        g_string_append (out, "<ol class=\"incidents\">\n");
    else
        g_string_append (out, "<p>None in this time.</p>\n");
    for (unsigned i = 0; i < n; i++)
        append_incident (out, tally, &g_array_index (incidents, struct report_incident, i), i + 1);
    if (n)
        g_string_append (out, "</ol>\n");
    if (incidents->len > n)
        g_string_append_printf (out, "<p class=\"quiet\">And %u smaller ones.</p>\n",
                                incidents->len - n);
    g_string_append (out, "</section>\n");
}

static void
append_changes (GString *out, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) changes = report_words_changes (tally);

    if (changes->len == 0)
        return;
    g_string_append (out, "<section id=\"changes\"><h2>Against the time before</h2>\n<ul>\n");
    for (unsigned i = 0; i < changes->len; i++)
        append_element (out, "<li>", g_ptr_array_index (changes, i), "</li>\n");
    g_string_append (out, "</ul></section>\n");
}

static void
append_address (GString *out, const struct report_address *address)
{
    g_string_append (out, "<tr><th scope=\"row\"><bdi>");
    append_name (out, address->address);
    append_element (out, "</bdi></th><td>", report_name (REPORT_TABLE_CATEGORY, address->category),
                    "");
    if (address->words)
        append_element (out, "<small><bdi>", address->words, "</bdi></small>");
    g_string_append (out, "</td></tr>\n");
}

static void
append_addresses (GString *out, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) sorted = report_addresses_sorted (tally->addresses);
    const unsigned n = MIN (sorted->len, REPORT_ADDRESSES_SHOWN);

    if (n == 0)
        return;
    g_string_append (out, "<section id=\"suppress\"><h2>Addresses to suppress</h2>\n<p "
                          "class=\"quiet\">The latest, and why.</p>\n<table><thead "
                          "class=\"heard\"><tr><th scope=\"col\">Address</th><th "
                          "scope=\"col\">Reason</th></tr></thead><tbody>\n");
    for (unsigned i = 0; i < n; i++)
        append_address (out, g_ptr_array_index (sorted, i));
    g_string_append (out, "</tbody></table>\n");
    if (sorted->len > n)
        g_string_append_printf (out, "<p class=\"quiet\">and %u more</p>\n", sorted->len - n);
    g_string_append (out, "</section>\n");
}

static void
append_legend (GString *out)
{
    g_string_append (out, "<ul class=\"legend\">");
    for (unsigned part = 0; part < _REPORT_PART_N; part++)
        g_string_append_printf (out, "<li><i class=\"%s\"></i>%s</li>", report_part_names[part],
                                report_part_names[part]);
    g_string_append (out, "</ul>\n");
}

/* The plot's numbers, for who can't see it. */
static void
append_series_table (GString *out, const struct report_tally *tally, const GArray *bars)
{
    g_string_append (out,
                     "<details><summary>The same as a table</summary><div class=\"scroll\"><table>"
                     "<thead><tr>");
    append_element (out, "<th scope=\"col\">From (", tally->zone_name, ")</th>");
    for (unsigned part = 0; part < _REPORT_PART_N; part++)
        g_string_append_printf (out, "<th scope=\"col\" class=\"n\">%s</th>",
                                report_part_names[part]);
    g_string_append (out, "</tr></thead><tbody>\n");
    for (unsigned i = 0; i < bars->len; i++) {
        const struct report_bar *bar = &g_array_index (bars, struct report_bar, i);
        g_autofree char *from = report_time_text (bar->start, tally->zone);
        g_string_append_printf (out, "<tr><th scope=\"row\">%s</th>", from);
        for (unsigned part = 0; part < _REPORT_PART_N; part++)
            g_string_append_printf (out, "<td class=\"n\">%" PRIu64 "</td>", bar->n[part]);
        g_string_append (out, "</tr>\n");
    }
    g_string_append (out, "</tbody></table></div></details>\n");
}

/* The plot twice: text in it can't shrink with a phone's width. */
static void
append_series (GString *out, const struct report_tally *tally, const GArray *incidents)
{
    struct report_plot wide = { "wide", 1100, 300, tally->zone, NULL, 0, incidents };
    struct report_plot narrow = { "narrow", 360, 240, tally->zone, NULL, 0, incidents };
    g_autoptr (GArray) many = NULL, few = NULL;
    g_autofree char *length = NULL;
    struct report_range range;

    if (!report_tally_range (tally, BARS_WIDE, &range))
        return;
    many = report_series_bars (tally->series, &range, &wide.bar_s);
    range.bars_max = BARS_NARROW;
    few = report_series_bars (tally->series, &range, &narrow.bar_s);
    wide.bars = many;
    narrow.bars = few;
    length = report_time_length (wide.bar_s);
    g_string_append (out, "<section id=\"time\"><h2>Over time</h2>\n");
    g_string_append_printf (
        out, "<p class=\"quiet\">Events, <span class=\"wide\">%s a column.</span>", length);
    g_free (length);
    length = report_time_length (narrow.bar_s);
    g_string_append_printf (out, "<span class=\"narrow\">%s a column.</span> Times are ", length);
    append_element (out, "", tally->zone_name, ".</p>\n");
    append_legend (out);
    report_plot_append (out, &wide);
    report_plot_append (out, &narrow);
    append_series_table (out, tally, many);
    g_string_append (out, "</section>\n");
}

static void
append_bar_part (GString *out, const char *cls, uint64_t *at, uint64_t n, uint64_t max)
{
    const uint64_t width = MAX (n * BAR_WIDTH / max, 4);

    if (n == 0)
        return;
    g_string_append_printf (
        out, "<rect class=\"%s\" x=\"%" PRIu64 "\" width=\"%" PRIu64 "\" height=\"10\"/>", cls, *at,
        width);
    *at += width;
}

static void
append_bar (GString *out, const struct report_entry *entry, bool has_parts, uint64_t max)
{
    g_autofree char *words = report_plot_words (entry->parts);
    uint64_t at = 0, seen = 0;

    g_string_append_printf (
        out, "<svg class=\"bar\" viewBox=\"0 0 %u 10\" preserveAspectRatio=\"none\" ", BAR_WIDTH);
    if (has_parts)
        g_string_append_printf (out, "role=\"img\"><title>%s</title>", words);
    else
        g_string_append (out, "aria-hidden=\"true\">");
    for (unsigned part = 0; has_parts && part < _REPORT_PART_N; part++) {
        append_bar_part (out, report_part_names[part], &at, entry->parts[part], max);
        seen += entry->parts[part];
    }
    append_bar_part (out, "other", &at, entry->n - seen, max);
    g_string_append (out, "</svg>");
}

static void
append_row (GString *out, const struct report_section *section, const struct report_entry *entry,
            const struct report_top *top, uint64_t max)
{
    const char *meaning = report_words_meaning (section->table, entry->key);
    const char *name = report_name (section->table, entry->key);
    g_autofree char *number = report_words_number (entry->n);
    g_autofree char *share = report_words_share (entry->n, report_top_total (top));

    g_string_append (out, "<tr><th scope=\"row\"><bdi>");
    append_name (out, name);
    g_string_append (out, "</bdi>");
    /* the event's own word too, where it's another: it's what docs and other programs say */
    if (meaning && strcmp (name, entry->key) != 0)
        append_element (out, "<small><code>", entry->key, "</code></small>");
    if (meaning)
        append_element (out, "<small>", meaning, "</small>");
    g_string_append (out, "</th><td class=\"bar\">");
    append_bar (out, entry, section->has_parts, max);
    g_string_append_printf (out, "</td><td class=\"n\">%s%s</td>", entry->n_over ? "~" : "",
                            number);
    append_element (out, "<td class=\"n\">", share, "</td></tr>\n");
}

static void
append_section (GString *out, const struct report_section *section,
                const struct report_tally *tally)
{
    const struct report_top *top = tally->tables[section->table];
    g_autoptr (GPtrArray) sorted = report_top_sorted (top);
    const unsigned n = MIN (sorted->len, REPORT_HTML_ROWS);
    const struct report_entry *first = n ? g_ptr_array_index (sorted, 0) : NULL;

    if (!first)
        return;
    append_element (out, "<section><h2>", section->title, "</h2>\n");
    append_element (out, "<p class=\"quiet\">", section->note,
                    "</p>\n<table><thead class=\"heard\"><tr><th scope=\"col\">Name</th><th "
                    "scope=\"col\">Bar</th><th scope=\"col\">Events</th><th "
                    "scope=\"col\">Share</th></tr></thead><tbody>\n");
    for (unsigned i = 0; i < n; i++)
        append_row (out, section, g_ptr_array_index (sorted, i), top, first->n);
    g_string_append (out, "</tbody></table>\n");
    if (sorted->len > n)
        g_string_append_printf (out, "<p class=\"quiet\">and %s%u more</p>\n",
                                report_top_over (top) ? "at least " : "", sorted->len - n);
    g_string_append (out, "</section>\n");
}

static void
append_notes (GString *out, const struct report_tally *tally)
{
    g_autoptr (GPtrArray) notes = report_words_notes (tally);

    if (notes->len == 0)
        return;
    g_string_append (out, "<section id=\"notes\"><h2>Notes</h2>\n<ul>\n");
    for (unsigned i = 0; i < notes->len; i++)
        append_element (out, "<li>", g_ptr_array_index (notes, i), "</li>\n");
    g_string_append (out, "</ul></section>\n");
}

static void
append_events (GString *out, struct report_tally *tally)
{
    g_autoptr (GArray) incidents = report_tally_incidents (tally);
    g_autofree char *summary = report_words_summary (tally);

    append_element (out, "<p class=\"lead\"><bdi>", summary, "</bdi></p>\n");
    append_figures (out, tally);
    append_changes (out, tally);
    append_incidents (out, tally, incidents);
    append_addresses (out, tally);
    append_series (out, tally, incidents);
    g_string_append (out, "<div class=\"columns\">\n");
    for (unsigned i = 0; i < REPORT_SECTIONS; i++)
        append_section (out, &report_sections[i], tally);
    g_string_append (out, "</div>\n");
}

void
report_html_append (GString *out, struct report_tally *tally, const char *origin)
{
    g_autofree char *span = report_words_span (tally);

    append_head (out, span);
    append_element (out, "<body>\n<main>\n<header><h1>Bounce report</h1>\n<p>", span, "</p>\n");
    append_element (out, "<p class=\"quiet\">from <code><bdi>", origin,
                    "</bdi></code></p></header>\n");
    if (tally->n_events)
        append_events (out, tally);
    else
        g_string_append (out, "<p class=\"lead\">No events in this time.</p>\n");
    append_notes (out, tally);
    g_string_append (out, "<footer class=\"quiet\"><p>Made by dsnctl " DSND_VERSION
                          " report. Bars: hard, soft and delayed, in this order.</p></footer>\n"
                          "</main>\n</body>\n</html>\n");
}
