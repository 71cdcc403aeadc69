/* Lines are read once, in order: what an intro announces, what a pattern of the format takes, what
 * goes on about the one before.
 */
#include "core/gather/candidates.h"

#include "core/bytes/address.h"
#include "core/bytes/addressline.h"
#include "core/notice/dialogue.h"
#include "core/notice/pattern.h"
#include "core/bytes/text.h"

/* Words before an address on its line that still let it start the line: "* ", "1) ", "To: ". */
#define MAX_BULLET 4

struct scan {
    const struct freetext *ft;
    GArray *candidates;
    bool in_section;        /* failing addresses are announced */
    unsigned section_found; /* and so many came already */
    unsigned blank_end;     /* line after the last empty one */
};

static bool
has_phrase (const struct notice_line *l, enum phrases_name name)
{
    return l->lists & PHRASES_BIT (name);
}

bool
candidates_is_bullet (struct dsn_bytes before)
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
    bool is_start = candidates_is_bullet (before), is_client;
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
    if (dialogue_is_line (l->text, &is_client))
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

/* Whether the mail tells each character of @address: its charset may not be known. */
static bool
is_told (const struct scan *s, struct dsn_bytes address)
{
    return !s->ft->notice->is_guessed || text_is_ascii (address);
}

static void
add_line_candidates (struct scan *s, unsigned i)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct addressline scan = { .line = l->text };
    struct addressline_found found;

    /* twice as many as are kept: a text may name each more than once */
    while (s->candidates->len < 2 * s->ft->max_recipients && addressline_next (&scan, &found)) {
        size_t at = (size_t)(found.address.p - l->text.p), n = found.address.n;
        struct candidate c = { found.address, { 0 }, { 0 },
                               TIER_NONE,     i,     found.is_whole && is_told (s, found.address) };

        c.tier = tier_of (s, l, at, at + n);
        c.rest = after_address (l->text, at + n);
        if (l->is_quoted_header || is_in_url (l->text, at) || address_is_system (c.address))
            c.tier = TIER_NONE;
        if (c.tier < TIER_NONE)
            g_array_append_val (s->candidates, c);
        if (c.tier == TIER_NAMED)
            s->section_found++;
    }
}

/* Tries the format's patterns on line @i; true if one took it. */
static bool
match_patterns (struct scan *s, unsigned i)
{
    const struct format *f = s->ft->format;
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct pattern_fields fields;

    for (guint k = 0; k < f->recipients->len; k++)
        if (pattern_match (f->recipients->pdata[k], l->text, &fields) && fields.addr.n) {
            struct candidate c = {
                fields.addr,  { 0 }, fields.text,
                TIER_PATTERN, i,     fields.is_whole && is_told (s, fields.addr)
            };
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
    const struct notice_line *l = notice_line_at (s->ft->notice, i);

    if (has_phrase (l, PHRASES_RECIPIENT_INTRO)) {
        s->in_section = true;
        s->section_found = 0;
    } else if (s->in_section && s->section_found && l->text.n && l->indent == 0 &&
               memchr (l->text.p, '@', l->text.n) == NULL && i > 0 &&
               notice_line_at (s->ft->notice, i - 1)->text.n == 0)
        s->in_section = false;
}

/* A line indented deeper than the candidate before it, without a blank line between, goes on about
 * that one, whatever addresses it names. */
static bool
continues_block (const struct scan *s, unsigned i)
{
    const struct candidate *last;

    if (!s->candidates->len || i == 0 || !notice_line_at (s->ft->notice, i - 1)->text.n)
        return false;
    last = &g_array_index (s->candidates, struct candidate, s->candidates->len - 1);
    if (last->tier > TIER_LINE)
        return false;
    if (s->blank_end > last->line)
        return false;
    return notice_line_at (s->ft->notice, i)->indent >
           notice_line_at (s->ft->notice, last->line)->indent;
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
        if (i > 0 && !notice_line_at (ft->notice, i - 1)->text.n)
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

GArray *
candidates_read (const struct freetext *ft)
{
    struct scan s = { .ft = ft,
                      .candidates = g_array_new (FALSE, FALSE, sizeof (struct candidate)) };

    scan_lines (&s);
    return s.candidates;
}
