/* Coordinates are whole tenths of a pixel, so that no locale and no rounding can change a page. */
#include "cli/report/reportplot.h"
#include "cli/report/reporttime.h"
#include "cli/report/reportwords.h"

#include <inttypes.h>

#define LEFT   460 /* room for the numbers */
#define RIGHT  80
#define TOP    260 /* room for the marks of incidents */
#define BOTTOM 260 /* room for the dates */
#define DAY    86400

/* The inner area. */
struct frame {
    GString *out;
    const struct report_plot *plot;
    unsigned width, height; /* tenths of a pixel, as all that follow */
    uint64_t max;           /* what the height stands for */
};

static uint64_t
sum_of (const uint64_t parts[_REPORT_PART_N])
{
    uint64_t n = 0;

    for (unsigned part = 0; part < _REPORT_PART_N; part++)
        n += parts[part];
    return n;
}

static const struct report_bar *
bar_at (const struct report_plot *plot, unsigned i)
{
    return &g_array_index (plot->bars, struct report_bar, i);
}

/* A step of 1, 2 or 5 and zeros, of which at most five make @max. */
static uint64_t
choose_step (uint64_t max)
{
    uint64_t step = 1;

    for (unsigned i = 0; max > 5 * step; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void
append_number (GString *out, int64_t tenths)
{
    g_string_append_printf (out, "%" PRId64, tenths / 10);
    if (tenths % 10)
        g_string_append_printf (out, ".%" PRId64, tenths % 10);
}

/* Appends ` name="..."`. */
static void
append_length (GString *out, const char *name, int64_t tenths)
{
    g_string_append_printf (out, " %s=\"", name);
    append_number (out, tenths);
    g_string_append_c (out, '"');
}

static int64_t
y_of (const struct frame *f, uint64_t n)
{
    return TOP + f->height - (int64_t)(n * f->height / f->max);
}

static int64_t
x_of (const struct frame *f, unsigned bar)
{
    return LEFT + (int64_t)bar * f->width / f->plot->bars->len;
}

static void
append_text (const struct frame *f, int64_t x, int64_t y, const char *anchor, const char *text)
{
    g_string_append (f->out, "<text");
    append_length (f->out, "x", x);
    append_length (f->out, "y", y);
    g_string_append_printf (f->out, " text-anchor=\"%s\">%s</text>\n", anchor, text);
}

/* Lines across with their numbers. */
static void
append_scale (const struct frame *f, uint64_t step)
{
    for (uint64_t n = 0; n <= f->max; n += step) {
        g_autofree char *number = report_words_number (n);
        g_string_append (f->out, n ? "<line class=\"grid\"" : "<line class=\"axis\"");
        append_length (f->out, "x1", LEFT);
        append_length (f->out, "x2", LEFT + f->width);
        append_length (f->out, "y1", y_of (f, n));
        append_length (f->out, "y2", y_of (f, n));
        g_string_append (f->out, "/>\n");
        append_text (f, LEFT - 70, y_of (f, n) + 40, "end", number);
    }
}

/* Seconds between dates, so that they don't touch. */
static int64_t
choose_date_step (const struct frame *f)
{
    static const int64_t steps[] = { 300,       900,      3600,     3 * 3600,  6 * 3600,
                                     12 * 3600, DAY,      2 * DAY,  4 * DAY,   7 * DAY,
                                     14 * DAY,  28 * DAY, 84 * DAY, 168 * DAY, 364 * DAY };
    const int64_t seconds = f->plot->bar_s * (int64_t)f->plot->bars->len;
    const int64_t least = 620 * seconds / f->width;
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS (steps) && (steps[i] < least || steps[i] < f->plot->bar_s))
        i++;
    return MAX (steps[i], least);
}

static void
append_dates (const struct frame *f)
{
    const int64_t first = bar_at (f->plot, 0)->start, step = choose_date_step (f);
    const int64_t end = first + f->plot->bar_s * (int64_t)f->plot->bars->len;
    const char *format = step < DAY ? "%H:%M" : step < 100 * DAY ? "%-d %b" : "%b %Y";
    const int64_t shift = report_time_shift (first, f->plot->zone);
    int64_t at = report_time_floor (first + shift, MIN (step, DAY)) - shift;

    while (at < first)
        at += MIN (step, DAY);
    for (; at < end; at += step) {
        const int64_t x = LEFT + (at - first) * f->width / (end - first);
        const bool is_midnight = step < DAY && report_time_floor (at + shift, DAY) == at + shift;
        g_autofree char *text =
            report_time_format (at, f->plot->zone, is_midnight ? "%-d %b" : format);
        g_string_append (f->out, "<line class=\"axis\"");
        append_length (f->out, "x1", x);
        append_length (f->out, "x2", x);
        append_length (f->out, "y1", TOP + f->height);
        append_length (f->out, "y2", TOP + f->height + 50);
        g_string_append (f->out, "/>\n");
        append_text (f, x, TOP + f->height + 190, x < LEFT + 200 ? "start" : "middle", text);
    }
}

static void
append_rect (const struct frame *f, const char *name, unsigned i, int64_t top, int64_t bottom)
{
    const int64_t left = x_of (f, i), right = x_of (f, i + 1), gap = (right - left) / 8;

    g_string_append_printf (f->out, "<rect class=\"%s\"", name);
    append_length (f->out, "x", left + gap);
    append_length (f->out, "y", top);
    append_length (f->out, "width", right - left - 2 * gap);
    append_length (f->out, "height", bottom - top);
    g_string_append (f->out, "/>");
}

/* A column, and what it says when it's pointed at. */
static void
append_column (const struct frame *f, unsigned i)
{
    const struct report_bar *bar = bar_at (f->plot, i);
    g_autofree char *from = report_time_text (bar->start, f->plot->zone);
    g_autofree char *to = report_time_text (bar->start + f->plot->bar_s, f->plot->zone);
    g_autofree char *words = report_plot_words (bar->n);
    uint64_t seen = 0;

    g_string_append_printf (f->out, "<g class=\"column\"><title>%s to %s: %s</title>", from, to,
                            words);
    append_rect (f, "hit", i, TOP, TOP + f->height);
    for (unsigned part = 0; part < _REPORT_PART_N; part++) {
        const uint64_t below = seen;
        seen += bar->n[part];
        if (bar->n[part])
            append_rect (f, report_part_names[part], i, MIN (y_of (f, seen), y_of (f, below) - 5),
                         y_of (f, below));
    }
    g_string_append (f->out, "</g>\n");
}

/* The number of each incident, above the column in which it began. */
static void
append_marks (const struct frame *f)
{
    const int64_t first = bar_at (f->plot, 0)->start;

    for (unsigned i = 0; i < f->plot->incidents->len && i < REPORT_INCIDENTS_SHOWN; i++) {
        const struct report_incident *incident =
            &g_array_index (f->plot->incidents, struct report_incident, i);
        const unsigned bar = (unsigned)((incident->from - first) / f->plot->bar_s);
        const int64_t x = (x_of (f, bar) + x_of (f, bar + 1)) / 2;
        g_string_append_printf (f->out,
                                "<a href=\"#incident-%u\"><title>Incident %u</title>"
                                "<circle class=\"mark\" r=\"9\"",
                                i + 1, i + 1);
        append_length (f->out, "cx", x);
        append_length (f->out, "cy", TOP - 130);
        g_string_append (f->out, "/><text class=\"mark\"");
        append_length (f->out, "x", x);
        append_length (f->out, "y", TOP - 90);
        g_string_append_printf (f->out, " text-anchor=\"middle\">%u</text></a>\n", i + 1);
    }
}

char *
report_plot_words (const uint64_t parts[_REPORT_PART_N])
{
    g_autoptr (GString) words = g_string_new (NULL);

    for (unsigned part = 0; part < _REPORT_PART_N; part++) {
        g_autofree char *number = report_words_number (parts[part]);
        g_string_append_printf (words, "%s%s %s", part ? ", " : "", number,
                                report_part_names[part]);
    }
    return g_strdup (words->str);
}

static void
append_head (const struct frame *f, uint64_t peak)
{
    const struct report_plot *plot = f->plot;
    g_autofree char *length = report_time_length (plot->bar_s);
    g_autofree char *most = report_words_count (peak, "event", "events");

    g_string_append_printf (
        f->out,
        "<svg class=\"plot %s\" viewBox=\"0 0 %u %u\" role=\"img\" "
        "aria-labelledby=\"%s-title %s-desc\">\n"
        "<title id=\"%s-title\">Events over time</title>\n"
        "<desc id=\"%s-desc\">One column for %s, of hard bounces, soft bounces, "
        "delays and other events; at most %s in one. The table below "
        "has the numbers.</desc>\n",
        plot->name, plot->width, plot->height, plot->name, plot->name, plot->name, plot->name,
        length, most);
}

void
report_plot_append (GString *out, const struct report_plot *plot)
{
    struct frame f = { out, plot, 10 * plot->width - LEFT - RIGHT, 10 * plot->height - TOP - BOTTOM,
                       1 };
    uint64_t peak = 0, step;

    for (unsigned i = 0; i < plot->bars->len; i++)
        peak = MAX (peak, sum_of (bar_at (plot, i)->n));
    step = choose_step (peak);
    f.max = MAX ((peak + step - 1) / step * step, 1);
    append_head (&f, peak);
    append_scale (&f, step);
    for (unsigned i = 0; i < plot->bars->len; i++)
        append_column (&f, i);
    append_dates (&f);
    append_marks (&f);
    g_string_append (out, "</svg>\n");
}
