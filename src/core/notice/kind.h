/* What kind of mail it is, as far as header and text tell: the signs that a mail system, a vacation
 * program, a list manager leaves. The machine part, where there's one, has been read before.
 */
#ifndef DSND_KIND_H
#define DSND_KIND_H

#include "core/notice/format.h"

/* What speaks for a report of a mail system. */
struct kind_signs {
    bool is_from_system;   /* From is a mailer-daemon, postmaster ... */
    bool is_from_daemon;   /* and of those one that only reports: mailer-daemon and the like */
    bool is_null_sender;   /* Return-Path: <> */
    bool is_auto;          /* Auto-Submitted says so */
    bool has_failed_field; /* X-Failed-Recipients */
    bool is_report_type;   /* multipart/report of a delivery */
    bool has_bounce_subject, has_delay_subject;
    bool says_failed, says_delayed, says_delivered; /* in the text or the subject */
    bool is_reply;   /* a person's answer: Re:, In-Reply-To, quoted lines */
    bool is_forward; /* Fwd: and the like */
    bool is_list;    /* sent by a mailing list: List-Id */
    bool is_auto_reply, is_challenge, is_unsubscribe, is_receipt;
};

struct kind_signs kind_signs (const struct mail_message *message, const struct notice *notice);

/* Whether the mail's From is a mail system's. */
bool kind_is_from_system (const struct mail_message *message, const struct dsn_rules *rules);

/* How strongly the signs say "a mail system reports": 0 none .. */
unsigned kind_report_score (const struct kind_signs *signs);

/* The kind of a mail that isn't a delivery report. */
enum dsn_kind kind_without_report (const struct kind_signs *signs);

#endif
