/* The words of an event: kinds, actions, categories, and what each category means.
 * The names and the categories' defaults stand in one table (src/core/event/taxonomy.c, made from
 * rules/taxonomy.tsv at build time); value 0 of each enum means "not stated" and has no name.
 */
#ifndef CORE_TAXONOMY_H
#define CORE_TAXONOMY_H

#include <dsn/bytes.h>

enum dsn_kind {
    DSN_KIND_NONE,
    DSN_KIND_BOUNCE,
    DSN_KIND_DELAYED,
    DSN_KIND_DELIVERED,
    DSN_KIND_COMPLAINT,
    DSN_KIND_RECEIPT,
    DSN_KIND_AUTO_REPLY,
    DSN_KIND_CHALLENGE,
    DSN_KIND_UNSUBSCRIBE,
    DSN_KIND_OTHER,
    DSN_KIND_UNPROCESSABLE,
    _DSN_KIND_N
};

/* RFC 3464 s.2.3.3 */
enum dsn_action {
    DSN_ACTION_NONE,
    DSN_ACTION_FAILED,
    DSN_ACTION_DELAYED,
    DSN_ACTION_DELIVERED,
    DSN_ACTION_RELAYED,
    DSN_ACTION_EXPANDED,
    _DSN_ACTION_N
};

/* Where the address in `recipient` was found. */
enum dsn_recipient_source {
    DSN_RECIPIENT_SOURCE_NONE,
    DSN_RECIPIENT_SOURCE_RETURN_PATH,   /* VERP or a token in our own return path */
    DSN_RECIPIENT_SOURCE_ORIGINAL,      /* Original-Recipient, or the returned message */
    DSN_RECIPIENT_SOURCE_FINAL,         /* Final-Recipient */
    DSN_RECIPIENT_SOURCE_FAILED_HEADER, /* X-Failed-Recipients */
    DSN_RECIPIENT_SOURCE_TEXT,          /* the notification's text */
    DSN_RECIPIENT_SOURCE_REPORT,        /* an ARF or MDN field, or the sender of an auto-reply */
    _DSN_RECIPIENT_SOURCE_N
};

enum dsn_status_source {
    DSN_STATUS_SOURCE_NONE,
    DSN_STATUS_SOURCE_FIELD,      /* the Status field */
    DSN_STATUS_SOURCE_DIAGNOSTIC, /* Diagnostic-Code */
    DSN_STATUS_SOURCE_TEXT,       /* the notification's text */
    _DSN_STATUS_SOURCE_N
};

/* The SMTP command that was answered; EOM is the reply to the message itself. */
enum dsn_stage {
    DSN_STAGE_NONE,
    DSN_STAGE_CONNECT,
    DSN_STAGE_EHLO,
    DSN_STAGE_STARTTLS,
    DSN_STAGE_AUTH,
    DSN_STAGE_MAIL,
    DSN_STAGE_RCPT,
    DSN_STAGE_DATA,
    DSN_STAGE_EOM,
    _DSN_STAGE_N
};

enum dsn_class { DSN_CLASS_NONE, DSN_CLASS_HARD, DSN_CLASS_SOFT, DSN_CLASS_NEITHER, _DSN_CLASS_N };

enum dsn_fault {
    DSN_FAULT_NONE,
    DSN_FAULT_RECIPIENT,
    DSN_FAULT_DOMAIN,
    DSN_FAULT_SENDER,
    DSN_FAULT_CONTENT,
    DSN_FAULT_INFRASTRUCTURE,
    DSN_FAULT_REMOTE,
    DSN_FAULT_UNKNOWN,
    _DSN_FAULT_N
};

enum dsn_advice {
    DSN_ADVICE_NONE,
    DSN_ADVICE_SUPPRESS,
    DSN_ADVICE_RETRY,
    DSN_ADVICE_SLOW_DOWN,
    DSN_ADVICE_FIX_SENDER,
    DSN_ADVICE_FIX_CONTENT,
    DSN_ADVICE_REVIEW,
    DSN_ADVICE_NOTHING, /* "none": there's nothing to do */
    _DSN_ADVICE_N
};

enum dsn_scheme {
    DSN_SCHEME_NONE,
    DSN_SCHEME_VERP,
    DSN_SCHEME_TOKEN,
    DSN_SCHEME_SRS,
    DSN_SCHEME_BATV,
    _DSN_SCHEME_N
};

enum dsn_trust {
    DSN_TRUST_NONE,
    DSN_TRUST_VERIFIED,
    DSN_TRUST_UNSIGNED,
    DSN_TRUST_SUSPECT,
    _DSN_TRUST_N
};

/* One table of names per enum: index is the value, entry 0 is NULL. (borrowed, static) */
extern const char *const dsn_kind_names[_DSN_KIND_N];
extern const char *const dsn_action_names[_DSN_ACTION_N];
extern const char *const dsn_recipient_source_names[_DSN_RECIPIENT_SOURCE_N];
extern const char *const dsn_status_source_names[_DSN_STATUS_SOURCE_N];
extern const char *const dsn_stage_names[_DSN_STAGE_N];
extern const char *const dsn_class_names[_DSN_CLASS_N];
extern const char *const dsn_fault_names[_DSN_FAULT_N];
extern const char *const dsn_advice_names[_DSN_ADVICE_N];
extern const char *const dsn_scheme_names[_DSN_SCHEME_N];
extern const char *const dsn_trust_names[_DSN_TRUST_N];

/* The value named @name in a table of @n names, compared without case; 0 if it isn't there. */
unsigned dsn_name_lookup (const char *const *names, unsigned n, struct dsn_bytes name);

/* A category is its row number here, from 1; 0 means none. */
struct dsn_category {
    const char *name;
    enum dsn_class cls;
    enum dsn_fault fault;
    enum dsn_advice advice;
    const char *sisimai; /* the same reason in other tools' words */
    const char *kumomta;
    const char *powermta;
    const char *ses; /* "Permanent/NoEmail": type/subtype */
    const char *sendgrid;
    const char *meaning; /* one sentence */
};

/* Row @category of the table; row 0 is all NULL and 0. Past the end: row 0. (borrowed, static) */
const struct dsn_category *dsn_category_get (unsigned category);

/* Number of rows, row 0 included. */
unsigned dsn_category_count (void);

/* The row named @name, 0 if there's none. */
unsigned dsn_category_lookup (struct dsn_bytes name);

#endif
