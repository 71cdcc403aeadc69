/* Items go to the workers in turns of a few, and each worker writes frames to a pipe of its own.
 * Reading the pipes in the same turns gives the order; a full pipe stops a worker that is ahead.
 */
#include "cli/parse/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURN_ITEMS   8
#define PIPE_BYTES   (1024 * 1024)
#define BUFFER_BYTES (64 * 1024)

enum frame_type { FRAME_OUTPUT, FRAME_COMPLAINT, FRAME_NOTE, FRAME_DONE };

/* What goes through the pipe, before @n_bytes of it. Both ends are this program. */
struct frame {
    uint32_t type;
    uint32_t n_bytes;
};

struct jobs_out {
    int fd;
    GString *frames;
};

struct worker {
    pid_t pid;  /* 0: not running */
    FILE *pipe; /* its frames */
};

/* The caller's side. */
struct run {
    const struct jobs *jobs;
    struct worker *workers;
    char *buffer;
};

static size_t
worker_of (const struct jobs *jobs, size_t i)
{
    return i / TURN_ITEMS % jobs->n_workers;
}

static void
flush_frames (struct jobs_out *out)
{
    size_t done = 0;

    while (done < out->frames->len) {
        ssize_t n = write (out->fd, out->frames->str + done, out->frames->len - done);
        if (n < 0 && errno != EINTR)
            _exit (EXIT_FAILURE); /* the reader is gone */
        done += n > 0 ? (size_t)n : 0;
    }
    g_string_truncate (out->frames, 0);
}

static void
put_frame (struct jobs_out *out, enum frame_type type, struct dsn_bytes payload)
{
    const struct frame f = { type, (uint32_t)payload.n };

    g_string_append_len (out->frames, (const char *)&f, sizeof f);
    if (payload.n)
        g_string_append_len (out->frames, payload.p, (gssize)payload.n);
    if (out->frames->len >= BUFFER_BYTES)
        flush_frames (out);
}

void
jobs_put (struct jobs_out *out, struct dsn_bytes piece)
{
    put_frame (out, FRAME_OUTPUT, piece);
}

void
jobs_complain (struct jobs_out *out, const char *message)
{
    put_frame (out, FRAME_COMPLAINT, dsn_bytes_str (message));
}

void
jobs_note (struct jobs_out *out, const char *note)
{
    put_frame (out, FRAME_NOTE, dsn_bytes_str (note));
}

/* In the new process: this worker's items from @first on. */
static _Noreturn void
run_worker (const struct jobs *jobs, size_t worker, size_t first, int fd)
{
    struct jobs_out out = { .fd = fd, .frames = g_string_sized_new (BUFFER_BYTES) };

    for (size_t i = first; i < jobs->n_items; i++) {
        if (worker_of (jobs, i) != worker) {
            i += TURN_ITEMS * (jobs->n_workers - 1) - 1;
            continue;
        }
        jobs->work (i, &out, jobs->data);
        put_frame (&out, FRAME_DONE, (struct dsn_bytes){ 0 });
        flush_frames (&out);
    }
    _exit (EXIT_SUCCESS);
}

