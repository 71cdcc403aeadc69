/* Whether a mail without a status part is a report. */
#ifndef DSN_TEXTREPORT_H
#define DSN_TEXTREPORT_H

#include "core/gather/reading.h"

/* Whether prose and header together make it a report; @tier is how the recipients were told. */
bool textreport_is (const struct reading *p, enum freetext_tier tier);

/* Whether the mail returns, as a part or as text, a mail system's own report: then that one speaks.
 */
bool textreport_holds_report (const struct mail_message *m);
bool textreport_quotes_report (const struct reading *p);

#endif
