/* One loop, one thread. A turn of the sink blocks it, for a bounded time. */
#include "relay/relay.h"

#include "client/backoff.h"
#include "client/park.h"
#include "relay/announce.h"
#include "relay/base/window.h"
#include "relay/ends.h"
#include "relay/relayconfig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define TICK_US     ((int64_t)500 * 1000)
#define ANNOUNCE_US ((int64_t)10 * 1000 * 1000)

struct relay {
    const char *path;
    struct relayconfig *config;
    struct ends ends;
    struct window *window;
    GPtrArray *turn; /* struct parcel *, borrowed from the window */
    int signals;     /* signalfd */

    int64_t sink_us, source_us;              /* when to try again; monotonic */
    int64_t rate_us;                         /* when the rate allows more */
    unsigned sink_failures, source_failures; /* in a row */
    int64_t tick_us, announce_us;            /* when next */
    struct announce_limit sink_limit, source_limit, park_limit, tick_limit;
    struct announce_figures figures;
    bool is_stopping;
    enum relay_exit status;
};

static void
stop_for_good (struct relay *r, const char *what, const char *trouble)
{
    announce_line (r->config->name, LOG_ERR,
                   "%s: %s; stopping: mend this, then start the relay again. Nothing is lost", what,
                   trouble);
    r->is_stopping = true;
    r->status = RELAY_CONFIG;
}

static void
pause_sink (struct relay *r, const char *trouble)
{
    const int64_t now_us = g_get_monotonic_time ();

    r->sink_us = now_us + backoff_us (++r->sink_failures, g_random_int ());
    r->figures.failures++;
    if (r->figures.is_sink_up)
        announce_line (r->config->name, LOG_WARNING, "the sink: %s; trying again until it's back",
                       trouble);
    else
        announce_trouble (r->config->name, &r->sink_limit, "the sink", trouble);
    if (r->figures.is_sink_up)
        r->sink_limit.told_us = now_us;
    r->figures.is_sink_up = false;
}

static void
welcome_sink (struct relay *r)
{
    if (!r->figures.is_sink_up)
        announce_line (r->config->name, LOG_NOTICE, "the sink is back");
    r->figures.is_sink_up = true;
    r->sink_failures = 0;
}

static void
pause_source (struct relay *r, const char *trouble)
{
    r->source_us = g_get_monotonic_time () + backoff_us (++r->source_failures, g_random_int ());
    r->figures.is_source_up = false;
    announce_trouble (r->config->name, &r->source_limit, "the source",
                      trouble ? trouble : "it's away");
}

/* Puts what the sink will never take where a person can look at it. False if that fails: the event
 * stays. */
static bool
park (struct relay *r, struct parcel *p)
{
    const struct backlog_item item = {
        .seq = p->seq, .id = p->id, .text = p->text, .n_text = p->n_text, .n_failures = 1
    };
    g_autofree char *text = NULL;

    (void)g_mkdir_with_parents (r->config->park, 0750);
    if (!park_event (r->config->park, &item, p->reason)) {
        text = g_strdup_printf ("%s: %s", r->config->park, g_strerror (errno));
        pause_sink (r, text);
        return false;
    }
    text = g_strdup_printf ("event %" G_GUINT64_FORMAT " is refused (%s): it's in %s now", p->seq,
                            p->reason, r->config->park);
    announce_trouble (r->config->name, &r->park_limit, "the sink", text);
    r->figures.parked++;
    return true;
}

/* Takes the outcomes of a turn. Returns how many parcels are still open. */
static unsigned
settle (struct relay *r)
{
    unsigned n_open = 0;

    for (unsigned i = 0; i < r->turn->len; i++) {
        struct parcel *p = g_ptr_array_index (r->turn, i);
        switch (p->outcome) {
        case PARCEL_CONFIRMED:
            p->is_done = true;
            r->figures.confirmed++;
            break;
        case PARCEL_REFUSED:
            p->is_done = park (r, p);
            n_open += !p->is_done;
            break;
        case PARCEL_OPEN:
            n_open++;
            break;
        default:
            g_assert_not_reached ();
        }
        p->outcome = PARCEL_OPEN;
    }
    return n_open;
}

/* Tells the source what left the window. */
static void
acknowledge (struct relay *r)
{
    struct parcel *p;
    bool is_any = false;

    while ((p = window_pop (r->window))) {
        r->config->source_kind->done (r->ends.source, p);
        parcel_free (p);
        is_any = true;
    }
    if (is_any)
        r->config->source_kind->acknowledge (r->ends.source, false);
}

