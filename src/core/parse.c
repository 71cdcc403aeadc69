/* dsn_parse(): the order in which a mail is understood. See the message, sort it, extract,
 * classify, identify; each step is another file's.
 */
#include "core/parse.h"

#include "core/gather/reading.h"

#include "core/amazon.h"
#include "core/conclude.h"
#include "core/textreport.h"
#include "core/gather/complaint.h"
#include "core/bytes/date.h"
#include "core/gather/original.h"
#include "core/mail/secondlook.h"
#include "core/notice/shown.h"
#include "core/returnpath/returnpath.h"
#include "core/gather/statuspart.h"
#include "core/bytes/text.h"

/* Mails inside mails that are looked into for a report. */
#define MAX_NESTING 4

static void
read_complaint (struct reading *p)
{
    const struct mail_part *part = reading_part (p->message, PART_FEEDBACK);
    const struct mail_part *returned = reading_part (p->message, PART_MESSAGE);

    if (part)
        complaint_read (part, returned && returned->message ? returned->message->fields : NULL,
                        p->options, p->report, p->drafts);
    else
        complaint_read_headers (p->message, &p->rules->marks, p->report, p->drafts);
    gather_original (p);
    conclude_named (p, DSN_KIND_COMPLAINT);
}

static void
read_receipt (struct reading *p)
{
    disposition_read (reading_part (p->message, PART_DISPOSITION), p->options, p->report,
                      p->drafts);
    gather_original (p);
    conclude_named (p, DSN_KIND_RECEIPT);
}

static void
read_report (struct reading *p, enum dsn_kind kind)
{
    gather_original (p);
    /* nobody named: the returned message may tell whom it was for */
    if (!p->drafts->len && !reading_part (p->message, PART_STATUS) && p->envelope.guess) {
        struct draft *d = draft_new ();
        g_string_append (d->address, p->envelope.guess);
        freetext_take_replies (&p->notice, d);
        d->doubt = "address-guessed";
        d->source = DSN_RECIPIENT_SOURCE_ORIGINAL;
        g_ptr_array_add (p->drafts, d);
    }
    conclude_report (p, kind);
}

static void
take_report_header (struct reading *p)
{
    struct dsn_report *report = p->report;
    g_autoptr (GString) id = reading_header (p, p->message, "message-id");
    g_autoptr (GString) from = reading_mailbox (p, p->message, "from");
    g_autoptr (GString) subject = reading_header (p, p->message, "subject");
    g_autoptr (GString) date = reading_header (p, p->message, "date");
    g_autoptr (GString) language = reading_header (p, p->message, "content-language");
    char text[DATE_TEXT_SIZE];

    report->report.message_id = dsn_report_string (report, text_of (id));
    report->report.from = dsn_report_string (report, text_of (from));
    report->report.subject = dsn_report_string (report, text_of (subject));
    report->report.language = dsn_report_string (report, text_of (language));
    if (date_to_rfc3339 (text_of (date), text))
        report->report.date = dsn_report_string (report, dsn_bytes_str (text));
}

static void
open_message (struct reading *p, const struct mail_message *m)
{
    g_autoptr (GString) addressee = NULL;

    p->message = m;
    notice_read (&p->notice, m, p->rules, &p->options->limits);
    notice_finish (&p->notice, p->rules);
    p->format = format_find (p->rules, m, &p->notice);
    if (p->format)
        format_cut (p->format, &p->notice);
    p->signs = kind_signs (m, &p->notice, p->format);
    envelope_clear (&p->envelope);
    addressee = gather_addressee (p);
    envelope_read (&p->envelope, m, &p->notice, text_of (addressee),
                   p->options->limits.headers_count);
    p->report->format =
        p->format ? dsn_report_string (p->report, dsn_bytes_str (p->format->id)) : NULL;
}

/* Whether anything but words and parts says that a machine sent the mail. */
static bool
is_from_machine (sign_set signs)
{
    static const enum sign marks[] = { SIGN_FROM_SYSTEM, SIGN_NULL_SENDER, SIGN_BOUNCE_FIELD,
                                       SIGN_REPORT_TYPE, SIGN_AUTO_SUBMITTED };

    for (size_t i = 0; i < G_N_ELEMENTS (marks); i++)
        if (sign_has (signs, marks[i]))
            return true;
    return false;
}

/* Weighs what @m is, and reads it if it reports. False if it doesn't: p->kind says what it is. */
static bool
read_message (struct reading *p, const struct mail_message *m)
{
    open_message (p, m);
    if (amazon_read (p))
        return true;
    p->signs |= textreport_signs (p, gather_drafts (p));
    p->kind = sign_weigh (p->signs);
    p->is_from_person |= !is_from_machine (p->signs);
    if (sign_is_report (p->kind)) {
        read_report (p, p->kind);
        return true;
    }
    g_ptr_array_set_size (p->drafts, 0);
    if (p->kind == DSN_KIND_COMPLAINT)
        read_complaint (p);
    else if (p->kind == DSN_KIND_RECEIPT)
        read_receipt (p);
    return p->kind == DSN_KIND_COMPLAINT || p->kind == DSN_KIND_RECEIPT;
}

static bool read_whole (struct reading *p, const struct mail_message *m);

/* Reads @inside, which stands in the text of the message, as the report; in its turn it may only
 * pass one on. If it isn't one, the message is open again. */
