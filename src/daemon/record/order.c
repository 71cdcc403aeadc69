/* The order, and what a mail's states make of each event. */
#include "daemon/record/order.h"

struct order {
    GQueue places;        /* struct letter *, as taken */
    GQueue aside;         /* struct letter *, that lost their place */
    size_t waiting_bytes; /* of the reports in places */
};

struct order *
order_new (void)
{
    struct order *order = g_new0 (struct order, 1);

    g_queue_init (&order->places);
    g_queue_init (&order->aside);
    return order;
}

void
order_free (struct order *order)
{
    if (!order)
        return;
    g_queue_clear (&order->places);
    g_queue_clear (&order->aside);
    g_free (order);
}

void
order_add (struct order *order, struct letter *mail)
{
    mail->state = LETTER_PARSING;
    g_queue_push_tail (&order->places, mail);
}

typedef void step_fn (struct order *order, struct letter *mail);

/* An event that can't come in this state: we are wrong. */
static void
wrong (struct order *order, struct letter *mail)
{
    (void)order;
    g_error ("mail in state %d got an event that can't be", (int)mail->state);
}

static void
become_ready (struct order *order, struct letter *mail)
{
    mail->state = LETTER_READY;
    order->waiting_bytes += mail->report_bytes;
}

/* A mail that lost its place takes the next free one. */
static void
become_ready_first (struct order *order, struct letter *mail)
{
    become_ready (order, mail);
    (void)g_queue_remove (&order->aside, mail);
    g_queue_push_head (&order->places, mail);
}

static void
set_aside (struct order *order, struct letter *mail)
{
    mail->state = LETTER_ASIDE;
    (void)g_queue_remove (&order->places, mail);
    g_queue_push_tail (&order->aside, mail);
}

static void
stay (struct order *order, struct letter *mail)
{
    (void)order;
    (void)mail;
}

static step_fn *const steps[_LETTER_STATE_N][_LETTER_EVENT_N] = {
    [LETTER_PARSING] = { [LETTER_ANSWERED] = become_ready,
                         [LETTER_STUMBLED] = set_aside,
                         [LETTER_GAVE_UP] = become_ready },
    [LETTER_ASIDE] = { [LETTER_ANSWERED] = become_ready_first,
                       [LETTER_STUMBLED] = stay,
                       [LETTER_GAVE_UP] = become_ready_first },
    [LETTER_READY] = { [LETTER_ANSWERED] = wrong,
                       [LETTER_STUMBLED] = wrong,
                       [LETTER_GAVE_UP] = wrong },
};

void
order_tell (struct order *order, struct letter *mail, enum letter_event event)
{
    steps[mail->state][event](order, mail);
}

bool
order_is_ready (const struct order *order)
{
    const struct letter *first = order->places.head ? order->places.head->data : NULL;

    return first && first->state == LETTER_READY;
}

struct letter *
order_take (struct order *order)
{
    struct letter *mail = g_queue_pop_head (&order->places);

    g_assert (mail && mail->state == LETTER_READY);
    order->waiting_bytes -= mail->report_bytes;
    return mail;
}

struct letter *
order_drop (struct order *order)
{
    struct letter *mail = g_queue_pop_head (&order->places);

    return mail ? mail : g_queue_pop_head (&order->aside);
}

unsigned
order_length (const struct order *order)
{
    return order->places.length;
}

size_t
order_waiting_bytes (const struct order *order)
{
    return order->waiting_bytes;
}
