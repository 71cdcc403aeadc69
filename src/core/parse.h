/* The one entry: the bytes of a mail in, a report out.
 */
#ifndef CORE_PARSE_H
#define CORE_PARSE_H

#include "core/event/report.h"
#include "core/mail/readoptions.h"
#include "core/rules/rules.h"

/* Reads the mail @mail, of which at most limits.mail_bytes are looked at; @total_bytes is its size
 * on disk. Any bytes give a report: there's no error. (transfer full): dsn_report_free() */
struct dsn_report *dsn_parse (struct dsn_bytes mail, size_t total_bytes,
                              const struct dsn_rules *rules, const struct dsn_options *options);

#endif
