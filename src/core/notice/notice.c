/* Gathering the notification and finding where the returned message begins.
 */
#include "core/notice/notice.h"

#include "core/bytes/text.h"
#include "core/notice/dialogue.h"

/* A returned message without a marker shows by a run of this many fields of a mail's header. */
#define MIN_HEADER_RUN 4
/* After a marker this many are enough, among this many lines. */
#define MIN_MARKED_RUN 2
#define MARKED_WINDOW  8
/* So much of Subject and From counts. */
#define HEADER_BYTES 1024

static bool
is_blank_text (const GString *s, size_t from)
{
    for (size_t i = from; i < s->len; i++)
        if (!g_ascii_isspace (s->str[i]))
            return false;
    return true;
}

/* The text parts that speak: those before a returned message, or else any; HTML only where there
 * is no plain text. */
static void
gather_text (struct notice *n, const struct mail_message *message, size_t max_bytes)
{
    static const enum part_role order[] = { PART_TEXT, PART_HTML };

    for (size_t pass = 0; pass < G_N_ELEMENTS (order) && is_blank_text (n->text, 0); pass++)
        for (guint i = 0; i < message->parts->len && n->text->len < max_bytes; i++) {
            const struct mail_part *part = message->parts->pdata[i];
            if (part->role != order[pass])
                continue;
            if (n->text->len)
                g_string_append (n->text, "\n\n");
            n->is_guessed |= !mail_part_append_text (part, n->text, max_bytes - n->text->len);
        }
}

static unsigned
indent_of (struct dsn_bytes line)
{
    unsigned indent = 0;

    for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
        indent += line.p[i] == '\t' ? 8 : 1;
    return indent;
}

/* Starts the whole text with a field of the header. */
static void
append_field (struct notice *n, const struct mail_message *message, const char *name)
{
    g_autoptr (GString) line = g_string_new (NULL);

    mail_append_header (line, header_get (message->fields, name), HEADER_BYTES);
    normal_text_append (&n->whole, text_of (line));
}

static void
split_lines (struct notice *n, size_t max_line_bytes)
{
    struct dsn_bytes rest = text_of (n->text), line, before = { 0 };
    bool is_before_reply = false;

    normal_text_append (&n->whole, (struct dsn_bytes){ 0 });
    while (text_next_line (&rest, &line)) {
        struct notice_line l = { .indent = indent_of (line) };
        struct dsn_bytes trimmed = text_trim (line);

        l.text = text_trim (dsn_bytes_sub (line, 0, max_line_bytes));
        l.begins_reply = dialogue_begins_reply (l.text, before, is_before_reply);
        if (dialogue_has_words (l.text)) {
            before = l.text;
            is_before_reply = l.begins_reply;
        }
        /* no phrase goes on in a reply, and its code is known by the place */
        if (l.begins_reply)
            normal_text_append (&n->whole, (struct dsn_bytes){ 0 });
        l.start = normal_text_append_line (&n->whole, trimmed);
        l.end = (uint32_t)n->whole.text->len;
        g_array_append_val (n->lines, l);
    }
}

static void
mark_line (struct notice_line *l, const struct match_hit *hit, uint32_t lists)
{
    l->lists |= lists;
    if (lists & PHRASES_BIT (PHRASES_ORIGINAL_MARKER) && hit->start == l->start &&
        hit->end + 1 >= l->end && l->text.p[l->text.n - 1] == ':')
        l->is_marker = true;
}

/* A phrase that begins on line @i ends on a later one. */
static void
mark_wrapped (struct notice *n, guint i, const struct match_hit *hit, uint32_t lists)
{
    while (i < n->lines->len && g_array_index (n->lines, struct notice_line, i).end < hit->end)
        i++;
    if (i < n->lines->len)
        g_array_index (n->lines, struct notice_line, i).wrapped |= lists;
}

/* Sets each line's lists. */
static void
mark_lines (struct notice *n, const struct dsn_rules *rules)
{
    guint at = 0;

    for (guint h = 0; h < n->found->len; h++) {
        const struct match_hit *hit = &g_array_index (n->found, struct match_hit, h);
        struct notice_line *l;

        while (at < n->lines->len &&
               g_array_index (n->lines, struct notice_line, at).end <= hit->start)
            at++;
        if (at == n->lines->len)
            return;
        l = &g_array_index (n->lines, struct notice_line, at);
        if (hit->start >= l->start && hit->end <= l->end)
            mark_line (l, hit, ruleset_uses (rules, hit->phrase)->lists);
        else
            mark_wrapped (n, at, hit, ruleset_uses (rules, hit->phrase)->lists);
    }
}

