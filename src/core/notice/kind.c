/* Signs in headers and text.
 */
#include "core/notice/kind.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

static bool
field_says (const struct mail_message *m, const char *name, const char *word)
{
    struct dsn_bytes value = header_get (m->fields, name);

    return value.n && text_find_nocase (value, word) != G_MAXSIZE;
}

/* Vendors mark their bounces in fields of their own. */
static bool
has_bounce_field (const struct mail_message *m)
{
    static const char *const names[] = {
        "x-failed-recipients",        "x-ms-exchange-message-is-ndr",
        "x-mailer-daemon-recipients", "x-mx-bounce",
        "x-mimecast-bounce",
    };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (header_has (m->fields, names[i]))
            return true;
    return false;
}

static bool
has_auto_reply_field (const struct mail_message *m)
{
    static const char *const names[] = {
        "x-autoreply",      "x-autorespond",    "x-autoresponder", "x-auto-reply",
        "x-mail-autoreply", "x-autoreply-from", "x-vacation",      "x-autoreply-message",
    };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (header_has (m->fields, names[i]))
            return true;
    return field_says (m, "auto-submitted", "auto-replied") ||
           field_says (m, "precedence", "auto_reply") ||
           field_says (m, "precedence", "auto-reply") ||
           field_says (m, "x-apple-action", "vacation") || field_says (m, "x-precedence", "auto");
}

static bool
has_any_prefix (struct dsn_bytes in, const char *const *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_has_prefix (in, prefixes[i]))
            return true;
    return false;
}

/* @lists: of which lists a phrase stands in From. */
static bool
is_from_system (const struct mail_message *m, uint32_t lists)
{
    /* nobody's or everybody's address: shops and people write from there */
    static const char *const shared[] = { "support", "root",     "helpdesk",  "abuse",
                                          "noreply", "no-reply", "donotreply" };
    g_autoptr (GString) line = NULL, address = NULL;
    struct dsn_bytes name;

    if (lists & PHRASES_BIT (PHRASES_FROM_SYSTEM))
        return true;
    line = g_string_new (NULL);
    address = g_string_new (NULL);
    mail_append_header (line, header_get (m->fields, "from"), 512);
    address_append_from_header (address, text_of (line));
    name = text_of (address);
    return address_is_system (name) && !has_any_prefix (name, shared, G_N_ELEMENTS (shared));
}

bool
kind_is_from_system (const struct mail_message *m, const struct dsn_rules *rules)
{
    g_autoptr (GString) line = g_string_new (NULL);
    struct normal_text normal;
    struct rule_hits hits;
    bool is_system;

    mail_append_header (line, header_get (m->fields, "from"), 512);
    normal_text_init (&normal);
    normal_text_append (&normal, text_of (line));
    rule_hits_init (&hits, rules, &normal);
    is_system = is_from_system (
        m, rule_hits_lists (&hits, (struct text_range){ 0, (uint32_t)normal.text->len }));
    rule_hits_clear (&hits);
    normal_text_clear (&normal);
    return is_system;
}

struct kind_signs
kind_signs (const struct mail_message *m, const struct notice *n)
{
    static const char *const replies[] = { "re:", "aw:", "sv:", "vs:", "antw:", "odp:", "ynt:" };
    static const char *const forwards[] = { "fwd:", "fw:", "wg:", "tr:", "rv:", "i:", "enc:" };
    const struct rule_hits *hits = &n->whole_hits;
    uint32_t in_subject = rule_hits_lists (hits, (struct text_range){ 0, n->subject_end });
    uint32_t in_from = rule_hits_lists (hits, (struct text_range){ n->subject_end, n->from_end });
    uint32_t anywhere = rule_hits_lists (hits, (struct text_range){ 0, UINT32_MAX });
    struct dsn_bytes path = header_get (m->fields, "return-path");
    struct dsn_bytes title = text_trim (header_get (m->fields, "subject"));
    struct kind_signs s = {
        .is_from_system = is_from_system (m, in_from),
        .is_from_daemon = in_from & PHRASES_BIT (PHRASES_FROM_DAEMON),
        .is_null_sender =
            path.n && memchr (path.p, '@', path.n) == NULL && text_find (path, "<>") != G_MAXSIZE,
        .is_auto = field_says (m, "auto-submitted", "auto-"),
        .has_failed_field = has_bounce_field (m),
        .is_report_type = g_strcmp0 (m->type, "multipart/report") == 0 &&
                          (!field_says (m, "content-type", "report-type") ||
                           field_says (m, "content-type", "delivery-status")),
        .has_bounce_subject = in_subject & PHRASES_BIT (PHRASES_BOUNCE_SUBJECT),
        .has_delay_subject = in_subject & PHRASES_BIT (PHRASES_DELAY_SUBJECT),
        .says_failed = anywhere & PHRASES_BIT (PHRASES_FAILED),
        .says_delayed = anywhere & PHRASES_BIT (PHRASES_DELAYED),
        .says_delivered = anywhere & PHRASES_BIT (PHRASES_DELIVERED),
        .is_forward = has_any_prefix (title, forwards, G_N_ELEMENTS (forwards)),
        .is_reply = has_any_prefix (title, replies, G_N_ELEMENTS (replies)),
        .is_list = header_has (m->fields, "list-id") || header_has (m->fields, "list-post"),
        .is_challenge = anywhere & PHRASES_BIT (PHRASES_CHALLENGE),
        .is_unsubscribe =
            text_equal (title, "unsubscribe") || in_subject & PHRASES_BIT (PHRASES_UNSUBSCRIBE),
        .is_receipt = in_subject & PHRASES_BIT (PHRASES_RECEIPT),
    };

    /* mail systems mark their bounces auto-replied too: from them only the words count */
    s.is_auto_reply = (has_auto_reply_field (m) && !s.is_from_system) ||
                      in_subject & PHRASES_BIT (PHRASES_AUTO_REPLY) ||
                      (s.is_auto && anywhere & PHRASES_BIT (PHRASES_AUTO_REPLY));
    return s;
}

unsigned
kind_report_score (const struct kind_signs *s)
{
    unsigned score = 0;

    score += s->is_from_system ? 2 : 0;
    score += s->is_from_daemon ? 1 : 0;
    score += s->is_null_sender ? 1 : 0;
    score += s->has_failed_field ? 3 : 0;
    score += s->is_report_type ? 2 : 0;
    score += s->has_bounce_subject || s->has_delay_subject ? 2 : 0;
    score += s->says_failed || s->says_delayed ? 1 : 0;
    if ((s->is_reply || s->is_forward) && !s->is_from_system)
        score = score > 2 ? score - 2 : 0;
    return score;
}

enum dsn_kind
kind_without_report (const struct kind_signs *s)
{
    if (s->is_challenge)
        return DSN_KIND_CHALLENGE;
    if (s->is_auto_reply)
        return DSN_KIND_AUTO_REPLY;
    if (s->is_unsubscribe)
        return DSN_KIND_UNSUBSCRIBE;
    return DSN_KIND_OTHER;
}
