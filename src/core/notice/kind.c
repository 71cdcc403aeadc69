/* Signs in header, parts and words.
 */
#include "core/notice/kind.h"

#include "core/bytes/address.h"
#include "core/bytes/text.h"

/* So much of a field counts. */
#define FIELD_BYTES 512
/* Fields of an author that are looked at. */
#define MAX_AUTHORS 8

static bool
field_says (const struct mail_message *m, const char *name, const char *word)
{
    struct dsn_bytes value = header_get (m->fields, name);

    return value.n && text_find_nocase (value, word) != G_MAXSIZE;
}

static bool
has_part (const struct mail_message *m, enum part_role role)
{
    for (guint i = 0; i < m->parts->len; i++)
        if (((const struct mail_part *)m->parts->pdata[i])->role == role)
            return true;
    return false;
}

static bool
holds_message (const struct mail_message *m)
{
    for (guint i = 0; i < m->parts->len; i++)
        if (((const struct mail_part *)m->parts->pdata[i])->message)
            return true;
    return false;
}

/* The marks of @m's own fields, and of those of the mail inside that Hotmail's complaints have. */
static uint32_t
marks_of (const struct mail_message *m, const struct dsn_rules *rules)
{
    uint32_t marks = 0;

    for (guint i = 0; i < m->fields->len; i++) {
        const struct header_field *f = &g_array_index (m->fields, struct header_field, i);
        marks |= marks_of_field (&rules->marks, f->name, f->value);
    }
    for (guint p = 0; p < m->parts->len; p++) {
        const struct mail_message *inside = ((const struct mail_part *)m->parts->pdata[p])->message;
        for (guint i = 0; inside && i < inside->fields->len; i++) {
            const struct header_field *f = &g_array_index (inside->fields, struct header_field, i);
            marks |= marks_of_field (&rules->marks, f->name, f->value) & MARK_BIT (MARK_COMPLAINT);
        }
    }
    return marks;
}

static bool
is_system_address (struct dsn_bytes line, const struct marks *marks)
{
    g_autoptr (GString) address = g_string_new (NULL);

    (void)address_append_from_header (address, line);
    return marks_is_system (marks, text_of (address));
}

/* The signs of an author: FROM_SYSTEM, FROM_DAEMON. */
static sign_set
signs_of_author (struct dsn_bytes value, const struct dsn_rules *rules)
{
    g_autoptr (GString) line = g_string_new (NULL);
    struct normal_text normal;
    struct rule_hits hits;
    uint32_t lists;
    sign_set signs = 0;

    mail_append_header (line, value, FIELD_BYTES);
    normal_text_init (&normal);
    normal_text_append (&normal, text_of (line));
    rule_hits_init (&hits, rules, &normal);
    lists = rule_hits_lists (&hits, (struct text_range){ 0, (uint32_t)normal.text->len });
    signs = sign_with (signs, SIGN_FROM_SYSTEM,
                       lists & PHRASES_BIT (PHRASES_FROM_SYSTEM) ||
                           is_system_address (text_of (line), &rules->marks));
    signs = sign_with (signs, SIGN_FROM_DAEMON, lists & PHRASES_BIT (PHRASES_FROM_DAEMON));
    rule_hits_clear (&hits);
    normal_text_clear (&normal);
    return signs;
}

bool
kind_is_system (struct dsn_bytes from, const struct dsn_rules *rules)
{
    return sign_has (signs_of_author (from, rules), SIGN_FROM_SYSTEM);
}

/* The author as From says; where a list put its own name there, as the list says. */
static sign_set
author_signs (const struct mail_message *m, const struct dsn_rules *rules, uint32_t marks)
{
    sign_set signs = signs_of_author (header_get (m->fields, "from"), rules);
    unsigned n = 0;

    for (guint i = 0; i < m->fields->len && n < MAX_AUTHORS && marks & MARK_BIT (MARK_LIST); i++) {
        const struct header_field *f = &g_array_index (m->fields, struct header_field, i);
        if (!(marks_of_field (&rules->marks, f->name, f->value) & MARK_BIT (MARK_AUTHOR)))
            continue;
        signs |= signs_of_author (f->value, rules);
        n++;
    }
    return signs;
}

