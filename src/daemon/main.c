/* dsnd: the command line and the exit status. */
#include "daemon/daemon.h"
#include "daemon/base/log.h"
#include "daemon/intake/maildir.h"
#include "daemon/settings/settings.h"
#include "daemon/spool/spool.h"
#include "daemon/workers/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_CONFIG  "/etc/dsnd/dsnd.conf"
#define EXIT_USAGE      2
#define EXIT_BUSY       75 /* EX_TEMPFAIL: another instance works here */
#define EXIT_BAD_CONFIG 78 /* EX_CONFIG: a restart won't help */

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

static int
run (const char *config_path)
{
    g_autoptr (GError) error = NULL;
    int status;

    (void)umask (0077);
    log_init ();
    return daemon_run (config_path, &status, &error) ? status : complain_error (error);
}

static int
check (const char *config_path)
{
    g_autoptr (config_t) config = NULL;
    g_autoptr (setup_t) setup = NULL;
    g_autoptr (GError) error = NULL;

    if (!settings_load (config_path, &config, &setup, &error))
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
