/* dsn-relay: the command line. */
#include "relay/relay.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int
usage (FILE *to, int status)
{
    (void)fputs ("usage: dsn-relay --config FILE [--check]\n"
                 "       dsn-relay --version | --help\n"
                 "Brings bounce events from dsnd to a broker, a database or a web server: see "
                 "dsn-relay(8).\n",
                 to);
    return status;
}

int
main (int argc, char **argv)
{
    const char *path = NULL;
    bool is_check = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp (argv[i], "--config") == 0 && i + 1 < argc) {
            path = argv[++i];
        } else if (g_str_has_prefix (argv[i], "--config=")) {
            path = argv[i] + strlen ("--config=");
        } else if (strcmp (argv[i], "--check") == 0) {
            is_check = true;
        } else if (strcmp (argv[i], "--version") == 0) {
            (void)puts ("dsn-relay " DSND_VERSION);
            return RELAY_OK;
        } else if (strcmp (argv[i], "--help") == 0) {
            return usage (stdout, RELAY_OK);
        } else {
            (void)fprintf (stderr, "dsn-relay: %s: not understood, or without its value\n",
                           argv[i]);
            return usage (stderr, RELAY_USAGE);
        }
    }
    if (!path)
        return usage (stderr, RELAY_USAGE);
    (void)umask (0027);
    return is_check ? (int)relay_check (path) : (int)relay_run (path);
}
