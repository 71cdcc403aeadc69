/* dsn_parse(): the order in which a mail is understood. See the message, sort it, extract,
 * classify, identify; each step is another file's.
 */
#include <dsnd/parse.h>

#include "address.h"
#include "classify.h"
#include "complaint.h"
#include "date.h"
#include "format.h"
#include "freetext.h"
#include "kind.h"
#include "mail.h"
#include "original.h"
#include "returnpath.h"
#include "smtpreply.h"
#include "statuspart.h"
#include "text.h"

/* Mails inside mails that are looked into for a report. */
#define MAX_NESTING 4
/* Words of at least this weight state a refusal. */
#define STRONG_WEIGHT 80

struct parse {
    const struct dsn_rules *rules;
    const struct dsn_options *options;
    struct dsn_report *report;
    const struct mail_message *message; /* the one read as a report */
    const struct format *format;
    struct notice notice;
    struct kind_signs signs;
    GPtrArray *drafts; /* struct draft */
};

static struct dsn_bytes
gbytes (const GString *s)
{
    return (struct dsn_bytes){ s->str, s->len };
}

static const struct mail_part *
first_part (const struct mail_message *m, enum part_role role)
{
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        if (part->role == role)
            return part;
    }
    return NULL;
}

static GString *
header_line (const struct parse *p, const struct mail_message *m, const char *name)
{
    GString *line = g_string_new (NULL);

    mail_append_header (line, header_get (m->fields, name), p->options->limits.value_bytes);
    return line;
}

/* Who the report was sent to: the sender of the mail that it's about. */
static GString *
report_addressee (const struct parse *p)
{
    g_autoptr (GString) line = header_line (p, p->message, "to");
    GString *address = g_string_new (NULL);

    address_append_from_header (address, gbytes (line));
    return address;
}

static void
read_returned (struct parse *p)
{
    for (guint i = 0; i < p->message->parts->len; i++) {
        const struct mail_part *part = p->message->parts->pdata[i];
        if (part->role == PART_HEADERS || part->role == PART_MESSAGE)
            original_take_part (part, p->options, p->report);
    }
    if (p->notice.original.n)
        original_take_text (p->notice.original, p->options, p->report);
    if (p->report->original.message_id)
        return;
    /* header shown inside the notification, or attached as a text file */
    for (guint i = 0; i < p->message->parts->len; i++) {
        const struct mail_part *part = p->message->parts->pdata[i];
        if (i > 0 && part->role == PART_TEXT)
            original_take_part (part, p->options, p->report);
    }
    if (!p->report->original.message_id)
        original_take_shown (gbytes (p->notice.text), p->options, p->report);
}

static void
add_header_drafts (struct parse *p)
{
    g_autoptr (GString) line = header_line (p, p->message, "x-failed-recipients");
    struct dsn_bytes in = gbytes (line);
    size_t at = 0, n = 0;

    while (p->drafts->len < p->options->limits.recipients_count &&
           (at = address_find (in, at, &n)) != G_MAXSIZE) {
        struct draft *d = draft_new ();
        g_string_append_len (d->address, in.p + at, (gssize)n);
        d->source = DSN_RECIPIENT_SOURCE_FAILED_HEADER;
        g_ptr_array_add (p->drafts, d);
        at += n;
    }
}

static void
read_status_parts (struct parse *p)
{
    for (guint i = 0; i < p->message->parts->len; i++) {
        const struct mail_part *part = p->message->parts->pdata[i];
        g_autoptr (GString) bytes = NULL;

        if (part->role != PART_STATUS)
            continue;
        bytes = g_string_new (NULL);
        mail_part_append_bytes (part, bytes);
        statuspart_read (gbytes (bytes), &p->options->limits, p->report, p->drafts);
    }
}

/* RFC 3464 fields that stand in the text: a report whose parts were melted into one. From there on
 * nothing is prose. */
