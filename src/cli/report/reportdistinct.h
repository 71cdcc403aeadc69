/* How many different keys there are, in bounded memory: the least hashes are kept ("k minimum
 * values", Bar-Yossef and others, 2002). Up to REPORT_DISTINCT_EXACT keys the number is exact;
 * beyond, an estimate, in two of three cases within 0.4 % (1 / sqrt k).
 */
#ifndef CLI_REPORTDISTINCT_H
#define CLI_REPORTDISTINCT_H

#include <stdbool.h>
#include <stdint.h>

#define REPORT_DISTINCT_EXACT 65536

struct report_distinct;

/* (transfer full): report_distinct_free() */
struct report_distinct *report_distinct_new (void);
void report_distinct_free (struct report_distinct *d);

/* Keys that differ only in the case of ASCII letters are the same. */
void report_distinct_add (struct report_distinct *d, const char *key);

/* @ret_is_exact may not be NULL. */
uint64_t report_distinct_count (struct report_distinct *d, bool *ret_is_exact);

#endif
