/* Bars, sorted by their start. */
#include "cli/report/reportseries.h"
#include "cli/report/reporttime.h"

struct report_series {
    GArray *bars;
    unsigned width; /* index of report_widths */
};

struct report_series *
report_series_new (void)
{
    struct report_series *series = g_new0 (struct report_series, 1);

    series->bars = g_array_new (FALSE, TRUE, sizeof (struct report_bar));
    return series;
}

void
report_series_free (struct report_series *series)
{
    g_array_unref (series->bars);
    g_free (series);
}

static struct report_bar *
bar_at (const GArray *bars, unsigned i)
{
    return &g_array_index (bars, struct report_bar, i);
}

/* The bar that begins at @start: the last, most of the time. */
static struct report_bar *
find_bar (GArray *bars, int64_t start)
{
    const struct report_bar fresh = { .start = start };
    unsigned low = 0, high = bars->len;

    if (high && bar_at (bars, high - 1)->start == start)
        return bar_at (bars, high - 1);
    if (high && bar_at (bars, high - 1)->start < start)
        low = high;
    while (low < high) {
        const unsigned middle = low + (high - low) / 2;
        if (bar_at (bars, middle)->start < start)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == bars->len || bar_at (bars, low)->start != start)
        g_array_insert_val (bars, low, fresh);
    return bar_at (bars, low);
}

static void
add_counts (GArray *to, int64_t start, const struct report_bar *from)
{
    struct report_bar *bar = find_bar (to, start);

    for (unsigned part = 0; part < _REPORT_PART_N; part++)
        bar->n[part] += from->n[part];
}

static void
widen (struct report_series *series)
{
    GArray *wider = g_array_new (FALSE, TRUE, sizeof (struct report_bar));

    series->width++;
    for (unsigned i = 0; i < series->bars->len; i++) {
        const struct report_bar *bar = bar_at (series->bars, i);
        add_counts (wider, report_time_floor (bar->start, report_widths[series->width]), bar);
    }
    g_array_unref (series->bars);
    series->bars = wider;
}

void
report_series_add (struct report_series *series, int64_t time, enum report_part part)
{
    const int64_t start = report_time_floor (time, report_widths[series->width]);

    find_bar (series->bars, start)->n[part]++;
    /* the widest bars are 100 in a century */
    while (series->bars->len > REPORT_BARS_KEPT && series->width + 1 < REPORT_WIDTHS)
        widen (series);
}

GArray *
report_series_bars (const struct report_series *series, const struct report_range *range,
                    int64_t *ret_width)
{
    const int64_t width = MAX (report_time_width (range->from + range->shift_s,
                                                  range->to + range->shift_s, range->bars_max),
                               report_widths[series->width]);
    GArray *bars = g_array_new (FALSE, TRUE, sizeof (struct report_bar));
    int64_t from;

    from = report_time_floor (range->from + range->shift_s, width) - range->shift_s;
    for (int64_t start = from; start <= range->to; start += width) {
        const struct report_bar bar = { .start = start };
        g_array_append_val (bars, bar);
    }
    for (unsigned i = 0; i < series->bars->len; i++) {
        const struct report_bar *bar = bar_at (series->bars, i);
        if (bar->start >= from && bar->start <= range->to)
            add_counts (
                bars, report_time_floor (bar->start + range->shift_s, width) - range->shift_s, bar);
    }
    *ret_width = width;
    return bars;
}
