/* The listener and the list of clients. */
#include "daemon/socket/server.h"

#include "daemon/socket/client.h"
#include "daemon/base/log.h"
#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <grp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX     32
#define CLIENTS_PER_UID 8
#define ROOT_CLIENTS    4 /* of all: others never get the last ones */
#define RESERVE_FDS     8 /* for spool and mails: clients never get the last descriptors */
#define BACKLOG         32
#define PAUSE_MS        1000
#define WATCH_S         1

struct server {
    struct server_options options;
    bool is_managed;   /* the service manager made the socket */
    bool is_ours;      /* the socket at the path is ours to remove */
    struct stat bound; /* what we made */
    int fd;
    guint source, pause_timer, watch_timer;
    GPtrArray *clients; /* struct client * */
    uint64_t n_refused;
};

static void listen_again (struct server *server);

static void
drop_client (void *data, struct client *client)
{
    struct server *server = data;

    (void)g_ptr_array_remove_fast (server->clients, client);
}

static unsigned
count_uid (const struct server *server, uid_t uid)
{
    unsigned n = 0;

    for (unsigned i = 0; i < server->clients->len; i++)
        n += client_uid (g_ptr_array_index (server->clients, i)) == uid;
    return n;
}

/* Why a client of @uid on @fd can't be served, NULL if it can. */
static const char *
refusal (const struct server *server, int fd, uid_t uid)
{
    struct rlimit files;

    if (server->clients->len >= CLIENTS_MAX - (uid == 0 ? 0 : ROOT_CLIENTS))
        return "too many connections; at most 32 are served, the last 4 for root";
    if (count_uid (server, uid) >= CLIENTS_PER_UID)
        return "too many connections of this user; at most 8 are served";
    if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY &&
        (rlim_t)fd + RESERVE_FDS >= files.rlim_cur)
        return "too few file descriptors are left; try again later";
    return NULL;
}

static void
refuse (int fd, const char *reason)
{
    g_autofree char *line = g_strdup_printf ("{\"error\":\"%s\"}\n", reason);

    (void)sys_send (fd, line, strlen (line));
    log_event (LOG_WARNING, "client-refused", "a connection was refused", "REASON", reason, NULL);
}

/* Takes the connection @fd (transfer full). */
static void
admit (struct server *server, int client_fd)
{
    sys_autofd fd = client_fd;
    struct ucred peer = { 0 };
    socklen_t n = sizeof peer;
    struct client_options options = { .spool = server->options.spool,
                                      .consumers = server->options.consumers,
                                      .status = server->options.status,
                                      .status_data = server->options.data,
                                      .closed = drop_client,
                                      .closed_data = server };
    const char *reason;

    if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0) {
        refuse (fd, "your credentials can't be told");
        return;
    }
    reason = refusal (server, fd, peer.uid);
    if (reason) {
        refuse (fd, reason);
        server->n_refused++;
        return;
    }
    options.uid = peer.uid;
    options.fd = fd;
    fd = -1;
    g_ptr_array_add (server->clients, client_new (&options));
}

static gboolean
pause_over (gpointer data)
{
    struct server *server = data;

    server->pause_timer = 0;
    listen_again (server);
    return G_SOURCE_REMOVE;
}

/* Out of descriptors: leaves the connections in the backlog for a while. */
static void
pause_listening (struct server *server)
{
    log_event (LOG_WARNING, "clients-paused", "no descriptor for a new connection; trying again",
               "ERROR", g_strerror (errno), NULL);
    g_clear_handle_id (&server->source, g_source_remove);
    if (!server->pause_timer)
        server->pause_timer = g_timeout_add (PAUSE_MS, pause_over, server);
}

