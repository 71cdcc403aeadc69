/* Events as JSON lines, schema version 1: docs/events.md.
 * The keys are one table: the JSON writer, the workers' wire format and its validation read it.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/event/report.h"

#include <glib.h>

#define DSN_EVENT_SCHEMA_VERSION 1

enum dsn_field_type {
    DSN_FIELD_STRING,   /* const char *          -> "text" */
    DSN_FIELD_NAME,     /* enum with a name table -> "name" */
    DSN_FIELD_REPLY,    /* unsigned              -> "550" (0: absent) */
    DSN_FIELD_PERCENT,  /* unsigned 0..100       -> 80 */
    DSN_FIELD_CATEGORY, /* unsigned, taxonomy row -> "bad_mailbox" */
    DSN_FIELD_LIST,     /* const char **, NULL-terminated -> ["a","b"] */
    DSN_FIELD_PAIRS,    /* struct dsn_pair *, with the count in the next size_t -> {"a":"b"} */
};

enum dsn_field_scope {
    DSN_SCOPE_REPORT,    /* offset into struct dsn_report */
    DSN_SCOPE_RECIPIENT, /* offset into struct dsn_recipient */
};

struct dsn_field {
    const char *key;
    const char *group; /* the object the key stands in, NULL for the event itself */
    enum dsn_field_scope scope;
    enum dsn_field_type type;
    size_t offset;
    const char *const *names; /* DSN_FIELD_NAME only */
    unsigned n_names;
};

/* All fields that come from the mail, in the order of the event's keys; @ret_n may not be NULL. */
const struct dsn_field *dsn_event_fields (size_t *ret_n);

/* What only the program that reads the mail knows. NULL or 0: absent. */
struct dsn_event_context {
    uint64_t seq;
    const char *mail_id; /* hex; the event's id is "<mail_id>-<index from 1>" */
    const char *time;    /* RFC 3339 with milliseconds, UTC */
    const char *ruleset;
    const char *mailbox; /* clean UTF-8, as the strings below */
    const char *file;
    uint64_t size_bytes;
    uint64_t ino;     /* spool only, for recovery */
    int64_t mtime_ns; /* spool only, with ino */
};

/* Number of events that the report gives: one per recipient, at least one. */
size_t dsn_event_count (const struct dsn_report *report);

/* Appends event @i (from 0) as one JSON object, no newline. Never fails. */
void dsn_event_append_json (GString *out, const struct dsn_report *report, size_t i,
                            const struct dsn_event_context *context);

/* Appends @text as a JSON string with its quotes. @text must be valid UTF-8. */
void dsn_json_append_string (GString *out, struct dsn_bytes text);

/* The deterministic id of a mail: 32 hex digits made from its first limits.mail_bytes bytes and
 * its size. (transfer full): g_free() */
char *dsn_mail_id (struct dsn_bytes mail, size_t total_bytes);

#endif
