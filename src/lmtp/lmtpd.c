/* dsn-lmtpd: bounces by LMTP (RFC 2033) into dsnd's Maildir. It reads no configuration and no mail;
 * what it may do: accept, and make files in one Maildir.
 */
#include "lmtp/listener.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define EXIT_USAGE   2
#define SIZE_DEFAULT (50 * 1024 * 1024)
#define HOST_BYTES   256

struct arguments {
    char *maildir, *listen;
    gint64 max_bytes;
    gboolean is_version;
};

static int
complain (int status, const char *message)
{
    (void)fprintf (stderr, "dsn-lmtpd: %s\n", message);
    return status;
}

static bool
read_arguments (int *argc, char ***argv, struct arguments *a, GError **error)
{
    const GOptionEntry entries[] = {
        { "listen", 'l', 0, G_OPTION_ARG_STRING, &a->listen,
          "A socket's path, or address:port; not needed where systemd passes a socket", "WHERE" },
        { "max-size", 0, 0, G_OPTION_ARG_INT64, &a->max_bytes,
          "Refuse larger mails (default: 52428800)", "BYTES" },
        { "version", 0, 0, G_OPTION_ARG_NONE, &a->is_version, "Say which, and end", NULL },
        { 0 },
    };
    g_autoptr (GOptionContext) context = g_option_context_new ("MAILDIR");

    g_option_context_set_summary (context, "Takes mail by LMTP into a Maildir: dsn-lmtpd(8).");
    g_option_context_add_main_entries (context, entries, NULL);
    if (!g_option_context_parse (context, argc, argv, error))
        return false;
    if (a->is_version || (*argc == 2 && a->max_bytes > 0)) {
        a->maildir = *argc == 2 ? (*argv)[1] : NULL;
        return true;
    }
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s",
                 *argc == 2 ? "--max-size takes a number of bytes from 1" : "name one Maildir");
    return false;
}

/* The socket that systemd passed, or one of our own. */
static int
find_socket (const char *where, GError **error)
{
    if (sd_listen_fds (1) > 0)
        return SD_LISTEN_FDS_START;
    if (where)
        return listener_open (where, error);
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "--listen says where to listen; systemd passed no socket");
    return -1;
}

static gboolean
stop (gpointer data)
{
    g_main_loop_quit (data);
    return G_SOURCE_CONTINUE;
}

static int
serve (const struct arguments *a, int fd, struct maildrop *drop)
{
    g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
    char host[HOST_BYTES] = "localhost";
    struct listener *listener;

    if (gethostname (host, sizeof host - 1) < 0)
        (void)g_strlcpy (host, "localhost", sizeof host);
    listener =
        listener_new (fd, &(struct listener_options){
                              .host = host, .drop = drop, .max_bytes = (uint64_t)a->max_bytes });
    (void)g_unix_signal_add (SIGTERM, stop, loop);
    (void)g_unix_signal_add (SIGINT, stop, loop);
    (void)signal (SIGPIPE, SIG_IGN);
    (void)sd_notify (0, "READY=1");
    g_main_loop_run (loop);
    (void)sd_notify (0, "STOPPING=1");
    listener_free (listener);
    return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
    struct arguments a = { .max_bytes = SIZE_DEFAULT };
    g_autoptr (GError) error = NULL;
    struct maildrop *drop = NULL;
    int fd = -1, status;

    if (!read_arguments (&argc, &argv, &a, &error))
        return complain (EXIT_USAGE, error->message);
    if (a.is_version) {
        (void)puts ("dsn-lmtpd " DSND_VERSION);
        return EXIT_SUCCESS;
    }
    (void)umask (0077);
    drop = maildrop_open (a.maildir, &error);
    if (drop)
        fd = find_socket (a.listen, &error);
    status = fd >= 0 ? serve (&a, fd, drop) : complain (EXIT_FAILURE, error->message);
    maildrop_free (drop);
    g_free (a.listen);
    return status;
}
