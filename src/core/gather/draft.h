/* What is being gathered about one recipient while a report is read: raw evidence, before the
 * verdict.
 */
#ifndef DSND_DRAFT_H
#define DSND_DRAFT_H

#include "core/event/report.h"
#include "core/phrase/normal.h"

#include <glib.h>

struct draft {
    GString *address;  /* as the text or X-Failed-Recipients names it; "" if neither does */
    GString *original; /* Original-Recipient, or the address before an alias */
    GString *final;    /* Final-Recipient */
    enum dsn_recipient_source source; /* of @address */
    /* it may be a piece of another address, or none: what stands there isn't one whole address */
    bool is_address_unsure, is_original_unsure, is_final_unsure;
    const char *doubt; /* why nobody may be given up by this draft, a warning; NULL: nothing */
    enum dsn_action action;

    struct dsn_status field_status; /* of the Status field */
    unsigned field_reply;           /* a reply code that stands in the Status field instead */
    GString *status_text;           /* the Status field's words */
    GString *diagnostic;            /* Diagnostic-Code without its type, one line */
    char *diagnostic_type;          /* owned, lower case; NULL: none */
    GString *text;                  /* what the notification says about this recipient: one line,
                                       but that '\n' stands before a reply that begins a line */
    enum dsn_stage stage;           /* from a format's description; NONE: not told */

    char *remote_mta; /* owned; NULL: none */
    char *last_attempt;
    char *will_retry_until;
    bool has_fields; /* it comes from a status part */
};

/* (transfer full): draft_free() */
struct draft *draft_new (void);
void draft_free (void *draft);

/* What the notification says about the recipient, as one line. (transfer full) */
GString *draft_told (const struct draft *draft);

/* Appends the same to @out, in which a reply that begins a line begins a text. */
void draft_append_normal (const struct draft *draft, struct normal_text *out);

/* The address that best names the draft's recipient so far: a sure one if there's one; empty if
 * there's none. (borrowed) */
struct dsn_bytes draft_address (const struct draft *draft);

/* Whether draft_address() is sure to be a whole address of the report. */
bool draft_is_sure (const struct draft *draft);

/* Whether @address is one of those that the draft's recipient goes by. */
bool draft_goes_by (const struct draft *draft, struct dsn_bytes address);

#endif
