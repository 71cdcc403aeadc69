/* RFC 3464 s.2.2 and s.2.3 fields to report and drafts. A table says what each field does.
 */
#include "core/gather/statuspart.h"

#include "core/bytes/address.h"
#include "core/bytes/date.h"
#include "core/mail/mail.h"
#include "core/bytes/smtpreply.h"
#include "core/bytes/text.h"

struct reader {
    const struct dsn_limits *limits;
    struct dsn_report *report;
    GPtrArray *drafts;
    struct draft *draft; /* the recipient being read, NULL before the first */
    unsigned seen;       /* bits of the fields that it has */
    bool is_after_gap;   /* an empty line stands before this field */
    GString *extra;      /* the recipient's diagnostic as a field of the system's own says it */
};

/* Fields that may start a recipient come first: their bit tells whether the recipient has one. */
enum field_id {
    FIELD_FINAL,
    FIELD_ORIGINAL,
    FIELD_ACTION,
    FIELD_STATUS,
    FIELD_DIAGNOSTIC,
    FIELD_ACTUAL,
    FIELD_REMOTE_MTA,
    FIELD_LAST_ATTEMPT,
    FIELD_WILL_RETRY,
    FIELD_REPORTING_MTA,
    FIELD_ENVELOPE_ID,
    FIELD_ARRIVAL_DATE,
    _FIELD_N
};

static const char *const field_names[_FIELD_N] = {
    [FIELD_FINAL] = "final-recipient",
    [FIELD_ORIGINAL] = "original-recipient",
    [FIELD_ACTION] = "action",
    [FIELD_STATUS] = "status",
    [FIELD_DIAGNOSTIC] = "diagnostic-code",
    [FIELD_ACTUAL] = "x-actual-recipient",
    [FIELD_REMOTE_MTA] = "remote-mta",
    [FIELD_LAST_ATTEMPT] = "last-attempt-date",
    [FIELD_WILL_RETRY] = "will-retry-until",
    [FIELD_REPORTING_MTA] = "reporting-mta",
    [FIELD_ENVELOPE_ID] = "original-envelope-id",
    [FIELD_ARRIVAL_DATE] = "arrival-date",
};

/* "X-Exim-Diagnostic", "X-Supplementary-Info": what a system says beside Diagnostic-Code, or in its
 * place. */
static bool
is_extra (struct dsn_bytes name)
{
    return text_has_prefix (name, "x-") &&
           (text_has_suffix (name, "-diagnostic") || text_has_suffix (name, "-diagnostic-code") ||
            text_equal (name, "x-supplementary-info"));
}

static enum field_id
field_of (struct dsn_bytes name)
{
    for (unsigned i = 0; i < _FIELD_N; i++)
        if (text_equal (name, field_names[i]))
            return (enum field_id)i;
    return _FIELD_N;
}

/* "dns; mail.example.net (comment)" without its type; an IP literal's brackets stay. */
static struct dsn_bytes
mta_name (struct dsn_bytes value)
{
    size_t at = 0;

    while (at < value.n && (g_ascii_isalnum (value.p[at]) || value.p[at] == '-'))
        at++;
    if (at < value.n && value.p[at] == ';')
        value = dsn_bytes_sub (value, at + 1, value.n);
    value = text_trim (value);
    at = text_find (value, " ");
    return at == G_MAXSIZE ? value : dsn_bytes_sub (value, 0, at);
}

static char *
clean_dup (struct dsn_bytes value, size_t max_bytes)
{
    g_autoptr (GString) out = g_string_new (NULL);

    (void)text_append_line (out, value, max_bytes);
    return out->len ? g_strndup (out->str, out->len) : NULL;
}

static char *
date_dup (struct reader *r, struct dsn_bytes value)
{
    char text[DATE_TEXT_SIZE];

    if (date_to_rfc3339 (value, text))
        return g_strdup (text);
    dsn_report_warn (r->report, "bad-date");
    return NULL;
}

