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

/* Skips the reply code @code, a separator, and the status @status, as far as @text has them. */
static const char *
skip_codes (const char *text, const char *code, const char *status)
{
    const size_t n_code = strlen (code), n_status = strlen (status);

    if (!n_code || strncmp (text, code, n_code) != 0 || !strchr (" -", text[n_code]) ||
        !text[n_code])
        return text;
    text += n_code + 1;
    if (n_status && strncmp (text, status, n_status) == 0 && text[n_status] == ' ')
        text += n_status + 1;
    return text;
}

/* The reply's words without its codes, which have keys of their own; those of later lines stand
 * before their words. (transfer full) */
static char *
content_of (const json_t *event)
{
    const char *code = eventjson_text (event, "reply_code");
    const char *status = eventjson_text (event, "status");
    const char *text = skip_codes (eventjson_text (event, "diagnostic"), code, status);
    GString *content = g_string_new (NULL);

    for (const char *p = text; *p;) {
        const char *rest = p[0] == ' ' ? skip_codes (p + 1, code, status) : p + 1;
        g_string_append_c (content, *p);
        /* a number among words isn't a code: only one with its status behind it */
        p = p[0] == ' ' && rest - (p + 1) > (ptrdiff_t)strlen (code) + 1 ? rest : p + 1;
    }
    return g_string_free (content, FALSE);
}

static json_t *
response_of (const json_t *event)
{
    const char *code = eventjson_text (event, "reply_code");
    g_autofree char *content = content_of (event);
    guint64 number = 0;

    (void)g_ascii_string_to_unsigned (code, 10, 0, 999, &number, NULL);
    return json_pack ("{s:I,s:o,s:s,s:o}", "code", (json_int_t)number, "enhanced_code",
                      enhanced_code_of (event), "content", content, "command",
                      text_or_null (command_of (event)));
}

/* Of a report, the host that wrote it. Readers take the address for one: unspecified is what
 * KumoMTA itself says where it doesn't know. */
static json_t *
peer_of (const json_t *event, const struct kind *k)
{
    const char *remote = eventjson_text (event, "remote_mta");
    const char *reporter = eventjson_text (event, "reporting_mta");
    const char *name = strcmp (k->type, "OOB") == 0 && *reporter ? reporter : remote;
    const char *addr = eventjson_text (event, "remote_ip");

    return *name || *addr ? json_pack ("{s:s,s:s}", "name", name, "addr", *addr ? addr : "0.0.0.0")
                          : json_null ();
}

/* The complaint itself (RFC 5965), by KumoMTA's names; null for anything else. */
static json_t *
feedback_of (const json_t *event, const struct kind *k)
{
    const char *reporter = eventjson_text (event, "reporting_mta");

    if (strcmp (k->kind, "complaint") != 0)
        return json_null ();
    /* what readers need, and we don't keep, is empty */
    return json_pack (
        "{s:s,s:s,s:s,s:o,s:n,s:o,s:o,s:o,s:o,s:[],s:[s],s:[],s:[],s:{},s:n,s:n}", "feedback_type",
        eventjson_in (event, "report", "feedback_type"), "user_agent", "", "version", "",
        "arrival_date", text_or_null (eventjson_text (event, "arrival_date")), "incidents",
        "original_envelope_id", text_or_null (eventjson_text (event, "envelope_id")),
        "original_mail_from", text_or_null (eventjson_in (event, "original", "from")),
        "reporting_mta",
        *reporter ? json_pack ("{s:s,s:s}", "mta_type", "dns", "name", reporter) : json_null (),
        "source_ip", text_or_null (eventjson_text (event, "remote_ip")), "authentication_results",
        "original_rcpto_to", eventjson_text (event, "recipient"), "reported_domain", "reported_uri",
        "extensions", "original_message", "supplemental_trace");
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
                               json_pack ("{s:s}", "dsnd_id", eventjson_text (event, "id")));
    if (is_failure)
        (void)json_object_set_new (json_object_get (record, "meta"), "bounce_cat",
                                   json_string (category->powermta));
}

/* When it happened, by both of KumoMTA's keys: seconds, and what wins over them. */
static void
put_times (json_t *record, const json_t *event)
{
    const char *last = eventjson_text (event, "last_attempt");
    const char *created = eventjson_in (event, "original", "date");
    const struct {
        const char *seconds, *text, *date;
    } times[] = {
        { "timestamp", "event_time", *last ? last : eventjson_date (event) },
        { "created", "created_time", created },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (times); i++) {
        const int64_t epoch = eventjson_epoch (times[i].date);
        g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (epoch);
        g_autofree char *text = g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ");
        (void)json_object_set_new (record, times[i].seconds, json_integer (epoch));
        if (epoch)
            (void)json_object_set_new (record, times[i].text, json_string (text));
    }
}

/* What only KumoMTA's own queue has; null is its word for "unset". */
static void
put_queue (json_t *record)
{
    static const char *const unset[] = {
        "nodeid",         "egress_pool",       "egress_source",
        "source_address", "delivery_protocol", "reception_protocol"
    };

    (void)json_object_set_new (record, "num_attempts", json_integer (0));
    (void)json_object_set_new (record, "headers", json_object ());
    for (size_t i = 0; i < G_N_ELEMENTS (unset); i++)
        (void)json_object_set_new (record, unset[i], json_null ());
}

static json_t *
record_of (const json_t *event, const struct kind *k)
{
    const char *sender = eventjson_in (event, "return_path", "address");
    const char *recipient = eventjson_text (event, "recipient");
    const char *id = eventjson_text (event, "id");
    g_autofree char *mail_id = g_strndup (id, strcspn (id, "-"));
    const json_t *size = json_object_get (json_object_get (event, "source"), "size");
    json_t *record =
        json_pack ("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:o}", "type", k->type, "id", mail_id,
                   "sender", *sender ? sender : eventjson_in (event, "original", "from"),
                   "recipient", recipient, "queue", eventjson_domain (recipient), "site",
                   eventjson_text (event, "remote_mta"), "size", json_integer_value (size),
                   "response", response_of (event), "peer_address", peer_of (event, k));

    put_times (record, event);
    put_queue (record);
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