/* How many parcels a turn may have now. */
static unsigned
turn_size (const struct relay *r)
{
    const unsigned n = r->config->window_events;

    /* a tenth of a second's worth: bursts stay short */
    return r->config->rate ? CLAMP (r->config->rate / 10, 1, n) : n;
}

static void
deliver (struct relay *r)
{
    const struct sink_kind *kind = r->config->sink_kind;
    const int64_t now_us = g_get_monotonic_time ();
    g_autofree char *trouble = NULL;
    enum sink_result result;

    if (r->is_stopping || now_us < r->sink_us || now_us < r->rate_us)
        return;
    window_turn (r->window, turn_size (r), !kind->is_ordered, r->turn);
    if (r->turn->len == 0)
        return;
    result = kind->deliver (r->ends.sink, (struct parcel **)r->turn->pdata, r->turn->len,
                            r->config->source_kind->is_ordered, &trouble);
    r->figures.turns++;
    if (r->config->rate)
        r->rate_us = now_us + (int64_t)r->turn->len * G_USEC_PER_SEC / r->config->rate;
    r->tick_us = 0;
    if (result == SINK_ANSWERED)
        welcome_sink (r);
    /* a sink that took some goes on with the rest at once */
    if (settle (r) == r->turn->len && result == SINK_ANSWERED)
        pause_sink (r, trouble ? trouble : "not all was taken");
    else if (result == SINK_AWAY)
        pause_sink (r, trouble ? trouble : "it's away");
    else if (result == SINK_REFUSES)
        stop_for_good (r, "the sink", trouble ? trouble : "it takes nothing");
}

static bool
has_room (const struct relay *r)
{
    return window_count (r->window) < r->config->window_events &&
           window_bytes (r->window) < r->config->window_bytes;
}

/* Takes what has come, as far as there's room. */
static void
take (struct relay *r)
{
    enum source_result result = SOURCE_PARCEL;

    while (!r->is_stopping && has_room (r) && g_get_monotonic_time () >= r->source_us &&
           result == SOURCE_PARCEL) {
        g_autofree char *trouble = NULL;
        struct parcel *p = NULL;
        result = r->config->source_kind->take (r->ends.source, &r->config->style, &p, &trouble);
        if (result == SOURCE_PARCEL) {
            window_add (r->window, p);
            r->figures.taken++;
        }
        if (result == SOURCE_AWAY) {
            pause_source (r, trouble);
        } else if (result == SOURCE_ENDED) {
            stop_for_good (r, "the source", trouble);
        } else {
            r->source_failures = 0;
            r->figures.is_source_up = true;
            if (trouble)
                announce_line (r->config->name, LOG_WARNING, "the source: %s", trouble);
        }
    }
}

static void
tick (struct relay *r)
{
    const int64_t now_us = g_get_monotonic_time ();
    g_autofree char *trouble = NULL;

    if (now_us < r->tick_us)
        return;
    r->tick_us = now_us + TICK_US;
    if (r->config->sink_kind->tick)
        r->config->sink_kind->tick (r->ends.sink, &trouble);
    if (trouble)
        announce_trouble (r->config->name, &r->tick_limit, "the sink", trouble);
    (void)sd_notify (0, "WATCHDOG=1");
}

static void
announce (struct relay *r)
{
    const int64_t now_us = g_get_monotonic_time ();
    const int64_t oldest_us = window_oldest_us (r->window);
    g_autoptr (GError) error = NULL;

    if (now_us < r->announce_us)
        return;
    r->announce_us = now_us + ANNOUNCE_US;
    r->figures.in_flight = window_count (r->window);
    r->figures.lag = r->config->source_kind->lag (r->ends.source);
    r->figures.oldest_us = oldest_us == INT64_MAX ? 0 : now_us - oldest_us;
    announce_status (&r->figures);
    if (r->config->metrics &&
        !announce_metrics (r->config->metrics, r->config->name, &r->figures, &error))
        announce_trouble (r->config->name, &r->tick_limit, "metrics", error->message);
}

/* Takes window, rate, format, park and metrics from the file as it is now; what is in flight stays
 * as it is. */
