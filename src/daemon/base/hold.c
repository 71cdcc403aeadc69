/* The main loop's poll, with a look at the clock before and after it. */
#include "daemon/base/hold.h"

#include <glib.h>
#include <time.h>

static struct hold worst;
static int64_t since_us, since_cpu_us; /* when poll came back; 0: it never did */

static int64_t
cpu_us (void)
{
    struct timespec used;

    (void)clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

static gint
poll_and_measure (GPollFD *fds, guint n, gint timeout)
{
    gint result;

    if (since_us) {
        worst.worst_us = MAX (worst.worst_us, g_get_monotonic_time () - since_us);
        worst.worst_cpu_us = MAX (worst.worst_cpu_us, cpu_us () - since_cpu_us);
    }
    result = g_poll (fds, n, timeout);
    since_us = g_get_monotonic_time ();
    since_cpu_us = cpu_us ();
    return result;
}

void
hold_measure (void)
{
    g_main_context_set_poll_func (NULL, poll_and_measure);
}

struct hold
hold_worst (void)
{
    return worst;
}
