#include "daemon/workers/reaper.h"

#include "daemon/base/log.h"

#include <glib.h>
#include <signal.h>
#include <sys/wait.h>

struct reaper {
    GArray *pids; /* pid_t */
};

struct reaper *
reaper_new (void)
{
    struct reaper *reaper = g_new (struct reaper, 1);

    reaper->pids = g_array_new (FALSE, FALSE, sizeof (pid_t));
    return reaper;
}

void
reaper_free (struct reaper *reaper)
{
    reaper_reap (reaper);
    g_array_unref (reaper->pids);
    g_free (reaper);
}

void
reaper_add (struct reaper *reaper, pid_t pid)
{
    if (pid > 0)
        g_array_append_val (reaper->pids, pid);
}

/* Tells how the worker ended, where it did so by itself. */
static void
log_end (pid_t pid, int status)
{
    g_autofree char *text = NULL;
    g_autofree char *number = log_number ((uint64_t)pid);

    if (WIFSIGNALED (status) && WTERMSIG (status) != SIGKILL)
        text = g_strdup_printf ("signal %d", WTERMSIG (status));
    else if (WIFEXITED (status) && WEXITSTATUS (status) != 0)
        text = g_strdup_printf ("exit status %d", WEXITSTATUS (status));
    if (text)
        log_event (LOG_WARNING, "worker-end", "a worker ended by itself", "WORKER_PID", number,
                   "STATUS", text, NULL);
}

void
reaper_reap (struct reaper *reaper)
{
    for (unsigned i = reaper->pids->len; i > 0; i--) {
        const pid_t pid = g_array_index (reaper->pids, pid_t, i - 1);
        int status;
        if (waitpid (pid, &status, WNOHANG) == 0)
            continue;
        log_end (pid, status);
        g_array_remove_index_fast (reaper->pids, i - 1);
    }
}