static void
reload (struct relay *r)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (relayconfig_t) fresh = NULL;

    (void)sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
    fresh = relayconfig_load (r->path, &error);
    if (!fresh) {
        announce_line (r->config->name, LOG_ERR, "%s; the old configuration stays", error->message);
    } else if (!g_str_equal (fresh->text, r->config->text)) {
        announce_line (r->config->name, LOG_ERR,
                       "[Source] or [Sink] changed, which needs a restart; the old configuration "
                       "stays");
    } else {
        relayconfig_free (r->config);
        r->config = g_steal_pointer (&fresh);
        announce_line (r->config->name, LOG_NOTICE, "reloaded");
    }
    (void)sd_notify (0, "READY=1");
}

static void
take_signals (struct relay *r)
{
    struct signalfd_siginfo info;

    while (read (r->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo == SIGHUP)
            reload (r);
        else
            r->is_stopping = true;
}

/* Milliseconds until @us, rounded up; 0 if it's past. */
static int
until_ms (int64_t us, int64_t now_us)
{
    return us > now_us ? (int)MIN ((us - now_us) / 1000 + 1, 1000) : 0;
}

static void
await (struct relay *r)
{
    const int64_t now_us = g_get_monotonic_time ();
    const bool wants = has_room (r) && now_us >= r->source_us;
    const bool has_work = window_oldest_us (r->window) != INT64_MAX;
    int wait_ms = until_ms (r->tick_us, now_us), source_ms = 1000;
    struct pollfd fds[] = { { r->signals, POLLIN, 0 }, { -1, POLLIN, 0 } };
    const int fd = r->config->source_kind->fd (r->ends.source, &source_ms);

    if (wants) {
        fds[1].fd = fd;
        wait_ms = MIN (wait_ms, source_ms);
    } else if (has_room (r)) {
        wait_ms = MIN (wait_ms, until_ms (r->source_us, now_us));
    }
    if (has_work)
        wait_ms = MIN (wait_ms, until_ms (MAX (r->sink_us, r->rate_us), now_us));
    if (poll (fds, G_N_ELEMENTS (fds), wait_ms) > 0 && fds[0].revents)
        take_signals (r);
}

static void
catch_signals (struct relay *r)
{
    sigset_t set;

    (void)sigemptyset (&set);
    (void)sigaddset (&set, SIGTERM);
    (void)sigaddset (&set, SIGINT);
    (void)sigaddset (&set, SIGHUP);
    (void)sigprocmask (SIG_BLOCK, &set, NULL);
    (void)signal (SIGPIPE, SIG_IGN);
    r->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
work (struct relay *r)
{
    (void)sd_notify (0, "READY=1\nSTATUS=starting");
    announce_line (r->config->name, LOG_NOTICE, "from %s to %s", r->config->source_kind->name,
                   r->config->sink_kind->name);
    while (!r->is_stopping) {
        take (r);
        deliver (r);
        acknowledge (r);
        tick (r);
        announce (r);
        if (!r->is_stopping)
            await (r);
    }
    (void)sd_notify (0, "STOPPING=1");
    acknowledge (r);
    r->config->source_kind->acknowledge (r->ends.source, true);
    r->announce_us = 0;
    announce (r);
    announce_line (r->config->name, LOG_NOTICE,
                   "ends: %" G_GUINT64_FORMAT " events confirmed, %" G_GUINT64_FORMAT " parked",
                   r->figures.confirmed, r->figures.parked);
}

static enum relay_exit
tell (const GError *error)
{
    (void)fprintf (stderr, "dsn-relay: %s\n", error->message);
    return RELAY_CONFIG;
}

enum relay_exit
relay_run (const char *path)
{
    g_autoptr (GError) error = NULL;
    struct relay r = { .path = path, .config = relayconfig_load (path, &error) };

    if (!r.config)
        return tell (error);
    r.figures.is_sink_up = r.figures.is_source_up = true;
    catch_signals (&r);
    if (!ends_open (&r.ends, r.config, &error)) {
        r.status = tell (error);
    } else {
        r.window = window_new ();
        r.turn = g_ptr_array_new ();
        work (&r);
        window_free (r.window);
        g_ptr_array_unref (r.turn);
    }
    ends_close (&r.ends, r.config);
    relayconfig_free (r.config);
    (void)close (r.signals);
    return r.status;
}

enum relay_exit
relay_check (const char *path)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (relayconfig_t) config = relayconfig_load (path, &error);
    struct ends ends = { 0 };
    enum relay_exit code;

    if (!config)
        return tell (error);
    if (!ends_open (&ends, config, &error))
        code = tell (error);
    else
        code = ends_check (&ends, config) ? RELAY_OK : RELAY_FAILED;
    ends_close (&ends, config);
    return code;
}
