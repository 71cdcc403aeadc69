/* Conversations: at most 64, each ended after five minutes of silence. What a client doesn't read
 * of our replies ends it, too: they are few bytes.
 */
#include "lmtp/listener.h"

#include "lmtp/delivery.h"
#include "lmtp/session.h"

#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 64
#define CHUNK_BYTES ((size_t)64 * 1024)
#define IDLE_S      300
#define BACKLOG     64

struct client {
    struct listener *listener;
    struct session *session;
    struct delivery *delivery;
    int fd;
    guint source, idle;
};

struct listener {
    struct listener_options options;
    int fd;
    guint source;
    GPtrArray *clients;
};

static void
set_error (GError **error, const char *where)
{
    const int saved = errno;

    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (saved),
                 "can't listen at %s: %s", where, g_strerror (saved));
}

/* --- opening --------------------------------------------------------------------------------- */

/* Removes a socket that was left behind: nobody answers at it. */
static bool
remove_stale (const struct sockaddr_un *address)
{
    const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_alive =
        fd >= 0 && connect (fd, (const struct sockaddr *)address, sizeof *address) == 0;
    struct stat st;

    if (fd >= 0)
        (void)close (fd);
    if (is_alive || lstat (address->sun_path, &st) < 0 || !S_ISSOCK (st.st_mode)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink (address->sun_path) == 0;
}

static int
bind_path (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (strlen (path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    (void)g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (bind (fd, (const struct sockaddr *)&address, sizeof address) == 0 ||
        (errno == EADDRINUSE && remove_stale (&address) &&
         bind (fd, (const struct sockaddr *)&address, sizeof address) == 0))
        return fd;
    (void)close (fd);
    return -1;
}

/* "127.0.0.1:24" or "[::1]:24": numbers only, so that no name server is asked. */
static int
bind_number (const char *where)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                    .ai_socktype = SOCK_STREAM };
    const char *colon = strrchr (where, ':');
    g_autofree char *host = colon ? g_strndup (where, (gsize)(colon - where)) : NULL;
    struct addrinfo *found = NULL;
    const int yes = 1;
    int fd = -1;

    if (host && *host == '[' && g_str_has_suffix (host, "]")) {
        host[strlen (host) - 1] = '\0';
        memmove (host, host + 1, strlen (host));
    }
    if (!host || getaddrinfo (host, colon + 1, &hints, &found) != 0) {
        errno = EINVAL;
        return -1;
    }
    fd = socket (found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
                    bind (fd, found->ai_addr, found->ai_addrlen) < 0)) {
        const int error = errno;
        (void)close (fd);
        errno = error;
        fd = -1;
    }
    freeaddrinfo (found);
    return fd;
}

int
listener_open (const char *where, GError **error)
{
    const int fd = *where == '/' ? bind_path (where) : bind_number (where);

    if (fd >= 0 && listen (fd, BACKLOG) == 0)
        return fd;
    set_error (error, where);
    if (fd >= 0)
        (void)close (fd);
    return -1;
}

/* --- conversations --------------------------------------------------------------------------- */

static void
client_free (void *data)
{
    struct client *c = data;

    g_clear_handle_id (&c->source, g_source_remove);
    g_clear_handle_id (&c->idle, g_source_remove);
    session_free (c->session);
    delivery_free (c->delivery);
    (void)close (c->fd);
    g_free (c);
}

static gboolean client_ready (gint fd, GIOCondition condition, gpointer data);

static gboolean
client_idle (gpointer data)
{
    static const char line[] = "421 4.4.2 too long silent\r\n";
    struct client *c = data;

    (void)send (c->fd, line, strlen (line), MSG_NOSIGNAL | MSG_DONTWAIT);
    c->idle = 0;
    (void)g_ptr_array_remove_fast (c->listener->clients, c);
    return G_SOURCE_REMOVE;
}

static bool
send_reply (const struct client *c, const GString *out)
{
    return send (c->fd, out->str, out->len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)out->len;
}

/* Reads once and answers. False: it's over. */
static bool
converse (struct client *c)
{
    g_autofree char *buffer = g_malloc (CHUNK_BYTES);
    g_autoptr (GString) out = g_string_new (NULL);
    const ssize_t n = recv (c->fd, buffer, CHUNK_BYTES, MSG_DONTWAIT);
    bool goes_on;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0)
        return false;
    g_clear_handle_id (&c->idle, g_source_remove);
    c->idle = g_timeout_add_seconds (IDLE_S, client_idle, c);
    goes_on = session_take (c->session, (struct dsn_bytes){ buffer, (size_t)n }, out);
    return send_reply (c, out) && goes_on;
}

static gboolean
client_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct client *c = data;

    (void)fd;
    (void)condition;
    if (converse (c))
        return G_SOURCE_CONTINUE;
    c->source = 0;
    (void)g_ptr_array_remove_fast (c->listener->clients, c);
    return G_SOURCE_REMOVE;
}

static void
welcome (struct listener *l, int fd)
{
    g_autoptr (GString) out = g_string_new (NULL);
    struct client *c = g_new0 (struct client, 1);

    c->listener = l;
    c->fd = fd;
    c->delivery = delivery_new (l->options.drop);
    c->session =
        session_new (l->options.host, l->options.max_bytes, &delivery_handler, c->delivery);
    c->source = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, client_ready, c);
    c->idle = g_timeout_add_seconds (IDLE_S, client_idle, c);
    g_ptr_array_add (l->clients, c);
    session_greet (c->session, out);
    (void)send_reply (c, out);
}

static gboolean
accept_ready (gint fd, GIOCondition condition, gpointer data)
{
    static const char busy[] = "421 4.3.2 too many connections\r\n";
    struct listener *l = data;
    const int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)condition;
    if (client < 0)
        return G_SOURCE_CONTINUE;
    if (l->clients->len < CLIENTS_MAX) {
        welcome (l, client);
    } else {
        (void)send (client, busy, strlen (busy), MSG_NOSIGNAL);
        (void)close (client);
    }
    return G_SOURCE_CONTINUE;
}

struct listener *
listener_new (int fd, const struct listener_options *options)
{
    struct listener *l = g_new0 (struct listener, 1);

    l->options = *options;
    l->fd = fd;
    l->clients = g_ptr_array_new_with_free_func (client_free);
    (void)g_unix_set_fd_nonblocking (fd, TRUE, NULL);
    l->source = g_unix_fd_add (fd, G_IO_IN, accept_ready, l);
    return l;
}

void
listener_free (struct listener *l)
{
    if (!l)
        return;
    g_clear_handle_id (&l->source, g_source_remove);
    g_ptr_array_unref (l->clients);
    (void)close (l->fd);
    g_free (l);
}
