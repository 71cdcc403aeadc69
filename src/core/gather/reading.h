/* One mail while it's being read as a report: what the steps of dsn_parse() share. parse.c opens
 * the reading, gather.c collects drafts, textreport.c judges prose, conclude.c writes the report.
 */
#ifndef DSND_READING_H
#define DSND_READING_H

#include "core/gather/draft.h"
#include "core/gather/envelope.h"
#include "core/notice/format.h"
#include "core/gather/freetext.h"
#include "core/notice/kind.h"
#include "core/mail/mail.h"

#include "core/event/report.h"
#include "core/mail/readoptions.h"
#include "core/rules/rules.h"

struct reading {
    const struct dsn_rules *rules;
    const struct dsn_options *options;
    struct dsn_report *report;
    const struct mail_message *message; /* the one read as a report */
    const struct format *format;        /* NULL: unknown */
    struct notice notice;
    sign_set signs;
    enum dsn_kind kind;       /* that the signs weigh up to */
    struct envelope envelope; /* whom the returned message was for */
    bool is_from_person; /* a report that a person passes on, or that nothing but its words marks */
    unsigned n_passed_on; /* texts of other mails that the message stands in */
    GPtrArray *drafts;    /* struct draft */
};

/* The first part in that role, NULL: none. */
const struct mail_part *reading_part (const struct mail_message *m, enum part_role role);

/* A header field of @m as one clean line; "" if it's absent. (transfer full) */
GString *reading_header (const struct reading *p, const struct mail_message *m, const char *name);

/* The address of such a field; "" if there's none. (transfer full) */
GString *reading_mailbox (const struct reading *p, const struct mail_message *m, const char *name);

/* Collects the recipients: status parts, RFC 3464 fields in the text, X-Failed-Recipients, prose.
 * How sure the prose is, where only that told. */
enum freetext_tier gather_drafts (struct reading *p);

/* Who the report was sent to: the sender of the mail that it's about. "" if nobody. (transfer full)
 */
GString *gather_addressee (const struct reading *p);

/* Reads what the returned message tells, in whatever form it is there. */
void gather_original (struct reading *p);

#endif
