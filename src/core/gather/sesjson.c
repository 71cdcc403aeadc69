/* JSON of Amazon SES to fields. Jansson reads from memory only: its hash seed is set here, else it
 * would ask the system for one.
 */
#include "core/gather/sesjson.h"

#include "core/mail/header.h"
#include "core/bytes/text.h"

#include <jansson.h>

#define MAX_DEPTH 16
/* Any constant: the size is bounded, and the same bytes must give the same events. */
#define HASH_SEED 3464

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

struct writer {
    const json_t *notice;
    size_t value_bytes, recipients_max;
    struct sesjson *ses;
};

static const struct event_type {
    const char *name;       /* of notificationType or eventType */
    const char *key;        /* the object that tells about it */
    const char *recipients; /* its list; NULL: all that the message went to */
    enum dsn_kind kind;
    const char *action; /* where the recipient has none */
} types[] = {
    { "Bounce", "bounce", "bouncedRecipients", DSN_KIND_BOUNCE, "failed" },
    { "Complaint", "complaint", "complainedRecipients", DSN_KIND_COMPLAINT, NULL },
    { "Delivery", "delivery", "recipients", DSN_KIND_DELIVERED, "delivered" },
    { "DeliveryDelay", "deliveryDelay", "delayedRecipients", DSN_KIND_DELAYED, "delayed" },
    { "Reject", "reject", NULL, DSN_KIND_BOUNCE, "failed" },
};

/* Opened, clicked, sent: nothing that a report would tell. */
static const struct event_type other_type = { .kind = DSN_KIND_OTHER };

/* Whether @in, up to the end of its first value, nests no deeper than MAX_DEPTH. */
static bool
is_flat (struct dsn_bytes in)
{
    unsigned depth = 0;
    bool is_string = false;

    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (is_string) {
            i += c == '\\';
            is_string = c != '"';
        } else if (c == '"')
            is_string = true;
        else if ((c == '{' || c == '[') && ++depth > MAX_DEPTH)
            return false;
        else if ((c == '}' || c == ']') && (!depth || !--depth))
            return true;
    }
    return true;
}

/* The object at the start of @in; NULL if there's none. Line ends count as blanks: mails are
 * wrapped, inside strings too. (transfer full) */
static json_t *
load_object (struct dsn_bytes in)
{
    g_autofree char *line = NULL;
    json_t *value;

    in = text_trim (in);
    if (!in.n || in.n > SESJSON_MAX_BYTES || in.p[0] != '{' || !is_flat (in))
        return NULL;
    line = g_memdup2 (in.p, in.n);
    for (size_t i = 0; i < in.n; i++)
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    json_object_seed (HASH_SEED);
    value = json_loadb (line, in.n, JSON_DISABLE_EOF_CHECK, NULL);
    if (json_is_object (value))
        return value;
    json_decref (value);
    return NULL;
}

static struct dsn_bytes
string_of (const json_t *value)
{
    return (struct dsn_bytes){ json_string_value (value), json_string_length (value) };
}

static const struct event_type *
type_of (const json_t *notice)
{
    struct dsn_bytes name = string_of (json_object_get (notice, "notificationType"));

    if (!name.n)
        name = string_of (json_object_get (notice, "eventType"));
    if (!name.n || !json_is_object (json_object_get (notice, "mail")))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
        if (text_equal (name, types[i].name) &&
            json_is_object (json_object_get (notice, types[i].key)))
            return &types[i];
    return &other_type;
}

/* Appends `name: value` as one line; nothing if there's no value. */
static void
put (const struct writer *w, GString *out, const char *name, struct dsn_bytes value)
{
    size_t before = out->len, start;

    g_string_append (out, name);
    g_string_append (out, ": ");
    start = out->len;
    (void)text_append_line (out, value, w->value_bytes);
    if (out->len == start)
        g_string_truncate (out, before);
    else
        g_string_append_c (out, '\n');
}

static void
put_key (const struct writer *w, GString *out, const char *name, const json_t *object,
         const char *key)
{
    put (w, out, name, string_of (json_object_get (object, key)));
}

/* The words of @key, as `key: value`, after what's there. */
static void
put_words (const struct writer *w, const json_t *object, const char *key)
{
    GString *out = w->ses->words;
    struct dsn_bytes value = string_of (json_object_get (object, key));

    if (value.n)
        g_string_append_printf (out, "%s%s: ", out->len ? ", " : "", key);
    (void)text_append_line (out, value, w->value_bytes);
}