/* What stands in the header. */
static sign_set
header_signs (const struct mail_message *m, uint32_t marks, bool is_system)
{
    struct dsn_bytes path = header_get (m->fields, "return-path");
    bool is_null = path.n && !memchr (path.p, '@', path.n) && text_find (path, "<>") != G_MAXSIZE;
    bool is_report = g_strcmp0 (m->type, "multipart/report") == 0 &&
                     (!field_says (m, "content-type", "report-type") ||
                      field_says (m, "content-type", "delivery-status"));
    sign_set s = 0;

    s = sign_with (s, SIGN_BOUNCE_FIELD, marks & MARK_BIT (MARK_BOUNCE));
    s = sign_with (s, SIGN_COMPLAINT_FIELD, marks & MARK_BIT (MARK_COMPLAINT));
    /* mail systems mark their bounces auto-replied too: from them only the words count */
    s = sign_with (s, SIGN_AUTO_REPLY_FIELD, marks & MARK_BIT (MARK_AUTO_REPLY) && !is_system);
    s = sign_with (s, SIGN_AUTO_SUBMITTED, field_says (m, "auto-submitted", "auto-"));
    s = sign_with (s, SIGN_BULK, header_has (m->fields, "precedence"));
    s = sign_with (s, SIGN_REPORT_TYPE, is_report);
    s = sign_with (s, SIGN_NULL_SENDER, is_null);
    /* who writes to a list is a person, unless it's a mail system to which the list wrote */
    s = sign_with (s, SIGN_LIST_OF_SYSTEM, marks & MARK_BIT (MARK_LIST) && is_system);
    return sign_with (s, SIGN_LIST_FIELD, marks & MARK_BIT (MARK_LIST) && !is_system);
}

/* Whether @title is a wish to be taken off a list and nothing else: words within a sentence may ask
 * for the opposite, or for somebody else. */
static bool
is_wish (const struct notice *n, struct dsn_bytes title)
{
    const GArray *phrases = n->whole_hits.rules->phrases[PHRASES_UNSUBSCRIBE];
    const struct text_range range = { 0, n->subject_end };
    struct dsn_bytes whole = text_trim (title);
    const char *tag;

    while (whole.n && strchr (".!", whole.p[whole.n - 1]))
        whole.n--;
    /* a gateway's mark of mail from outside is none of the words */
    if (whole.n && whole.p[0] == '[' && (tag = memchr (whole.p, ']', whole.n)))
        whole = text_trim (dsn_bytes_sub (whole, (size_t)(tag - whole.p) + 1, whole.n));
    for (guint i = 0; i < phrases->len; i++) {
        uint32_t id = g_array_index (phrases, struct rule_phrase, i).id;
        struct rule_hit hit;

        if (rule_hits_find (&n->whole_hits, id, true, range, &hit) &&
            hit.end - hit.start == whole.n)
            return true;
    }
    return false;
}

static sign_set
subject_signs (const struct mail_message *m, const struct notice *n, uint32_t marks, bool is_system)
{
    struct dsn_bytes title = dsn_bytes_sub (text_of (n->whole.text), 0, n->subject_end);
    uint32_t lists = rule_hits_lists (&n->whole_hits, (struct text_range){ 0, n->subject_end });
    uint32_t starts = marks_of_subject (&n->whole_hits.rules->marks, title);
    bool is_reply = starts & MARK_BIT (MARK_REPLY) && !is_system;
    sign_set s = 0;

    s = sign_with (s, SIGN_REPLY_SUBJECT, is_reply);
    s = sign_with (s, SIGN_ANSWER, is_reply && marks & MARK_BIT (MARK_ANSWER));
    s = sign_with (s, SIGN_FORWARD_SUBJECT, starts & MARK_BIT (MARK_FORWARD) && !is_system);
    s = sign_with (s, SIGN_COMPLAINT_SUBJECT,
                   starts & MARK_BIT (MARK_COMPLAINT) && holds_message (m));
    s = sign_with (s, SIGN_BOUNCE_SUBJECT, lists & PHRASES_BIT (PHRASES_BOUNCE_SUBJECT));
    s = sign_with (s, SIGN_DELAY_SUBJECT, lists & PHRASES_BIT (PHRASES_DELAY_SUBJECT));
    s = sign_with (s, SIGN_AUTO_REPLY_SUBJECT, lists & PHRASES_BIT (PHRASES_AUTO_REPLY));
    return sign_with (s, SIGN_UNSUBSCRIBE_SUBJECT,
                      lists & PHRASES_BIT (PHRASES_UNSUBSCRIBE) && is_wish (n, title));
}

