/* Notifications of Amazon SES: JSON in the text, one for a mail. */
#include "core/amazon.h"

#include "core/conclude.h"
#include "core/gather/original.h"
#include "core/gather/sesjson.h"
#include "core/gather/statuspart.h"
#include "core/bytes/text.h"

/* JSON is no prose: nothing in it but its own fields may be taken for words or codes. */
static void
forget_notice (struct reading *p)
{
    struct mail_message none = { g_array_new (FALSE, FALSE, sizeof (struct header_field)),
                                 g_ptr_array_new (), NULL, NULL };

    notice_clear (&p->notice);
    notice_read (&p->notice, &none, p->rules, &p->options->limits);
    notice_finish (&p->notice, p->rules);
    g_array_unref (none.fields);
    g_ptr_array_unref (none.parts);
    p->format = NULL;
}

static void
take_ses (struct reading *p, const struct sesjson *ses)
{
    struct dsn_report *report = p->report;

    forget_notice (p);
    if (ses->kind == DSN_KIND_OTHER) {
        report->format = NULL;
        conclude_named (p, ses->kind);
        return;
    }
    report->format = dsn_report_string (report, dsn_bytes_str ("amazonses"));
    statuspart_read (text_of (ses->status), &p->options->limits, report, p->drafts);
    original_take_text (text_of (ses->header), p->options, report);
    if (ses->kind == DSN_KIND_COMPLAINT) {
        report->report.feedback_type = dsn_report_string (report, text_of (ses->feedback_type));
        conclude_named (p, ses->kind);
        return;
    }
    for (guint i = 0; i < p->drafts->len; i++)
        g_string_append (((struct draft *)p->drafts->pdata[i])->text, ses->words->str);
    conclude_report (p, ses->kind);
}

/* A notification of Amazon SES: the text is JSON. */
bool
amazon_read (struct reading *p)
{
    const struct mail_part *part = reading_part (p->message, PART_TEXT);
    g_autoptr (GString) text = g_string_new (NULL);
    struct sesjson ses;

    /* most mails end here, before anything is decoded again */
    if (!part || !text_has_prefix (text_trim (text_of (p->notice.text)), "{"))
        return false;
    (void)mail_part_append_text (part, text, SESJSON_MAX_BYTES);
    if (!sesjson_read (text_of (text), p->options->limits.value_bytes,
                       p->options->limits.recipients_count, &ses))
        return false;
    take_ses (p, &ses);
    sesjson_clear (&ses);
    return true;
}
