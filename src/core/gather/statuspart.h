/* The machine part of a report: RFC 3464 (and RFC 6533) fields, read with the tolerance that real
 * reports need: blank lines in the wrong places, missing types, comments, codes in the wrong field.
 */
#ifndef DSND_STATUSPART_H
#define DSND_STATUSPART_H

#include "core/gather/draft.h"

#include "core/bytes/limits.h"
#include "core/event/report.h"

/* Reads the decoded status part @in: per-message fields go into @report, a struct draft for each
 * recipient into @drafts (owned by it). */
void statuspart_read (struct dsn_bytes in, const struct dsn_limits *limits,
                      struct dsn_report *report, GPtrArray *drafts);

/* Reads the value of a Status field into the draft: "5.1.1", "5.1.1 (words)", "511", "553 words".
 */
void statuspart_read_status (struct dsn_bytes value, struct draft *draft);

#endif