static void
read_inline_status (struct parse *p)
{
    struct notice *n = &p->notice;
    unsigned first = G_MAXUINT, judged = 0, named = 0;
    const char *end = n->text->str + n->text->len, *start;

    for (unsigned i = 0; i < n->n_said; i++) {
        struct dsn_bytes line = g_array_index (n->lines, struct notice_line, i).text, name;

        if (!header_is_field (line, &name))
            continue;
        named += text_equal (name, "final-recipient") || text_equal (name, "original-recipient");
        judged += text_equal (name, "action") || text_equal (name, "status");
        if (first == G_MAXUINT && (text_equal (name, "reporting-mta") || named))
            first = i;
    }
    if (!named || !judged)
        return;
    if (n->n_said < n->lines->len)
        end = g_array_index (n->lines, struct notice_line, n->n_said).text.p;
    n->n_said = first;
    start = g_array_index (n->lines, struct notice_line, first).text.p;
    statuspart_read ((struct dsn_bytes){ start, (size_t)(end - start) }, &p->options->limits,
                     p->report, p->drafts);
}

static struct freetext
freetext_of (const struct parse *p, const GString *addressee)
{
    return (struct freetext){ p->rules, &p->notice, p->format, gbytes (addressee),
                              p->options->limits.recipients_count };
}

/* Status parts, X-Failed-Recipients, the prose: each adds what the one before didn't tell. */
static enum freetext_tier
gather_drafts (struct parse *p)
{
    g_autoptr (GString) addressee = report_addressee (p);
    struct freetext ft = freetext_of (p, addressee);

    read_status_parts (p);
    if (!p->drafts->len)
        read_inline_status (p);
    if (!p->drafts->len)
        add_header_drafts (p);
    if (!p->drafts->len)
        return freetext_read (&ft, p->drafts);
    freetext_enrich (&ft, p->drafts);
    return TIER_PATTERN;
}

static enum dsn_action
action_of_kind (enum dsn_kind kind)
{
    return kind == DSN_KIND_DELAYED     ? DSN_ACTION_DELAYED
           : kind == DSN_KIND_DELIVERED ? DSN_ACTION_DELIVERED
                                        : DSN_ACTION_FAILED;
}

/* Bounce, delay or success, where no Action field says it. */
static enum dsn_kind
told_kind (const struct parse *p)
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

static enum dsn_action
draft_action (const struct draft *d, enum dsn_kind kind)
{
    if (d->action)
        return d->action;
    if (d->field_status.cls == 2)
        return DSN_ACTION_DELIVERED;
    if (d->field_status.cls == 5)
        return DSN_ACTION_FAILED;
    return action_of_kind (kind);
}

static void
finish_addresses (const struct draft *d, struct dsn_report *report, struct dsn_recipient *r)
{
    struct dsn_bytes best = draft_address (d);

    r->recipient = dsn_report_string (report, best);
    r->original_recipient = dsn_report_string (report, gbytes (d->original));
    r->final_recipient = dsn_report_string (report, gbytes (d->final));
    if (!best.n)
        return;
    if (best.p == d->original->str)
        r->recipient_source = DSN_RECIPIENT_SOURCE_ORIGINAL;
    else if (best.p == d->final->str)
        r->recipient_source = DSN_RECIPIENT_SOURCE_FINAL;
    else
        r->recipient_source = d->source ? d->source : DSN_RECIPIENT_SOURCE_TEXT;
}

static void
finish_draft (struct parse *p, const struct draft *d, enum dsn_kind kind)
{
    struct dsn_recipient *r = dsn_report_add_recipient (p->report);
    const GString *said = d->diagnostic->len ? d->diagnostic : d->text;
    struct classify_input in = {
        .rules = p->rules,
        .format = p->format,
        .whole = &p->notice.whole_hits,
        .whole_text = gbytes (p->notice.whole.text),
        .reporting_mta = p->report->reporting_mta,
        .is_only = p->drafts->len == 1,
        .want_evidence = p->options->want_evidence,
    };

    finish_addresses (d, p->report, r);
    r->action = draft_action (d, kind);
    r->diagnostic = dsn_report_string (p->report, gbytes (said));
    r->diagnostic_type = dsn_report_string (p->report, dsn_bytes_str (d->diagnostic_type));
    r->last_attempt = dsn_report_string (p->report, dsn_bytes_str (d->last_attempt));
    r->will_retry_until = dsn_report_string (p->report, dsn_bytes_str (d->will_retry_until));
    classify (&in, d, p->report, r);
}