/* How much a field's name speaks for the header of a mail: 2 for what only real headers have. */
static unsigned
header_weight (struct dsn_bytes line)
{
    static const char *const sure[] = { "received",     "return-path", "dkim-signature",
                                        "mime-version", "x-mailer",    "x-originating-ip",
                                        "delivered-to", "envelope-to", "domainkey-signature" };
    static const char *const likely[] = { "from",
                                          "to",
                                          "cc",
                                          "date",
                                          "subject",
                                          "reply-to",
                                          "sender",
                                          "message-id",
                                          "content-type",
                                          "list-id",
                                          "content-transfer-encoding",
                                          "references",
                                          "in-reply-to",
                                          "user-agent",
                                          "importance",
                                          "thread-index",
                                          "sent",
                                          "resent-from",
                                          "precedence" };
    struct dsn_bytes name;

    while (line.n && (line.p[0] == '>' || line.p[0] == '|' || line.p[0] == ' '))
        line = dsn_bytes_sub (line, 1, line.n);
    if (text_has_prefix (line, "From ") && text_find (line, ":") != G_MAXSIZE)
        return 1;
    if (!header_is_field (line, &name))
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS (sure); i++)
        if (text_equal (name, sure[i]))
            return 2;
    for (size_t i = 0; i < G_N_ELEMENTS (likely); i++)
        if (text_equal (name, likely[i]))
            return 1;
    return text_has_prefix (name, "x-") || text_has_prefix (name, "arc-") ? 1 : 0;
}

/* A header block starts at line @i: enough fields in a row (continuations and foreign fields
 * between them), one of them a sure sign. */
static bool
starts_header (const struct notice *n, unsigned i)
{
    unsigned fields = 0, sure = 0;
    const struct notice_line *first = notice_line_at (n, i);
    struct dsn_bytes name;

    if (!header_weight (first->text))
        return false;
    for (; i < n->lines->len && fields < 12; i++) {
        const struct notice_line *l = notice_line_at (n, i);
        unsigned weight = header_weight (l->text);

        if (!l->text.n)
            break;
        fields += weight > 0;
        sure += weight > 1;
        if (!weight && l->indent <= first->indent && !header_is_field (l->text, &name) &&
            l->text.p[0] != '>')
            break;
    }
    return fields >= MIN_HEADER_RUN && sure > 0;
}

/* "----- Original message -----": a ruler with words; nothing after it speaks. */
static bool
is_ruler (struct dsn_bytes line)
{
    return line.n > 3 && strchr ("-=*_>", line.p[0]) && line.p[1] == line.p[0];
}

/* What follows the marker, but for blank lines and rulers, is a header. */
static bool
header_follows (const struct notice *n, unsigned i)
{
    unsigned fields = 0, end = MIN (i + 1 + MARKED_WINDOW, n->lines->len);

    for (i++; i < end; i++) {
        struct dsn_bytes line = notice_line_at (n, i)->text;
        bool is_field = header_weight (line) > 0;

        if (!fields && !is_field && line.n && !is_ruler (line))
            return false;
        fields += is_field;
    }
    return fields >= MIN_MARKED_RUN;
}

/* Fields shown after words like "a message with the following header:", with more to say behind
 * them, aren't the returned message: those have Received lines and the like, and nothing after
 * them introduces recipients. */
static bool
is_shown_header (const struct notice *n, unsigned i)
{
    bool is_past = false;

    for (i++; i < n->lines->len; i++) {
        const struct notice_line *l = notice_line_at (n, i);
        if (header_weight (l->text) > 1)
            return false;
        is_past |= !l->text.n && i > 0 && header_weight (notice_line_at (n, i - 1)->text) > 0;
        if (is_past &&
            l->lists & (PHRASES_BIT (PHRASES_RECIPIENT_INTRO) | PHRASES_BIT (PHRASES_FAILED)))
            return true;
    }
    return false;
}

