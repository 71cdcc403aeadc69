/* Signs in headers and text.
 */
#include "kind.h"

#include "address.h"
#include "text.h"

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

/* Whether From names a program that writes nothing but reports. */
static bool
is_from_daemon (const struct mail_message *m)
{
    static const char *const names[] = {
        "mailer-daemon",       "mailer daemon",        "mailer_daemon",  "maildaemon",
        "mail delivery sub",   "mail delivery system", "mail subsystem", "delivery subsystem",
        "internet mail deliv", "mailerdaemon",
    };
    struct dsn_bytes from = header_get (m->fields, "from");

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (text_find_nocase (from, names[i]) != G_MAXSIZE)
            return true;
    return false;
}

bool
kind_is_from_system (const struct mail_message *m)
{
    static const char *const names[] = {
        "mail delivery",
        "mailer-daemon",
        "mailer daemon",
        "postmaster",
        "mail administrator",
        "system administrator",
        "mail subsystem",
        "internet mail delivery",
        "mailsystem",
        "delivery subsystem",
        "delivery system",
        "message delivery",
        "mdaemon",
        "delivery notification",
        "mail system",
        "post_master",
        "post-master",
    };
    /* nobody's or everybody's address: shops and people write from there */
    static const char *const shared[] = { "support", "root",     "helpdesk",  "abuse",
                                          "noreply", "no-reply", "donotreply" };
    struct dsn_bytes from = header_get (m->fields, "from");
    g_autoptr (GString) line = g_string_new (NULL);
    g_autoptr (GString) address = g_string_new (NULL);

    mail_append_header (line, from, 512);
    address_append_from_header (address, (struct dsn_bytes){ line->str, line->len });
    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (text_find_nocase ((struct dsn_bytes){ line->str, line->len }, names[i]) != G_MAXSIZE)
            return true;
    return address_is_system ((struct dsn_bytes){ address->str, address->len }) &&
           !has_any_prefix ((struct dsn_bytes){ address->str, address->len }, shared,
                            G_N_ELEMENTS (shared));
}

struct kind_signs
kind_signs (const struct mail_message *m, const struct notice *n)
{
    static const char *const replies[] = { "re:", "aw:", "sv:", "vs:", "antw:", "odp:", "ynt:" };
    static const char *const forwards[] = { "fwd:", "fw:", "wg:", "tr:", "rv:", "i:", "enc:" };
    uint32_t subject = n->subject_end, all = (uint32_t)n->whole.text->len;
    struct dsn_bytes path = header_get (m->fields, "return-path");
    struct dsn_bytes title = text_trim (header_get (m->fields, "subject"));
    struct kind_signs s = {
        .is_from_system = kind_is_from_system (m),
        .is_from_daemon = is_from_daemon (m),
        .is_null_sender =
            path.n && memchr (path.p, '@', path.n) == NULL && text_find (path, "<>") != G_MAXSIZE,
        .is_auto = field_says (m, "auto-submitted", "auto-"),
        .has_failed_field = has_bounce_field (m),
        .is_report_type = g_strcmp0 (m->type, "multipart/report") == 0 &&
                          (!field_says (m, "content-type", "report-type") ||
                           field_says (m, "content-type", "delivery-status")),
        .has_bounce_subject = notice_has_listed (n, PHRASES_BOUNCE_SUBJECT, 0, subject),
        .has_delay_subject = notice_has_listed (n, PHRASES_DELAY_SUBJECT, 0, subject),
        .says_failed = notice_has_listed (n, PHRASES_FAILED, 0, all),
        .says_delayed = notice_has_listed (n, PHRASES_DELAYED, 0, all),
        .says_delivered = notice_has_listed (n, PHRASES_DELIVERED, 0, all),
        .is_forward = has_any_prefix (title, forwards, G_N_ELEMENTS (forwards)),
        .is_reply = has_any_prefix (title, replies, G_N_ELEMENTS (replies)),
        .is_list = header_has (m->fields, "list-id") || header_has (m->fields, "list-post"),
        .is_challenge = notice_has_listed (n, PHRASES_CHALLENGE, 0, all),
        .is_unsubscribe = text_equal (title, "unsubscribe") ||
                          notice_has_listed (n, PHRASES_UNSUBSCRIBE, 0, subject),
        .is_receipt = notice_has_listed (n, PHRASES_RECEIPT, 0, subject),
    };

    /* mail systems mark their bounces auto-replied too: from them only the words count */
    s.is_auto_reply = (has_auto_reply_field (m) && !s.is_from_system) ||
                      notice_has_listed (n, PHRASES_AUTO_REPLY, 0, subject) ||
                      (s.is_auto && notice_has_listed (n, PHRASES_AUTO_REPLY, 0, all));
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