static void
finish_report (struct parse *p, enum dsn_kind kind)
{
    p->report->kind = kind;
    for (guint i = 0; i < p->drafts->len; i++)
        finish_draft (p, p->drafts->pdata[i], kind);
    if (!p->drafts->len) {
        /* a report that names nobody still says why */
        g_autoptr (GPtrArray) none = g_ptr_array_new_with_free_func (draft_free);
        struct draft *d = draft_new ();

        g_ptr_array_add (none, d);
        finish_draft (p, d, kind);
    }
}

/* Recipients of a mail that isn't about delivery: no codes, no verdict. */
static void
finish_named (struct parse *p, enum dsn_kind kind)
{
    p->report->kind = kind;
    for (guint i = 0; i < p->drafts->len; i++) {
        struct dsn_recipient *r = dsn_report_add_recipient (p->report);
        finish_addresses (p->drafts->pdata[i], p->report, r);
        r->cls = DSN_CLASS_NEITHER;
        r->advice = kind == DSN_KIND_COMPLAINT || kind == DSN_KIND_UNSUBSCRIBE ? DSN_ADVICE_SUPPRESS
                                                                               : DSN_ADVICE_NOTHING;
    }
}

static bool
read_complaint (struct parse *p)
{
    const struct mail_part *part = first_part (p->message, PART_FEEDBACK);
    const struct mail_part *returned = first_part (p->message, PART_MESSAGE);

    if (part)
        complaint_read (part, returned && returned->message ? returned->message->fields : NULL,
                        p->options, p->report, p->drafts);
    else if (!complaint_read_headers (p->message, p->report, p->drafts))
        return false;
    read_returned (p);
    finish_named (p, DSN_KIND_COMPLAINT);
    return true;
}

static bool
read_receipt (struct parse *p)
{
    const struct mail_part *part = first_part (p->message, PART_DISPOSITION);

    if (!part)
        return false;
    disposition_read (part, p->options, p->report, p->drafts);
    read_returned (p);
    finish_named (p, DSN_KIND_RECEIPT);
    return true;
}

/* Whether the text states a refusal: a reply that fails, or words that a strong rule knows. */
static bool
states_refusal (const struct parse *p)
{
    g_autoptr (GArray) rules = NULL;

    for (guint i = 0; i < p->drafts->len; i++) {
        const struct draft *d = p->drafts->pdata[i];
        struct normal_text normal;
        struct smtp_codes codes;

        normal_text_init (&normal);
        normal_text_append (&normal, gbytes (d->text));
        codes = smtpreply_codes (gbytes (normal.text), false);
        normal_text_clear (&normal);
        if (codes.reply || codes.status.cls)
            return true;
    }
    if (smtpreply_codes (gbytes (p->notice.whole.text), false).reply)
        return true;
    rules = g_array_new (FALSE, FALSE, sizeof (unsigned));
    ruleset_candidates (p->rules, &p->notice.whole_hits, rules);
    for (guint i = 0; i < rules->len; i++) {
        const struct rule *rule = p->rules->rules->pdata[g_array_index (rules, unsigned, i)];
        if (rule->weight >= STRONG_WEIGHT)
            return true;
    }
    return false;
}

/* A mail without a status part is a report if its header and its text together say so: from a
 * header that says nothing the text must say everything. */
static bool
is_text_report (const struct parse *p, enum freetext_tier tier)
{
    const struct kind_signs *s = &p->signs;
    unsigned header = kind_report_score (s), body = 0;

    body += tier <= TIER_NAMED ? 2 : tier <= TIER_DIALOGUE ? 1 : 0;
    body += s->says_failed || s->says_delayed ? 2 : 0;
    body += states_refusal (p) ? 2 : 0;
    if (p->format)
        body += 3;
    if (s->is_reply && !header)
        return false;
    if (s->is_auto_reply && !s->has_failed_field)
        return header >= 4 && body >= 4;
    return header >= 4 ? body >= 1 : header >= 2 ? body >= 2 : header ? body >= 4 : body >= 6;
}

/* Whether a mail inside has a status part: a wrapper says less than what it wraps. */
static bool
holds_report (const struct mail_message *m)
{
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        if (part->message && first_part (part->message, PART_STATUS))
            return true;
    }
    return false;
}

/* Whether the message returned as text is a mail system's own. */
static bool
quotes_report (const struct parse *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    struct mail *inside;
    bool is_report;

    if (!p->notice.original.n)
        return false;
    original_unquote (p->notice.original, text);
    inside = mail_read (gbytes (text), &p->options->limits);
    is_report = kind_is_from_system (inside->message);
    mail_free (inside);
    return is_report;
}

