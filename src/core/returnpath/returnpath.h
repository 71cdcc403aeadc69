/* Our own return path, as the report was sent to it: what it says about the recipient.
 */
#ifndef CORE_RETURNPATH_H
#define CORE_RETURNPATH_H

#include "core/event/report.h"
#include "core/mail/readoptions.h"

#include <glib.h>

/* Reads the envelope recipient of the report from the headers that the options trust, and what it
 * encodes, into report->return_path; nothing where no header is trusted or none is there. Where it
 * tells the recipient, that one becomes the report's only recipient's. trust becomes SUSPECT if two
 * different addresses hold a token, since only one can be the envelope's. */
void returnpath_read (const GArray *fields, const struct dsn_options *options,
                      struct dsn_report *report);

/* Makes report->return_path.recipient the address to act on, if the report is about one recipient
 * or names none; the address that the report told stays as original or final recipient. */
void returnpath_take_recipient (struct dsn_report *report);

#endif
