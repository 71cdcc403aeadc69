/* The view of one mail that everything else reads: its header, its parts, and the mails inside it.
 * mime.c fills it, with GMime or, where the structure is plain, through plainmime.c; the raw slices
 * point into the mail's bytes or into what the view owns.
 */
#ifndef DSND_MAIL_H
#define DSND_MAIL_H

#include "core/mail/header.h"

#include "core/bytes/limits.h"
#include "core/mail/readoptions.h"

enum part_role {
    PART_TEXT,        /* text/plain, or a mail without MIME */
    PART_HTML,        /* text/html */
    PART_STATUS,      /* message/delivery-status, its global and misspelt relatives */
    PART_FEEDBACK,    /* message/feedback-report, RFC 5965 */
    PART_DISPOSITION, /* message/disposition-notification, RFC 8098 */
    PART_HEADERS,     /* text/rfc822-headers, message/global-headers */
    PART_MESSAGE,     /* message/rfc822, message/global */
    PART_OTHER,
};

enum part_encoding { ENCODING_IDENTITY, ENCODING_BASE64, ENCODING_QP, ENCODING_UU };

struct mail_message;

struct mail_part {
    enum part_role role;
    char *type;      /* "text/plain", lower case */
    char *charset;   /* NULL: none stated */
    char *file_name; /* NULL: none stated */
    bool is_attachment;
    enum part_encoding encoding;
    struct dsn_bytes body;        /* still encoded */
    struct mail_message *message; /* PART_MESSAGE: the mail inside, NULL if it has no header */
};

struct mail_message {
    GArray *fields;    /* struct header_field */
    GPtrArray *parts;  /* struct mail_part *, leaves in order, multiparts dissolved */
    char *type;        /* of the whole: "multipart/report" */
    char *report_type; /* its parameter, lower case; NULL: none */
};

struct mail {
    struct mail_message *message; /* never NULL */
    bool has_header;              /* false: nothing in it looks like a mail's header */
    enum dsn_split split;
    GPtrArray *warnings;      /* const char *, static */
    struct mail_store *store; /* what keeps the slices alive */
};

/* Reads @in (at most limits->mail_bytes of it). Never fails. The slices stay valid while both @in
 * and the view live. (transfer full): mail_free() */
struct mail *mail_read (struct dsn_bytes in, const struct dsn_limits *limits);
void mail_free (struct mail *mail);

/* The same view, made by GMime even where mail_read() does without: what it is held against. */
struct mail *mail_read_by_gmime (struct dsn_bytes in, const struct dsn_limits *limits);

/* One of the two, as options->structure says. */
struct mail *mail_read_as (struct dsn_bytes in, const struct dsn_options *options);

/* Appends the part's content, transfer decoding done; charset untouched. */
void mail_part_append_bytes (const struct mail_part *part, GString *out);

/* As above for a part of fields: UTF-16 becomes UTF-8, anything else stays as it is. */
void mail_part_append_status (const struct mail_part *part, GString *out);

/* Appends a text part as clean UTF-8 lines, at most @max_bytes; HTML is reduced to its text. False
 * if what isn't ASCII in it had to be guessed: its charset isn't known, or wrong. */
bool mail_part_append_text (const struct mail_part *part, GString *out, size_t max_bytes);

/* Appends a header value as one clean line: unfolded, encoded words (RFC 2047) decoded. */
void mail_append_header (GString *out, struct dsn_bytes value, size_t max_bytes);

/* Appends the address in a report's field ("rfc822; a@b") or a mail's (From, To), as
 * address_append_from_field() and _from_header() read it; true if it is the whole of the field.
 * Encoded words are decoded only where they are all of the value. */
bool mail_append_field_address (GString *out, struct dsn_bytes value, size_t max_bytes);
bool mail_append_mailbox (GString *out, struct dsn_bytes value, size_t max_bytes);

#endif
