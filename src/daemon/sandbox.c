/* Limits of a worker. Memory and descriptors are bounded per process; the wall-clock deadline of a
 * mail is the daemon's to keep.
 */
#include "sandbox.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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
#if !defined(__SANITIZE_ADDRESS__) && !defined(DSND_ASAN)
    /* a sanitizer's shadow memory alone is larger */
    limit (RLIMIT_AS, MEMORY_BYTES);
#endif
}

bool
sandbox_enter (void)
{
    return true;
}