static bool
read_text_report (struct parse *p)
{
    enum freetext_tier tier;

    tier = gather_drafts (p);
    if (!is_text_report (p, tier) ||
        (!p->drafts->len && (holds_report (p->message) || quotes_report (p)))) {
        g_ptr_array_set_size (p->drafts, 0);
        return false;
    }
    read_returned (p);
    /* nobody named: the returned message tells whom it was for */
    if (!p->drafts->len && p->report->original.to) {
        struct draft *d = draft_new ();
        g_string_append (d->address, p->report->original.to);
        d->source = DSN_RECIPIENT_SOURCE_ORIGINAL;
        g_ptr_array_add (p->drafts, d);
    }
    finish_report (p, told_kind (p));
    return true;
}

static bool
read_status_report (struct parse *p)
{
    if (!first_part (p->message, PART_STATUS))
        return false;
    (void)gather_drafts (p);
    read_returned (p);
    finish_report (p, told_kind (p));
    return true;
}

static void
take_report_header (struct parse *p)
{
    struct dsn_report *report = p->report;
    g_autoptr (GString) id = header_line (p, p->message, "message-id");
    g_autoptr (GString) from = header_line (p, p->message, "from");
    g_autoptr (GString) subject = header_line (p, p->message, "subject");
    g_autoptr (GString) date = header_line (p, p->message, "date");
    g_autoptr (GString) language = header_line (p, p->message, "content-language");
    g_autoptr (GString) address = g_string_new (NULL);
    char text[DATE_TEXT_SIZE];

    address_append_from_header (address, gbytes (from));
    report->report.message_id = dsn_report_string (report, gbytes (id));
    report->report.from = dsn_report_string (report, gbytes (address));
    report->report.subject = dsn_report_string (report, gbytes (subject));
    report->report.language = dsn_report_string (report, gbytes (language));
    if (date_to_rfc3339 (gbytes (date), text))
        report->report.date = dsn_report_string (report, dsn_bytes_str (text));
}

static void
open_message (struct parse *p, const struct mail_message *m)
{
    p->message = m;
    notice_read (&p->notice, m, p->rules, &p->options->limits);
    notice_finish (&p->notice, m, p->rules);
    p->format = format_find (p->rules, m, &p->notice);
    if (p->format)
        format_cut (p->format, &p->notice);
    p->signs = kind_signs (m, &p->notice);
    p->report->format =
        p->format ? dsn_report_string (p->report, dsn_bytes_str (p->format->id)) : NULL;
}

static bool
read_message (struct parse *p, const struct mail_message *m)
{
    open_message (p, m);
    return read_complaint (p) || read_status_report (p) || read_receipt (p) || read_text_report (p);
}

/* The mails inside, outermost first: a report may come in a forward or a wrapper. */
static bool
read_nested (struct parse *p, const struct mail_message *m, unsigned depth)
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
read_forwarded (struct parse *p)
{
    g_autoptr (GString) text = g_string_new (NULL);
    const struct mail_message *outer = p->message;
    struct mail *inside;
    bool is_report;

    if (!(p->signs.is_forward || p->signs.is_from_system) || !quotes_report (p))
        return false;
    original_unquote (p->notice.original, text);
    inside = mail_read (gbytes (text), &p->options->limits);
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
read_other (struct parse *p, const struct mail_message *top)
{
    g_autoptr (GString) from = NULL;
    struct draft *d;

    p->report->kind = kind_without_report (&p->signs);
    p->report->format = NULL;
    if (p->report->kind == DSN_KIND_OTHER)
        return;
    /* an auto-reply speaks for the one who sent it */
    from = header_line (p, top, "from");
    d = draft_new ();
    address_append_from_header (d->address, gbytes (from));
    d->source = DSN_RECIPIENT_SOURCE_REPORT;
    g_ptr_array_add (p->drafts, d);
    if (!d->address->len)
        g_ptr_array_set_size (p->drafts, 0);
    finish_named (p, p->report->kind);
}

static void
read_mail (struct parse *p, const struct mail_message *top)
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
    struct parse p = { .rules = rules,
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
