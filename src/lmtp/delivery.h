/* A mail of a session into a Maildir: a copy for each recipient, since the address that it was sent
 * to says whom a bounce is about.
 */
#ifndef LMTP_DELIVERY_H
#define LMTP_DELIVERY_H

#include "lmtp/session.h"
#include "maildrop/maildrop.h"

struct delivery;

/* @drop outlives it. (transfer full): delivery_free() */
struct delivery *delivery_new (struct maildrop *drop);
void delivery_free (struct delivery *d);

/* For session_new(), with the delivery as its data. */
extern const struct session_handler delivery_handler;

#endif