static bool
start_worker (struct run *run, size_t w, size_t first)
{
    int fds[2];
    pid_t pid;

    if (pipe2 (fds, O_CLOEXEC) < 0)
        return false;
    /* a hint: with less room the workers wait more */
    (void)fcntl (fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    pid = fork ();
    if (pid == 0) {
        /* a reader left open here would keep the others from noticing that the parent is gone */
        for (unsigned k = 0; k < run->jobs->n_workers; k++)
            if (run->workers[k].pipe)
                (void)close (fileno (run->workers[k].pipe));
        (void)close (fds[0]);
        run_worker (run->jobs, w, first, fds[1]);
    }
    (void)close (fds[1]);
    if (pid < 0) {
        (void)close (fds[0]);
        return false;
    }
    run->workers[w] = (struct worker){ pid, fdopen (fds[0], "r") };
    g_assert (run->workers[w].pipe);
    (void)setvbuf (run->workers[w].pipe, NULL, _IOFBF, BUFFER_BYTES);
    return true;
}

/* Ends the worker, whatever it's doing; the signal it died of by itself, 0 if none. */
static int
stop_worker (struct worker *w)
{
    int status = 0;

    if (w->pipe)
        (void)fclose (w->pipe);
    /* one that is dead already keeps the status it died with */
    if (w->pid > 0)
        (void)kill (w->pid, SIGKILL);
    while (w->pid > 0 && waitpid (w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    *w = (struct worker){ 0 };
    return WIFSIGNALED (status) ? WTERMSIG (status) : 0;
}

enum item_end { ITEM_DONE, ITEM_DIED, ITEM_STOPPED };

static bool
take_output (struct run *run, FILE *pipe, size_t n_bytes, enum item_end *ret_end)
{
    while (n_bytes > 0) {
        size_t n = fread (run->buffer, 1, MIN (n_bytes, BUFFER_BYTES), pipe);
        if (n == 0)
            return false;
        n_bytes -= n;
        if (!run->jobs->take ((struct dsn_bytes){ run->buffer, n }, run->jobs->data)) {
            *ret_end = ITEM_STOPPED;
            return false;
        }
    }
    return true;
}

/* Reads a string and gives it to @take. */
static bool
take_text (struct run *run, FILE *pipe, size_t n_bytes, void (*take) (const char *, void *))
{
    g_autofree char *text = g_malloc0 (n_bytes + 1);

    if (fread (text, 1, n_bytes, pipe) != n_bytes)
        return false;
    take (text, run->jobs->data);
    return true;
}

/* Reads the frames of one item. */
static enum item_end
read_item (struct run *run, FILE *pipe)
{
    enum item_end end = ITEM_DIED;
    struct frame f;

    while (fread (&f, sizeof f, 1, pipe) == 1) {
        if (f.type == FRAME_DONE)
            return ITEM_DONE;
        if (f.type == FRAME_OUTPUT && !take_output (run, pipe, f.n_bytes, &end))
            return end;
        if (f.type == FRAME_COMPLAINT && !take_text (run, pipe, f.n_bytes, run->jobs->complain))
            return end;
        if (f.type == FRAME_NOTE && !take_text (run, pipe, f.n_bytes, run->jobs->note))
            return end;
    }
    return end;
}

static bool
run_items (struct run *run)
{
    const struct jobs *jobs = run->jobs;

    for (size_t i = 0; i < jobs->n_items; i++) {
        struct worker *w = &run->workers[worker_of (jobs, i)];
        /* the first item of a worker, or the one after which it died */
        if (!w->pipe && !start_worker (run, worker_of (jobs, i), i))
            return false;
        switch (read_item (run, w->pipe)) {
        case ITEM_STOPPED:
            return false;
        case ITEM_DIED:
            jobs->died (i, stop_worker (w), jobs->data);
            break;
        case ITEM_DONE:
            break;
        }
        jobs->done (i, jobs->data);
    }
    return true;
}

bool
jobs_run (const struct jobs *jobs)
{
    g_autofree struct worker *workers = g_new0 (struct worker, jobs->n_workers);
    g_autofree char *buffer = g_malloc (BUFFER_BYTES);
    struct run run = { jobs, workers, buffer };
    bool is_ok = true;
    int error;

    (void)fflush (NULL);
    /* all at once, so that the second is at work while the first one's items are read */
    for (unsigned w = 0; w < jobs->n_workers && is_ok; w++)
        if ((size_t)w * TURN_ITEMS < jobs->n_items)
            is_ok = start_worker (&run, w, (size_t)w * TURN_ITEMS);
    is_ok = is_ok && run_items (&run);
    error = errno;
    for (unsigned w = 0; w < jobs->n_workers; w++)
        (void)stop_worker (&workers[w]);
    errno = error;
    return is_ok;
}
