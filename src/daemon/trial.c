/* What the daemon will open, tried with the rights of its user. It locks and makes nothing, so that
 * it can be asked beside a running daemon.
 */
#include "daemon/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_BYTES 1024

/* One directory and the rights that are needed in it. */
static bool
try_directory (const char *what, const char *path, int rights, GString *out)
{
    struct stat st;

    if (stat (path, &st) < 0)
        g_string_printf (out, "%s %s: %s", what, path, g_strerror (errno));
    else if (!S_ISDIR (st.st_mode))
        g_string_printf (out, "%s %s: not a directory", what, path);
    else if (faccessat (AT_FDCWD, path, rights | X_OK, AT_EACCESS) < 0)
        g_string_printf (out, "%s %s: no right to %s: %s", what, path,
                         rights & W_OK ? "read and write" : "read", g_strerror (errno));
    return out->len == 0;
}

static bool
try_mailbox (const struct config_mailbox *mailbox, GString *out)
{
    static const char *const folders[] = { "new", "cur", "tmp" };
    g_autofree char *what = g_strdup_printf ("[Mailbox %s]", mailbox->name);

    for (size_t i = 0; i < G_N_ELEMENTS (folders); i++) {
        g_autofree char *path = g_build_filename (mailbox->path, folders[i], NULL);
        if (!try_directory (what, path, R_OK | W_OK, out))
            return false;
    }
    return true;
}

/* The spool is made at the first start. Where the directory above is missing, too, it's the service
 * manager that makes that (StateDirectory=). */
static bool
try_spool (const char *path, GString *out)
{
    g_autofree char *parent = g_path_get_dirname (path);
    struct stat st;

    if (stat (path, &st) == 0)
        return try_directory ("[Spool]", path, R_OK | W_OK, out);
    if (errno != ENOENT || stat (parent, &st) == 0)
        return try_directory ("[Spool]", parent, W_OK, out);
    return true;
}

/* What is wrong, to @out; nothing if all is right. */
static void
try_all (const struct config *config, GString *out)
{
    for (unsigned i = 0; i < config->mailboxes->len; i++)
        if (!try_mailbox (g_ptr_array_index (config->mailboxes, i), out))
            return;
    (void)try_spool (config->spool_path, out);
}

static bool
become (const struct passwd *pw)
{
    return initgroups (pw->pw_name, pw->pw_gid) == 0 &&
           setresgid (pw->pw_gid, pw->pw_gid, pw->pw_gid) == 0 &&
           setresuid (pw->pw_uid, pw->pw_uid, pw->pw_uid) == 0;
}

/* Runs in the child, and never returns. */
static void
try_as (const struct passwd *pw, const struct config *config, int fd)
{
    g_autoptr (GString) out = g_string_new (NULL);

    if (become (pw))
        try_all (config, out);
    else
        g_string_printf (out, "can't become that user: %s", g_strerror (errno));
    if (out->len && write (fd, out->str, MIN (out->len, MESSAGE_BYTES)) < 0)
        _exit (1);
    _exit (0);
}

static bool
ask_child (const struct passwd *pw, const struct config *config, GString *out)
{
    char text[MESSAGE_BYTES];
    int pipe_fds[2], status = 0;
    ssize_t n;
    pid_t pid;

    if (pipe2 (pipe_fds, O_CLOEXEC) < 0)
        return false;
    pid = fork ();
    if (pid == 0)
        try_as (pw, config, pipe_fds[1]);
    (void)close (pipe_fds[1]);
    while (pid > 0 && (n = read (pipe_fds[0], text, sizeof text)) > 0)
        g_string_append_len (out, text, n);
    (void)close (pipe_fds[0]);
    return pid > 0 && waitpid (pid, &status, 0) == pid && status == 0;
}

bool
trial_run (const struct config *config, const char *user, GError **error)
{
    g_autoptr (GString) wrong = g_string_new (NULL);
    const struct passwd *pw = user && geteuid () == 0 ? getpwnam (user) : NULL;
    bool was_asked = true;

    if (pw)
        was_asked = ask_child (pw, config, wrong);
    else
        try_all (config, wrong);
    if (!was_asked)
        g_string_printf (wrong, "can't try it: %s", g_strerror (errno));
    if (!wrong->len)
        return true;
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID, "%s%s%s%s", wrong->str,
                 pw ? " (as the user " : "", pw ? pw->pw_name : "", pw ? ")" : "");
    return false;
}
