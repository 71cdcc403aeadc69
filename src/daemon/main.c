/* dsnd: command line, signals, the service manager, and what holds the parts together. */
#include "config.h"
#include "keys.h"
#include "log.h"
#include "pipeline.h"
#include "server.h"
#include "setup.h"
#include "worker.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define DEFAULT_CONFIG  "/etc/dsnd/dsnd.conf"
#define SEGMENT_BYTES   (UINT64_C (16) * 1024 * 1024)
#define NOTIFY_S        10
#define EXIT_USAGE      2
#define EXIT_BUSY       75 /* EX_TEMPFAIL: another instance works here */
#define EXIT_BAD_CONFIG 78 /* EX_CONFIG: a restart won't help */

struct daemon {
    const char *config_path;
    struct config *config;
    struct spool *spool;
    struct consumers *consumers;
    struct server *server;
    struct pipeline *pipeline;
    GMainLoop *loop;
    int signal_fd;
    int status;
    gint64 started_us;
};

static int
complain (int status, const char *message)
{
    (void)fprintf (stderr, "dsnd: %s\n", message);
    return status;
}

static int
complain_error (const GError *error)
{
    if (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_BUSY) ||
        g_error_matches (error, MAILDIR_ERROR, MAILDIR_ERROR_BUSY))
        return complain (EXIT_BUSY, error->message);
    if (error->domain == CONFIG_ERROR || error->domain == SETUP_ERROR ||
        error->domain == MAILDIR_ERROR || error->domain == G_KEY_FILE_ERROR ||
        error->domain == G_FILE_ERROR)
        return complain (EXIT_BAD_CONFIG, error->message);
    return complain (EXIT_FAILURE, error->message);
}

/* Reads configuration and rules. Both (transfer full), or neither. */
static bool
load (const char *path, struct config **ret_config, struct setup **ret_setup, GError **error)
{
    g_autoptr (config_t) config = config_load (path, error);
    g_autoptr (setup_t) setup = setup_new ();
    struct dsn_rules *rules;

    if (!config || !keys_load (path, config, error) ||
        !setup_add_directory (setup, config->rules_path, error))
        return false;
    g_strfreev (setup->original_headers);
    g_strfreev (setup->envelope_headers);
    setup->original_headers = g_strdupv (config->original_headers);
    setup->envelope_headers = g_strdupv (config->envelope_headers);
    if (config->envelope_templates) {
        g_strfreev (setup->envelope_templates);
        setup->envelope_templates = g_strdupv (config->envelope_templates);
    }
    setup->want_evidence = config->want_evidence;
    if (config->policy->len)
        setup_add_text (setup, "[Policy]", config->policy);
    rules = setup_compile (setup, error);
    if (!rules)
        return false;
    dsn_rules_free (rules);
    *ret_config = g_steal_pointer (&config);
    *ret_setup = g_steal_pointer (&setup);
    return true;
}

/* What a running daemon can't change; NULL if @next differs in none of it. (static) */
static const char *
fixed_difference (const struct config *now, const struct config *next)
{
    if (strcmp (now->spool_path, next->spool_path) != 0)
        return "[Spool] Path";
    if (strcmp (now->socket_path, next->socket_path) != 0 ||
        now->socket_mode != next->socket_mode ||
        g_strcmp0 (now->socket_group, next->socket_group) != 0)
        return "[Socket]";
    if (now->workers_count != next->workers_count)
        return "[Workers] Count";
    if (now->mailboxes->len != next->mailboxes->len)
        return "the number of mailboxes";
    for (unsigned i = 0; i < now->mailboxes->len; i++) {
        const struct config_mailbox *a = g_ptr_array_index (now->mailboxes, i);
        const struct config_mailbox *b = g_ptr_array_index (next->mailboxes, i);
        if (strcmp (a->name, b->name) != 0 || strcmp (a->path, b->path) != 0)
            return "a mailbox's name or Path";
    }
    return NULL;
}

