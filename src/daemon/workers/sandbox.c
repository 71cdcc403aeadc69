/* Limits of a worker, and a filter that leaves it what reading mails takes: memory, the clock, and
 * the socket it has. The deadline of a mail is the daemon's to keep. What the filter refuses is
 * counted: a library that is refused a file goes on without it, and reads a mail differently.
 */
#include "daemon/workers/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define MEMORY_BYTES ((rlim_t)256 * 1024 * 1024)
#define FILES_COUNT  16

static void
limit (__rlimit_resource_t what, rlim_t value)
{
    const struct rlimit both = { value, value };

    (void)setrlimit (what, &both);
}

void
sandbox_limit (void)
{
    (void)prctl (PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl (PR_SET_DUMPABLE, 0);
    (void)prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limit (RLIMIT_CORE, 0);
    limit (RLIMIT_FSIZE, 0);
    limit (RLIMIT_NOFILE, FILES_COUNT);
    limit (RLIMIT_NPROC, 0);
    if (!SANDBOX_IS_SANITIZED) /* whose shadow memory alone is larger */
        limit (RLIMIT_AS, MEMORY_BYTES);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
/* where the result of a system call is found */
#define RESULT(context) (context)->uc_mcontext.gregs[REG_RAX]
#elif defined(__aarch64__)
#define ARCHITECTURE    AUDIT_ARCH_AARCH64
#define RESULT(context) (context)->uc_mcontext.regs[0]
#endif

static volatile uint32_t n_refused;
static volatile int32_t refused_call;

uint32_t
sandbox_refused (int32_t *ret_call)
{
    *ret_call = refused_call;
    return n_refused;
}

#ifdef ARCHITECTURE

/* A refused call comes here in its stead: it's counted, and fails as if the kernel had said so. */
static void
take_refused (int signal, siginfo_t *info, void *context)
{
    ucontext_t *const at = context;

    (void)signal;
    n_refused++;
    refused_call = info->si_syscall;
    RESULT (at) = -EPERM;
}

static bool
count_refused (void)
{
    const struct sigaction action = { .sa_sigaction = take_refused,
                                      .sa_flags = SA_SIGINFO | SA_RESTART };

    return sigaction (SIGSYS, &action, NULL) == 0;
}

/* The low word of argument @i: both architectures are little-endian. */
#define ARGUMENT(i)                                                                                \
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS,                                                            \
              (uint32_t)(offsetof (struct seccomp_data, args) + sizeof (uint64_t) * (i)))
#define YES         BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define NO          BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_TRAP)
#define ALLOW(name) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), YES
/* allowed if argument @i is @value */
#define ALLOW_IF(name, i, value)                                                                   \
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), ARGUMENT (i),                          \
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, 1), YES, NO
/* allowed if argument @i has none of @bits */
#define ALLOW_UNLESS(name, i, bits)                                                                \
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), ARGUMENT (i),                          \
        BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(bits), 1, 0), YES, NO

static bool
filter_calls (void)
{
    struct sock_filter program[] = {
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        NO,
        /* numbers of another calling convention (x32) match none below */
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
        ALLOW (recvfrom),
        ALLOW (sendto),
        ALLOW (clock_gettime),
        ALLOW (getrusage),
        ALLOW (brk),
        ALLOW_UNLESS (mmap, 2, PROT_EXEC),
        ALLOW_UNLESS (mprotect, 2, PROT_EXEC),
        ALLOW (munmap),
        ALLOW (mremap),
        ALLOW (madvise),
        ALLOW (futex),
        ALLOW (getrandom),
        ALLOW (close),
        ALLOW (exit),
        ALLOW (exit_group),
        ALLOW (rt_sigreturn),
        /* what abort() needs, so that the daemon sees how a worker ended */
        ALLOW (rt_sigprocmask),
        ALLOW (rt_sigaction),
        ALLOW (gettid),
        ALLOW (getpid),
        ALLOW_IF (tgkill, 0, getpid ()),
        ALLOW_IF (write, 0, STDERR_FILENO),
        NO,
    };
    const struct sock_fprog filter = { sizeof program / sizeof program[0], program };

    return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* No file can be named any more. A second wall, where the kernel has it. */
static void
forbid_files (void)
{
    const struct landlock_ruleset_attr none = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                             LANDLOCK_ACCESS_FS_MAKE_SYM,
    };
    const int fd = (int)syscall (SYS_landlock_create_ruleset, &none, sizeof none, 0);

    if (fd < 0)
        return;
    (void)syscall (SYS_landlock_restrict_self, fd, 0);
    (void)close (fd);
}

static bool
is_refused (long result)
{
    return result == -1 && errno == EPERM;
}

/* Tries what must not work any more. */
static bool
is_sealed (void)
{
    static char *const none[] = { NULL };

    return is_refused (open ("/dev/null", O_RDONLY)) &&
           is_refused (openat (AT_FDCWD, "/", O_RDONLY | O_DIRECTORY)) &&
           is_refused (socket (AF_UNIX, SOCK_STREAM, 0)) &&
           is_refused (socket (AF_INET, SOCK_DGRAM, 0)) && is_refused (execve ("/", none, none)) &&
           is_refused (kill (getppid (), 0)) && is_refused (ptrace (PTRACE_TRACEME, 0, NULL, 0)) &&
           is_refused (syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0)) &&
           mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
               MAP_FAILED &&
           n_refused > 0;
}

bool
sandbox_enter (void)
{
    if (SANDBOX_IS_SANITIZED) /* which needs calls of its own, at the end too */
        return true;
    forbid_files ();
    if (!count_refused () || !filter_calls () || !is_sealed ())
        return false;
    n_refused = 0; /* those were ours */
    return true;
}

#else

bool
sandbox_enter (void)
{
    return false;
}

#endif
