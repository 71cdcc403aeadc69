/* KumoMTA's log record: an out-of-band bounce, a delay, a delivery or a complaint as KumoMTA would
 * log it, with its bounce classification, and PowerMTA's category beside it in `meta`.
 */
#include "formats/eventjson.h"
#include "formats/outformat.h"

#include "core/bytes/status.h"

#include <glib.h>
#include <string.h>

static const struct kind {
    const char *kind, *type;
} kinds[] = {
    { "bounce", "OOB" },
    { "delayed", "TransientFailure" },
    { "delivered", "Delivery" },
    { "complaint", "Feedback" },
};

static json_t *
text_or_null (const char *text)
{
    return *text ? json_string (text) : json_null ();
}

static json_t *
enhanced_code_of (const json_t *event)
{
    struct dsn_status status;

    if (!dsn_status_scan (dsn_bytes_str (eventjson_text (event, "status")), &status))
        return json_null ();
    return json_pack ("{s:i,s:i,s:i}", "class", status.cls, "subject", status.subject, "detail",
                      status.detail);
}

/* KumoMTA logs the command as it was sent. */
static const char *
command_of (const json_t *event)
{
    static const struct {
        const char *stage, *command;
    } commands[] = {
        { "MAIL", "MAIL FROM" },
        { "RCPT", "RCPT TO" },
        { "EOM", "." },
    };
    const char *stage = eventjson_text (event, "smtp_command");

    for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
        if (strcmp (commands[i].stage, stage) == 0)
            return commands[i].command;
    return stage;
}

static json_t *
response_of (const json_t *event)
{
    const char *code = eventjson_text (event, "reply_code");
    guint64 number = 0;

    (void)g_ascii_string_to_unsigned (code, 10, 0, 999, &number, NULL);
    return json_pack ("{s:I,s:o,s:s,s:o}", "code", (json_int_t)number, "enhanced_code",
                      enhanced_code_of (event), "content", eventjson_text (event, "diagnostic"),
                      "command", text_or_null (command_of (event)));
}

static json_t *
peer_of (const json_t *event)
{
    const char *name = eventjson_text (event, "remote_mta");
    const char *addr = eventjson_text (event, "remote_ip");

    return *name || *addr ? json_pack ("{s:s,s:s}", "name", name, "addr", addr) : json_null ();
}

/* The complaint itself (RFC 5965), by KumoMTA's names; null for anything else. */
static json_t *
feedback_of (const json_t *event, const struct kind *k)
{
    if (strcmp (k->kind, "complaint") != 0)
        return json_null ();
    return json_pack ("{s:s,s:[s],s:o,s:o}", "feedback_type",
                      eventjson_in (event, "report", "feedback_type"), "original_rcpt_to",
                      eventjson_text (event, "recipient"), "reporting_mta",
                      text_or_null (eventjson_text (event, "reporting_mta")), "source_ip",
                      text_or_null (eventjson_text (event, "remote_ip")));
}

static void
put_verdict (json_t *record, const json_t *event, const struct kind *k)
{
    /* nothing failed in a complaint or a delivery */
    const bool is_failure = strcmp (k->type, "OOB") == 0 || strcmp (k->kind, "delayed") == 0;
    const struct dsn_category *category = eventjson_category (event);

    (void)json_object_set_new (record, "bounce_classification",
                               json_string (is_failure ? category->kumomta : "Uncategorized"));
    (void)json_object_set_new (record, "meta",
                               is_failure ? json_pack ("{s:s}", "bounce_cat", category->powermta)
                                          : json_object ());
}

static json_t *
record_of (const json_t *event, const struct kind *k)
{
    const char *sender = eventjson_in (event, "return_path", "address");
    const char *recipient = eventjson_text (event, "recipient");
    const json_t *size = json_object_get (json_object_get (event, "source"), "size");
    json_t *record = json_pack (
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:o,s:I,s:I}", "type", k->type, "id",
        eventjson_text (event, "id"), "sender",
        *sender ? sender : eventjson_in (event, "original", "from"), "recipient", recipient,
        "queue", eventjson_domain (recipient), "site", eventjson_text (event, "remote_mta"), "size",
        json_integer_value (size), "response", response_of (event), "peer_address", peer_of (event),
        "timestamp", (json_int_t)eventjson_epoch (eventjson_date (event)), "created",
        (json_int_t)eventjson_epoch (eventjson_in (event, "original", "date")));

    (void)json_object_set_new (record, "feedback_report", feedback_of (event, k));
    put_verdict (record, event, k);
    return record;
}

/* What was only expanded to a list isn't delivered; a complaint that may be forged would be read as
 * a wish to get no more mail. */
static bool
has_record (const json_t *event, const struct kind *k)
{
    return eventjson_is (event, "kind", k->kind) && *eventjson_text (event, "recipient") &&
           !eventjson_is (event, "action", "expanded") &&
           !(strcmp (k->kind, "complaint") == 0 && eventjson_is (event, "trust", "suspect"));
}

json_t *
outformat_kumomta (const json_t *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (has_record (event, &kinds[i]))
            return record_of (event, &kinds[i]);
    return NULL;
}
