/* The events that are made durable together, as the lines that go into the spool, and the mails
 * that they're of.
 */
#ifndef DSND_BATCH_H
#define DSND_BATCH_H

#include "daemon/intake/letter.h"

#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

struct batch;

/* (transfer full): batch_free(). The mails stay their owner's. */
struct batch *batch_new (void);
void batch_free (struct batch *batch);

/* Appends the events of @mail, the first with the seq @next if the batch is empty, else behind the
 * last one's. */
void batch_add (struct batch *batch, struct letter *mail, uint64_t next);

/* Large enough that more mails in it gain nothing. */
bool batch_is_full (const struct batch *batch);
bool batch_is_empty (const struct batch *batch);

/* (borrowed until the batch changes) */
struct dsn_bytes batch_lines (const struct batch *batch);
uint64_t batch_count (const struct batch *batch); /* of events */

/* Throws the lines away; the mails stay, for batch_take(). */
void batch_clear_lines (struct batch *batch);

/* Takes out the next mail; NULL: none is left. */
struct letter *batch_take (struct batch *batch);

#endif
