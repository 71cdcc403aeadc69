/* What one mail says: facts about the mail, and about each recipient it names, with a verdict.
 *
 * Every string is valid UTF-8 without control characters, at most limits.value_bytes long, and
 * owned by the report; NULL means that the mail doesn't state it. Times are RFC 3339.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "core/bytes/status.h"
#include "core/bytes/structure.h"
#include "core/event/taxonomy.h"

#include <stdint.h>

struct dsn_report_store; /* owns the strings */

struct dsn_pair {
    const char *name;
    const char *value;
};

/* One recipient; RFC 3464 s.2.3 where the names are the same. */
struct dsn_recipient {
    enum dsn_action action;
    const char *recipient; /* the address to act on; absent when the mail names none */
    enum dsn_recipient_source recipient_source;
    const char *original_recipient;
    const char *final_recipient;

    const char *status; /* the most telling enhanced code that the mail states */
    enum dsn_status_source status_source;
    const char *status_field; /* the Status field's own code, where `status` is another */
    unsigned reply_code;      /* 3 digits, 0: none */
    enum dsn_stage stage;
    const char *diagnostic; /* one line */
    const char *diagnostic_type;

    unsigned category; /* row of the taxonomy */
    enum dsn_class cls;
    enum dsn_fault fault;
    enum dsn_advice advice;
    unsigned confidence; /* 0..100; only meaningful with a category */
    const char *rule;    /* id of the rule that won */
    const char *block_list;
    const char **evidence; /* NULL-terminated, or NULL when it wasn't asked for */

    const char *provider;
    const char *remote_mta;
    const char *remote_ip;
    const char *last_attempt;
    const char *will_retry_until;
};

struct dsn_report {
    enum dsn_kind kind;
    const char **kind_evidence; /* NULL-terminated, or NULL when it wasn't asked for */
    const char *format;
    const char *reporting_mta;
    const char *arrival_date;
    const char *envelope_id;

    struct {
        const char *address;
        enum dsn_scheme scheme;
        const char *recipient;
        const char *tag;
    } return_path;
    enum dsn_trust trust;

    struct {
        const char *message_id;
        const char *from;
        const char *to;
        const char *subject;
        const char *date;
        const char *list_id;
        const char *feedback_id;
        struct dsn_pair *headers; /* those asked for by name */
        size_t n_headers;
    } original;

    struct {
        const char *message_id;
        const char *from;
        const char *subject;
        const char *date;
        const char *feedback_type;
        const char *language;
    } report;

    const char **warnings; /* NULL-terminated, or NULL when there are none */

    struct dsn_recipient *recipients; /* may be empty: the event then has no recipient */
    size_t n_recipients;

    enum dsn_split split; /* how the mail was split into its parts; said in no event */

    struct dsn_report_store *store;
};

/* An empty report. (transfer full): dsn_report_free(). Never NULL. */
struct dsn_report *dsn_report_new (void);

/* Frees the report and every string in it; NULL is fine. */
void dsn_report_free (struct dsn_report *report);

/* A copy of @text owned by @report; NULL if @text is empty. @text must already be clean. */
const char *dsn_report_string (struct dsn_report *report, struct dsn_bytes text);

/* @n zeroed bytes owned by @report, aligned for any type. */
void *dsn_report_alloc (struct dsn_report *report, size_t n);

/* Appends an empty recipient. (borrowed until the next call, or the report's end) */
struct dsn_recipient *dsn_report_add_recipient (struct dsn_report *report);

/* Appends a warning once; the same text a second time is dropped. */
void dsn_report_warn (struct dsn_report *report, const char *warning);

/* The kind of the event for recipient @i: a mail may report a failure for one recipient and a
 * delay for another. */
enum dsn_kind dsn_report_event_kind (const struct dsn_report *report, size_t i);

#endif
