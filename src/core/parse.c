/* dsn_parse(): the order in which a mail is understood. See the message, sort it, extract,
 * classify, identify; each step is another file's.
 */
#include "core/parse.h"

#include "core/gather/reading.h"

#include "core/amazon.h"
#include "core/bytes/address.h"
#include "core/conclude.h"
#include "core/textreport.h"
#include "core/gather/complaint.h"
#include "core/bytes/date.h"
#include "core/gather/original.h"
#include "core/returnpath/returnpath.h"
#include "core/gather/statuspart.h"
#include "core/bytes/text.h"

/* Mails inside mails that are looked into for a report. */
#define MAX_NESTING 4

/* Bounce, delay or success, where no Action field says it. */
static enum dsn_kind
told_kind (const struct reading *p)
{
    const struct kind_signs *s = &p->signs;
    enum dsn_kind kind = p->format ? format_kind (p->format, &p->notice) : DSN_KIND_NONE;

    if (kind)
        return kind;
    if (s->has_delay_subject || (s->says_delayed && !s->says_failed))
        return DSN_KIND_DELAYED;
    if (s->says_delivered && !s->says_failed && !s->has_bounce_subject)
        return DSN_KIND_DELIVERED;
    return DSN_KIND_BOUNCE;
}

static bool
read_complaint (struct reading *p)
{
    const struct mail_part *part = reading_part (p->message, PART_FEEDBACK);
    const struct mail_part *returned = reading_part (p->message, PART_MESSAGE);

    if (part)
        complaint_read (part, returned && returned->message ? returned->message->fields : NULL,
                        p->options, p->report, p->drafts);
    else if (!complaint_read_headers (p->message, p->report, p->drafts))
        return false;
    gather_original (p);
    conclude_named (p, DSN_KIND_COMPLAINT);
    return true;
}

static bool
read_receipt (struct reading *p)
{
    const struct mail_part *part = reading_part (p->message, PART_DISPOSITION);

    /* a filter's refusal may come as a receipt: its format's words tell */
    if (!part || (p->format && format_kind (p->format, &p->notice) == DSN_KIND_BOUNCE))
        return false;
    disposition_read (part, p->options, p->report, p->drafts);
    gather_original (p);
    conclude_named (p, DSN_KIND_RECEIPT);
    return true;
}

static bool
read_text_report (struct reading *p)
{
    enum freetext_tier tier;

    tier = gather_drafts (p);
    if (!textreport_is (p, tier) || (!p->drafts->len && (textreport_holds_report (p->message) ||
                                                         textreport_quotes_report (p)))) {
        g_ptr_array_set_size (p->drafts, 0);
        return false;
    }
    gather_original (p);
    /* nobody named: the returned message tells whom it was for */
    if (!p->drafts->len && p->report->original.to) {
        struct draft *d = draft_new ();
        g_string_append (d->address, p->report->original.to);
        d->source = DSN_RECIPIENT_SOURCE_ORIGINAL;
        g_ptr_array_add (p->drafts, d);
    }
    conclude_report (p, told_kind (p));
    return true;
}

static bool
read_status_report (struct reading *p)
{
    if (!reading_part (p->message, PART_STATUS))
        return false;
    (void)gather_drafts (p);
    gather_original (p);
    conclude_report (p, told_kind (p));
    return true;
}

static void
take_report_header (struct reading *p)
{
    struct dsn_report *report = p->report;
    g_autoptr (GString) id = reading_header (p, p->message, "message-id");
    g_autoptr (GString) from = reading_header (p, p->message, "from");
    g_autoptr (GString) subject = reading_header (p, p->message, "subject");
    g_autoptr (GString) date = reading_header (p, p->message, "date");
    g_autoptr (GString) language = reading_header (p, p->message, "content-language");
    g_autoptr (GString) address = g_string_new (NULL);
    char text[DATE_TEXT_SIZE];

    address_append_from_header (address, text_of (from));
    report->report.message_id = dsn_report_string (report, text_of (id));
    report->report.from = dsn_report_string (report, text_of (address));
    report->report.subject = dsn_report_string (report, text_of (subject));
    report->report.language = dsn_report_string (report, text_of (language));
    if (date_to_rfc3339 (text_of (date), text))
        report->report.date = dsn_report_string (report, dsn_bytes_str (text));
}

