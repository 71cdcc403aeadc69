/* dsnd: the command line and the exit status. */
#include "daemon/daemon.h"
#include "daemon/base/log.h"
#include "daemon/intake/maildir.h"
#include "daemon/settings/settings.h"
#include "daemon/spool/spool.h"
#include "daemon/trial.h"
#include "daemon/workers/proof.h"
#include "daemon/workers/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_CONFIG  "/etc/dsnd/dsnd.conf"
#define SERVICE_USER    "dsnd"
#define EXIT_USAGE      2
#define EXIT_BUSY       75 /* EX_TEMPFAIL: another instance works here */
#define EXIT_BAD_CONFIG 78 /* EX_CONFIG: a restart won't help */

static int
status_of (const GError *error)
{
    if (g_error_matches (error, SPOOL_ERROR, SPOOL_ERROR_BUSY) ||
        g_error_matches (error, MAILDIR_ERROR, MAILDIR_ERROR_BUSY))
        return EXIT_BUSY;
    if (error->domain == CONFIG_ERROR || error->domain == SETUP_ERROR ||
        error->domain == MAILDIR_ERROR || error->domain == G_KEY_FILE_ERROR ||
        error->domain == G_FILE_ERROR)
        return EXIT_BAD_CONFIG;
    return EXIT_FAILURE;
}

/* A person at a terminal reads a sentence, the journal an entry with its explanation. */
static int
complain (const GError *error, bool is_start)
{
    if (log_is_journal () && is_start)
        log_event (LOG_ERR, "start-failed", "dsnd can't start", "ERROR", error->message, NULL);
    else if (log_is_journal ())
        log_event (LOG_ERR, "config-wrong", "dsnd couldn't start with this configuration", "ERROR",
                   error->message, NULL);
    else
        (void)fprintf (stderr, "dsnd: %s\n", error->message);
    return status_of (error);
}

static int
run (const char *config_path)
{
    g_autoptr (GError) error = NULL;
    int status;

    (void)umask (0077);
    log_init ();
    return daemon_run (config_path, &status, &error) ? status : complain (error, true);
}

/* The service's own file is tried with the rights of the service's user. */
static int
check (const char *config_path)
{
    const char *user = strcmp (config_path, DEFAULT_CONFIG) == 0 ? SERVICE_USER : NULL;
    g_autoptr (config_t) config = NULL;
    g_autoptr (setup_t) setup = NULL;
    g_autoptr (GError) error = NULL;

    log_init ();
    if (!settings_load (config_path, &config, &setup, &error) ||
        !trial_run (config, user, &error) || !proof_run (setup, &error))
        return complain (error, false);
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
