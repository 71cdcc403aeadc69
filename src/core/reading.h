/* One mail while it's being read as a report: what the steps of dsn_parse() share. parse.c opens
 * the reading, gather.c collects drafts, textreport.c judges prose, conclude.c writes the report.
 */
#ifndef DSND_READING_H
#define DSND_READING_H

#include "draft.h"
#include "format.h"
#include "freetext.h"
#include "kind.h"
#include "mail.h"

#include <dsnd/parse.h>

struct reading {
    const struct dsn_rules *rules;
    const struct dsn_options *options;
    struct dsn_report *report;
    const struct mail_message *message; /* the one read as a report */
    const struct format *format;        /* NULL: unknown */
    struct notice notice;
    struct kind_signs signs;
    GPtrArray *drafts; /* struct draft */
};

struct dsn_bytes reading_bytes (const GString *s);

/* The first part in that role, NULL: none. */
const struct mail_part *reading_part (const struct mail_message *m, enum part_role role);

/* A header field of @m as one clean line; "" if it's absent. (transfer full) */
GString *reading_header (const struct reading *p, const struct mail_message *m, const char *name);

/* Collects the recipients: status parts, RFC 3464 fields in the text, X-Failed-Recipients, prose.
 * How sure the prose is, where only that told. */
enum freetext_tier gather_drafts (struct reading *p);

/* Who the report was sent to: the sender of the mail that it's about. "" if nobody. (transfer full)
 */
GString *gather_addressee (const struct reading *p);

/* Reads what the returned message tells, in whatever form it is there. */
void gather_original (struct reading *p);

/* Whether prose and header together make it a report; @tier is how the recipients were told. */
bool textreport_is (const struct reading *p, enum freetext_tier tier);

/* Whether the mail returns, as a part or as text, a mail system's own report: then that one speaks.
 */
bool textreport_holds_report (const struct mail_message *m);
bool textreport_quotes_report (const struct reading *p);

/* Writes the drafts to the report as recipients with verdicts; one without a name if there are
 * none. @kind is what the text says, where no Action field says it. */
void conclude_report (struct reading *p, enum dsn_kind kind);

/* Writes the drafts as recipients of a mail that isn't about delivery: no codes, no verdict. */
void conclude_named (struct reading *p, enum dsn_kind kind);

#endif
