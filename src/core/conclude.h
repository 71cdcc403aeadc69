/* Drafts become the report's recipients. */
#ifndef DSN_CONCLUDE_H
#define DSN_CONCLUDE_H

#include "core/gather/reading.h"

/* Writes the drafts to the report as recipients with verdicts; one without a name if there are
 * none. @kind is what the text says, where no Action field says it. */
void conclude_report (struct reading *p, enum dsn_kind kind);

/* Writes the drafts as recipients of a mail that isn't about delivery: no codes, no verdict. */
void conclude_named (struct reading *p, enum dsn_kind kind);

#endif