/* Shown fields of the original ("  Subject: x"), that don't end the notification. */
static void
mark_quoted_headers (struct notice *n)
{
    static const char *const names[] = {
        "subject", "date", "sent", "message-id", "from", "sender"
    };
    struct dsn_bytes name;

    for (unsigned i = 0; i < n->n_said; i++) {
        struct notice_line *l = &g_array_index (n->lines, struct notice_line, i);
        if (!header_is_field (l->text, &name))
            continue;
        for (size_t k = 0; k < G_N_ELEMENTS (names); k++)
            l->is_quoted_header |= text_equal (name, names[k]);
    }
}

void
notice_cut (struct notice *n, unsigned line, bool is_inside)
{
    unsigned from = is_inside ? line : line + 1;

    if (line >= n->n_said)
        return;
    n->n_said = line;
    n->original = (struct dsn_bytes){ 0 };
    if (from < n->lines->len) {
        const char *start = g_array_index (n->lines, struct notice_line, from).text.p;
        /* the line's text is trimmed: go back to its first blank */
        while (start > n->text->str && start[-1] != '\n')
            start--;
        n->original = (struct dsn_bytes){ start, (size_t)(n->text->str + n->text->len - start) };
    }
}

void
notice_read (struct notice *n, const struct mail_message *message, const struct dsn_rules *rules,
             const struct dsn_limits *limits)
{
    *n = (struct notice){ 0 };
    n->text = g_string_sized_new (2048);
    n->lines = g_array_sized_new (FALSE, FALSE, sizeof (struct notice_line), 64);
    n->found = g_array_sized_new (FALSE, FALSE, sizeof (struct match_hit), 64);
    normal_text_init (&n->whole);
    append_field (n, message, "subject");
    n->subject_end = (uint32_t)n->whole.text->len;
    append_field (n, message, "from");
    n->from_end = (uint32_t)n->whole.text->len;
    gather_text (n, message, limits->text_bytes);
    split_lines (n, limits->line_bytes);
    wordings_run (rules->wordings, text_of (n->whole.text), n->found);
    mark_lines (n, rules);
    n->n_said = n->lines->len;
    for (unsigned i = 0; i < n->n_said; i++) {
        const struct notice_line *l = notice_line_at (n, i);

        if (l->lists & PHRASES_BIT (PHRASES_ORIGINAL_MARKER) &&
            (l->is_marker || is_ruler (l->text) ||
             (header_follows (n, i) && !is_shown_header (n, i))))
            notice_cut (n, i, false);
        else if (starts_header (n, i))
            notice_cut (n, i, true);
    }
    mark_quoted_headers (n);
}

void
notice_finish (struct notice *n, const struct dsn_rules *rules)
{
    uint32_t end =
        n->n_said ? g_array_index (n->lines, struct notice_line, n->n_said - 1).end : n->from_end;
    guint kept = 0;

    if (n->n_said < n->lines->len) {
        for (guint i = 0; i < n->found->len; i++) {
            struct match_hit hit = g_array_index (n->found, struct match_hit, i);
            if (hit.end <= end)
                g_array_index (n->found, struct match_hit, kept++) = hit;
        }
        g_array_set_size (n->found, kept);
        g_string_truncate (n->whole.text, end);
    }
    rule_hits_init_taken (&n->whole_hits, rules, &n->whole, g_steal_pointer (&n->found));
}

void
notice_clear (struct notice *n)
{
    g_string_free (n->text, TRUE);
    g_array_unref (n->lines);
    g_clear_pointer (&n->found, g_array_unref);
    if (n->whole_hits.rules)
        rule_hits_clear (&n->whole_hits);
    normal_text_clear (&n->whole);
}

bool
notice_has (const struct notice *n, const struct rule_phrase *phrase, uint32_t start, uint32_t end)
{
    struct rule_hit hit;

    return rule_hits_find (&n->whole_hits, phrase->id, true, (struct text_range){ start, end },
                           &hit);
}

bool
notice_line_has_any (const struct notice *n, unsigned i, const GArray *phrases)
{
    const struct notice_line *l = notice_line_at (n, i);

    for (guint k = 0; k < phrases->len; k++)
        if (notice_has (n, &g_array_index (phrases, struct rule_phrase, k), l->start, l->end))
            return true;
    return false;
}
