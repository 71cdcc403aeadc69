/* What people call the identifiers of events, and what they can do about a reason. */
#ifndef CLI_REPORTNAME_H
#define CLI_REPORTNAME_H

#include "cli/report/reporttally.h"

/* "no such mailbox" for bad_mailbox; @key itself where it's a name already (hosts, addresses), or
 * where nobody knows it. (borrowed: static, or @key) */
const char *report_name (enum report_table table, const char *key);

/* What to do when failures of this category pile up, a sentence; NULL: nothing is known.
 * (borrowed, static) */
const char *report_name_todo (const char *category);

#endif