static void
write_recipient (const struct writer *w, const struct event_type *type, const json_t *about,
                 const json_t *recipient)
{
    GString *out = w->ses->status;
    struct dsn_bytes action = string_of (json_object_get (recipient, "action"));

    g_string_append_c (out, '\n');
    put (w, out, "Final-Recipient",
         string_of (json_is_string (recipient) ? recipient
                                               : json_object_get (recipient, "emailAddress")));
    put (w, out, "Action", action.n ? action : dsn_bytes_str (type->action));
    put_key (w, out, "Status", recipient, "status");
    put_key (w, out, "Diagnostic-Code", recipient, "diagnosticCode");
    put_key (w, out, "Diagnostic-Code", about, "smtpResponse");
    put_key (w, out, "Will-Retry-Until", about, "expirationTime");
}

static void
write_status (const struct writer *w, const struct event_type *type)
{
    const json_t *about = json_object_get (w->notice, type->key);
    const json_t *mail = json_object_get (w->notice, "mail");
    const json_t *list = type->recipients ? json_object_get (about, type->recipients)
                                          : json_object_get (mail, "destination");

    put_key (w, w->ses->status, "Reporting-MTA", about, "reportingMTA");
    put_key (w, w->ses->status, "Original-Envelope-Id", mail, "messageId");
    put_key (w, w->ses->status, "Arrival-Date", mail, "timestamp");
    for (size_t i = 0; i < json_array_size (list) && i < w->recipients_max; i++)
        write_recipient (w, type, about, json_array_get (list, i));
    put_words (w, about, "bounceType");
    put_words (w, about, "bounceSubType");
    put_words (w, about, "delayType");
    if (!type->recipients)
        put_words (w, about, "reason");
    (void)text_append_line (w->ses->feedback_type,
                            string_of (json_object_get (about, "complaintFeedbackType")), 64);
}

/* A field of `headers`, if its name could be one. */
static void
write_field (const struct writer *w, const json_t *header)
{
    g_autoptr (GString) field = g_string_new (NULL);
    const char *name = json_string_value (json_object_get (header, "name"));
    struct dsn_bytes found;

    if (!name)
        return;
    put_key (w, field, name, header, "value");
    if (header_is_field (text_of (field), &found) && found.n == strlen (name))
        g_string_append_len (w->ses->header, field->str, (gssize)field->len);
}

/* The header in full, then what commonHeaders repeats of it: the first field of a name counts. */
static void
write_header (const struct writer *w)
{
    static const struct {
        const char *name, *key;
    } common[] = {
        { "From", "from" },
        { "To", "to" },
        { "Subject", "subject" },
        { "Date", "date" },
        { "Message-ID", "messageId" },
    };
    const json_t *mail = json_object_get (w->notice, "mail");
    const json_t *headers = json_object_get (mail, "headers");
    const json_t *object = json_object_get (mail, "commonHeaders");

    for (size_t i = 0; i < json_array_size (headers); i++)
        write_field (w, json_array_get (headers, i));
    for (size_t i = 0; i < G_N_ELEMENTS (common); i++) {
        const json_t *value = json_object_get (object, common[i].key);
        if (json_is_array (value))
            value = json_array_get (value, 0);
        put (w, w->ses->header, common[i].name, string_of (value));
    }
}

bool
sesjson_read (struct dsn_bytes in, size_t value_bytes, size_t recipients_max, struct sesjson *ret)
{
    g_autoptr (json_t) outer = load_object (in), inner = NULL;
    struct writer w = { outer, value_bytes, recipients_max, ret };
    const struct event_type *type = type_of (outer);

    if (!type) {
        inner = load_object (string_of (json_object_get (outer, "Message")));
        w.notice = inner;
        type = type_of (inner);
    }
    if (!type)
        return false;
    *ret = (struct sesjson){ type->kind, g_string_new (NULL), g_string_new (NULL),
                             g_string_new (NULL), g_string_new (NULL) };
    if (type != &other_type)
        write_status (&w, type);
    write_header (&w);
    return true;
}

void
sesjson_clear (struct sesjson *ses)
{
    g_string_free (ses->status, TRUE);
    g_string_free (ses->header, TRUE);
    g_string_free (ses->words, TRUE);
    g_string_free (ses->feedback_type, TRUE);
}
