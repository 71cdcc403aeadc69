/* Prose to drafts. Lines are read once into candidates (an address, how it stands there, and the
 * lines that belong to it); the best tier wins and the dialogue's lines are added by address.
 */
#include "freetext.h"

#include "address.h"
#include "pattern.h"
#include "smtpreply.h"
#include "text.h"

/* Text kept for one recipient. */
#define MAX_TEXT 2048
/* Text that recipients share, over all of them: a thousand needn't be judged by 2 KiB each. */
#define MAX_SHARED (256 * 1024)
/* Words before an address on its line that still let it start the line: "* ", "1) ", "To: ". */
#define MAX_BULLET 4

struct candidate {
    struct dsn_bytes address;
    struct dsn_bytes alias; /* the address before expansion; empty: none */
    struct dsn_bytes rest;  /* text after it on the line */
    enum freetext_tier tier;
    unsigned line, end; /* its lines: line..end-1 */
};

struct scan {
    const struct freetext *ft;
    GArray *candidates;
    bool in_section;        /* failing addresses are announced */
    unsigned section_found; /* and so many came already */
    unsigned blank_end;     /* line after the last empty one */
    GString **text_of;      /* by line: the recipient's text that it went to */
};

static const struct notice_line *
line_at (const struct freetext *ft, unsigned i)
{
    return &g_array_index (ft->notice->lines, struct notice_line, i);
}

static bool
has_phrase (const struct notice_line *l, enum phrases_name name)
{
    return l->lists & PHRASES_BIT (name);
}

