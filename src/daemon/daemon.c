/* The daemon's parts, and what happens between them: signals, the service manager, the loop. */
#include "daemon/daemon.h"

#include "daemon/counters.h"
#include "daemon/base/hold.h"
#include "daemon/base/log.h"
#include "daemon/pipeline.h"
#include "daemon/socket/server.h"
#include "daemon/workers/proof.h"
#include "daemon/settings/settings.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define SEGMENT_BYTES (UINT64_C (16) * 1024 * 1024)
#define NOTIFY_S      10
#define AGAIN_MS      500 /* between two reloads */

struct daemon {
    const char *config_path;
    struct config *config;
    struct config *next;   /* being tried, NULL: none */
    bool is_reload_wanted; /* after that one */
    guint again;
    struct spool *spool;
    struct consumers *consumers;
    struct server *server;
    struct pipeline *pipeline;
    GMainLoop *loop;
    int signal_fd;
    int listen_fd; /* that the service manager passed, -1: none; the server's once that is there */
    int status;
    gint64 started_us;
    char *restart;      /* keys that the last reload left as they were; NULL: none */
    char *next_restart; /* of the one that is on its way */
};

static void reload (struct daemon *d);
static gboolean notify_status (gpointer data);

/* Reads what the operator says now, but for what can't change while we run: that stays, and is told
 * when the rest is in force. */
static bool
read_next (struct daemon *d, struct config **ret_config, struct setup **ret_setup, GError **error)
{
    if (!settings_load (d->config_path, ret_config, ret_setup, error))
        return false;
    g_free (d->next_restart);
    d->next_restart = settings_keep_fixed (d->config, *ret_config);
    return true;
}

static gboolean
reload_again (gpointer data)
{
    struct daemon *d = data;

    d->again = 0;
    reload (d);
    return G_SOURCE_REMOVE;
}

/* What the reload that is over couldn't take over, if anything. */
static void
tell_restart (struct daemon *d)
{
    g_free (d->restart);
    d->restart = g_steal_pointer (&d->next_restart);
    if (d->restart)
        log_event (LOG_WARNING, "restart-needed",
                   "these changes need a restart, all others are in force", "KEYS", d->restart,
                   NULL);
    (void)notify_status (d);
}

/* A reload is over; @error: NULL, or why all is as it was. */
static void
reloaded (void *data, const char *error)
{
    struct daemon *d = data;
    struct config *next = d->next;

    d->next = NULL;
    if (error) {
        log_event (LOG_ERR, "reload-failed", "keeping the old configuration and rules", "ERROR",
                   error, NULL);
    } else {
        server_configure (d->server, next);
        config_free (d->config);
        d->config = g_steal_pointer (&next);
        log_event (LOG_NOTICE, "reloaded", "configuration and rules were loaded anew", NULL);
        tell_restart (d);
    }
    config_free (next);
    (void)sd_notify (0, "READY=1");
    if (d->is_reload_wanted && !d->again)
        d->again = g_timeout_add (AGAIN_MS, reload_again, d);
    d->is_reload_wanted = false;
}

/* One at a time: of those that are asked for meanwhile, one is done after it. */
static void
reload (struct daemon *d)
{
    g_autoptr (setup_t) setup = NULL;
    g_autoptr (GError) error = NULL;

    if (d->next || d->again) {
        d->is_reload_wanted = true;
        return;
    }
    (void)sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
    if (read_next (d, &d->next, &setup, &error))
        pipeline_reload (d->pipeline, d->next, setup);
    else
        reloaded (d, error->message);
}

static gboolean
signal_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct daemon *d = data;
    struct signalfd_siginfo info;

    (void)condition;
    if (read (fd, &info, sizeof info) != (ssize_t)sizeof info)
        return G_SOURCE_CONTINUE;
    if (info.ssi_signo == SIGCHLD)
        pipeline_reap (d->pipeline);
    else if (info.ssi_signo == SIGHUP)
        reload (d);
    else
        g_main_loop_quit (d->loop);
    return G_SOURCE_CONTINUE;
}

static bool
block_signals (struct daemon *d, GError **error)
{
    sigset_t set;

    (void)sigemptyset (&set);
    (void)sigaddset (&set, SIGTERM);
    (void)sigaddset (&set, SIGINT);
    (void)sigaddset (&set, SIGHUP);
    (void)sigaddset (&set, SIGCHLD);
    (void)signal (SIGPIPE, SIG_IGN);
    (void)signal (SIGIO, SIG_IGN); /* a writer wants a mail that we hold a lease of, for a moment */
    if (sigprocmask (SIG_BLOCK, &set, NULL) == 0)
        d->signal_fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (d->signal_fd >= 0)
        return true;
    g_set_error (error, SPOOL_ERROR, SPOOL_ERROR_FATAL, "can't take signals: %s",
                 g_strerror (errno));
    return false;
}

/* --- what the parts ask ---------------------------------------------------------------------- */

static void
published (void *data)
{
    struct daemon *d = data;

    if (d->server)
        server_publish (d->server);
}

static void
died (void *data, const char *reason)
{
    struct daemon *d = data;

    (void)reason; /* logged where it happened */
    d->status = EXIT_FAILURE;
    g_main_loop_quit (d->loop);
}

static void
count (const struct daemon *d, struct counters *ret_counters)
{
    *ret_counters =
        (struct counters){ .uptime_s = (g_get_monotonic_time () - d->started_us) / G_USEC_PER_SEC,
                           .clients = server_clients (d->server),
                           .refused_clients = server_refused (d->server),
                           .spool_max_bytes = d->config->spool_max_bytes,
                           .restart = d->restart };
    pipeline_count (d->pipeline, &ret_counters->counts);
}

