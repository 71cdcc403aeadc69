/* Turns: whose is next, and who takes it. */
#include "cli/follow/turns.h"

#include "client/backlog.h"
#include "cli/follow/interview.h"
#include "cli/follow/fate.h"
#include "cli/follow/handler.h"
#include "cli/terminal/tty.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH_WAIT_US (500 * 1000)

struct consumer {
    struct consumer_options options;
    struct backlog *backlog;
    struct fate fate;
    GPtrArray *turn;             /* what the handler is at: items of the backlog */
    pid_t pid;                   /* of its command, 0: none runs */
    struct interview *interview; /* with its program that stays; NULL: none */
    bool is_stopping;
};

struct consumer *
consumer_new (const struct consumer_options *options)
{
    struct consumer *c = g_new0 (struct consumer, 1);

    c->options = *options;
    c->backlog = backlog_new ();
    c->turn = g_ptr_array_new ();
    c->fate = (struct fate){ .options = &c->options, .backlog = c->backlog };
    c->interview = options->lines ? interview_new (&c->fate) : NULL;
    return c;
}

void
consumer_free (struct consumer *c)
{
    interview_free (c->interview);
    backlog_free (c->backlog);
    g_ptr_array_unref (c->turn);
    g_free (c);
}

static int64_t
batch_wait_us (const struct consumer *c)
{
    /* a program that stays costs no start that a full batch would save */
    return c->options.n_batch > 1 && !c->options.lines ? BATCH_WAIT_US : 0;
}

void
consumer_add (struct consumer *c, uint64_t seq, const char *id, struct dsn_bytes json)
{
    g_autoptr (GString) text = g_string_sized_new (json.n + 1);
    const bool has_record = output_append (&c->options.output, text, json);
    struct backlog_item *item =
        consumer_add_text (c, seq, id, (struct dsn_bytes){ text->str, text->len });

    /* there's nothing to do for an event that the format has no record for */
    item->is_done = !has_record;
    if (item->is_done)
        c->fate.n_done += backlog_drop_done (c->backlog);
}

struct backlog_item *
consumer_add_text (struct consumer *c, uint64_t seq, const char *id, struct dsn_bytes text)
{
    return backlog_add (c->backlog, seq, id, text, g_get_monotonic_time ());
}

bool
consumer_is_full (const struct consumer *c)
{
    return backlog_is_full (c->backlog);
}

static void
end_turn (struct consumer *c)
{
    fate_succeed (&c->fate, c->turn, 0, c->turn->len);
    g_ptr_array_set_size (c->turn, 0);
}

static void
pause_turns (struct consumer *c, const char *reason)
{
    fate_pause (&c->fate, reason);
    g_ptr_array_set_size (c->turn, 0);
}

static void
start_command (struct consumer *c)
{
    c->pid = handler_start (c->turn, c->options.command);
    if (c->pid < 0) {
        g_autofree char *reason =
            g_strdup_printf ("the command couldn't be started: %s", g_strerror (errno));
        c->pid = 0;
        pause_turns (c, reason);
    }
}

static void
ask_program (struct consumer *c)
{
    if (!interview_begin (c->interview, c->turn))
        g_ptr_array_set_size (c->turn, 0);
}

static void
keep_turn (struct consumer *c)
{
    g_autofree char *reason = NULL;

    if (handler_keep (c->turn, c->options.dir, &reason))
        end_turn (c);
    else
        pause_turns (c, reason);
}

static void
print_turn (struct consumer *c)
{
    if (handler_print (c->turn))
        end_turn (c);
    else
        c->fate.has_failed = true;
}

/* A command runs, or a program that stays is at a turn. */
static bool
is_at_work (const struct consumer *c)
{
    return c->pid != 0 || (c->interview && !interview_is_free (c->interview));
}

bool
consumer_run (struct consumer *c, bool wants_rest)
{
    const int64_t now_us = g_get_monotonic_time ();

    if (is_at_work (c) || c->is_stopping || c->fate.has_failed || c->fate.paused_us > now_us)
        return false;
    backlog_next (c->backlog, now_us, c->options.n_batch, batch_wait_us (c), wants_rest, c->turn);
    if (c->turn->len == 0)
        return false;
    if (c->interview)
        ask_program (c);
    else if (c->options.command)
        start_command (c);
    else if (c->options.dir)
        keep_turn (c);
    else
        print_turn (c);
    return true;
}

static void
reap_command (struct consumer *c)
{
    g_autofree char *reason = NULL;
    int status;

    if (!c->pid || waitpid (c->pid, &status, WNOHANG) != c->pid)
        return;
    c->pid = 0;
    reason = handler_reason (status);
    if (!reason)
        end_turn (c);
    else if (handler_is_temporary (status) && !c->is_stopping)
        pause_turns (c, reason);
    else if (!c->is_stopping) /* else it was told to stop: no fault of the event */
        fate_fail (&c->fate, c->turn, 0, reason);
    g_ptr_array_set_size (c->turn, 0);
}

void
consumer_listen (struct consumer *c)
{
    reap_command (c);
    if (c->interview && interview_talk (c->interview))
        g_ptr_array_set_size (c->turn, 0);
}

void
consumer_poll (const struct consumer *c, struct pollfd ret_fds[CONSUMER_FDS])
{
    for (unsigned i = 0; i < CONSUMER_FDS; i++)
        ret_fds[i] = (struct pollfd){ -1, 0, 0 };
    if (c->interview)
        interview_poll (c->interview, ret_fds);
}

/* When there's something to do; monotonic, INT64_MAX: nothing. */
static int64_t
due_us (const struct consumer *c)
{
    const int64_t due_us = backlog_due_us (c->backlog, batch_wait_us (c));

    if (is_at_work (c))
        return c->interview ? interview_due_us (c->interview) : INT64_MAX;
    return c->is_stopping || c->fate.has_failed || due_us == INT64_MAX
               ? INT64_MAX
               : MAX (due_us, c->fate.paused_us);
}

int
consumer_wait_ms (const struct consumer *c)
{
    const int64_t due = due_us (c);
    const int64_t wait_us = due == INT64_MAX ? 0 : due - g_get_monotonic_time ();

    if (due == INT64_MAX)
        return -1;
    return wait_us > 0 ? (int)MIN (wait_us / 1000 + 1, G_MAXINT) : 0;
}

static void
stop (struct consumer *c, int signal)
{
    c->is_stopping = true;
    if (c->pid)
        (void)kill (-c->pid, signal);
    if (c->interview)
        interview_stop (c->interview, signal);
}

bool
consumer_take_signals (struct consumer *c, int signals)
{
    struct signalfd_siginfo info;
    bool is_told = false;

    while (read (signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        is_told = true;
        stop (c, (int)info.ssi_signo);
    }
    return is_told;
}

bool
consumer_is_running (const struct consumer *c)
{
    return is_at_work (c);
}

bool
consumer_is_empty (const struct consumer *c)
{
    return backlog_is_empty (c->backlog);
}

bool
consumer_has_failed (const struct consumer *c)
{
    return c->fate.has_failed;
}

uint64_t
consumer_done_seq (const struct consumer *c)
{
    return backlog_done_seq (c->backlog);
}

uint64_t
consumer_done_count (const struct consumer *c)
{
    return c->fate.n_done;
}

void
consumer_forget_numbers (struct consumer *c)
{
    backlog_forget_numbers (c->backlog);
}
