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
/* So many digits make a local part the id of a message. */
#define MIN_ID_DIGITS 8
/* Words before an address that are looked at, and how often. */
#define WORDS_BYTES 256
#define MAX_ASKED   4096
/* A name without a domain. */
#define MIN_NAME_BYTES 2
#define MAX_NAME_BYTES 64

struct scan {
    const struct freetext *ft;
    GArray *candidates;
    bool in_section;        /* failing addresses are announced */
    unsigned section_found; /* and so many came already */
    unsigned section_bare;  /* of them without a domain */
    unsigned section_indent;
    unsigned blank_end; /* line after the last empty one */
    enum {
        CARRY_NONE,
        CARRY_NEXT_LINE,
        CARRY_PAST_BLANK
    } carry;        /* the line before says that what begins the next isn't a failing address */
    unsigned asked; /* how often words before an address were looked at */
    size_t spent;   /* bytes of the line whose words are about an address of our own */
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

/* Whether words at the end of @text say that the address behind them isn't the failing one. */
static bool
says_other (struct scan *s, struct dsn_bytes text)
{
    struct normal_text normal;
    struct rule_hits hits;
    uint32_t lists;

    /* a mail may ask for this at each of a hundred thousand addresses */
    if (s->asked++ >= MAX_ASKED)
        return true;
    normal_text_init (&normal);
    normal_text_append (
        &normal, dsn_bytes_sub (text, text.n > WORDS_BYTES ? text.n - WORDS_BYTES : 0, text.n));
    rule_hits_init (&hits, s->ft->rules, &normal);
    lists = rule_hits_lists (&hits, (struct text_range){ 0, UINT32_MAX });
    rule_hits_clear (&hits);
    normal_text_clear (&normal);
    return lists & PHRASES_BIT (PHRASES_NOT_RECIPIENT);
}

/* Whether words before the address at @at, on its line or at the end of the one before, say that it
 * isn't the failing one. */
static bool
is_other (struct scan *s, const struct notice_line *l, size_t at)
{
    struct dsn_bytes before = dsn_bytes_sub (l->text, 0, at);

    if (s->carry != CARRY_NONE && candidates_is_bullet (before))
        return true;
    return has_phrase (l, PHRASES_NOT_RECIPIENT) &&
           says_other (s, dsn_bytes_sub (l->text, s->spent, at));
}

/* What words at the end of a line say of the address that the next begins with. */
static void
update_carry (struct scan *s, const struct notice_line *l, size_t last_end)
{
    char last = l->text.n ? l->text.p[l->text.n - 1] : ' ';

    if (!l->text.n) {
        s->carry = s->carry == CARRY_PAST_BLANK ? CARRY_PAST_BLANK : CARRY_NONE;
        return;
    }
    s->carry = CARRY_NONE;
    if (!has_phrase (l, PHRASES_NOT_RECIPIENT) || strchr (".!?", last) ||
        !says_other (s, dsn_bytes_sub (l->text, last_end, l->text.n)))
        return;
    s->carry = last == ':' ? CARRY_PAST_BLANK : CARRY_NEXT_LINE;
}

static bool
is_known (const struct scan *s, struct dsn_bytes address)
{
    return s->ft->envelope && envelope_find (s->ft->envelope, address);
}

/* A host of ours made the id of a message: "<20261005.123@lists.example.com>". */
static bool
is_message_id (const struct scan *s, struct dsn_bytes address)
{
    struct dsn_bytes domain = address_domain (address);
    unsigned digits = 0;

    for (size_t i = 0; i < address.n - domain.n; i++)
        digits += g_ascii_isdigit (address.p[i]);
    return digits >= MIN_ID_DIGITS && address_equal (domain, address_domain (s->ft->sender));
}

/* Whether a sentence that began on the line before goes on with the address at its start. */
static bool
is_wrapped (const struct scan *s, unsigned i, struct dsn_bytes rest)
{
    const struct notice_line *before = i ? notice_line_at (s->ft->notice, i - 1) : NULL;

    return before && before->text.n &&
           before->indent == notice_line_at (s->ft->notice, i)->indent &&
           !strchr (".:;!?", before->text.p[before->text.n - 1]) && rest.n &&
           g_ascii_islower (rest.p[0]);
}

static enum freetext_tier
tier_of (struct scan *s, unsigned i, size_t at, size_t end)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct dsn_bytes before = dsn_bytes_sub (l->text, 0, at);
    bool is_start = candidates_is_bullet (before), is_client;
    bool is_bracketed = at > 0 && l->text.p[at - 1] == '<' && end + 1 < l->text.n &&
                        l->text.p[end] == '>' && l->text.p[end + 1] == ':';