static void
append_status (GString *out, void *data)
{
    struct counters counters;

    count (data, &counters);
    counters_append (out, &counters);
}

static gboolean
notify_status (gpointer data)
{
    struct counters counters;
    g_autofree char *line = NULL;

    count (data, &counters);
    line = counters_line (&counters);
    (void)sd_notifyf (0, "STATUS=%s", line);
    return G_SOURCE_CONTINUE;
}

static gboolean
pat_watchdog (gpointer data)
{
    (void)data;
    (void)sd_notify (0, "WATCHDOG=1");
    return G_SOURCE_CONTINUE;
}

/* --- life ------------------------------------------------------------------------------------ */

/* The listening socket that the service manager passed, -1 if it passed none. */
static int
passed_socket (void)
{
    const int n = sd_listen_fds (1);

    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++)
        if (sd_is_socket_unix (fd, SOCK_STREAM, 1, NULL, 0) > 0) {
            (void)g_unix_set_fd_nonblocking (fd, TRUE, NULL);
            return fd;
        }
    return -1;
}

static bool
open_parts (struct daemon *d, const struct setup *setup, GError **error)
{
    static const struct pipeline_handler handler = { .published = published,
                                                     .died = died,
                                                     .reloaded = reloaded };
    const struct pipeline_options pipeline = {
        .config = d->config, .setup = setup, .handler = &handler, .data = d
    };
    const struct server_options server = {
        .config = d->config, .listen_fd = d->listen_fd, .status = append_status, .data = d
    };
    struct pipeline_options with_spool = pipeline;
    struct server_options with_consumers = server;

    d->spool = spool_open (d->config->spool_path,
                           MIN (SEGMENT_BYTES, d->config->spool_max_bytes / 8), error);
    if (!d->spool || !proof_run (setup, error) || !block_signals (d, error))
        return false;
    d->consumers = consumers_open (spool_dirfd (d->spool), error);
    if (!d->consumers)
        return false;
    spool_raise (d->spool, consumers_highest (d->consumers) + 1);
    with_spool.spool = with_consumers.spool = d->spool;
    with_spool.consumers = with_consumers.consumers = d->consumers;
    d->pipeline = pipeline_new (&with_spool, error);
    if (!d->pipeline)
        return false;
    d->server = server_new (&with_consumers, error);
    return d->server != NULL;
}

static void
close_parts (struct daemon *d)
{
    (void)sd_notify (0, "STOPPING=1");
    g_clear_handle_id (&d->again, g_source_remove);
    pipeline_free (d->pipeline);
    server_free (d->server);
    consumers_free (d->consumers);
    spool_free (d->spool);
    config_free (d->config);
    config_free (d->next);
    g_free (d->restart);
    g_free (d->next_restart);
    g_clear_pointer (&d->loop, g_main_loop_unref);
    if (d->signal_fd >= 0)
        (void)close (d->signal_fd);
}

static void
log_end (void)
{
    const struct hold hold = hold_worst ();
    g_autofree char *wall = log_number ((uint64_t)hold.worst_us / 1000);
    g_autofree char *cpu = log_number ((uint64_t)hold.worst_cpu_us / 1000);

    log_event (LOG_INFO, "stopped", "no more mail is read", "HOLD_MS", wall, "HOLD_CPU_MS", cpu,
               NULL);
}

static void
serve (struct daemon *d)
{
    uint64_t watchdog_us = 0;

    hold_measure ();
    (void)g_unix_fd_add (d->signal_fd, G_IO_IN, signal_ready, d);
    (void)g_timeout_add_seconds (NOTIFY_S, notify_status, d);
    if (sd_watchdog_enabled (0, &watchdog_us) > 0)
        (void)g_timeout_add ((guint)(watchdog_us / 2000), pat_watchdog, NULL);
    pipeline_start (d->pipeline);
    log_event (LOG_INFO, "started", "reading mail", "VERSION", DSND_VERSION, NULL);
    (void)sd_notify (0, "READY=1\nSTATUS=taking mail");
    if (d->status == EXIT_SUCCESS)
        g_main_loop_run (d->loop);
    log_end ();
}

/* Answers those who wait at the service manager's socket: left there, they would have it start us
 * again and again. */
static void
refuse_waiting (int listen_fd)
{
    static const char line[] = "{\"error\":\"dsnd can't start; its log says why\"}\n";
    int fd;

    while (listen_fd >= 0 &&
           (fd = accept4 (listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        (void)send (fd, line, strlen (line), MSG_NOSIGNAL);
        (void)close (fd);
    }
}

/* A reload that is asked for while we start is done when we have: it doesn't end us. */
static void
put_off_reloads (void)
{
    sigset_t set;

    (void)sigemptyset (&set);
    (void)sigaddset (&set, SIGHUP);
    (void)sigprocmask (SIG_BLOCK, &set, NULL);
}

bool
daemon_run (const char *config_path, int *ret_status, GError **error)
{
    struct daemon d = { .config_path = config_path,
                        .signal_fd = -1,
                        .listen_fd = passed_socket (),
                        .status = EXIT_SUCCESS,
                        .started_us = g_get_monotonic_time () };
    g_autoptr (setup_t) setup = NULL;
    bool is_up;

    put_off_reloads ();
    d.loop = g_main_loop_new (NULL, FALSE);
    is_up = settings_load (config_path, &d.config, &setup, error) && open_parts (&d, setup, error);
    if (is_up)
        serve (&d);
    else
        refuse_waiting (d.listen_fd);
    close_parts (&d);
    *ret_status = d.status;
    return is_up;
}
