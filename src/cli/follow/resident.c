/* Two pipes and a process group. */
#include "cli/follow/resident.h"

#include "cli/follow/handler.h"
#include "client/backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX 4096 /* bytes of a line */
#define GRACE_US   (10 * 1000 * 1000)
#define LOOK_MS    20
#define CHUNK      4096

struct resident {
    const char *command;
    pid_t pid;  /* 0: not running */
    int input;  /* its stdin, -1: closed */
    int output; /* its stdout, -1: it has closed it */
    bool is_closing;
    GString *unwritten;
    gsize n_written; /* of it */
    GString *said;   /* since its last whole answer */
};

struct resident *
resident_new (const char *command)
{
    struct resident *r = g_new0 (struct resident, 1);

    (void)signal (SIGPIPE, SIG_IGN);
    r->command = command;
    r->input = r->output = -1;
    r->unwritten = g_string_new (NULL);
    r->said = g_string_new (NULL);
    return r;
}

static void
close_end (int *fd)
{
    if (*fd >= 0)
        (void)close (*fd);
    *fd = -1;
}

void
resident_forget (struct resident *r)
{
    close_end (&r->input);
    close_end (&r->output);
    g_string_truncate (r->unwritten, 0);
    g_string_truncate (r->said, 0);
    r->n_written = 0;
    r->is_closing = false;
}

static bool
make_pipe (int *ret_read, int *ret_write)
{
    int fds[2];

    if (pipe2 (fds, O_CLOEXEC) != 0)
        return false;
    *ret_read = fds[0];
    *ret_write = fds[1];
    return true;
}

bool
resident_start (struct resident *r)
{
    int its_input = -1, its_output = -1, error;
    pid_t pid = -1;

    if (r->pid)
        return true;
    if (make_pipe (&its_input, &r->input) && make_pipe (&r->output, &its_output) &&
        fcntl (r->input, F_SETFL, O_NONBLOCK) == 0 && fcntl (r->output, F_SETFL, O_NONBLOCK) == 0)
        pid = handler_spawn (r->command, its_input, its_output);
    error = errno;
    close_end (&its_input);
    close_end (&its_output);
    if (pid < 0)
        resident_forget (r);
    r->pid = MAX (pid, 0);
    errno = error;
    return pid >= 0;
}

bool
resident_is_running (const struct resident *r)
{
    return r->pid != 0;
}

static bool
has_unwritten (const struct resident *r)
{
    return r->n_written < r->unwritten->len;
}

static void
write_some (struct resident *r)
{
    while (r->input >= 0 && has_unwritten (r)) {
        const ssize_t n =
            write (r->input, r->unwritten->str + r->n_written, r->unwritten->len - r->n_written);
        if (n >= 0)
            r->n_written += (gsize)n;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            close_end (&r->input); /* it reads no more: it's likely about to end */
    }
    g_string_truncate (r->unwritten, 0);
    r->n_written = 0;
    if (r->is_closing)
        close_end (&r->input);
}

void
resident_give (struct resident *r, const GPtrArray *turn)
{
    for (unsigned i = 0; i < turn->len; i++) {
        const struct backlog_item *item = g_ptr_array_index (turn, i);
        g_string_append_len (r->unwritten, item->text, (gssize)item->n_text);
    }
    write_some (r);
}

void
resident_poll (const struct resident *r, struct pollfd ret_fds[2])
{
    ret_fds[0] = (struct pollfd){ has_unwritten (r) ? r->input : -1, POLLOUT, 0 };
    ret_fds[1] = (struct pollfd){ r->output, POLLIN, 0 };
}

/* No further than an answer can be long: what is more waits in the pipe. */
static void
read_some (struct resident *r)
{
    char chunk[CHUNK];

    while (r->output >= 0 && r->said->len <= ANSWER_MAX) {
        const ssize_t n = read (r->output, chunk, sizeof chunk);
        if (n > 0)
            g_string_append_len (r->said, chunk, n);
        else if (n < 0 && errno == EAGAIN)
            return;
        else if (n == 0 || errno != EINTR)
            close_end (&r->output);
    }
}

void
resident_move (struct resident *r)
{
    write_some (r);
    read_some (r);
}

/* The answer that @line begins with; its other words in *@ret_words. */
static enum answer
answer_of (const char *line, char **ret_words)
{
    static const struct {
        const char *word;
        enum answer answer;
    } answers[] = {
        { "ok", ANSWER_OK },
        { "retry", ANSWER_RETRY },
        { "park", ANSWER_PARK },
        { "wait", ANSWER_WAIT },
    };
    const size_t n = strcspn (line, " \t");

    for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
        if (strlen (answers[i].word) == n && strncmp (line, answers[i].word, n) == 0) {
            *ret_words = g_strstrip (g_strdup (line + n));
            return answers[i].answer;
        }
    *ret_words = g_strdup (line);
    return ANSWER_BROKEN;
}

enum answer
resident_answer (struct resident *r, char **ret_words)
{
    g_autofree char *line = NULL;
    const char *end;
    size_t n;

    if (!memchr (r->said->str, '\n', r->said->len))
        read_some (r);
    end = memchr (r->said->str, '\n', r->said->len);
    n = end ? (size_t)(end - r->said->str) : r->said->len;
    if (!end && n <= ANSWER_MAX)
        return ANSWER_NONE;
    line = g_strchomp (g_strndup (r->said->str, MIN (n, ANSWER_MAX)));
    (void)g_string_erase (r->said, 0, (gssize)(end ? n + 1 : n));
    return answer_of (line, ret_words);
}

bool
resident_has_ended (struct resident *r, int *ret_status)
{
    if (!r->pid || waitpid (r->pid, ret_status, WNOHANG) != r->pid)
        return false;
    r->pid = 0;
    close_end (&r->input);
    return true;
}

void
resident_close (struct resident *r)
{
    r->is_closing = true;
    write_some (r);
}

void
resident_signal (const struct resident *r, int signal)
{
    if (r->pid)
        (void)kill (-r->pid, signal);
}

void
resident_free (struct resident *r)
{
    const int64_t until_us = g_get_monotonic_time () + GRACE_US;
    int status;

    resident_close (r);
    while (r->pid && !resident_has_ended (r, &status)) {
        struct pollfd fds[2];
        resident_poll (r, fds);
        (void)poll (fds, G_N_ELEMENTS (fds), LOOK_MS);
        resident_move (r);
        g_string_truncate (r->said, 0); /* nobody asks any more, and it mustn't wait for us */
        if (g_get_monotonic_time () >= until_us)
            resident_signal (r, SIGKILL);
    }
    resident_forget (r);
    (void)g_string_free (r->unwritten, TRUE);
    (void)g_string_free (r->said, TRUE);
    g_free (r);
}