static bool
read_inside (struct reading *p, const struct mail_message *inside)
{
    const struct mail_message *outer = p->message;
    bool is_report;

    notice_clear (&p->notice);
    p->n_passed_on++;
    is_report = read_whole (p, inside);
    p->n_passed_on--;
    if (!is_report) {
        notice_clear (&p->notice);
        open_message (p, outer);
    }
    return is_report;
}

/* @shown with what is attached to @outer: mail programs take a report's other parts along. */
static bool
read_with_parts (struct reading *p, const struct mail_message *outer,
                 const struct mail_message *shown)
{
    g_autoptr (GPtrArray) parts = g_ptr_array_new ();
    struct mail_message whole = {
        .fields = shown->fields,
        .parts = parts,
        .type = outer->type,
        .report_type = outer->report_type,
    };

    for (guint i = 0; i < shown->parts->len; i++)
        g_ptr_array_add (parts, shown->parts->pdata[i]);
    for (guint i = 1; i < outer->parts->len; i++)
        g_ptr_array_add (parts, outer->parts->pdata[i]);
    return read_inside (p, &whole);
}

/* A mail that a person passes on: what it shows speaks, not the person. */
static bool
read_passed_on (struct reading *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    struct mail *shown;
    bool is_report;

    if (p->n_passed_on == MAX_NESTING || !sign_has (p->signs, SIGN_FORWARD_SUBJECT) ||
        !shown_append (&p->notice, &p->rules->marks, text))
        return false;
    p->is_from_person |= !is_from_machine (p->signs);
    shown = mail_read_as (text_of (text), p->options);
    is_report = read_with_parts (p, p->message, shown->message);
    mail_free (shown);
    return is_report;
}

/* Reads @m, or what it passes on. */
static bool
read_whole (struct reading *p, const struct mail_message *m)
{
    open_message (p, m);
    if (read_passed_on (p))
        return true;
    notice_clear (&p->notice);
    return read_message (p, m);
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
        if (read_whole (p, part->message) || read_nested (p, part->message, depth + 1))
            return true;
    }
    return false;
}

/* A report forwarded as text: its header stands quoted in the text and names a mail system. */
static bool
read_forwarded (struct reading *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    struct mail *shown;
    bool is_report;

    if (!(sign_has (p->signs, SIGN_FORWARD_SUBJECT) || sign_has (p->signs, SIGN_FROM_SYSTEM)) ||
        !textreport_quotes_report (p))
        return false;
    original_unquote (p->notice.original, text);
    shown = mail_read_as (text_of (text), p->options);
    is_report = read_inside (p, shown->message);
    mail_free (shown);
    return is_report;
}

/* A mail that reports nothing; @kind is what it is. */
static void
read_other (struct reading *p, const struct mail_message *top, enum dsn_kind kind)
{
    struct draft *d;

    p->report->kind = kind;
    p->report->format = NULL;
    if (kind == DSN_KIND_OTHER)
        return;
    /* an auto-reply speaks for the one who sent it */
    d = draft_new ();
    d->is_address_unsure = !mail_append_mailbox (d->address, header_get (top->fields, "from"),
                                                 p->options->limits.value_bytes);
    d->source = DSN_RECIPIENT_SOURCE_REPORT;
    g_ptr_array_add (p->drafts, d);
    if (!d->address->len)
        g_ptr_array_set_size (p->drafts, 0);
    conclude_named (p, kind);
}

static void
read_mail (struct reading *p, const struct mail_message *top)
{
    enum dsn_kind kind;
    sign_set signs;

    if (read_whole (p, top))
        return;
    kind = p->kind;
    signs = p->signs;
    if (read_nested (p, top, 0))
        return;
    notice_clear (&p->notice);
    open_message (p, top);
    if (read_forwarded (p))
        return;
    p->signs = signs;
    read_other (p, top, kind);
}

static void
take_kind_evidence (struct reading *p)
{
    g_auto (GStrv) lines = sign_explain (p->signs);
    guint n = g_strv_length (lines);
    const char **kept = dsn_report_alloc (p->report, (n + 1) * sizeof *kept);

    for (guint i = 0; i < n; i++)
        kept[i] = dsn_report_string (p->report, dsn_bytes_str (lines[i]));
    p->report->kind_evidence = kept;
}

struct dsn_report *
dsn_parse (struct dsn_bytes in, size_t total_bytes, const struct dsn_rules *rules,
           const struct dsn_options *options)
{
    struct mail *mail = secondlook_read (in, options);
    struct reading p = { .rules = rules,
                         .options = options,
                         .report = dsn_report_new (),
                         .drafts = g_ptr_array_new_with_free_func (draft_free) };

    for (guint i = 0; i < mail->warnings->len; i++)
        dsn_report_warn (p.report, mail->warnings->pdata[i]);
    if (total_bytes > in.n)
        dsn_report_warn (p.report, "truncated");
    p.report->split = mail->split;
    p.message = mail->message;
    take_report_header (&p);
    if (!mail->has_header)
        dsn_report_warn (p.report, "no-header");
    read_mail (&p, mail->message);
    if (options->want_evidence)
        take_kind_evidence (&p);
    returnpath_read (mail->message->fields, options, p.report);
    notice_clear (&p.notice);
    envelope_clear (&p.envelope);
    g_ptr_array_unref (p.drafts);
    mail_free (mail);
    return p.report;
}