static bool
reload_parts (struct daemon *d, GError **error)
{
    g_autoptr (config_t) config = NULL;
    g_autoptr (setup_t) setup = NULL;
    const char *fixed;

    if (!load (d->config_path, &config, &setup, error))
        return false;
    fixed = fixed_difference (d->config, config);
    if (fixed) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: %s can't change while dsnd runs; restart it", d->config_path, fixed);
        return false;
    }
    if (!pipeline_reload (d->pipeline, config, setup, error))
        return false;
    config_free (d->config);
    d->config = g_steal_pointer (&config);
    return true;
}

static void
reload (struct daemon *d)
{
    g_autoptr (GError) error = NULL;

    (void)sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
    if (reload_parts (d, &error))
        log_event (LOG_NOTICE, "reloaded", "configuration and rules were loaded anew", NULL);
    else
        log_event (LOG_ERR, "reload-failed", "keeping the old configuration and rules", "ERROR",
                   error->message, NULL);
    (void)sd_notify (0, "READY=1");
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

static uint64_t
first_needed (void *data)
{
    const struct daemon *d = data;

    return d->server ? server_floor (d->server) : 0;
}

static void
append_kinds (GString *out, const struct pipeline_counts *counts)
{
    g_string_append (out, ",\"kinds\":{");
    for (unsigned kind = 1; kind < _DSN_KIND_N; kind++)
        g_string_append_printf (out, "%s\"%s\":%" G_GUINT64_FORMAT, kind > 1 ? "," : "",
                                dsn_kind_names[kind], counts->kinds[kind]);
    g_string_append (out, "}");
}

static void
append_status (GString *out, void *data)
{
    const struct daemon *d = data;
    struct pipeline_counts c;

    pipeline_count (d->pipeline, &c);
    g_string_append_printf (
        out,
        ",\"uptime_s\":%" G_GINT64_FORMAT ",\"state\":\"%s\",\"mails\":%" G_GUINT64_FORMAT
        ",\"events\":%" G_GUINT64_FORMAT ",\"commits\":%" G_GUINT64_FORMAT
        ",\"in_flight\":%u,\"waiting\":%u,\"special\":%" G_GUINT64_FORMAT
        ",\"denied\":%" G_GUINT64_FORMAT ",\"failed_reads\":%" G_GUINT64_FORMAT
        ",\"failed_moves\":%" G_GUINT64_FORMAT
        ",\"workers\":{\"ready\":%u,\"started\":%u,\"deaths\":%u},\"clients\":%u,\"refused\":"
        "%" G_GUINT64_FORMAT,
        (g_get_monotonic_time () - d->started_us) / G_USEC_PER_SEC,
        c.blocked ? "blocked" : "running", c.mails, c.events, c.commits, c.in_flight, c.waiting,
        c.special, c.denied, c.failed_reads, c.failed_moves, c.workers_ready, c.workers_started,
        c.worker_deaths, server_clients (d->server), server_refused (d->server));
    if (c.blocked)
        g_string_append_printf (out, ",\"blocked\":\"%s\"", c.blocked);
    append_kinds (out, &c);
    g_string_append_printf (out, ",\"spool_max_bytes\":%" G_GUINT64_FORMAT,
                            d->config->spool_max_bytes);
}

static gboolean
notify_status (gpointer data)
{
    const struct daemon *d = data;
    struct pipeline_counts c;

    pipeline_count (d->pipeline, &c);
    (void)sd_notifyf (0,
                      "STATUS=%s; %" G_GUINT64_FORMAT " mails, %" G_GUINT64_FORMAT
                      " events recorded, %u connections",
                      c.blocked ? c.blocked : "taking mail", c.mails, c.events,
                      server_clients (d->server));
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
                                                     .floor = first_needed };
    const struct pipeline_options pipeline = {
        .config = d->config, .setup = setup, .handler = &handler, .data = d
    };
    const struct server_options server = {
        .config = d->config, .listen_fd = passed_socket (), .status = append_status, .data = d
    };
    struct pipeline_options with_spool = pipeline;
    struct server_options with_consumers = server;

    d->spool = spool_open (d->config->spool_path,
                           MIN (SEGMENT_BYTES, d->config->spool_max_bytes / 8), error);
    if (!d->spool || !block_signals (d, error))
        return false;
    d->consumers = consumers_open (spool_dirfd (d->spool), error);
    if (!d->consumers)
        return false;
    with_spool.spool = with_consumers.spool = d->spool;
    with_consumers.consumers = d->consumers;
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
    pipeline_free (d->pipeline);
    server_free (d->server);
    consumers_free (d->consumers);
    spool_free (d->spool);
    config_free (d->config);
    g_clear_pointer (&d->loop, g_main_loop_unref);
    if (d->signal_fd >= 0)
        (void)close (d->signal_fd);
}

