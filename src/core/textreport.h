/* What the text and the recipients found in it add to the signs of the mail's kind. */
#ifndef DSN_TEXTREPORT_H
#define DSN_TEXTREPORT_H

#include "core/gather/reading.h"

/* The signs that gather_drafts() left; @tier is how the recipients were told. */
sign_set textreport_signs (const struct reading *p, enum freetext_tier tier);

/* Whether the message returned as text is a mail system's own. */
bool textreport_quotes_report (const struct reading *p);

#endif
