#include "daemon/workers/reaper.h"

#include "daemon/base/log.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct child {
    pid_t pid;
    char *why; /* it was lost; NULL: it was let go */
};

struct reaper {
    GArray *children; /* struct child */
};

static void
clear_child (void *data)
{
    g_free (((struct child *)data)->why);
}

struct reaper *
reaper_new (void)
{
    struct reaper *reaper = g_new (struct reaper, 1);

    reaper->children = g_array_new (FALSE, FALSE, sizeof (struct child));
    g_array_set_clear_func (reaper->children, clear_child);
    return reaper;
}

void
reaper_free (struct reaper *reaper)
{
    reaper_reap (reaper);
    g_array_unref (reaper->children);
    g_free (reaper);
}

void
reaper_add (struct reaper *reaper, pid_t pid, const char *why)
{
    const struct child child = { pid, g_strdup (why) };

    if (pid > 0)
        g_array_append_val (reaper->children, child);
    else
        g_free (child.why);
}

/* How the process ended, in words; NULL: as it was told to. */
static char *
ending (int status)
{
    if (WIFSIGNALED (status) && WTERMSIG (status) != SIGKILL) {
        const char *name = sigabbrev_np (WTERMSIG (status));
        return name ? g_strdup_printf ("SIG%s", name)
                    : g_strdup_printf ("signal %d", WTERMSIG (status));
    }
    if (WIFEXITED (status) && WEXITSTATUS (status) != 0)
        return g_strdup_printf ("exit status %d", WEXITSTATUS (status));
    return NULL;
}

static void
log_end (const struct child *child, int status)
{
    g_autofree char *how = ending (status);
    g_autofree char *pid = log_number ((uint64_t)child->pid);
    g_autofree char *reason = NULL;

    if (child->why) {
        reason =
            g_strdup_printf ("process %s %s%s%s", pid, child->why, how ? ": " : "", how ? how : "");
        log_event (LOG_WARNING, "worker-death", "a worker was lost and is replaced", "REASON",
                   reason, "WORKER_PID", pid, NULL);
    } else if (how) {
        reason = g_strdup_printf ("process %s: %s", pid, how);
        log_event (LOG_WARNING, "worker-end", "a worker ended by itself", "REASON", reason,
                   "WORKER_PID", pid, NULL);
    }
}

void
reaper_reap (struct reaper *reaper)
{
    for (unsigned i = reaper->children->len; i > 0; i--) {
        const struct child *child = &g_array_index (reaper->children, struct child, i - 1);
        int status = 0;
        if (waitpid (child->pid, &status, WNOHANG) == 0)
            continue;
        log_end (child, status);
        g_array_remove_index_fast (reaper->children, i - 1);
    }
}
