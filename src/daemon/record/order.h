/* Mails in the order in which they were taken, each until its turn has come: its report is there,
 * and so are those of all before it. A mail that a worker died of loses its place, so that none
 * waits for it.
 */
#ifndef DSND_ORDER_H
#define DSND_ORDER_H

#include "daemon/intake/letter.h"

#include <stddef.h>

struct order;

/* (transfer full): order_free(). The mails stay their owner's. */
struct order *order_new (void);
void order_free (struct order *order);

/* Puts a mail at the end, LETTER_PARSING. */
void order_add (struct order *order, struct letter *mail);

/* Tells what became of the mail, which must be in the order. With ANSWERED and GAVE_UP its
 * report is there. */
void order_tell (struct order *order, struct letter *mail, enum letter_event event);

/* Whether the first mail's turn has come. */
bool order_is_ready (const struct order *order);

/* Takes the first mail out, LETTER_READY as it is; only if order_is_ready(). */
struct letter *order_take (struct order *order);

/* Takes any mail out, whatever its state; NULL: none is left. */
struct letter *order_drop (struct order *order);

/* Mails with a place, and the bytes of their reports. */
unsigned order_length (const struct order *order);
size_t order_waiting_bytes (const struct order *order);

#endif