/* Marks of the two sides of a dialogue in transcripts. */
static size_t
side_length (struct dsn_bytes line, bool *ret_is_client)
{
    static const struct {
        const char *mark;
        bool is_client;
    } sides[] = {
        { ">>>", true }, { "<<<", false }, { "Out:", false },         { "In:", true },
        { "->", true },  { "<-", false },  { "Received >>>", false }, { "Sent <<<", true },
        { "C:", true },  { "S:", false },  { "Sent:", true },         { "Received:", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (sides); i++)
        if (text_has_prefix (line, sides[i].mark)) {
            *ret_is_client = sides[i].is_client;
            return strlen (sides[i].mark);
        }
    return 0;
}

static bool
is_reply_line (struct dsn_bytes line)
{
    unsigned code = 0;

    return text_scan_number (dsn_bytes_sub (line, 0, 3), 599, &code) == 3 && code >= 200 &&
           (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
}

/* "550 5.1.1 <a@b>... User unknown", ">>> RCPT To:<a@b>": a line of an SMTP dialogue. */
static bool
is_dialogue (struct dsn_bytes line, bool *ret_is_client)
{
    static const char *const commands[] = { "rcpt to:", "mail from:", "data",  "helo",
                                            "ehlo",     "rcpt ",      "mail ", "lhlo" };
    size_t n;
    struct dsn_bytes rest;

    *ret_is_client = false;
    n = side_length (line, ret_is_client);
    if (!n)
        return is_reply_line (line);
    rest = text_trim (dsn_bytes_sub (line, n, line.n));
    if (!*ret_is_client)
        return is_reply_line (rest);
    for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
        if (text_has_prefix (rest, commands[i]))
            return true;
    return false;
}

/* What stands before an address at the start of its line and isn't words. */
static bool
is_bullet (struct dsn_bytes before)
{
    before = text_trim (before);
    if (before.n > MAX_BULLET)
        return false;
    for (size_t i = 0; i < before.n; i++)
        if (g_ascii_isalpha (before.p[i]) || (unsigned char)before.p[i] >= 0x80)
            return false;
    return true;
}

static struct dsn_bytes
after_address (struct dsn_bytes line, size_t end)
{
    while (end < line.n && strchr (">\"')]:;,. \t-", line.p[end]))
        end++;
    return text_trim (dsn_bytes_sub (line, end, line.n));
}

static enum freetext_tier
tier_of (const struct scan *s, const struct notice_line *l, size_t at, size_t end)
{
    struct dsn_bytes before = dsn_bytes_sub (l->text, 0, at);
    bool is_start = is_bullet (before), is_client;
    bool is_bracketed = at > 0 && l->text.p[at - 1] == '<' && end + 1 < l->text.n &&
                        l->text.p[end] == '>' && l->text.p[end + 1] == ':';

    if (has_phrase (l, PHRASES_NOT_RECIPIENT) || text_has_prefix (l->text, "mail from"))
        return TIER_NONE;
    if (text_has_prefix (l->text, "rcpt to"))
        return TIER_NAMED;
    if (is_start && (s->in_section || (is_bracketed && at == 1)))
        return TIER_NAMED;
    if (is_start)
        return TIER_LINE;
    if (is_dialogue (l->text, &is_client))
        return TIER_DIALOGUE;
    if (has_phrase (l, PHRASES_RECIPIENT_INTRO))
        return TIER_NAMED;
    return TIER_MENTION;
}

static bool
is_in_url (struct dsn_bytes line, size_t at)
{
    while (at > 0 && !g_ascii_isspace (line.p[at - 1]) && line.p[at - 1] != '<')
        at--;
    return text_has_prefix (dsn_bytes_sub (line, at, line.n), "http") ||
           text_has_prefix (dsn_bytes_sub (line, at, line.n), "mid:");
}

static void
add_line_candidates (struct scan *s, unsigned i)
{
    const struct notice_line *l = line_at (s->ft, i);
    size_t at = 0, n = 0;

    /* twice as many as are kept: a text may name each more than once */
    while (s->candidates->len < 2 * s->ft->max_recipients &&
           (at = address_find (l->text, at, &n)) != G_MAXSIZE) {
        struct candidate c = { { l->text.p + at, n }, { 0 }, { 0 }, TIER_NONE, i, i + 1 };

        c.tier = tier_of (s, l, at, at + n);
        c.rest = after_address (l->text, at + n);
        if (l->is_quoted_header || is_in_url (l->text, at) || address_is_system (c.address))
            c.tier = TIER_NONE;
        if (c.tier < TIER_NONE)
            g_array_append_val (s->candidates, c);
        if (c.tier == TIER_NAMED)
            s->section_found++;
        at += n;
    }
}

/* Tries the format's patterns on line @i; true if one took it. */
static bool
match_patterns (struct scan *s, unsigned i)
{
    const struct format *f = s->ft->format;
    const struct notice_line *l = line_at (s->ft, i);
    struct pattern_fields fields;

    for (guint k = 0; k < f->recipients->len; k++)
        if (pattern_match (f->recipients->pdata[k], l->text, &fields) && fields.addr.n) {
            struct candidate c = { fields.addr, { 0 }, fields.text, TIER_PATTERN, i, i + 1 };
            g_array_append_val (s->candidates, c);
            return true;
        }
    for (guint k = 0; k < f->aliases->len && s->candidates->len; k++)
        if (pattern_match (f->aliases->pdata[k], l->text, &fields) && fields.addr.n) {
            g_array_index (s->candidates, struct candidate, s->candidates->len - 1).alias =
                fields.addr;
            return true;
        }
    return false;
}

/* Prose ends a section of addresses; blank lines, bullets and what is indented don't. */
static void
update_section (struct scan *s, unsigned i)
{
    const struct notice_line *l = line_at (s->ft, i);

    if (has_phrase (l, PHRASES_RECIPIENT_INTRO)) {
        s->in_section = true;
        s->section_found = 0;
    } else if (s->in_section && s->section_found && l->text.n && l->indent == 0 &&
               memchr (l->text.p, '@', l->text.n) == NULL && i > 0 &&
               line_at (s->ft, i - 1)->text.n == 0)
        s->in_section = false;
}

/* A line indented deeper than the candidate before it, without a blank line between, goes on about
 * that one, whatever addresses it names. */
static bool
continues_block (const struct scan *s, unsigned i)
{
    const struct candidate *last;

    if (!s->candidates->len || i == 0 || !line_at (s->ft, i - 1)->text.n)
        return false;
    last = &g_array_index (s->candidates, struct candidate, s->candidates->len - 1);
    if (last->tier > TIER_LINE)
        return false;
    if (s->blank_end > last->line)
        return false;
    return line_at (s->ft, i)->indent > line_at (s->ft, last->line)->indent;
}

static void
scan_lines (struct scan *s)
{
    const struct freetext *ft = s->ft;
    unsigned start = 0;

    for (unsigned i = 0; ft->format && i < ft->notice->n_said; i++)
        if (notice_line_has_any (ft->notice, i, ft->format->start)) {
            start = i + 1;
            break;
        }
    for (unsigned i = start; i < ft->notice->n_said; i++) {
        if (i > 0 && !line_at (ft, i - 1)->text.n)
            s->blank_end = i;
        if (ft->format && notice_line_has_any (ft->notice, i, ft->format->skip))
            continue;
        update_section (s, i);
        if (ft->format && match_patterns (s, i))
            continue;
        if (!continues_block (s, i))
            add_line_candidates (s, i);
    }
}

static bool
is_better_known (const GArray *candidates, guint i, enum freetext_tier best)
{
    const struct candidate *c = &g_array_index (candidates, struct candidate, i);

    for (guint k = 0; k < i; k++) {
        const struct candidate *o = &g_array_index (candidates, struct candidate, k);
        if (o->tier <= best && address_equal (o->address, c->address))
            return true;
    }
    return false;
}

/* The best tier that names anybody but the sender; the sender counts when nobody else is there. */
static enum freetext_tier
best_tier (const struct scan *s, bool *ret_is_sender)
{
    enum freetext_tier best = TIER_NONE, best_any = TIER_NONE;

    for (guint i = 0; i < s->candidates->len; i++) {
        const struct candidate *c = &g_array_index (s->candidates, struct candidate, i);
        best_any = MIN (best_any, c->tier);
        if (!address_equal (c->address, s->ft->sender))
            best = MIN (best, c->tier);
    }
    /* a mention can't outweigh a place where only a failing address stands */
    *ret_is_sender = best == TIER_NONE || (best == TIER_MENTION && best_any <= TIER_NAMED);
    return *ret_is_sender ? best_any : best;
}

static void
append_text (GString *out, struct dsn_bytes text)
{
    if (!text.n || out->len >= MAX_TEXT)
        return;
    if (out->len)
        g_string_append_c (out, ' ');
    (void)text_append_line (out, text, MAX_TEXT - MIN (out->len, (size_t)MAX_TEXT));
}

/* By line, the first candidate that stands in it, counted from 1; 0: none. Those lines belong to
 * the recipient that they name. (transfer full): g_free() */
static guint *
mark_candidate_lines (const struct scan *s, enum freetext_tier best)
{
    guint *taken_by = g_new0 (guint, s->ft->notice->lines->len + 1);

    for (guint i = 0; i < s->candidates->len; i++) {
        const struct candidate *c = &g_array_index (s->candidates, struct candidate, i);
        /* in a dialogue every line belongs to the one that it names */
        if (c->tier <= best && c->tier != TIER_DIALOGUE && !taken_by[c->line])
            taken_by[c->line] = i + 1;
    }
    return taken_by;
}

/* Whether the line begins another recipient, or @c once more. */
static bool
is_anothers (const struct scan *s, guint taken_by, const struct candidate *c)
{
    const struct candidate *o;
    struct dsn_bytes line;

    if (!taken_by)
        return false;
    o = &g_array_index (s->candidates, struct candidate, taken_by - 1);
    line = line_at (s->ft, o->line)->text;
    return !address_equal (o->address, c->address) ||
           is_bullet ((struct dsn_bytes){ line.p, (size_t)(o->address.p - line.p) });
}

/* The lines after a candidate's own that speak of it. */
static void
take_block (const struct scan *s, const struct candidate *c, const guint *taken_by, GString *out)
{
    const struct freetext *ft = s->ft;
    enum format_block block = ft->format ? ft->format->block : BLOCK_BLANK;
    unsigned indent = line_at (ft, c->line)->indent;
    unsigned blanks = 0;
    size_t before = out->len;

    for (unsigned i = c->line + 1; i < ft->notice->n_said; i++) {
        const struct notice_line *l = line_at (ft, i);

        if (is_anothers (s, taken_by[i], c))
            return;
        if (!l->text.n) {
            /* an empty line ends what was said, but may stand before it */
            if (block == BLOCK_BLANK && (out->len > before || ++blanks > 1))
                return;
            continue;
        }
        if (block == BLOCK_INDENT && l->indent <= indent)
            return;
        if (l->is_quoted_header)
            continue;
        append_text (out, l->text);
        s->text_of[i] = out;
    }
}

static bool
is_marked (struct dsn_bytes line)
{
    bool is_client;

    return side_length (line, &is_client) > 0;
}

static struct draft *
find_draft (GPtrArray *drafts, guint first, struct dsn_bytes address)
{
    for (guint i = first; i < drafts->len; i++) {
        struct draft *d = drafts->pdata[i];
        if (address_equal ((struct dsn_bytes){ d->address->str, d->address->len }, address))
            return d;
    }
    return NULL;
}

/* The lines of an SMTP dialogue go to the recipient that they name: ">>> RCPT To:<a@b>" owns the
 * "<<<" lines after it, a reply only itself. With one recipient, all are its own. */
static void
take_dialogue (const struct scan *s, GPtrArray *drafts, guint first, const guint *taken_by)
{
    const struct freetext *ft = s->ft;
    struct draft *only = drafts->len - first == 1 ? drafts->pdata[first] : NULL;
    struct draft *owner = only;

    for (unsigned i = 0; i < ft->notice->n_said; i++) {
        struct dsn_bytes text = line_at (ft, i)->text;
        size_t n = 0, at;
        bool is_client;

        if (taken_by[i] || !is_dialogue (text, &is_client))
            continue;
        at = address_find (text, 0, &n);
        if (at != G_MAXSIZE)
            owner = find_draft (drafts, first, dsn_bytes_sub (text, at, at + n));
        else if (is_client)
            owner = only;
        /* Sendmail closes with words of its own: they add nothing to what was really said */
        if (owner && s->text_of[i] != owner->text &&
            (is_marked (text) || !strstr (owner->text->str, "<<<")))
            append_text (owner->text, text);
        if (at != G_MAXSIZE && !is_client)
            owner = only;
    }
}

static void
take_replies (const struct freetext *ft, GString *out)
{
    struct pattern_fields fields;

    for (unsigned i = 0; ft->format && i < ft->notice->n_said; i++)
        for (guint k = 0; k < ft->format->replies->len; k++)
            if (pattern_match (ft->format->replies->pdata[k], line_at (ft, i)->text, &fields))
                append_text (out, fields.text);
}

/* Several addresses in a row may share the words after the last. */
static void
share_text (GPtrArray *drafts, guint first)
{
    size_t max = MAX_SHARED / MAX (drafts->len - first, 1);

    for (guint i = drafts->len; i > first + 1; i--) {
        struct draft *d = drafts->pdata[i - 2], *next = drafts->pdata[i - 1];
        if (!d->text->len)
            (void)text_append_line (d->text, (struct dsn_bytes){ next->text->str, next->text->len },
                                    max);
    }
}

static struct draft *
draft_from (const struct scan *s, const struct candidate *c, const guint *taken_by,
            enum freetext_tier best)
{
    struct draft *d = draft_new ();

    g_string_append_len (d->address, c->address.p, (gssize)c->address.n);
    g_string_append_len (d->original, c->alias.p, (gssize)c->alias.n);
    d->source = DSN_RECIPIENT_SOURCE_TEXT;
    if (best == TIER_MENTION)
        append_text (d->text, line_at (s->ft, c->line)->text);
    else if (best < TIER_DIALOGUE) {
        append_text (d->text, c->rest);
        take_block (s, c, taken_by, d->text);
    }
    return d;
}

enum freetext_tier
freetext_read (const struct freetext *ft, GPtrArray *drafts)
{
    g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (struct candidate));
    struct scan s = { ft, candidates, false, 0, 0, NULL };
    guint first = drafts->len;
    g_autofree guint *taken_by = NULL;
    g_autofree GString **text_of = g_new0 (GString *, ft->notice->lines->len + 1);
    g_autoptr (GString) replies = g_string_new (NULL);
    bool is_sender = false;
    enum freetext_tier best;

    s.text_of = text_of;
    scan_lines (&s);
    best = best_tier (&s, &is_sender);
    taken_by = mark_candidate_lines (&s, best);
    for (guint i = 0; i < candidates->len && drafts->len - first < ft->max_recipients; i++) {
        const struct candidate *c = &g_array_index (candidates, struct candidate, i);

        if (c->tier > best || is_better_known (candidates, i, best) ||
            (!is_sender && address_equal (c->address, ft->sender)))
            continue;
        g_ptr_array_add (drafts, draft_from (&s, c, taken_by, best));
    }
    share_text (drafts, first);
    take_replies (ft, replies);
    for (guint i = first; i < drafts->len; i++)
        append_text (((struct draft *)drafts->pdata[i])->text,
                     (struct dsn_bytes){ replies->str, replies->len });
    if (best <= TIER_DIALOGUE)
        take_dialogue (&s, drafts, first, taken_by);
    return best;
}

static bool
names_draft (const struct draft *d, const GString *address)
{
    struct dsn_bytes a = { address->str, address->len };

    return address_equal ((struct dsn_bytes){ d->final->str, d->final->len }, a) ||
           address_equal ((struct dsn_bytes){ d->original->str, d->original->len }, a) ||
           address_equal ((struct dsn_bytes){ d->address->str, d->address->len }, a);
}

void
freetext_enrich (const struct freetext *ft, GPtrArray *drafts)
{
    g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (draft_free);
    enum freetext_tier tier = freetext_read (ft, told);

    for (guint i = 0; i < drafts->len; i++) {
        struct draft *d = drafts->pdata[i];
        for (guint k = 0; k < told->len; k++) {
            const struct draft *t = told->pdata[k];
            if (names_draft (d, t->address) || (drafts->len == 1 && told->len == 1)) {
                append_text (d->text, (struct dsn_bytes){ t->text->str, t->text->len });
                /* the machine part doesn't say who: the text does */
                if (!memchr (draft_address (d).p ? draft_address (d).p : "", '@',
                             draft_address (d).n) &&
                    tier <= TIER_LINE) {
                    g_string_assign (d->address, t->address->str);
                    d->source = DSN_RECIPIENT_SOURCE_TEXT;
                }
                break;
            }
        }
    }
}
