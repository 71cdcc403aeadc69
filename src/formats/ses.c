/* Amazon SES's notification: what SNS would hand to a program for the same bounce, complaint or
 * delivery, one recipient each; delays as its event publishing tells them. What SES alone could
 * know is left out, as SES itself does with what it doesn't know.
 */
#include "formats/eventjson.h"
#include "formats/outformat.h"

#include <glib.h>
#include <string.h>

/* Sets @key, unless @text is empty. */
static void
put (json_t *object, const char *key, const char *text)
{
    if (*text)
        (void)json_object_set_new (object, key, json_string (text));
}

/* SES's times have milliseconds. */
static void
put_time (json_t *object, const char *key, const char *time)
{
    const size_t n = strlen (time);
    const bool is_whole = n > 0 && time[n - 1] == 'Z' && !strchr (time, '.');
    g_autofree char *text =
        is_whole ? g_strdup_printf ("%.*s.000Z", (int)n - 1, time) : g_strdup (time);

    put (object, key, text);
}

/* The raw field of a report: "smtp; 550 5.1.1 user unknown". */
static void
put_diagnostic (json_t *object, const json_t *event)
{
    const char *type = eventjson_text (event, "diagnostic_type");
    const char *diagnostic = eventjson_text (event, "diagnostic");
    g_autofree char *field = g_strconcat (*type ? type : "smtp", "; ", diagnostic, NULL);

    put (object, "diagnosticCode", *diagnostic ? field : "");
}

/* A list of one recipient, [{"emailAddress": ..., ...}]. */
static json_t *
recipients_of (const json_t *event, bool has_verdict)
{
    json_t *one = json_object ();

    put (one, "emailAddress", eventjson_text (event, "recipient"));
    if (has_verdict) {
        put (one, "action", eventjson_text (event, "action"));
        put (one, "status", eventjson_text (event, "status"));
        put_diagnostic (one, event);
    }
    return json_pack ("[o]", one);
}

static void
put_hosts (json_t *object, const json_t *event)
{
    const char *host = eventjson_text (event, "reporting_mta");
    g_autofree char *typed = *host ? g_strconcat ("dns; ", host, NULL) : g_strdup ("");

    put (object, "reportingMTA", typed);
    put (object, "remoteMtaIp", eventjson_text (event, "remote_ip"));
}

/* Type and subtype, "Permanent/NoEmail". Programs suppress what is permanent: nothing is, unless
 * the event's advice is to do that, whatever its category and class are. */
static const char *
type_of (const json_t *event)
{
    const struct dsn_category *category = eventjson_category (event);
    const bool is_unknown = strcmp (category->name, "unknown") == 0;
    const bool is_final = eventjson_is (event, "advice", "suppress") && !is_unknown;

    if (is_final == g_str_has_prefix (category->ses, "Permanent/"))
        return category->ses;
    return is_final ? "Permanent/General" : "Transient/General";
}

static json_t *
bounce_of (const json_t *event)
{
    g_auto (GStrv) words = g_strsplit (type_of (event), "/", 2);
    json_t *bounce = json_object ();

    put (bounce, "bounceType", words[0]);
    put (bounce, "bounceSubType", words[1]);
    (void)json_object_set_new (bounce, "bouncedRecipients", recipients_of (event, true));
    put_time (bounce, "timestamp", eventjson_date (event));
    put (bounce, "feedbackId", eventjson_text (event, "id"));
    put_hosts (bounce, event);
    return bounce;
}

static json_t *
complaint_of (const json_t *event)
{
    json_t *complaint = json_object ();

    (void)json_object_set_new (complaint, "complainedRecipients", recipients_of (event, false));
    put_time (complaint, "timestamp", eventjson_date (event));
    put (complaint, "feedbackId", eventjson_text (event, "id"));
    (void)json_object_set_new (complaint, "complaintSubType", json_null ());
    put (complaint, "complaintFeedbackType", eventjson_in (event, "report", "feedback_type"));
    put_time (complaint, "arrivalDate", eventjson_text (event, "arrival_date"));
    return complaint;
}

static json_t *
delivery_of (const json_t *event)
{
    json_t *delivery = json_pack ("{s:[s]}", "recipients", eventjson_text (event, "recipient"));

    put_time (delivery, "timestamp", eventjson_date (event));
    put (delivery, "smtpResponse", eventjson_text (event, "diagnostic"));
    put_hosts (delivery, event);
    return delivery;
}

