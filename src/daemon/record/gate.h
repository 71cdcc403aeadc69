/* Whether mail is taken: not while the spool can't hold more. What keeps it shut is looked at again
 * and again, and told once a minute; the spool's old segments are deleted on the way.
 */
#ifndef DSND_GATE_H
#define DSND_GATE_H

#include "daemon/settings/config.h"
#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"

#include <stdint.h>

struct gate;

/* @config, @spool and @consumers, who hold its segments back, are borrowed until gate_free(), or
 * gate_configure(). Open at first. @retry: the gate is shut, try again what may open it.
 * (transfer full): gate_free() */
struct gate *gate_new (const struct config *config, struct spool *spool,
                       const struct consumers *consumers, void (*retry) (void *data), void *data);
void gate_free (struct gate *gate);

void gate_configure (struct gate *gate, const struct config *config);

/* Opens or shuts it by what the spool says now; its old segments go if there are too many. */
void gate_check (struct gate *gate);

/* Shuts it: the spool failed in a way that may pass. @reason: static; one of the spool's own goes
 * first. */
void gate_shut (struct gate *gate, const char *reason);

/* Why it's shut (static); NULL: it's open. */
const char *gate_reason (const struct gate *gate);

#endif
