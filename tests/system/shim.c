/* What the world may do to a process, for tests that preload this:
 * - the wall clock jumps: DSND_SHIM_CLOCK names a file with the seconds to add, as an int64_t,
 * which the test changes at any moment. Monotonic clocks are left alone, as they are in the world.
 * - files vanish: one whose name ends in ".vanish-stat", "-open" or "-rename" is deleted just
 * before the first call of that kind.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t *offset_s;

__attribute__ ((constructor)) static void
start (void)
{
    const char *path = getenv ("DSND_SHIM_CLOCK");
    const int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
    void *map;

    if (fd < 0)
        return;
    map = mmap (NULL, sizeof *offset_s, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED)
        offset_s = map;
    (void)close (fd);
}

static int64_t
jump (void)
{
    return offset_s ? __atomic_load_n (offset_s, __ATOMIC_RELAXED) : 0;
}

/* The function of this name that ours stands before. */
#define REAL(type_, name_) ((__typeof__ (type_) *)(uintptr_t)dlsym (RTLD_NEXT, #name_))

__attribute__ ((visibility ("default"))) int
clock_gettime (clockid_t clock, struct timespec *ret)
{
    const int result = REAL (clock_gettime, clock_gettime) (clock, ret);

    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret->tv_sec += jump ();
    return result;
}

__attribute__ ((visibility ("default"))) int
gettimeofday (struct timeval *restrict ret, void *restrict zone)
{
    const int result = REAL (gettimeofday, gettimeofday) (ret, zone);

    if (result == 0)
        ret->tv_sec += jump ();
    return result;
}

__attribute__ ((visibility ("default"))) time_t
time (time_t *ret)
{
    const time_t now = REAL (time, time) (NULL) + jump ();

    if (ret)
        *ret = now;
    return now;
}

static void
vanish (int dirfd, const char *name, const char *suffix)
{
    const size_t n_name = strlen (name), n_suffix = strlen (suffix);

    if (n_name > n_suffix && strcmp (name + n_name - n_suffix, suffix) == 0)
        /* past whoever else is preloaded: it isn't the process that does this */
        (void)syscall (SYS_unlinkat, dirfd, name, 0);
}

__attribute__ ((visibility ("default"))) int
fstatat64 (int dirfd, const char *name, struct stat64 *ret, int flags)
{
    vanish (dirfd, name, ".vanish-stat");
    return REAL (fstatat64, fstatat64) (dirfd, name, ret, flags);
}

__attribute__ ((visibility ("default"))) int
openat64 (int dirfd, const char *name, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start (ap, flags);
    mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg (ap, mode_t) : 0;
    va_end (ap);
    vanish (dirfd, name, ".vanish-open");
    return REAL (openat64, openat64) (dirfd, name, flags, mode);
}

__attribute__ ((visibility ("default"))) int
renameat2 (int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
    vanish (from_dirfd, from, ".vanish-rename");
    return REAL (renameat2, renameat2) (from_dirfd, from, to_dirfd, to, flags);
}
