/* What a worker can't do any more: each call in a process of its own, behind the sandbox. */
#include "daemon/workers/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NO_SANDBOX 90

#define CALL(name_, expression_)                                                                   \
    static long call_##name_ (void)                                                                \
    {                                                                                              \
        return (long)(expression_);                                                                \
    }
CALL (open, open ("/etc/hostname", O_RDONLY))
CALL (create, open ("dsnd-sandbox-test", O_WRONLY | O_CREAT, 0600))
CALL (stat, syscall (SYS_newfstatat, AT_FDCWD, "/", NULL, 0))
CALL (unlink, unlinkat (AT_FDCWD, "/nowhere", 0))
CALL (rename, renameat (AT_FDCWD, "/nowhere", AT_FDCWD, "/nowhere2"))
CALL (link, linkat (AT_FDCWD, "/nowhere", AT_FDCWD, "/nowhere2", 0))
CALL (mkdir, mkdirat (AT_FDCWD, "/nowhere", 0700))
CALL (chmod, fchmodat (AT_FDCWD, "/nowhere", 0700, 0))
CALL (chdir, chdir ("/"))
CALL (chroot, chroot ("/"))
CALL (mount, mount ("none", "/", "tmpfs", 0, NULL))
CALL (read_file, read (0, NULL, 0))
CALL (write_file, write (1, "", 0))
CALL (dup, dup (2))
CALL (fcntl, fcntl (2, F_GETFD))
CALL (ioctl, syscall (SYS_ioctl, 2, 0, 0))
CALL (socket_inet, socket (AF_INET, SOCK_STREAM, 0))
CALL (socket_unix, socket (AF_UNIX, SOCK_STREAM, 0))
CALL (connect, connect (3, NULL, 0))
CALL (sendmsg, sendmsg (3, NULL, 0))
CALL (recvmsg, recvmsg (3, NULL, 0))
CALL (execve, syscall (SYS_execve, "/", NULL, NULL))
CALL (clone, syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0))
CALL (kill_parent, kill (getppid (), 0))
CALL (kill_all, kill (-1, 0))
CALL (tgkill_other, syscall (SYS_tgkill, 1, 1, 0))
CALL (ptrace, ptrace (PTRACE_TRACEME, 0, NULL, 0))
CALL (memfd, memfd_create ("x", 0))
CALL (inotify, inotify_init1 (0))
CALL (setuid, syscall (SYS_setuid, 0))
CALL (prctl, prctl (PR_SET_DUMPABLE, 1))
CALL (rlimit, syscall (SYS_prlimit64, 0, 0, NULL, NULL))
CALL (settime, syscall (SYS_clock_settime, CLOCK_REALTIME, NULL))
CALL (bpf, syscall (SYS_bpf, 0, NULL, 0))
CALL (io_uring, syscall (SYS_io_uring_setup, 1, NULL))
CALL (exec_memory,
      syscall (SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))

static long
make_memory_executable (void)
{
    void *page = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect (page, 4096, PROT_READ | PROT_EXEC);
}

static const struct {
    const char *name;
    long (*call) (void);
} calls[] = {
    { "open", call_open },
    { "create", call_create },
    { "stat", call_stat },
    { "unlink", call_unlink },
    { "rename", call_rename },
    { "link", call_link },
    { "mkdir", call_mkdir },
    { "chmod", call_chmod },
    { "chdir", call_chdir },
    { "chroot", call_chroot },
    { "mount", call_mount },
    { "read_file", call_read_file },
    { "write_file", call_write_file },
    { "dup", call_dup },
    { "fcntl", call_fcntl },
    { "ioctl", call_ioctl },
    { "socket_inet", call_socket_inet },
    { "socket_unix", call_socket_unix },
    { "connect", call_connect },
    { "sendmsg", call_sendmsg },
    { "recvmsg", call_recvmsg },
    { "execve", call_execve },
    { "clone", call_clone },
    { "kill_parent", call_kill_parent },
    { "kill_all", call_kill_all },
    { "tgkill_other", call_tgkill_other },
    { "ptrace", call_ptrace },
    { "memfd", call_memfd },
    { "inotify", call_inotify },
    { "setuid", call_setuid },
    { "prctl", call_prctl },
    { "rlimit", call_rlimit },
    { "settime", call_settime },
    { "bpf", call_bpf },
    { "io_uring", call_io_uring },
    { "exec_memory", call_exec_memory },
    { "make_memory_executable", make_memory_executable },
};

/* The exit status of a process that enters the sandbox and makes the call: its errno, or 0. */
static int
status_of (long (*call) (void))
{
    const pid_t pid = fork ();
    int status = 0;

    if (pid == 0) {
        sandbox_limit ();
        if (!sandbox_enter ())
            _exit (EXIT_NO_SANDBOX);
        _exit (call () == -1 ? errno : 0);
    }
    assert_true (pid > 0 && waitpid (pid, &status, 0) == pid);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
nothing_but_memory_and_its_socket_is_left (void **state)
{
    (void)state;
    if (SANDBOX_IS_SANITIZED)
        skip (); /* there's no filter to try */
    for (size_t i = 0; i < G_N_ELEMENTS (calls); i++) {
        const int status = status_of (calls[i].call);
        if (status != EPERM)
            fail_msg ("%s: %d", calls[i].name, status);
    }
}

static long
use_memory (void)
{
    char *block = g_malloc (32 * 1024 * 1024);

    memset (block, 1, 32 * 1024 * 1024);
    g_free (block);
    return g_get_monotonic_time () > 0 ? 0 : -1;
}

static void
memory_and_clock_are_left (void **state)
{
    (void)state;
    assert_int_equal (status_of (use_memory), 0);
}

/* Two refused calls are two, and the last one's number is told; what the sandbox tried itself
 * isn't counted. */
static long
count_refused (void)
{
    int32_t call;

    if (sandbox_refused (&call) != 0 || open ("/", O_RDONLY) != -1 || dup (2) != -1)
        return -1;
    return sandbox_refused (&call) == 2 && call == SYS_dup ? 0 : -1;
}

static void
refused_calls_are_counted (void **state)
{
    (void)state;
    if (SANDBOX_IS_SANITIZED)
        skip ();
    assert_int_equal (status_of (count_refused), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_but_memory_and_its_socket_is_left),
        cmocka_unit_test (memory_and_clock_are_left),
        cmocka_unit_test (refused_calls_are_counted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
