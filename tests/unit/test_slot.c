/* What a worker may say: played by a test that holds the other end of the socket. */
#include "daemon/workers/slot.h"
#include "daemon/workers/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
    struct slot slot;
    int worker; /* our end */
    unsigned n_greeted, n_answered, n_refused;
};

static void
answered (void *data, void *job_data, struct dsn_report *report, size_t n_bytes)
{
    struct fixture *f = data;

    (void)job_data;
    (void)n_bytes;
    f->n_answered++;
    dsn_report_free (report);
}

static void
greeted (void *data)
{
    ((struct fixture *)data)->n_greeted++;
}

static void
refused (void *data, void *job_data, unsigned n, int call)
{
    (void)job_data;
    (void)call;
    ((struct fixture *)data)->n_refused += n;
}

static const struct slot_handler handler = { .answered = answered,
                                             .greeted = greeted,
                                             .refused = refused };

static int
set_up (void **state)
{
    struct fixture *f = g_new0 (struct fixture, 1);
    const struct dsn_limits limits = dsn_limits_default ();
    int pair[2];

    if (!slot_init (&f->slot, &handler, f, &limits) ||
        socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
        return 1;
    f->slot.socket = pair[0];
    f->worker = pair[1];
    f->slot.state = SLOT_STARTING;
    *state = f;
    return 0;
}

static int
tear_down (void **state)
{
    struct fixture *f = *state;

    (void)slot_done (&f->slot);
    (void)close (f->worker);
    g_free (f);
    return 0;
}

static void
say (const struct fixture *f, const void *p, size_t n)
{
    assert_int_equal (write (f->worker, p, n), n);
}

static void
say_hello (const struct fixture *f, bool is_ready, const char *text)
{
    const struct wire_hello hello = { .magic = WIRE_HELLO,
                                      .is_ready = is_ready,
                                      .n_bytes = (uint32_t)strlen (text) };

    say (f, &hello, sizeof hello);
    say (f, text, strlen (text));
}

/* Says an answer to the mail at @offset. */
static void
say_answer (const struct fixture *f, uint32_t offset, uint32_t n_refused)
{
    struct dsn_report *report = dsn_report_new ();
    g_autoptr (GString) bytes = g_string_new (NULL);
    struct wire_reply reply = { .offset = offset, .n_refused = n_refused };

    report->kind = DSN_KIND_BOUNCE;
    wire_encode (bytes, report);
    reply.n_bytes = (uint32_t)bytes->len;
    say (f, &reply, sizeof reply);
    say (f, bytes->str, bytes->len);
    dsn_report_free (report);
}

static void
a_greeting_tells_the_rules (void **state)
{
    struct fixture *f = *state;
    uint32_t offset;

    assert_false (slot_find (&f->slot, 10, &offset));
    say_hello (f, true, "1.2+3\n");
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
    assert_int_equal (f->slot.state, SLOT_READY);
    assert_int_equal (f->n_greeted, 1);
    assert_string_equal (f->slot.ruleset, "1.2+3?");
    assert_true (slot_find (&f->slot, 10, &offset));
}

static void
a_greeting_may_come_in_pieces (void **state)
{
    struct fixture *f = *state;
    const struct wire_hello hello = { .magic = WIRE_HELLO, .is_ready = 1, .n_bytes = 2 };
    const char *bytes = (const char *)&hello;

    for (size_t i = 0; i < sizeof hello; i++) {
        say (f, bytes + i, 1);
        assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
        assert_int_equal (f->slot.state, SLOT_STARTING);
    }
    say (f, "v1", 2);
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
    assert_int_equal (f->slot.state, SLOT_READY);
}

static void
a_refusal_is_told (void **state)
{
    struct fixture *f = *state;

    say_hello (f, false, "mine.rules:1:2: wrong");
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_REFUSED);
    assert_string_equal (f->slot.refusal, "mine.rules:1:2: wrong");
}

static void
what_no_worker_says_is_invalid (void **state)
{
    struct fixture *f = *state;
    const struct wire_hello huge = { .magic = WIRE_HELLO, .n_bytes = WIRE_HELLO_MAX_BYTES + 1 };

    say (f, &huge, sizeof huge);
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_INVALID);
}

static void
answers_come_in_the_order_of_the_mails (void **state)
{
    struct fixture *f = *state;
    uint32_t first, second;

    say_hello (f, true, "v");
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
    assert_true (slot_find (&f->slot, 10, &first));
    slot_submit (&f->slot, first, 10, 10, NULL);
    assert_true (slot_find (&f->slot, 10, &second));
    slot_submit (&f->slot, second, 10, 10, NULL);
    slot_send (&f->slot);
    say_answer (f, first, 2);
    say_answer (f, second, 2);
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
    assert_int_equal (f->n_answered, 2);
    assert_int_equal (f->n_refused, 2);
    /* nothing was asked */
    say_answer (f, first, 2);
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_INVALID);
}

static void
the_mail_in_hand_is_blamed_and_comes_last (void **state)
{
    struct fixture *f = *state;
    uint32_t offset;
    struct slot_job *job;
    int mails[3];

    say_hello (f, true, "v");
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true (slot_find (&f->slot, 10, &offset));
        slot_submit (&f->slot, offset, 10, 10, &mails[i]);
    }
    slot_send (&f->slot);
    (void)close (f->worker);
    f->worker = -1;
    assert_int_equal (slot_read (&f->slot), SLOT_INPUT_ENDED);
    job = slot_take_blamed (&f->slot);
    assert_ptr_equal (job->data, &mails[0]);
    assert_int_equal (job->deaths, 1);
    slot_give_back (&f->slot, job);
    assert_true (f->slot.is_careful);
    assert_ptr_equal (((struct slot_job *)g_queue_peek_tail (&f->slot.jobs))->data, &mails[0]);
    assert_false (slot_find (&f->slot, 10, &offset));
}

#define TEST(name_) cmocka_unit_test_setup_teardown (name_, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_greeting_tells_the_rules),
        TEST (a_greeting_may_come_in_pieces),
        TEST (a_refusal_is_told),
        TEST (what_no_worker_says_is_invalid),
        TEST (answers_come_in_the_order_of_the_mails),
        TEST (the_mail_in_hand_is_blamed_and_comes_last),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
