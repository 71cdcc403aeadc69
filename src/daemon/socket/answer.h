/* The lines that the socket's server says, other than events: docs/protocol.md
 * Each function appends one whole line.
 */
#ifndef DSND_ANSWER_H
#define DSND_ANSWER_H

#include "daemon/spool/cursors.h"
#include "daemon/spool/spool.h"

#include <glib.h>
#include <stdint.h>

void answer_greeting (GString *out, const struct spool *spool);
void answer_error (GString *out, const char *reason);
/* @name "": anonymous. */
void answer_following (GString *out, const char *name, uint64_t from);
void answer_acked (GString *out, uint64_t seq);
void answer_forgot (GString *out, const char *name);
void answer_gap (GString *out, uint64_t from, uint64_t to);

/* What the spool and the consumers know; @append adds further members, each with a comma before
 * it. */
void answer_status (GString *out, const struct spool *spool, const struct consumers *consumers,
                    void (*append) (GString *out, void *data), void *data);

#endif
