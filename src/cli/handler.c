/* The three things to do with an event. */
#include "handler.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool
handler_print (const char *text, size_t n)
{
    if (fwrite (text, 1, n, stdout) == n && fflush (stdout) == 0)
        return true;
    tty_complain ("standard output: %s", g_strerror (errno));
    return false;
}

static bool
write_line (int fd, struct dsn_bytes line)
{
    g_autofree char *text = g_malloc (line.n + 1);
    size_t n = line.n + 1, done = 0;

    if (line.n)
        memcpy (text, line.p, line.n);
    text[line.n] = '\n';
    while (done < n) {
        ssize_t w = write (fd, text + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        done += (size_t)w;
    }
    return true;
}

/* The command's exit status as of waitpid(), -1 if it couldn't be started. */
static int
run_command (const char *command, int fd)
{
    char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, g_strdup (command), NULL };
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t pid;

    (void)posix_spawn_file_actions_init (&actions);
    (void)posix_spawn_file_actions_adddup2 (&actions, fd, STDIN_FILENO);
    errno = posix_spawn (&pid, "/bin/sh", &actions, NULL, argv, environ);
    if (errno == 0)
        while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
            ;
    (void)posix_spawn_file_actions_destroy (&actions);
    g_free (argv[2]);
    return status;
}

bool
handler_exec (const struct handler_event *event, const char *command)
{
    /* a file in memory, not a pipe: a command that doesn't read its input can't block us */
    int fd = memfd_create ("event", MFD_CLOEXEC);
    int status = -1;

    if (fd >= 0 && write_line (fd, event->json) && lseek (fd, 0, SEEK_SET) == 0)
        status = run_command (command, fd);
    if (fd >= 0)
        (void)close (fd);
    if (status == 0)
        return true;
    if (status == -1)
        tty_complain ("event %" G_GUINT64_FORMAT ": the command couldn't be started: %s",
                      event->seq, g_strerror (errno));
    else if (WIFSIGNALED (status))
        tty_complain ("event %" G_GUINT64_FORMAT ": the command died: %s", event->seq,
                      g_strsignal (WTERMSIG (status)));
    else
        tty_complain ("event %" G_GUINT64_FORMAT ": the command failed with exit code %d",
                      event->seq, WEXITSTATUS (status));
    return false;
}

/* Writes, syncs and renames below the directory @dirfd; the directory is synced too, since else a
 * crash could take the name away after the ack. */
static bool
keep_at (int dirfd, const char *name, struct dsn_bytes json)
{
    g_autofree char *temporary = g_strconcat (".", name, ".new", NULL);
    int fd = openat (dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    bool is_ok = fd >= 0 && write_line (fd, json) && fsync (fd) == 0;
    int error = errno;

    if (fd >= 0 && close (fd) < 0 && is_ok) {
        is_ok = false;
        error = errno;
    }
    if (is_ok && renameat (dirfd, temporary, dirfd, name) == 0 && fsync (dirfd) == 0)
        return true;
    if (is_ok)
        error = errno;
    if (fd >= 0)
        (void)unlinkat (dirfd, temporary, 0);
    errno = error;
    return false;
}

bool
handler_keep (const struct handler_event *event, const char *dir)
{
    g_autofree char *name =
        g_strdup_printf ("%020" G_GUINT64_FORMAT "-%s.json", event->seq, event->id);
    int dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_ok;

    /* an id is hex digits and a number; what else comes can't be allowed to name a file */
    (void)g_strcanon (name, "0123456789abcdef-.json", '_');
    is_ok = dirfd >= 0 && keep_at (dirfd, name, event->json);
    if (!is_ok)
        tty_complain ("event %" G_GUINT64_FORMAT ": %s: %s", event->seq, dir, g_strerror (errno));
    if (dirfd >= 0)
        (void)close (dirfd);
    return is_ok;
}
