/* Starting a worker: execve of ourselves, not a bare fork, so that it has none of our memory. */
#include "daemon/workers/launch.h"

#include "daemon/base/sys.h"
#include "daemon/workers/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define TEMPORARY_FD_MIN 16 /* above all numbers a worker gets */

char *
launch_arena (size_t n_bytes, int *ret_fd)
{
    sys_autofd fd = memfd_create ("dsnd-mails", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *map;

    if (fd < 0 || sys_ftruncate (fd, (off_t)n_bytes) < 0)
        return NULL;
    map = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) <
        0) {
        (void)munmap (map, n_bytes);
        return NULL;
    }
    *ret_fd = fd;
    fd = -1;
    return map;
}

/* Copied, not written: a write is what a disk may refuse, and this is none. */
static bool
fill (int fd, const GString *bytes)
{
    void *map = MAP_FAILED;

    if (ftruncate (fd, (off_t)bytes->len) == 0)
        map = mmap (NULL, bytes->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return false;
    memcpy (map, bytes->str, bytes->len);
    return munmap (map, bytes->len) == 0;
}

int
launch_memory (const GString *bytes)
{
    sys_autofd fd = memfd_create ("dsnd-setup", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int done;

    if (fd < 0 || !fill (fd, bytes) ||
        fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return -1;
    done = fd;
    fd = -1;
    return done;
}

/* The environment without what is ours alone: only what the loader and sanitizers need. */
static char **
make_environment (void)
{
    static const char *const passed[] = { "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                          "LSAN_OPTIONS",    "GCOV_PREFIX",  "LLVM_PROFILE_FILE",
#ifdef DSND_FAULTS
                                          "DSND_FAULT_PLAN"
#endif
    };
    GPtrArray *all = g_ptr_array_new ();

    g_ptr_array_add (all, g_strdup ("LC_ALL=C"));
    for (size_t i = 0; i < G_N_ELEMENTS (passed); i++) {
        const char *value = g_getenv (passed[i]);
        if (value)
            g_ptr_array_add (all, g_strconcat (passed[i], "=", value, NULL));
    }
    g_ptr_array_add (all, NULL);
    return (char **)g_ptr_array_free (all, FALSE);
}

/* Whether @fd was moved to a number that no dup2() below overwrites. */
static bool
lift (int fd, int *ret)
{
    *ret = fcntl (fd, F_DUPFD_CLOEXEC, TEMPORARY_FD_MIN);
    return *ret >= 0;
}

static int
spawn_with (const int fds[3], pid_t *ret_pid)
{
    static char *const argv[] = { (char *)"dsnd", (char *)"--worker", NULL };
    g_auto (GStrv) envp = make_environment ();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int result;

    (void)sigemptyset (&none);
    (void)sigfillset (&all);
    (void)posix_spawn_file_actions_init (&actions);
    (void)posix_spawnattr_init (&attributes);
    /* only stderr is shared: what abort() says should be read */
    (void)posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i < 3; i++)
        (void)posix_spawn_file_actions_adddup2 (&actions, fds[i], WORKER_FD_SOCKET + i);
    (void)posix_spawnattr_setsigmask (&attributes, &none);
    (void)posix_spawnattr_setsigdefault (&attributes, &all);
    (void)posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    result = posix_spawn (ret_pid, "/proc/self/exe", &actions, &attributes, argv, envp);
    (void)posix_spawn_file_actions_destroy (&actions);
    (void)posix_spawnattr_destroy (&attributes);
    return result;
}

bool
launch_worker (int arena_fd, int setup_fd, pid_t *ret_pid, int *ret_socket, GError **error)
{
    int pair[2] = { -1, -1 };
    sys_autofd ours = -1;
    sys_autofd theirs = -1;
    sys_autofd arena = -1;
    sys_autofd setup = -1;
    int result;

    if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
        ours = pair[0];
        theirs = fcntl (pair[1], F_DUPFD_CLOEXEC, TEMPORARY_FD_MIN);
        (void)close (pair[1]);
    }
    if (ours < 0 || theirs < 0 || !lift (arena_fd, &arena) || !lift (setup_fd, &setup) ||
        fcntl (ours, F_SETFL, O_NONBLOCK) < 0)
        result = errno;
    else
        result = spawn_with ((const int[]){ theirs, arena, setup }, ret_pid);
    if (result != 0) {
        g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (result),
                     "can't start a worker: %s", g_strerror (result));
        return false;
    }
    *ret_socket = ours;
    ours = -1;
    return true;
}
