/* What the returned message tells about itself, however it was returned: whole, its header only,
 * quoted in the text, indented, or cut short.
 */
#ifndef DSND_ORIGINAL_H
#define DSND_ORIGINAL_H

#include "core/mail/mail.h"

#include "core/event/report.h"
#include "core/mail/readoptions.h"

/* Fills report->original from the fields, where it isn't known yet. */
void original_take_fields (const GArray *fields, const struct dsn_options *options,
                           struct dsn_report *report);

/* As above from text in which the header stands, maybe behind blank lines, '>' or an indentation,
 * or after a few words. */
void original_take_text (struct dsn_bytes text, const struct dsn_options *options,
                         struct dsn_report *report);

/* Only the Message-ID, from wherever a line of the text shows it. */
void original_take_shown (struct dsn_bytes text, const struct dsn_options *options,
                          struct dsn_report *report);

/* Appends @in from its first header field on, without what quotes each line of it. */
void original_unquote (struct dsn_bytes in, GString *out);

/* As above from a part that returns the message or its header. */
void original_take_part (const struct mail_part *part, const struct dsn_options *options,
                         struct dsn_report *report);

#endif
