/* What was recorded since the start, counted.
 */
#ifndef DSND_TALLY_H
#define DSND_TALLY_H

#include "daemon/intake/letter.h"

#include "core/event/report.h"

#include <stdint.h>

#define TALLY_CATEGORIES_MAX 64 /* room for the taxonomy's rows */

struct tally {
    uint64_t mails;
    uint64_t events;
    uint64_t kinds[_DSN_KIND_N];               /* mails of each kind */
    uint64_t trust[_DSN_TRUST_N];              /* mails by what their return path proves */
    uint64_t categories[TALLY_CATEGORIES_MAX]; /* events of each category */
    uint64_t commits;
    uint64_t splits[_DSN_SPLIT_N]; /* mails by how they were split into their parts */
    int64_t told_us; /* when one on which the ways differed was last logged, monotonic; 0: never */
};

/* Counts a mail whose events are durable. Logs one on which the two ways to split it differed, at
 * most once a minute. */
void tally_add (struct tally *tally, const struct letter *mail);

#endif
