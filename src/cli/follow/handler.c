/* The three things to do with events. */
#include "cli/follow/handler.h"

#include "client/backlog.h"
#include "client/keep.h"
#include "cli/terminal/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define EXIT_NOT_EXECUTABLE 126 /* of sh: POSIX, Exit Status for Commands */
#define EXIT_NOT_FOUND      127

extern char **environ;

static struct dsn_bytes
text_of (const GPtrArray *turn, unsigned i)
{
    const struct backlog_item *item = g_ptr_array_index (turn, i);

    return (struct dsn_bytes){ item->text, item->n_text };
}

bool
handler_print (const GPtrArray *turn)
{
    bool is_ok = true;

    for (unsigned i = 0; i < turn->len && is_ok; i++) {
        const struct dsn_bytes text = text_of (turn, i);
        is_ok = fwrite (text.p, 1, text.n, stdout) == text.n;
    }
    if (is_ok && fflush (stdout) == 0)
        return true;
    tty_complain ("standard output: %s", g_strerror (errno));
    return false;
}

static char *
file_name_of (const GPtrArray *turn, unsigned i)
{
    const struct backlog_item *item = g_ptr_array_index (turn, i);

    return keep_name (item->seq, item->id, ".json");
}

static bool
for_each_file (const GPtrArray *turn, int dirfd, bool (*step) (int dirfd, const char *name))
{
    for (unsigned i = 0; i < turn->len; i++) {
        g_autofree char *name = file_name_of (turn, i);
        if (!step (dirfd, name))
            return false;
    }
    return true;
}

static bool
keep_at (const GPtrArray *turn, int dirfd)
{
    for (unsigned i = 0; i < turn->len; i++) {
        g_autofree char *name = file_name_of (turn, i);
        if (!keep_begin (dirfd, name, text_of (turn, i)))
            return false;
    }
    return (turn->len > 1 ? keep_finish_all (dirfd) : for_each_file (turn, dirfd, keep_finish)) &&
           for_each_file (turn, dirfd, keep_reveal) && keep_sync (dirfd);
}

bool
handler_keep (const GPtrArray *turn, const char *dir, char **ret_reason)
{
    const int dirfd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_ok = dirfd >= 0 && keep_at (turn, dirfd);

    if (!is_ok)
        *ret_reason = g_strdup_printf ("%s: %s", dir, g_strerror (errno));
    if (dirfd >= 0)
        (void)close (dirfd);
    return is_ok;
}

/* A file in memory, not a pipe: a command that doesn't read its input can't block us. */
static int
input_of (const GPtrArray *turn)
{
    int fd = memfd_create ("events", MFD_CLOEXEC);
    bool is_ok = fd >= 0;

    for (unsigned i = 0; i < turn->len && is_ok; i++)
        is_ok = keep_write (fd, text_of (turn, i));
    if (is_ok && lseek (fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0)
        (void)close (fd);
    return -1;
}

pid_t
handler_spawn (const char *command, int input, int output)
{
    char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, g_strdup (command), NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    pid_t pid;

    (void)sigemptyset (&none);
    (void)sigemptyset (&usual);
    (void)sigaddset (&usual, SIGPIPE);
    (void)posix_spawnattr_init (&attributes);
    (void)posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setsigmask (&attributes, &none);
    (void)posix_spawnattr_setsigdefault (&attributes, &usual);
    (void)posix_spawn_file_actions_init (&actions);
    (void)posix_spawn_file_actions_adddup2 (&actions, input, STDIN_FILENO);
    if (output >= 0)
        (void)posix_spawn_file_actions_adddup2 (&actions, output, STDOUT_FILENO);
    errno = posix_spawn (&pid, "/bin/sh", &actions, &attributes, argv, environ);
    if (errno != 0)
        pid = -1;
    (void)posix_spawn_file_actions_destroy (&actions);
    (void)posix_spawnattr_destroy (&attributes);
    g_free (argv[2]);
    return pid;
}

pid_t
handler_start (const GPtrArray *turn, const char *command)
{
    const int input = input_of (turn);
    const pid_t pid = input >= 0 ? handler_spawn (command, input, -1) : -1;
    const int error = errno;

    if (input >= 0)
        (void)close (input);
    errno = error;
    return pid;
}

char *
handler_reason (int status)
{
    if (WIFSIGNALED (status))
        return g_strdup_printf ("the command died: %s", g_strsignal (WTERMSIG (status)));
    switch (WEXITSTATUS (status)) {
    case 0:
        return NULL;
    case EXIT_NOT_EXECUTABLE:
    case EXIT_NOT_FOUND:
        return g_strdup_printf (
            "the command failed with exit code %d: it isn't there, or may not be "
            "executed",
            WEXITSTATUS (status));
    default:
        return g_strdup_printf ("the command failed with exit code %d", WEXITSTATUS (status));
    }
}

bool
handler_is_temporary (int status)
{
    return WIFEXITED (status) &&
           (WEXITSTATUS (status) == EX_TEMPFAIL || WEXITSTATUS (status) == EXIT_NOT_EXECUTABLE ||
            WEXITSTATUS (status) == EXIT_NOT_FOUND);
}
