/* The progress bar: how far, how fast, how long. */
#include "cli/parse/progress.h"

#include <glib.h>
#include <stdio.h>

#define FIRST_US  (500 * 1000)
#define EVERY_US  (100 * 1000)
#define BAR_CELLS 30

void
progress_start (struct progress *p, size_t total, bool is_on)
{
    *p = (struct progress){ .is_on = is_on, .total = total, .started_us = g_get_monotonic_time () };
}

void
progress_show (struct progress *p, size_t n)
{
    char bar[BAR_CELLS + 1];
    int64_t now, elapsed_us;
    size_t n_full, per_second, left_s;

    /* the clock costs more than a look at a counter */
    if (!p->is_on || p->total == 0 || n % 16 != 0)
        return;
    now = g_get_monotonic_time ();
    elapsed_us = now - p->started_us;
    if (elapsed_us < FIRST_US || now - p->shown_us < EVERY_US)
        return;
    p->shown_us = now;
    p->is_shown = true;
    n_full = n * BAR_CELLS / p->total;
    for (size_t i = 0; i < BAR_CELLS; i++)
        bar[i] = i < n_full ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    per_second = (size_t)((int64_t)n * G_USEC_PER_SEC / elapsed_us);
    left_s = per_second ? (p->total - n) / per_second : 0;
    (void)fprintf (stderr, "\r[%s] %3zu%%  %zu/%zu mails  %zu/s  %zu:%02zu left\033[K", bar,
                   n * 100 / p->total, n, p->total, per_second, left_s / 60, left_s % 60);
    (void)fflush (stderr);
}

void
progress_clear (struct progress *p)
{
    if (p->is_shown)
        (void)fputs ("\r\033[K", stderr);
    p->is_shown = false;
}