static gboolean
listener_ready (gint listen_fd, GIOCondition condition, gpointer data)
{
    struct server *server = data;
    const int fd = sys_accept (listen_fd);

    (void)condition;
    if (fd >= 0) {
        admit (server, fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        pause_listening (server);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void
listen_again (struct server *server)
{
    server->source = g_unix_fd_add (server->fd, G_IO_IN, listener_ready, server);
}

static bool
fail (GError **error, const char *path, const char *what)
{
    const int saved = errno;

    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID, "[Socket] Path=%s: %s: %s", path, what,
                 g_strerror (saved));
    return false;
}

/* Whether somebody listens at the address. */
static bool
is_answered (const struct sockaddr_un *address)
{
    sys_autofd fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd >= 0 && (connect (fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                       errno == EAGAIN);
}

static bool
set_group (const struct config *config, GError **error)
{
    const struct group *group = config->socket_group ? getgrnam (config->socket_group) : NULL;

    if (!config->socket_group)
        return true;
    if (!group) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "[Socket] Group=%s: there's no such group", config->socket_group);
        return false;
    }
    if (chown (config->socket_path, (uid_t)-1, group->gr_gid) < 0)
        return fail (error, config->socket_path, "can't give the socket to its group");
    return true;
}

/* Makes way for the socket. One that nobody answers is a leftover of a crash; what isn't a socket
 * is somebody's file. */
static bool
clear_path (const struct sockaddr_un *address, GError **error)
{
    const char *path = address->sun_path;
    struct stat st;

    errno = EADDRINUSE;
    if (is_answered (address))
        return fail (error, path, "another program listens there");
    if (sys_fstatat (AT_FDCWD, path, &st) < 0)
        return errno == ENOENT || fail (error, path, "can't look for an old socket");
    errno = EEXIST;
    if (!S_ISSOCK (st.st_mode))
        return fail (error, path, "what is there is no socket, and not deleted");
    return unlink (path) == 0 || errno == ENOENT ||
           fail (error, path, "can't remove an old socket");
}

static bool
bind_socket (struct server *server, const struct config *config, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = config->socket_path;
    mode_t old;
    int result;

    (void)g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    if (!clear_path (&address, error))
        return false;
    server->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0)
        return fail (error, path, "can't make a socket");
    /* nobody may connect before mode and group are right */
    old = umask (0777);
    result = bind (server->fd, (const struct sockaddr *)&address, sizeof address);
    (void)umask (old);
    if (result < 0 || sys_fstatat (AT_FDCWD, path, &server->bound) < 0)
        return fail (error, path, "can't make the socket");
    server->is_ours = true;
    if (!set_group (config, error))
        return false;
    if (chmod (path, config->socket_mode) < 0 || listen (server->fd, BACKLOG) < 0)
        return fail (error, path, "can't listen");
    return true;
}

/* Whether the socket at the path is the one that we made. */
static bool
is_bound (const struct server *server)
{
    struct stat st;

    return sys_fstatat (AT_FDCWD, server->options.config->socket_path, &st) == 0 &&
           st.st_ino == server->bound.st_ino && st.st_dev == server->bound.st_dev;
}

/* The path no longer leads to our socket: new clients couldn't come. Another one is made if nothing
 * stands in the way; the connections that there are go on. */
static void
bind_again (struct server *server)
{
    g_autoptr (GError) error = NULL;
    const int old = server->fd;

    server->is_ours = false;
    g_clear_handle_id (&server->source, g_source_remove);
    if (bind_socket (server, server->options.config, &error)) {
        (void)close (old);
        log_event (LOG_NOTICE, "socket-back", "the socket was gone, and is made again", NULL);
    } else {
        if (server->fd != old)
            sys_close (&server->fd);
        server->fd = old;
        log_event (LOG_ERR, "socket-gone", "the socket is gone, and can't be made again", "ERROR",
                   error->message, NULL);
    }
    listen_again (server);
}

static uint64_t
bytes_from (const void *spool, uint64_t seq)
{
    return spool_bytes_from (spool, seq);
}

static void
judge_consumers (struct server *server)
{
    const struct config *config = server->options.config;
    const struct consumer_limits limits = { .timeout_s = config->consumer_timeout_s,
                                            .held_max_bytes = config->hold_max_bytes,
                                            .new_max_bytes = config->spool_max_bytes / 4 };

    consumers_judge (server->options.consumers, &limits, spool_next (server->options.spool),
                     bytes_from, server->options.spool);
    for (unsigned i = server->clients->len; i > 0; i--)
        if (i <= server->clients->len)
            client_check (g_ptr_array_index (server->clients, i - 1));
}

static gboolean
watch_due (gpointer data)
{
    struct server *server = data;

    consumers_keep (server->options.consumers);
    judge_consumers (server);
    if (!server->is_managed && !is_bound (server))
        bind_again (server);
    return G_SOURCE_CONTINUE;
}

struct server *
server_new (const struct server_options *options, GError **error)
{
    struct server *server = g_new0 (struct server, 1);

    server->options = *options;
    server->clients = g_ptr_array_new_with_free_func ((GDestroyNotify)client_free);
    server->fd = options->listen_fd;
    server->is_managed = options->listen_fd >= 0;
    server->watch_timer = g_timeout_add_seconds (WATCH_S, watch_due, server);
    if (server->fd < 0 && !bind_socket (server, options->config, error)) {
        server_free (server);
        return NULL;
    }
    listen_again (server);
    return server;
}

void
server_free (struct server *server)
{
    if (!server)
        return;
    g_clear_handle_id (&server->source, g_source_remove);
    g_clear_handle_id (&server->pause_timer, g_source_remove);
    g_clear_handle_id (&server->watch_timer, g_source_remove);
    g_ptr_array_unref (server->clients);
    sys_close (&server->fd);
    if (server->is_ours && is_bound (server))
        (void)unlink (server->options.config->socket_path);
    g_free (server);
}

void
server_configure (struct server *server, const struct config *config)
{
    server->options.config = config;
}

void
server_publish (struct server *server)
{
    /* a client that goes leaves the array: from the end, so that none is passed over */
    for (unsigned i = server->clients->len; i > 0; i--)
        if (i <= server->clients->len)
            client_pump (g_ptr_array_index (server->clients, i - 1));
}

unsigned
server_clients (const struct server *server)
{
    return server->clients->len;
}

uint64_t
server_refused (const struct server *server)
{
    return server->n_refused;
}