static void
read_action (struct reader *r, struct dsn_bytes value)
{
    static const struct {
        const char *prefix;
        enum dsn_action action;
    } actions[] = {
        { "fail", DSN_ACTION_FAILED },       { "expired", DSN_ACTION_FAILED },
        { "undeliver", DSN_ACTION_FAILED },  { "delay", DSN_ACTION_DELAYED },
        { "deliver", DSN_ACTION_DELIVERED }, { "relay", DSN_ACTION_RELAYED },
        { "expand", DSN_ACTION_EXPANDED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
        if (text_has_prefix (value, actions[i].prefix)) {
            r->draft->action = actions[i].action;
            return;
        }
    if (value.n)
        dsn_report_warn (r->report, "bad-action");
}

void
statuspart_read_status (struct dsn_bytes value, struct draft *d)
{
    unsigned number = 0;
    size_t n;

    value = text_trim (value);
    while (value.n && strchr ("#(<\"'", value.p[0]))
        value = dsn_bytes_sub (value, 1, value.n);
    n = dsn_status_scan (value, &d->field_status);
    if (!n && (n = text_scan_number (value, 599, &number)) == 3 && number >= 400) {
        struct dsn_bytes rest = text_trim (dsn_bytes_sub (value, 3, value.n));
        /* "511" alone is the compact form of 5.1.1; "550" and "421" are SMTP's own, and with words
         * a reply was put here, whose enhanced code may follow */
        if (!rest.n && number / 10 % 10 <= 7 && number / 10 % 10 != 5 && number != 421)
            d->field_status =
                (struct dsn_status){ (uint8_t)(number / 100), (uint16_t)(number / 10 % 10),
                                     (uint16_t)(number % 10) };
        else {
            d->field_reply = number;
            (void)dsn_status_scan (rest, &d->field_status);
        }
    }
    value = text_trim (dsn_bytes_sub (value, n, value.n));
    g_string_truncate (d->status_text, 0);
    (void)text_append_line (d->status_text, value, 512);
}

static bool
states_code (struct dsn_bytes text)
{
    g_autofree char *low = g_ascii_strdown (text.p, (gssize)text.n);
    struct smtp_codes codes = smtpreply_codes (dsn_bytes_str (low), true);

    return codes.reply || codes.status.cls;
}

/* "smtp; 550 5.1.1 ..." to type and text. Of several fields the last that states a code counts. */
static void
read_diagnostic (struct reader *r, struct draft *d, struct dsn_bytes value)
{
    g_autoptr (GString) line = g_string_new (NULL);
    struct dsn_bytes text, type = { 0 };
    GString *known = d->diagnostic;
    size_t n = 0;

    mail_append_header (line, value, r->limits->value_bytes);
    text = text_of (line);
    while (n < text.n && (g_ascii_isalnum (text.p[n]) || text.p[n] == '-' || text.p[n] == '_'))
        n++;
    if (n && n < text.n && n <= 24 && text.p[n] == ';' && !g_ascii_isdigit (text.p[0])) {
        type = dsn_bytes_sub (text, 0, n);
        text = dsn_bytes_sub (text, n + 1, text.n);
    } else if (text.n && text.p[0] == ';')
        text = dsn_bytes_sub (text, 1, text.n);
    text = text_trim (text);
    if (known->len && states_code (text_of (known)) && !states_code (text))
        return;
    if (type.n) {
        g_free (d->diagnostic_type);
        d->diagnostic_type = g_ascii_strdown (type.p, (gssize)type.n);
    }
    if (!text.n)
        return;
    g_string_truncate (known, 0);
    g_string_append_len (known, text.p, (gssize)text.n);
}

static void
read_address (struct reader *r, struct dsn_bytes value, GString *out, bool *ret_is_unsure)
{
    g_string_truncate (out, 0);
    *ret_is_unsure = !mail_append_field_address (out, value, r->limits->value_bytes);
}

static void
read_message_field (struct reader *r, enum field_id id, struct dsn_bytes value)
{
    struct dsn_report *report = r->report;
    g_autofree char *clean = NULL;

    switch ((int)id) {
    case FIELD_REPORTING_MTA:
        clean = clean_dup (mta_name (value), r->limits->value_bytes);
        report->reporting_mta = dsn_report_string (report, dsn_bytes_str (clean));
        break;
    case FIELD_ENVELOPE_ID:
        clean = clean_dup (value, r->limits->value_bytes);
        report->envelope_id = dsn_report_string (report, dsn_bytes_str (clean));
        break;
    case FIELD_ARRIVAL_DATE:
        clean = date_dup (r, value);
        report->arrival_date = dsn_report_string (report, dsn_bytes_str (clean));
        break;
    default:
        break;
    }
}

static void
read_recipient_field (struct reader *r, enum field_id id, struct dsn_bytes value)
{
    struct draft *d = r->draft;

    switch ((int)id) {
    case FIELD_FINAL:
        read_address (r, value, d->final, &d->is_final_unsure);
        break;
    case FIELD_ORIGINAL:
        /* "unknown;" says only that it isn't known */
        if (!text_has_prefix (value, "unknown"))
            read_address (r, value, d->original, &d->is_original_unsure);
        break;
    case FIELD_ACTUAL:
        read_address (r, value, d->address, &d->is_address_unsure);
        break;
    case FIELD_ACTION:
        read_action (r, value);
        break;
    case FIELD_STATUS:
        statuspart_read_status (value, d);
        break;
    case FIELD_DIAGNOSTIC:
        read_diagnostic (r, d, value);
        break;
    case FIELD_REMOTE_MTA:
        g_free (d->remote_mta);
        d->remote_mta = clean_dup (mta_name (value), r->limits->value_bytes);
        break;
    case FIELD_LAST_ATTEMPT:
        g_free (d->last_attempt);
        d->last_attempt = date_dup (r, value);
        break;
    case FIELD_WILL_RETRY:
        g_free (d->will_retry_until);
        d->will_retry_until = date_dup (r, value);
        break;
    default:
        break;
    }
}

/* Whether the field begins another recipient: it repeats one that names or judges the recipient,
 * and either an empty line came, or it's the name itself. */
static bool
starts_recipient (const struct reader *r, enum field_id id)
{
    unsigned bit = 1u << id;
    unsigned names = 1u << FIELD_FINAL | 1u << FIELD_ORIGINAL;

    if (!r->draft)
        return true;
    if (bit & names)
        return (r->seen & bit) || (r->is_after_gap && (r->seen & names) && (r->seen & ~names));
    return (r->seen & bit) && r->is_after_gap && (id == FIELD_ACTION || id == FIELD_STATUS);
}

/* The recipient is read: where no Diagnostic-Code says why, a field of the system's own does. */
static void
end_recipient (struct reader *r)
{
    if (r->draft && !r->draft->diagnostic->len && r->extra->len)
        read_diagnostic (r, r->draft, text_of (r->extra));
    g_string_truncate (r->extra, 0);
}

static void
read_field (struct reader *r, const struct header_field *field)
{
    enum field_id id = field_of (field->name);

    if (id == _FIELD_N) {
        if (r->draft && is_extra (field->name))
            (void)text_append_line (r->extra, field->value, r->limits->value_bytes);
        return;
    }
    if (id >= FIELD_REPORTING_MTA) {
        read_message_field (r, id, field->value);
        return;
    }
    if (starts_recipient (r, id)) {
        if (r->drafts->len >= r->limits->recipients_count) {
            dsn_report_warn (r->report, "recipients-count");
            return;
        }
        struct draft *last = r->draft;

        end_recipient (r);
        r->draft = draft_new ();
        r->draft->has_fields = true;
        /* names without a blank line between them: what follows may be about either */
        if (last && !r->is_after_gap && !(r->seen & (1u << FIELD_ACTION | 1u << FIELD_STATUS)))
            last->doubt = r->draft->doubt = "recipients-in-one-group";
        r->seen = 0;
        g_ptr_array_add (r->drafts, r->draft);
    }
    r->seen |= 1u << id;
    r->is_after_gap = false;
    read_recipient_field (r, id, field->value);
}

/* A group that names nobody and judges nothing is no recipient. */
static void
drop_empty (GPtrArray *drafts)
{
    for (guint i = drafts->len; i > 0; i--) {
        const struct draft *d = drafts->pdata[i - 1];
        if (!draft_address (d).n && !d->action && !d->field_status.cls && !d->diagnostic->len &&
            !d->field_reply)
            g_ptr_array_remove_index (drafts, i - 1);
    }
}

void
statuspart_read (struct dsn_bytes in, const struct dsn_limits *limits, struct dsn_report *report,
                 GPtrArray *drafts)
{
    g_autoptr (GString) extra = g_string_new (NULL);
    struct reader r = { limits, report, drafts, NULL, 0, false, extra };
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));

    while (in.n) {
        size_t n;

        g_array_set_size (fields, 0);
        n = header_read (in, limits->headers_count, fields);
        for (guint i = 0; i < fields->len; i++)
            read_field (&r, &g_array_index (fields, struct header_field, i));
        r.is_after_gap = true;
        in = dsn_bytes_sub (in, n, in.n);
    }
    end_recipient (&r);
    drop_empty (drafts);
}