/* Whether all lines that speak of a failure are somebody else's words, marked with '>'. A system
 * that shows its dialogue marks lines with more than one. */
static bool
is_quoted (const struct notice *n)
{
    const uint32_t telling = PHRASES_BIT (PHRASES_FAILED) | PHRASES_BIT (PHRASES_RECIPIENT_INTRO);
    unsigned quoted = 0;

    for (unsigned i = 0; i < n->n_said; i++) {
        const struct notice_line *l = notice_line_at (n, i);
        bool is_quote = l->text.n > 1 && l->text.p[0] == '>' && l->text.p[1] != '>';

        if (l->lists & telling && !is_quote)
            return false;
        quoted += is_quote;
    }
    return quoted > 0;
}

static sign_set
word_signs (const struct notice *n)
{
    static const struct {
        enum phrases_name list;
        enum sign sign;
    } told[] = {
        { PHRASES_FAILED, SIGN_SAYS_FAILED },
        { PHRASES_DELAYED, SIGN_SAYS_DELAYED },
        { PHRASES_RETRYING, SIGN_SAYS_RETRYING },
        { PHRASES_FINAL, SIGN_SAYS_FINAL },
        { PHRASES_DELIVERED, SIGN_SAYS_DELIVERED },
        { PHRASES_NOTHING_FAILED, SIGN_SAYS_NOTHING_FAILED },
        { PHRASES_FOR_OPERATORS, SIGN_FOR_OPERATORS },
        { PHRASES_CHALLENGE, SIGN_CHALLENGE_WORDS },
        { PHRASES_AUTO_REPLY, SIGN_AUTO_REPLY_WORDS },
        { PHRASES_TICKET, SIGN_TICKET_WORDS },
        { PHRASES_PERSON, SIGN_PERSON_WORDS },
    };
    uint32_t lists = rule_hits_lists (&n->whole_hits, (struct text_range){ 0, UINT32_MAX });
    sign_set s = 0;

    for (size_t i = 0; i < G_N_ELEMENTS (told); i++)
        s = sign_with (s, told[i].sign, lists & PHRASES_BIT (told[i].list));
    return sign_with (s, SIGN_QUOTED, is_quoted (n));
}

static sign_set
format_signs (const struct format *f, const struct notice *n)
{
    enum dsn_kind kind = f ? format_kind (f, n) : DSN_KIND_NONE;
    sign_set s = sign_with (0, SIGN_FORMAT, f != NULL);

    s = sign_with (s, SIGN_FORMAT_FAILED, kind == DSN_KIND_BOUNCE);
    s = sign_with (s, SIGN_FORMAT_DELAYED, kind == DSN_KIND_DELAYED);
    return sign_with (s, SIGN_FORMAT_DELIVERED, kind == DSN_KIND_DELIVERED);
}

sign_set
kind_signs (const struct mail_message *m, const struct notice *n, const struct format *format)
{
    const struct dsn_rules *rules = n->whole_hits.rules;
    uint32_t marks = marks_of (m, rules);
    sign_set s = author_signs (m, rules, marks);
    bool is_system = sign_has (s, SIGN_FROM_SYSTEM);

    s |= header_signs (m, marks, is_system) | subject_signs (m, n, marks, is_system) |
         word_signs (n) | format_signs (format, n);
    s = sign_with (s, SIGN_STATUS_PART, has_part (m, PART_STATUS));
    s = sign_with (s, SIGN_FEEDBACK_PART, has_part (m, PART_FEEDBACK));
    s = sign_with (s, SIGN_DISPOSITION_PART, has_part (m, PART_DISPOSITION));
    return sign_with (s, SIGN_RETURNS_MAIL,
                      n->original.n || has_part (m, PART_MESSAGE) || has_part (m, PART_HEADERS));
}