    if (is_other (s, l, at) || text_has_prefix (l->text, "mail from"))
        return TIER_NONE;
    if (text_has_prefix (l->text, "rcpt to"))
        return TIER_NAMED;
    if (is_start && (s->in_section || (is_bracketed && at == 1)))
        return TIER_NAMED;
    if (is_start)
        return is_wrapped (s, i, after_address (l->text, end)) ? TIER_MENTION : TIER_LINE;
    if (dialogue_is_line (l->text, &is_client))
        return TIER_DIALOGUE;
    if (has_phrase (l, PHRASES_RECIPIENT_INTRO))
        return TIER_NAMED;
    return TIER_MENTION;
}

/* Whether an address that stands at @tier is none that fails: a mail system's in passing, an id. */
static bool
is_no_recipient (const struct scan *s, const struct candidate *c)
{
    if (is_known (s, c->address))
        return false;
    return (marks_is_role (&s->ft->rules->marks, c->address) && c->tier > TIER_NAMED) ||
           is_message_id (s, c->address);
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
    size_t last_end = 0;

    s->spent = 0;
    /* twice as many as are kept: a text may name each more than once */
    while (s->candidates->len < 2 * s->ft->max_recipients && addressline_next (&scan, &found)) {
        size_t at = (size_t)(found.address.p - l->text.p);
        struct candidate c = { found.address, { 0 }, { 0 },
                               TIER_NONE,     i,     found.is_whole && is_told (s, found.address) };

        last_end = at + found.address.n;
        c.tier = tier_of (s, i, at, last_end);
        c.rest = after_address (l->text, last_end);
        if (l->is_quoted_header || is_in_url (l->text, at) || is_no_recipient (s, &c))
            c.tier = TIER_NONE;
        if (c.tier < TIER_NONE)
            g_array_append_val (s->candidates, c);
        if (c.tier == TIER_NAMED)
            s->section_found++;
        /* "from us to them": the words were about the first */
        if (address_equal (address_domain (c.address), address_domain (s->ft->sender)))
            s->spent = last_end;
    }
    update_carry (s, l, last_end);
}

/* The name at the start of a line that announced recipients stand on, if it's alone or parted from
 * what follows: a local part, for want of an address. Empty if it isn't. */
static struct dsn_bytes
bare_name (struct dsn_bytes line)
{
    size_t n = 0, blanks = 0;

    while (n < line.n && (g_ascii_isalnum (line.p[n]) || strchr ("._-+=", line.p[n])))
        n++;
    while (n + blanks < line.n && g_ascii_isspace (line.p[n + blanks]))
        blanks++;
    if (n < MIN_NAME_BYTES || n > MAX_NAME_BYTES || !g_ascii_isalnum (line.p[n - 1]))
        return (struct dsn_bytes){ 0 };
    if (n == line.n || blanks > 1 || (blanks == 1 && strchr ("\"([", line.p[n + 1])))
        return dsn_bytes_sub (line, 0, n);
    return (struct dsn_bytes){ 0 };
}

/* Recipients of the reporting host itself are named without their domain, indented below the words
 * that announce them. */
static void
add_bare_name (struct scan *s, unsigned i)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct candidate c = { bare_name (l->text), { 0 }, { 0 }, TIER_NAMED, i, false };

    if (!s->in_section || !c.address.n || l->indent <= s->section_indent ||
        s->section_found > s->section_bare || s->candidates->len >= s->ft->max_recipients)
        return;
    c.rest = text_trim (dsn_bytes_sub (l->text, c.address.n, l->text.n));
    g_array_append_val (s->candidates, c);
    s->section_found++;
    s->section_bare++;
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
        s->section_found = s->section_bare = 0;
        s->section_indent = l->indent;
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
        if (continues_block (s, i))
            continue;
        add_line_candidates (s, i);
        add_bare_name (s, i);
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
