/* The worker. It must never touch a file, the network or another process; whatever a mail does to
 * it, the daemon only sees a socket that says something odd, or closes.
 */
#include "daemon/workers/worker.h"

#include "daemon/base/sys.h"
#include "daemon/workers/sandbox.h"
#include "daemon/settings/setup.h"
#include "daemon/workers/wire.h"

#include "core/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS_COUNT  64
#define FLUSH_BYTES     ((size_t)64 * 1024)
#define FLUSH_NS        5000000 /* the daemon must know which mail takes long */
#define EXIT_BAD_SETUP  3
#define EXIT_BAD_ORDER  4
#define EXIT_NO_SANDBOX 5

struct worker {
    const char *arena;
    struct setup *setup;
    struct dsn_rules *rules;
    struct dsn_options options;
    GString *out;
    int64_t flushed_ns;
    uint32_t peak_kib;
};

static int64_t
now_ns (void)
{
    struct timespec now;

    (void)clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t
measure_peak_kib (void)
{
    struct rusage usage;

    return getrusage (RUSAGE_SELF, &usage) == 0 ? (uint32_t)usage.ru_maxrss : 0;
}

static bool
send_all (const char *p, size_t n)
{
    while (n) {
        const ssize_t done = send (WORKER_FD_SOCKET, p, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static bool
flush (struct worker *w)
{
    const bool is_sent = send_all (w->out->str, w->out->len);

    g_string_truncate (w->out, 0);
    w->flushed_ns = now_ns ();
    return is_sent;
}

static bool
say_hello (struct worker *w, bool is_ready, const char *text)
{
    struct wire_hello hello = { .magic = WIRE_HELLO, .is_ready = is_ready };

    hello.n_bytes = (uint32_t)MIN (strlen (text), WIRE_HELLO_MAX_BYTES);
    g_string_append_len (w->out, (const char *)&hello, sizeof hello);
    g_string_append_len (w->out, text, hello.n_bytes);
    return flush (w);
}

/* Takes the setup over from the daemon and compiles the rules; says why, if they're wrong. */
static bool
load_setup (struct worker *w)
{
    g_autoptr (GError) error = NULL;
    struct stat st;
    void *map;

    if (fstat (WORKER_FD_SETUP, &st) < 0 || st.st_size <= 0)
        return false;
    map = mmap (NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, WORKER_FD_SETUP, 0);
    if (map == MAP_FAILED)
        return false;
    w->setup = setup_decode ((struct dsn_bytes){ map, (size_t)st.st_size });
    (void)munmap (map, (size_t)st.st_size);
    (void)close (WORKER_FD_SETUP);
    if (!w->setup)
        return false;
    w->rules = setup_compile (w->setup, &error);
    if (!w->rules)
        (void)say_hello (w, false, error->message);
    w->options = (struct dsn_options){
        .limits = dsn_limits_default (),
        .original_headers = (const char *const *)w->setup->original_headers,
        .envelope_headers = (const char *const *)w->setup->envelope_headers,
        .envelope_templates = w->setup->envelope_templates[0]
                                  ? (const char *const *)w->setup->envelope_templates
                                  : NULL,
        .want_evidence = w->setup->want_evidence,
        .structure = w->setup->structure,
    };
    return w->rules != NULL;
}

static bool
map_arena (struct worker *w)
{
    void *map = mmap (NULL, WORKER_ARENA_BYTES, PROT_READ, MAP_SHARED, WORKER_FD_ARENA, 0);

    if (map == MAP_FAILED)
        return false;
    w->arena = map;
    (void)close (WORKER_FD_ARENA);
    return true;
}

static bool
answer (struct worker *w, const struct wire_request *request)
{
    struct wire_reply reply = { .offset = request->offset, .peak_kib = w->peak_kib };
    const gsize start = w->out->len;
    struct dsn_report *report;

    if (request->offset > WORKER_ARENA_BYTES ||
        request->n_bytes > WORKER_ARENA_BYTES - request->offset)
        return false;
#ifdef DSND_FAULTS
    if (sys_is_planned ("answer"))
        abort ();
#endif
    report = dsn_parse ((struct dsn_bytes){ w->arena + request->offset, request->n_bytes },
                        (size_t)request->total_bytes, w->rules, &w->options);
    g_string_append_len (w->out, (const char *)&reply, sizeof reply);
#ifdef DSND_FAULTS
    if (sys_is_planned ("split"))
        report->split = DSN_SPLIT_DIFFERENT;
#endif
    wire_encode (w->out, report);
    reply.split = report->split;
    dsn_report_free (report);
    reply.n_bytes = (uint32_t)(w->out->len - start - sizeof reply);
    reply.n_refused = sandbox_refused (&reply.refused_call);
    memcpy (w->out->str + start, &reply, sizeof reply);
    if (w->out->len >= FLUSH_BYTES || now_ns () - w->flushed_ns >= FLUSH_NS)
        return flush (w);
    return true;
}

/* Reads requests; waits for one only when everything is answered. */
static ssize_t
receive (struct worker *w, char *buffer, size_t n)
{
    ssize_t got = recv (WORKER_FD_SOCKET, buffer, n, MSG_DONTWAIT);

    if (got >= 0 || (errno != EAGAIN && errno != EINTR))
        return got;
    if (!flush (w))
        return 0;
    do
        got = recv (WORKER_FD_SOCKET, buffer, n, 0);
    while (got < 0 && errno == EINTR);
    w->flushed_ns = now_ns ();
    return got;
}

static int
serve (struct worker *w)
{
    struct wire_request requests[REQUESTS_COUNT];
    char *const buffer = (char *)requests;
    size_t n_bytes = 0;

    for (;;) {
        const ssize_t got = receive (w, buffer + n_bytes, sizeof requests - n_bytes);
        size_t n_whole;
        if (got <= 0)
            return 0;
        n_bytes += (size_t)got;
        n_whole = n_bytes / sizeof requests[0];
        w->peak_kib = measure_peak_kib ();
        for (size_t i = 0; i < n_whole; i++)
            if (!answer (w, &requests[i]))
                return EXIT_BAD_ORDER;
        n_bytes -= n_whole * sizeof requests[0];
        memmove (buffer, &requests[n_whole], n_bytes);
    }
}

/* When memory runs out it's a worker that goes, not the daemon: its mail is tried again. */
static void
offer_to_oom (void)
{
    sys_autofd fd = open ("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    /* where it can't be said, nothing is worse than before */
    if (fd >= 0)
        (void)!write (fd, "1000", strlen ("1000"));
}

int
worker_main (void)
{
    struct worker w = { .out = g_string_sized_new (2 * FLUSH_BYTES) };

    /* Ctrl-C goes to the whole group: the daemon decides when a worker ends */
    (void)signal (SIGINT, SIG_IGN);
    (void)signal (SIGTERM, SIG_IGN);
    (void)signal (SIGHUP, SIG_IGN);
    (void)prctl (PR_SET_NAME, "dsnd-worker"); /* not "exe", as it was executed */
    offer_to_oom ();
    sandbox_limit ();
    dsn_library_init ();
    if (!load_setup (&w) || !map_arena (&w))
        return EXIT_BAD_SETUP;
    if (!sandbox_enter ())
        return EXIT_NO_SANDBOX;
    return say_hello (&w, true, dsn_rules_version (w.rules)) ? serve (&w) : 0;
}