/* SES has a word of its own for why a message is late. */
static const char *
delay_type_of (const json_t *event)
{
    static const struct {
        const char *category, *type;
    } types[] = {
        { "mailbox_full", "MailboxFull" },
        { "spam_content", "SpamDetected" },
        { "ip_blocked", "IPFailure" },
        { "bad_reputation", "IPFailure" },
        { "remote_error", "RecipientServerError" },
        { "system_full", "RecipientServerError" },
        { "no_connection", "TransientCommunicationFailure" },
        { "dns_failure", "TransientCommunicationFailure" },
        { "unknown", "Undetermined" },
    };
    const char *category = eventjson_category (event)->name;

    for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
        if (strcmp (types[i].category, category) == 0)
            return types[i].type;
    return "General";
}

static json_t *
delay_of (const json_t *event)
{
    json_t *delay = json_object ();

    put (delay, "delayType", delay_type_of (event));
    (void)json_object_set_new (delay, "delayedRecipients", recipients_of (event, true));
    put_time (delay, "timestamp", eventjson_date (event));
    put_time (delay, "expirationTime", eventjson_text (event, "will_retry_until"));
    put_hosts (delay, event);
    return delay;
}

/* SES's own id of the message: it makes the Message-ID of it. */
static void
put_message_id (json_t *mail, const char *header)
{
    g_autofree char *id = eventjson_bare_id (header);

    if (g_str_has_suffix (eventjson_domain (id), ".amazonses.com"))
        *strrchr (id, '@') = '\0';
    put (mail, "messageId", id);
}

/* As it stands in a mail (RFC 5322, 3.3), in UTC. */
static void
put_header_date (json_t *headers, const char *text)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (eventjson_epoch (text));
    g_autofree char *header = g_strdup_printf (
        "%s, %d %s %d %02d:%02d:%02d +0000", days[g_date_time_get_day_of_week (date) - 1],
        g_date_time_get_day_of_month (date), months[g_date_time_get_month (date) - 1],
        g_date_time_get_year (date), g_date_time_get_hour (date), g_date_time_get_minute (date),
        g_date_time_get_second (date));

    put (headers, "date", eventjson_epoch (text) ? header : "");
}

/* The message that all this is about. */
static json_t *
mail_of (const json_t *event)
{
    const json_t *original = json_object_get (event, "original");
    const char *sender = eventjson_in (event, "return_path", "address");
    const char *from = eventjson_text (original, "from"), *to = eventjson_text (original, "to");
    json_t *mail = json_pack ("{s:[s]}", "destination", eventjson_text (event, "recipient"));
    json_t *headers = json_object ();

    put_time (mail, "timestamp", eventjson_text (original, "date"));
    put_message_id (mail, eventjson_text (original, "message_id"));
    put (mail, "source", *sender ? sender : from);
    put_header_date (headers, eventjson_text (original, "date"));
    put (headers, "messageId", eventjson_text (original, "message_id"));
    put (headers, "subject", eventjson_text (original, "subject"));
    if (*from)
        (void)json_object_set_new (headers, "from", json_pack ("[s]", from));
    if (*to)
        (void)json_object_set_new (headers, "to", json_pack ("[s]", to));
    (void)json_object_set_new (mail, "commonHeaders", headers);
    return mail;
}

/* SNS has notifications of three kinds; a delay comes by event publishing only, which has another
 * key. A record has one of the two: programs tell by it what they have before them. */
static const struct kind {
    const char *kind, *type, *key;
    json_t *(*details) (const json_t *event);
    bool is_notified;
} kinds[] = {
    { "bounce", "Bounce", "bounce", bounce_of, true },
    { "complaint", "Complaint", "complaint", complaint_of, true },
    { "delivered", "Delivery", "delivery", delivery_of, true },
    { "delayed", "DeliveryDelay", "deliveryDelay", delay_of, false },
};

static bool
has_record (const json_t *event, const struct kind *k)
{
    /* what was only expanded to a list isn't delivered; a complaint that may be forged would be
     * read as a wish to get no more mail */
    return eventjson_is (event, "kind", k->kind) && *eventjson_text (event, "recipient") &&
           !eventjson_is (event, "action", "expanded") &&
           !(k->details == complaint_of && eventjson_is (event, "trust", "suspect"));
}

static json_t *
record_of (const json_t *event, const struct kind *k)
{
    json_t *record = json_object ();

    put (record, k->is_notified ? "notificationType" : "eventType", k->type);
    (void)json_object_set_new (record, k->key, k->details (event));
    (void)json_object_set_new (record, "mail", mail_of (event));
    return record;
}

json_t *
outformat_ses (const json_t *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (has_record (event, &kinds[i]))
            return record_of (event, &kinds[i]);
    return NULL;
}
