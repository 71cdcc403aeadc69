/* The socket's client side. */
#include "client/connection.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE_BYTES    (64 * 1024)
#define PATIENCE_S     30 /* for an answer: a daemon that says nothing so long is stuck */
#define LINE_MAX_BYTES (1024 * 1024) /* twice what a line may have: beyond it, it isn't dsnd */

struct client {
    int fd;
    GString *in;   /* what was read */
    size_t n_done; /* bytes of it that were given out */
    json_t *greeting;
};

void
client_free (struct client *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        (void)close (c->fd);
    json_decref (c->greeting);
    g_string_free (c->in, TRUE);
    g_free (c);
}

static int
connect_to (const char *path)
{
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (strlen (path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy (address.sun_path, path, strlen (path) + 1);
    fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect (fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        (void)close (fd);
        errno = error;
        return -1;
    }
    if (fd >= 0)
        (void)setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/* What to do about a socket that can't be connected to. */
static const char *
remedy (int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
        return " (is dsnd running? --socket names another socket)";
    case EACCES:
        return " (reading events needs membership in the socket's group)";
    default:
        return "";
    }
}

struct client *
client_open (const char *path, char **ret_error)
{
    struct client *c = g_new0 (struct client, 1);
    struct dsn_bytes line;

    c->in = g_string_sized_new (PIECE_BYTES);
    c->fd = connect_to (path);
    if (c->fd < 0) {
        *ret_error = g_strdup_printf ("%s: %s%s", path, g_strerror (errno), remedy (errno));
        g_clear_pointer (&c, client_free);
    } else if (!client_read (c, &line) || !(c->greeting = json_loadb (line.p, line.n, 0, NULL)) ||
               !json_is_integer (json_object_get (c->greeting, "dsnd"))) {
        const char *said = json_string_value (json_object_get (c->greeting, "error"));
        *ret_error = g_strdup_printf ("%s: %s", path, said ? said : "this isn't dsnd's socket");
        g_clear_pointer (&c, client_free);
    }
    return c;
}

int
client_fd (const struct client *c)
{
    return c->fd;
}

const json_t *
client_greeting (const struct client *c)
{
    return c->greeting;
}

bool
client_send (struct client *c, const char *words)
{
    g_autofree char *line = g_strconcat (words, "\n", NULL);
    size_t n = strlen (line), done = 0;

    while (done < n) {
        ssize_t w = send (c->fd, line + done, n - done, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        done += (size_t)w;
    }
    return true;
}

static const char *
find_line_end (const struct client *c)
{
    return memchr (c->in->str + c->n_done, '\n', c->in->len - c->n_done);
}

bool
client_has_line (const struct client *c)
{
    return find_line_end (c) != NULL;
}

bool
client_fill (struct client *c)
{
    size_t n_had;
    ssize_t n;

    g_string_erase (c->in, 0, (gssize)c->n_done);
    c->n_done = 0;
    n_had = c->in->len;
    if (n_had > LINE_MAX_BYTES && !client_has_line (c))
        return false;
    g_string_set_size (c->in, n_had + PIECE_BYTES);
    do
        n = recv (c->fd, c->in->str + n_had, PIECE_BYTES, 0);
    while (n < 0 && errno == EINTR);
    g_string_truncate (c->in, n_had + (n > 0 ? (size_t)n : 0));
    return n > 0;
}

bool
client_read (struct client *c, struct dsn_bytes *ret_line)
{
    const char *end;

    while (!(end = find_line_end (c)))
        if (!client_fill (c))
            return false;
    *ret_line =
        (struct dsn_bytes){ c->in->str + c->n_done, (size_t)(end - c->in->str) - c->n_done };
    c->n_done += ret_line->n + 1;
    return true;
}

bool
client_is_event (struct dsn_bytes line)
{
    static const char start[] = "{\"v\":";

    return line.n >= sizeof start - 1 && memcmp (line.p, start, sizeof start - 1) == 0;
}

json_t *
client_ask (struct client *c, const char *words, char **ret_error)
{
    struct dsn_bytes line;
    const char *said;
    json_t *answer;

    *ret_error = NULL;
    if (!client_send (c, words)) {
        *ret_error = g_strdup ("dsnd closed the connection");
        return NULL;
    }
    do
        if (!client_read (c, &line)) {
            *ret_error = g_strdup ("dsnd closed the connection without an answer");
            return NULL;
        }
    while (client_is_event (line));
    answer = json_loadb (line.p, line.n, 0, NULL);
    said = json_string_value (json_object_get (answer, "error"));
    if (answer && !said)
        return answer;
    *ret_error = g_strdup (said ? said : "dsnd's answer can't be read");
    json_decref (answer);
    return NULL;
}
