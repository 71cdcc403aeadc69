/* The fields of an event that come from the mail: one table, in the order of the event's keys. */
#include "core/event/event.h"

#include <assert.h>
#include <stddef.h>

#define REPORT(group_, key_, member_, type_)                                                       \
    {                                                                                              \
        .key = key_, .group = group_, .scope = DSN_SCOPE_REPORT, .type = type_,                    \
        .offset = offsetof (struct dsn_report, member_)                                            \
    }
#define RECIPIENT(key_, member_, type_)                                                            \
    {                                                                                              \
        .key = key_, .scope = DSN_SCOPE_RECIPIENT, .type = type_,                                  \
        .offset = offsetof (struct dsn_recipient, member_)                                         \
    }
#define REPORT_NAME(group_, key_, member_, names_)                                                 \
    {                                                                                              \
        .key = key_, .group = group_, .scope = DSN_SCOPE_REPORT, .type = DSN_FIELD_NAME,           \
        .offset = offsetof (struct dsn_report, member_), .names = names_,                          \
        .n_names = G_N_ELEMENTS (names_)                                                           \
    }
#define RECIPIENT_NAME(key_, member_, names_)                                                      \
    {                                                                                              \
        .key = key_, .scope = DSN_SCOPE_RECIPIENT, .type = DSN_FIELD_NAME,                         \
        .offset = offsetof (struct dsn_recipient, member_), .names = names_,                       \
        .n_names = G_N_ELEMENTS (names_)                                                           \
    }

/* The reader of DSN_FIELD_PAIRS finds the count right behind the pointer. */
static_assert (offsetof (struct dsn_report, original.n_headers) ==
                   offsetof (struct dsn_report, original.headers) + sizeof (struct dsn_pair *),
               "the number of pairs must follow them");

static const struct dsn_field fields[] = {
    REPORT_NAME (NULL, "kind", kind, dsn_kind_names),
    RECIPIENT_NAME ("action", action, dsn_action_names),
    RECIPIENT ("recipient", recipient, DSN_FIELD_STRING),
    RECIPIENT_NAME ("recipient_source", recipient_source, dsn_recipient_source_names),
    RECIPIENT ("original_recipient", original_recipient, DSN_FIELD_STRING),
    RECIPIENT ("final_recipient", final_recipient, DSN_FIELD_STRING),

    RECIPIENT ("status", status, DSN_FIELD_STRING),
    RECIPIENT_NAME ("status_source", status_source, dsn_status_source_names),
    RECIPIENT ("status_field", status_field, DSN_FIELD_STRING),
    RECIPIENT ("reply_code", reply_code, DSN_FIELD_REPLY),
    RECIPIENT_NAME ("smtp_command", stage, dsn_stage_names),
    RECIPIENT ("diagnostic", diagnostic, DSN_FIELD_STRING),
    RECIPIENT ("diagnostic_type", diagnostic_type, DSN_FIELD_STRING),

    RECIPIENT ("category", category, DSN_FIELD_CATEGORY),
    RECIPIENT_NAME ("class", cls, dsn_class_names),
    RECIPIENT_NAME ("fault", fault, dsn_fault_names),
    RECIPIENT_NAME ("advice", advice, dsn_advice_names),
    RECIPIENT ("confidence", confidence, DSN_FIELD_PERCENT),
    RECIPIENT ("rule", rule, DSN_FIELD_STRING),
    RECIPIENT ("block_list", block_list, DSN_FIELD_STRING),
    RECIPIENT ("evidence", evidence, DSN_FIELD_LIST),

    REPORT (NULL, "kind_evidence", kind_evidence, DSN_FIELD_LIST),
    REPORT (NULL, "format", format, DSN_FIELD_STRING),
    RECIPIENT ("provider", provider, DSN_FIELD_STRING),
    REPORT (NULL, "reporting_mta", reporting_mta, DSN_FIELD_STRING),
    RECIPIENT ("remote_mta", remote_mta, DSN_FIELD_STRING),
    RECIPIENT ("remote_ip", remote_ip, DSN_FIELD_STRING),

    REPORT (NULL, "arrival_date", arrival_date, DSN_FIELD_STRING),
    RECIPIENT ("last_attempt", last_attempt, DSN_FIELD_STRING),
    RECIPIENT ("will_retry_until", will_retry_until, DSN_FIELD_STRING),

    REPORT (NULL, "envelope_id", envelope_id, DSN_FIELD_STRING),
    REPORT ("return_path", "address", return_path.address, DSN_FIELD_STRING),
    REPORT_NAME ("return_path", "scheme", return_path.scheme, dsn_scheme_names),
    REPORT ("return_path", "recipient", return_path.recipient, DSN_FIELD_STRING),
    REPORT ("return_path", "tag", return_path.tag, DSN_FIELD_STRING),
    REPORT_NAME (NULL, "trust", trust, dsn_trust_names),

    REPORT ("original", "message_id", original.message_id, DSN_FIELD_STRING),
    REPORT ("original", "from", original.from, DSN_FIELD_STRING),
    REPORT ("original", "to", original.to, DSN_FIELD_STRING),
    REPORT ("original", "subject", original.subject, DSN_FIELD_STRING),
    REPORT ("original", "date", original.date, DSN_FIELD_STRING),
    REPORT ("original", "list_id", original.list_id, DSN_FIELD_STRING),
    REPORT ("original", "feedback_id", original.feedback_id, DSN_FIELD_STRING),
    REPORT ("original", "headers", original.headers, DSN_FIELD_PAIRS),

    REPORT ("report", "message_id", report.message_id, DSN_FIELD_STRING),
    REPORT ("report", "from", report.from, DSN_FIELD_STRING),
    REPORT ("report", "subject", report.subject, DSN_FIELD_STRING),
    REPORT ("report", "date", report.date, DSN_FIELD_STRING),
    REPORT ("report", "feedback_type", report.feedback_type, DSN_FIELD_STRING),
    REPORT ("report", "language", report.language, DSN_FIELD_STRING),

    REPORT (NULL, "warnings", warnings, DSN_FIELD_LIST),
};

const struct dsn_field *
dsn_event_fields (size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS (fields);
    return fields;
}
