/* ARF, its elder relatives, and MDN.
 */
#include "core/gather/complaint.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

#define ADDRESS_BYTES 1024

/* Reads the part as a block of fields that lives in @bytes. */
static GArray *
part_fields (const struct mail_part *part, size_t max, GString *bytes)
{
    GArray *fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct dsn_bytes in;

    mail_part_append_bytes (part, bytes);
    in = text_trim (text_of (bytes));
    while (in.n && fields->len < max) {
        size_t n = header_read (in, max - fields->len, fields);
        in = dsn_bytes_sub (in, n, in.n);
    }
    return fields;
}

static bool
is_named (const GPtrArray *drafts, const GString *address)
{
    for (guint i = 0; i < drafts->len; i++) {
        const GString *known = ((const struct draft *)drafts->pdata[i])->address;
        if (address_equal (text_of (known), text_of (address)))
            return true;
    }
    return false;
}

/* Adds the field's address, if it is one and isn't there yet. */
static void
add_draft (GPtrArray *drafts, struct dsn_bytes value, enum dsn_recipient_source source)
{
    struct draft *d = draft_new ();

    d->is_address_unsure = !mail_append_field_address (d->address, value, ADDRESS_BYTES);
    d->source = source;
    if (memchr (d->address->str, '@', d->address->len) && !is_named (drafts, d->address))
        g_ptr_array_add (drafts, d);
    else
        draft_free (d);
}

bool
complaint_is_wish (const struct dsn_report *report)
{
    static const char *const wishes[] = { "abuse", "fraud", "opt-out" };
    struct dsn_bytes type = dsn_bytes_str (report->report.feedback_type);

    for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++)
        if (text_has_prefix (type, wishes[i]))
            return true;
    return false;
}

void
complaint_read (const struct mail_part *part, const GArray *original_fields,
                const struct dsn_options *options, struct dsn_report *report, GPtrArray *drafts)
{
    static const char *const names[] = { "original-rcpt-to", "removal-recipient",
                                         "x-original-rcpt-to" };
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GString) type = g_string_new (NULL);
    g_autoptr (GArray) fields = part_fields (part, options->limits.headers_count, bytes);

    (void)text_append_line (type, header_get (fields, "feedback-type"), 64);
    report->report.feedback_type = dsn_report_string (report, text_of (type));
    for (guint i = 0; i < fields->len && drafts->len < options->limits.recipients_count; i++) {
        const struct header_field *f = &g_array_index (fields, struct header_field, i);
        for (size_t k = 0; k < G_N_ELEMENTS (names); k++)
            if (text_equal (f->name, names[k]))
                add_draft (drafts, f->value, DSN_RECIPIENT_SOURCE_REPORT);
    }
    /* what failed a check may name anybody: whom the message was for is no sign of who complains */
    if (!drafts->len && original_fields && complaint_is_wish (report))
        add_draft (drafts, header_get (original_fields, "to"), DSN_RECIPIENT_SOURCE_ORIGINAL);
}

bool
complaint_states_type (const struct mail_part *part, const struct dsn_options *options)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GArray) fields = part_fields (part, options->limits.headers_count, bytes);

    return text_trim (header_get (fields, "feedback-type")).n > 0;
}

/* The value of @m's first field that marks a complaint; empty if none does. */
static struct dsn_bytes
marked_field (const struct mail_message *m, const struct marks *marks)
{
    for (guint i = 0; i < m->fields->len; i++) {
        const struct header_field *f = &g_array_index (m->fields, struct header_field, i);
        if (marks_of_field (marks, f->name, f->value) & MARK_BIT (MARK_COMPLAINT))
            return f->value;
    }
    return (struct dsn_bytes){ 0 };
}

void
complaint_read_headers (const struct mail_message *m, const struct marks *marks,
                        struct dsn_report *report, GPtrArray *drafts)
{
    struct dsn_bytes named = marked_field (m, marks);
    const struct mail_message *inside = NULL;

    for (guint i = 0; i < m->parts->len && !inside; i++)
        inside = ((const struct mail_part *)m->parts->pdata[i])->message;
    if (!named.n && inside)
        named = marked_field (inside, marks);
    report->report.feedback_type = dsn_report_string (report, dsn_bytes_str ("abuse"));
    if (named.n)
        add_draft (drafts, named, DSN_RECIPIENT_SOURCE_REPORT);
    else if (inside)
        add_draft (drafts, header_get (inside->fields, "to"), DSN_RECIPIENT_SOURCE_ORIGINAL);
}

void
disposition_read (const struct mail_part *part, const struct dsn_options *options,
                  struct dsn_report *report, GPtrArray *drafts)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GArray) fields = part_fields (part, options->limits.headers_count, bytes);
    g_autoptr (GString) id = g_string_new (NULL);
    guint before = drafts->len;

    add_draft (drafts, header_get (fields, "original-recipient"), DSN_RECIPIENT_SOURCE_REPORT);
    if (drafts->len == before)
        add_draft (drafts, header_get (fields, "final-recipient"), DSN_RECIPIENT_SOURCE_REPORT);
    mail_append_header (id, header_get (fields, "original-message-id"), 1024);
    if (!report->original.message_id)
        report->original.message_id = dsn_report_string (report, text_of (id));
}