static void
open_message (struct reading *p, const struct mail_message *m)
{
    p->message = m;
    notice_read (&p->notice, m, p->rules, &p->options->limits);
    notice_finish (&p->notice, p->rules);
    p->format = format_find (p->rules, m, &p->notice);
    if (p->format)
        format_cut (p->format, &p->notice);
    p->signs = kind_signs (m, &p->notice);
    p->report->format =
        p->format ? dsn_report_string (p->report, dsn_bytes_str (p->format->id)) : NULL;
}

static bool
read_message (struct reading *p, const struct mail_message *m)
{
    open_message (p, m);
    return read_complaint (p) || read_status_report (p) || read_receipt (p) || amazon_read (p) ||
           read_text_report (p);
}

/* The mails inside, outermost first: a report may come in a forward or a wrapper. */
static bool
read_nested (struct reading *p, const struct mail_message *m, unsigned depth)
{
    for (guint i = 0; i < m->parts->len && depth < MAX_NESTING; i++) {
        const struct mail_part *part = m->parts->pdata[i];

        if (!part->message)
            continue;
        notice_clear (&p->notice);
        if (read_message (p, part->message) || read_nested (p, part->message, depth + 1))
            return true;
    }
    return false;
}

/* A report forwarded as text: its header stands quoted in the text and names a mail system. */
static bool
read_forwarded (struct reading *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    const struct mail_message *outer = p->message;
    struct mail *inside;
    bool is_report;

    if (!(p->signs.is_forward || p->signs.is_from_system) || !textreport_quotes_report (p))
        return false;
    original_unquote (p->notice.original, text);
    inside = mail_read (text_of (text), &p->options->limits);
    notice_clear (&p->notice);
    is_report = read_message (p, inside->message);
    if (!is_report) {
        notice_clear (&p->notice);
        open_message (p, outer);
    }
    mail_free (inside);
    return is_report;
}

static void
read_other (struct reading *p, const struct mail_message *top)
{
    g_autoptr (GString) from = NULL;
    struct draft *d;

    p->report->kind = kind_without_report (&p->signs);
    p->report->format = NULL;
    if (p->report->kind == DSN_KIND_OTHER)
        return;
    /* an auto-reply speaks for the one who sent it */
    from = reading_header (p, top, "from");
    d = draft_new ();
    address_append_from_header (d->address, text_of (from));
    d->source = DSN_RECIPIENT_SOURCE_REPORT;
    g_ptr_array_add (p->drafts, d);
    if (!d->address->len)
        g_ptr_array_set_size (p->drafts, 0);
    conclude_named (p, p->report->kind);
}

static void
read_mail (struct reading *p, const struct mail_message *top)
{
    if (read_message (p, top) || read_nested (p, top, 0))
        return;
    notice_clear (&p->notice);
    open_message (p, top);
    if (read_forwarded (p))
        return;
    read_other (p, top);
}

struct dsn_report *
dsn_parse (struct dsn_bytes in, size_t total_bytes, const struct dsn_rules *rules,
           const struct dsn_options *options)
{
    struct mail *mail = mail_read (in, &options->limits);
    struct reading p = { .rules = rules,
                         .options = options,
                         .report = dsn_report_new (),
                         .drafts = g_ptr_array_new_with_free_func (draft_free) };

    for (guint i = 0; i < mail->warnings->len; i++)
        dsn_report_warn (p.report, mail->warnings->pdata[i]);
    if (total_bytes > in.n)
        dsn_report_warn (p.report, "truncated");
    p.message = mail->message;
    take_report_header (&p);
    if (!mail->has_header)
        dsn_report_warn (p.report, "no-header");
    read_mail (&p, mail->message);
    returnpath_read (mail->message->fields, options, p.report);
    notice_clear (&p.notice);
    g_ptr_array_unref (p.drafts);
    mail_free (mail);
    return p.report;
}