static void
serve (struct daemon *d)
{
    uint64_t watchdog_us = 0;

    (void)g_unix_fd_add (d->signal_fd, G_IO_IN, signal_ready, d);
    (void)g_timeout_add_seconds (NOTIFY_S, notify_status, d);
    if (sd_watchdog_enabled (0, &watchdog_us) > 0)
        (void)g_timeout_add ((guint)(watchdog_us / 2000), pat_watchdog, NULL);
    pipeline_start (d->pipeline);
    log_event (LOG_INFO, "started", "reading mail", "VERSION", DSND_VERSION, NULL);
    (void)sd_notify (0, "READY=1\nSTATUS=taking mail");
    if (d->status == EXIT_SUCCESS)
        g_main_loop_run (d->loop);
    log_event (LOG_INFO, "stopped", "no more mail is read", NULL);
}

static int
run (const char *config_path)
{
    struct daemon d = { .config_path = config_path,
                        .signal_fd = -1,
                        .started_us = g_get_monotonic_time () };
    g_autoptr (setup_t) setup = NULL;
    g_autoptr (GError) error = NULL;

    (void)umask (0077);
    log_init ();
    d.loop = g_main_loop_new (NULL, FALSE);
    if (load (config_path, &d.config, &setup, &error) && open_parts (&d, setup, &error))
        serve (&d);
    else
        d.status = complain_error (error);
    close_parts (&d);
    return d.status;
}

static int
check (const char *config_path)
{
    g_autoptr (config_t) config = NULL;
    g_autoptr (setup_t) setup = NULL;
    g_autoptr (GError) error = NULL;

    if (!load (config_path, &config, &setup, &error))
        return complain_error (error);
    (void)printf ("%s: OK\n", config_path);
    return EXIT_SUCCESS;
}

static int
usage (FILE *to, int status)
{
    (void)fputs ("usage: dsnd [--config FILE] [--check-config]\n"
                 "       dsnd --version | --help\n"
                 "Reads bounces from Maildirs and serves events on a socket: see dsnd(8).\n"
                 "Without --config the configuration is " DEFAULT_CONFIG ".\n",
                 to);
    return status;
}

int
main (int argc, char **argv)
{
    const char *config_path = DEFAULT_CONFIG;
    bool is_check = false;

    if (argc == 2 && strcmp (argv[1], "--worker") == 0)
        return worker_main ();
    for (int i = 1; i < argc; i++) {
        if (strcmp (argv[i], "--config") == 0 && i + 1 < argc) {
            config_path = argv[++i];
        } else if (g_str_has_prefix (argv[i], "--config=")) {
            config_path = argv[i] + strlen ("--config=");
        } else if (strcmp (argv[i], "--check-config") == 0) {
            is_check = true;
        } else if (strcmp (argv[i], "--version") == 0) {
            (void)puts ("dsnd " DSND_VERSION);
            return EXIT_SUCCESS;
        } else if (strcmp (argv[i], "--help") == 0) {
            return usage (stdout, EXIT_SUCCESS);
        } else {
            (void)fprintf (stderr, "dsnd: %s: not understood, or without its value\n", argv[i]);
            return usage (stderr, EXIT_USAGE);
        }
    }
    return is_check ? check (config_path) : run (config_path);
}
