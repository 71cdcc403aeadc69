/* The returned message's header fields.
 */
#include "core/gather/original.h"

#include "core/bytes/address.h"
#include "core/bytes/date.h"
#include "core/bytes/text.h"

/* Text that is searched for a header: it stands at the front. */
#define MAX_HEADER_TEXT (64 * 1024)
#define MIN_FIELDS      2

static const char *
clean (const GArray *fields, const char *name, size_t max_bytes, struct dsn_report *report)
{
    g_autoptr (GString) out = g_string_new (NULL);

    mail_append_header (out, header_get (fields, name), max_bytes);
    return dsn_report_string (report, text_of (out));
}

static const char *
address (const GArray *fields, const char *name, size_t max_bytes, struct dsn_report *report)
{
    g_autoptr (GString) out = g_string_new (NULL);

    (void)mail_append_mailbox (out, header_get (fields, name), max_bytes);
    return dsn_report_string (report, text_of (out));
}

static void
take_asked (const GArray *fields, const struct dsn_options *options, struct dsn_report *report)
{
    size_t n = options->original_headers ? g_strv_length ((char **)options->original_headers) : 0;

    if (!n || report->original.headers)
        return;
    report->original.headers = dsn_report_alloc (report, n * sizeof *report->original.headers);
    for (size_t i = 0; i < n; i++) {
        const char *name = options->original_headers[i];
        const char *value = clean (fields, name, options->limits.value_bytes, report);
        if (value)
            report->original.headers[report->original.n_headers++] =
                (struct dsn_pair){ dsn_report_string (report, dsn_bytes_str (name)), value };
    }
}

/* "<id@host>" as it's written; of a value with more words, the part in angle brackets. */
static const char *
message_id (const GArray *fields, size_t max_bytes, struct dsn_report *report)
{
    const char *value = clean (fields, "message-id", max_bytes, report);
    const char *open = value ? strchr (value, '<') : NULL;
    const char *close = open ? strchr (open, '>') : NULL;

    if (!close)
        return value;
    return dsn_report_string (report, (struct dsn_bytes){ open, (size_t)(close - open) + 1 });
}

void
original_take_fields (const GArray *fields, const struct dsn_options *options,
                      struct dsn_report *report)
{
    size_t max = options->limits.value_bytes;
    const char *date;
    char text[DATE_TEXT_SIZE];

    if (!report->original.message_id)
        report->original.message_id = message_id (fields, max, report);
    if (!report->original.from)
        report->original.from = address (fields, "from", max, report);
    if (!report->original.to)
        report->original.to = address (fields, "to", max, report);
    if (!report->original.subject)
        report->original.subject = clean (fields, "subject", max, report);
    if (!report->original.list_id)
        report->original.list_id = clean (fields, "list-id", max, report);
    if (!report->original.feedback_id)
        report->original.feedback_id = clean (fields, "feedback-id", max, report);
    date = clean (fields, "date", 128, report);
    if (!report->original.date && date && date_to_rfc3339 (dsn_bytes_str (date), text))
        report->original.date = dsn_report_string (report, dsn_bytes_str (text));
    take_asked (fields, options, report);
}

/* Blanks and '>' that stand before every field's line. */
static size_t
quote_length (struct dsn_bytes line)
{
    size_t n = 0;

    while (n < line.n &&
           (line.p[n] == ' ' || line.p[n] == '\t' || line.p[n] == '>' || line.p[n] == '|'))
        n++;
    return n;
}

void
original_unquote (struct dsn_bytes in, GString *out)
{
    struct dsn_bytes rest = dsn_bytes_sub (in, 0, MAX_HEADER_TEXT), line, name;
    size_t quote = G_MAXSIZE;

    while (text_next_line (&rest, &line)) {
        size_t n = quote_length (line);
        struct dsn_bytes bare = dsn_bytes_sub (line, n, line.n);

        if (quote == G_MAXSIZE) {
            if (!header_is_field (bare, &name) || text_has_prefix (bare, "From "))
                continue;
            quote = n;
        }
        g_string_append_len (out, line.p + MIN (n, quote), (gssize)(line.n - MIN (n, quote)));
        g_string_append_c (out, '\n');
    }
}

void
original_take_text (struct dsn_bytes text, const struct dsn_options *options,
                    struct dsn_report *report)
{
    g_autoptr (GString) block = g_string_new (NULL);
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));

    original_unquote (text, block);
    (void)header_read (text_of (block), options->limits.headers_count, fields);
    if (fields->len >= MIN_FIELDS)
        original_take_fields (fields, options, report);
}

void
original_take_shown (struct dsn_bytes text, const struct dsn_options *options,
                     struct dsn_report *report)
{
    struct dsn_bytes rest = text, line;

    while (text_next_line (&rest, &line)) {
        struct dsn_bytes bare = text_trim (dsn_bytes_sub (line, quote_length (line), line.n));
        struct header_field field = { dsn_bytes_str ("message-id"), { 0 } };
        g_autoptr (GArray) fields = NULL;

        if (!text_has_prefix (bare, "message-id:") && !text_has_prefix (bare, "message id:"))
            continue;
        fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
        bare = text_trim (dsn_bytes_sub (bare, 11, bare.n));
        field.value = bare;
        g_array_append_val (fields, field);
        report->original.message_id = message_id (fields, options->limits.value_bytes, report);
        return;
    }
}

void
original_take_part (const struct mail_part *part, const struct dsn_options *options,
                    struct dsn_report *report)
{
    g_autoptr (GString) bytes = NULL;

    if (part->message && part->message->fields->len >= MIN_FIELDS) {
        original_take_fields (part->message->fields, options, report);
        return;
    }
    /* a blank line before the header makes all of it a body */
    if (part->message && part->message->parts->len)
        part = part->message->parts->pdata[0];
    bytes = g_string_new (NULL);
    mail_part_append_bytes (part, bytes);
    original_take_text (text_of (bytes), options, report);
}
