/* Reports that aren't about delivery: abuse complaints (RFC 5965, and older forms of providers) and
 * disposition notifications (RFC 8098).
 */
#ifndef DSND_COMPLAINT_H
#define DSND_COMPLAINT_H

#include "core/gather/draft.h"
#include "core/mail/mail.h"
#include "core/rules/marks.h"

#include "core/event/report.h"
#include "core/mail/readoptions.h"

/* Reads the feedback-report part: its type into @report, the complaining recipient into @drafts.
 * The returned message's fields are asked where the part doesn't say who complains. */
void complaint_read (const struct mail_part *part, const GArray *original_fields,
                     const struct dsn_options *options, struct dsn_report *report,
                     GPtrArray *drafts);

/* Whether the report's type of feedback (RFC 5965 s.7.3) says that the recipient wants no such
 * mail: "not-spam", "auth-failure", "virus" and the rest don't. */
bool complaint_is_wish (const struct dsn_report *report);

/* Whether the part states a type of feedback, as RFC 5965 s.3.1 asks. */
bool complaint_states_type (const struct mail_part *part, const struct dsn_options *options);

/* Reads a complaint without a feedback-report part, Hotmail's and others' forms: the recipient goes
 * to @drafts, from a field that @marks says to name it, or from the mail inside. */
void complaint_read_headers (const struct mail_message *m, const struct marks *marks,
                             struct dsn_report *report, GPtrArray *drafts);

/* Reads a disposition-notification part (RFC 8098 s.3): the recipient whose reader answers, and the
 * message that it is about. */
void disposition_read (const struct mail_part *part, const struct dsn_options *options,
                       struct dsn_report *report, GPtrArray *drafts);

#endif
