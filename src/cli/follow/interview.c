/* Questions and answers. */
#include "cli/follow/interview.h"

#include "cli/follow/handler.h"
#include "cli/follow/resident.h"
#include "cli/follow/turns.h"
#include "cli/terminal/tty.h"
#include "client/backlog.h"

#include <errno.h>
#include <signal.h>

#define STOP_US (15 * 1000 * 1000) /* for the last answers */

struct interview {
    struct fate *fate;
    struct resident *program;
    const GPtrArray *turn; /* NULL: none is under way */
    unsigned n_answered;   /* of it */
    uint64_t n_answers;    /* of this program, since its start */
    int64_t due_us;        /* the next answer's deadline; monotonic */
    char *fault;           /* why we killed the program, NULL: we didn't */
    bool is_stopping;
};

struct interview *
interview_new (struct fate *fate)
{
    struct interview *d = g_new0 (struct interview, 1);

    d->fate = fate;
    d->program = resident_new (fate->options->lines);
    return d;
}

void
interview_free (struct interview *d)
{
    if (!d)
        return;
    resident_free (d->program);
    g_free (d->fault);
    g_free (d);
}

static void
expect_answer (struct interview *d)
{
    d->due_us = g_get_monotonic_time () + d->fate->options->timeout_us;
}

bool
interview_begin (struct interview *d, const GPtrArray *turn)
{
    const bool is_new = !resident_is_running (d->program);

    if (!resident_start (d->program)) {
        g_autofree char *reason =
            g_strdup_printf ("the program couldn't be started: %s", g_strerror (errno));
        fate_pause (d->fate, reason);
        return false;
    }
    d->turn = turn;
    d->n_answered = 0;
    d->n_answers = is_new ? 0 : d->n_answers;
    expect_answer (d);
    resident_give (d->program, turn);
    return true;
}

static void
blame (struct interview *d, const char *fault)
{
    if (!d->fault)
        d->fault = g_strdup (fault);
    resident_signal (d->program, SIGKILL);
}

static void
take_answer (struct interview *d, enum answer answer, const char *words)
{
    const unsigned i = d->n_answered++;
    struct backlog_item *item = g_ptr_array_index (d->turn, i);
    const char *reason = *words ? words : "the program gave no reason";

    d->n_answers++;
    expect_answer (d);
    switch (answer) {
    case ANSWER_OK:
        fate_succeed (d->fate, d->turn, i, 1);
        break;
    case ANSWER_RETRY:
        fate_fail_event (d->fate, item, reason);
        break;
    case ANSWER_PARK:
        item->n_failures++;
        fate_give_up (d->fate, item, reason);
        break;
    case ANSWER_WAIT:
        fate_pause (d->fate, reason);
        break;
    case ANSWER_NONE:
    case ANSWER_BROKEN:
        break;
    }
}

static bool
is_under_way (const struct interview *d)
{
    return d->turn && d->n_answered < d->turn->len;
}

/* What is no answer to a question shows that the two are out of step: no later line can be taken
 * for the answer to an event. */
static void
take_answers (struct interview *d)
{
    while (!d->fault) {
        g_autofree char *words = NULL;
        const enum answer answer = resident_answer (d->program, &words);
        if (answer == ANSWER_NONE)
            return;
        if (answer == ANSWER_BROKEN) {
            g_autofree char *fault = g_strdup_printf ("the program's answer was none: %s", words);
            blame (d, fault);
        } else if (!is_under_way (d)) {
            blame (d, "the program answered without being asked");
        } else {
            take_answer (d, answer, words);
        }
    }
}

/* The rest of the turn that the program left behind. */
static void
fail_rest (struct interview *d, const char *reason, bool is_temporary)
{
    if (is_temporary) {
        fate_pause (d->fate, reason);
        return;
    }
    fate_fail (d->fate, d->turn, d->n_answered, reason);
    /* one that never answered anything is likely at fault itself: not a start for each event */
    if (d->n_answers == 0 && !d->fate->has_failed)
        fate_rest (d->fate);
}

static void
take_end (struct interview *d, int status)
{
    g_autofree char *end = handler_reason (status);
    const char *reason = d->fault ? d->fault : end ? end : "the program ended without an answer";
    /* as it may between two events: we were just too early with the next */
    const bool is_orderly = !d->fault && !end && (!is_under_way (d) || d->n_answers > 0);

    /* if it was told to stop, it's no fault of the event */
    if (!d->is_stopping && !is_orderly && is_under_way (d))
        fail_rest (d, reason, !d->fault && handler_is_temporary (status));
    else if (!d->is_stopping && !is_orderly)
        tty_complain ("%s; the next event starts it anew", reason);
    if (d->turn)
        d->n_answered = d->turn->len;
    g_clear_pointer (&d->fault, g_free);
    resident_forget (d->program);
}

bool
interview_is_free (const struct interview *d)
{
    return !d->turn && !d->fault;
}

bool
interview_talk (struct interview *d)
{
    g_autofree char *late = NULL;
    int status;

    resident_move (d->program);
    take_answers (d);
    if (is_under_way (d) && !d->fault && g_get_monotonic_time () >= d->due_us) {
        late = g_strdup_printf ("the program gave no answer for %" G_GINT64_FORMAT " s",
                                d->fate->options->timeout_us / G_USEC_PER_SEC);
        blame (d, late);
    }
    if (resident_has_ended (d->program, &status)) {
        take_answers (d);
        take_end (d, status);
    }
    if (!d->turn || is_under_way (d))
        return false;
    d->turn = NULL;
    return true;
}

void
interview_poll (const struct interview *d, struct pollfd ret_fds[2])
{
    resident_poll (d->program, ret_fds);
}

int64_t
interview_due_us (const struct interview *d)
{
    return is_under_way (d) && !d->fault ? d->due_us : INT64_MAX;
}

void
interview_stop (struct interview *d, int signal)
{
    if (d->is_stopping)
        resident_signal (d->program, signal);
    d->is_stopping = true;
    d->due_us = MIN (d->due_us, g_get_monotonic_time () + STOP_US);
    resident_close (d->program);
}
