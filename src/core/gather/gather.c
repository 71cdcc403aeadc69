/* Collecting what a report says: recipients and the returned message.
 */
#include "core/gather/reading.h"

#include "core/bytes/address.h"
#include "core/bytes/mailbox.h"
#include "core/gather/original.h"
#include "core/gather/statuspart.h"
#include "core/bytes/text.h"

GString *
gather_addressee (const struct reading *p)
{
    return reading_mailbox (p, p->message, "to");
}

/* A part whose delimiter is misspelt runs on into the returned message behind it. */
static void
take_swallowed (struct reading *p)
{
    const struct mail_part *part = reading_part (p->message, PART_STATUS);
    g_autoptr (GString) bytes = NULL;

    if (!part)
        return;
    bytes = g_string_new (NULL);
    mail_part_append_bytes (part, bytes);
    original_take_shown (text_of (bytes), p->options, p->report);
}

void
gather_original (struct reading *p)
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
        original_take_shown (text_of (p->notice.text), p->options, p->report);
    if (!p->report->original.message_id)
        take_swallowed (p);
}

/* Bytes of @in up to the ',' that ends its first mailbox. */
static size_t
until_comma (struct dsn_bytes in)
{
    size_t n = 0;

    while (n < in.n && in.p[n] != ',')
        n += MAX (mailbox_quoted_length (dsn_bytes_sub (in, n, in.n)), 1u);
    return n;
}

static void
add_header_drafts (struct reading *p)
{
    struct dsn_bytes in = header_get (p->message->fields, "x-failed-recipients");

    while (in.n && p->drafts->len < p->options->limits.recipients_count) {
        size_t n = until_comma (in);
        struct draft *d = draft_new ();

        d->is_address_unsure = !mail_append_mailbox (d->address, dsn_bytes_sub (in, 0, n),
                                                     p->options->limits.value_bytes);
        d->source = DSN_RECIPIENT_SOURCE_FAILED_HEADER;
        if (d->address->len)
            g_ptr_array_add (p->drafts, d);
        else
            draft_free (d);
        in = dsn_bytes_sub (in, n + 1, in.n);
    }
}

static void
read_status_parts (struct reading *p)
{
    for (guint i = 0; i < p->message->parts->len; i++) {
        const struct mail_part *part = p->message->parts->pdata[i];
        g_autoptr (GString) bytes = NULL;

        if (part->role != PART_STATUS)
            continue;
        bytes = g_string_new (NULL);
        mail_part_append_status (part, bytes);
        statuspart_read (text_of (bytes), &p->options->limits, p->report, p->drafts);
    }
}

/* RFC 3464 fields that stand in the text: a report whose parts were melted into one. From there on
 * nothing is prose. */
static void
read_inline_status (struct reading *p)
{
    struct notice *n = &p->notice;
    unsigned first = G_MAXUINT, judged = 0, named = 0;
    const char *end = n->text->str + n->text->len, *start;

    for (unsigned i = 0; i < n->n_said; i++) {
        struct dsn_bytes line = notice_line_at (n, i)->text, name;

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
        end = notice_line_at (n, n->n_said)->text.p;
    n->n_said = first;
    start = notice_line_at (n, first)->text.p;
    statuspart_read ((struct dsn_bytes){ start, (size_t)(end - start) }, &p->options->limits,
                     p->report, p->drafts);
}

static struct freetext
freetext_of (const struct reading *p, const GString *addressee)
{
    return (struct freetext){ p->rules,
                              &p->notice,
                              p->format,
                              text_of (addressee),
                              p->notice.original.n || reading_part (p->message, PART_MESSAGE) ||
                                  reading_part (p->message, PART_HEADERS),
                              p->options->limits.recipients_count,
                              &p->envelope };
}

/* GroupWise and others name a user of their own host by the local part alone. What the returned
 * message was sent to is the address, else it's made with the report's own domain. */
static void
complete_local_parts (struct reading *p)
{
    g_autoptr (GString) from = reading_mailbox (p, p->message, "from");
    struct dsn_bytes domain = address_domain (text_of (from));

    for (guint i = 0; i < p->drafts->len; i++) {
        struct draft *d = p->drafts->pdata[i];
        g_autoptr (GString) line = NULL;
        struct dsn_bytes name = draft_address (d);
        const char *known;

        if (!name.n || name.n > 64 || !address_is_local_part (name))
            continue;
        known = envelope_find_local (&p->envelope, name);
        d->is_address_unsure = !known;
        if (known)
            g_string_assign (d->address, known);
        else if (domain.n) {
            line = g_string_new_len (name.p, (gssize)name.n);
            g_string_append_c (line, '@');
            g_string_append_len (line, domain.p, (gssize)domain.n);
            g_string_assign (d->address, line->str);
        }
    }
}

/* Status parts, X-Failed-Recipients, the prose: each adds what the one before didn't tell. */
enum freetext_tier
gather_drafts (struct reading *p)
{
    g_autoptr (GString) addressee = gather_addressee (p);
    struct freetext ft = freetext_of (p, addressee);
    enum freetext_tier tier = TIER_PATTERN;

    read_status_parts (p);
    if (!p->drafts->len)
        read_inline_status (p);
    if (!p->drafts->len)
        add_header_drafts (p);
    if (p->drafts->len)
        freetext_enrich (&ft, p->drafts);
    else
        tier = freetext_read (&ft, p->drafts);
    complete_local_parts (p);
    return tier;
}
