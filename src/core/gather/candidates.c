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
/* Addresses on its line that may be its own. */
#define MAX_NAMED 4

struct scan {
    const struct freetext *ft;
    GArray *candidates;
    bool in_section;        /* failing addresses are announced */
    unsigned section_found; /* and so many came already */
    unsigned section_bare;  /* of them without a domain */
    unsigned section_indent;
    unsigned bare_line; /* the last one that held such a name */
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

/* Whether words at the end of @text, with @wrapped before it, say that the address behind them
 * isn't the failing one. */
static bool
says_other (struct scan *s, struct dsn_bytes wrapped, struct dsn_bytes text)
{
    struct normal_text normal;
    struct rule_hits hits;
    uint32_t lists;

    /* a mail may ask for this at each of a hundred thousand addresses */
    if (s->asked++ >= MAX_ASKED)
        return true;
    normal_text_init (&normal);
    normal_text_append (&normal, wrapped);
    (void)normal_text_append_line (
        &normal, dsn_bytes_sub (text, text.n > WORDS_BYTES ? text.n - WORDS_BYTES : 0, text.n));
    rule_hits_init (&hits, s->ft->rules, &normal);
    lists = rule_hits_lists (&hits, (struct text_range){ 0, UINT32_MAX });
    rule_hits_clear (&hits);
    normal_text_clear (&normal);
    return lists & PHRASES_BIT (PHRASES_NOT_RECIPIENT);
}

/* The end of the line before @i, if words that tell whom an address is of go on from there. */
static struct dsn_bytes
wrapped_words (const struct scan *s, unsigned i)
{
    struct dsn_bytes before;

    if (!i || !(notice_line_at (s->ft->notice, i)->wrapped & PHRASES_BIT (PHRASES_NOT_RECIPIENT)))
        return (struct dsn_bytes){ 0 };
    before = notice_line_at (s->ft->notice, i - 1)->text;
    return dsn_bytes_sub (before, before.n > WORDS_BYTES ? before.n - WORDS_BYTES : 0, before.n);
}

/* Whether words before the address at @at of line @i, on its line or at the end of the one before,
 * say that it isn't the failing one. */
static bool
is_other (struct scan *s, unsigned i, size_t at)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct dsn_bytes before = dsn_bytes_sub (l->text, 0, at), wrapped = { 0 };

    if (s->carry != CARRY_NONE && candidates_is_bullet (before))
        return true;
    if (!s->spent)
        wrapped = wrapped_words (s, i);
    return (has_phrase (l, PHRASES_NOT_RECIPIENT) || wrapped.n) &&
           says_other (s, wrapped, dsn_bytes_sub (l->text, s->spent, at));
}

/* What words at the end of a line say of the address that the next begins with. */
static void
update_carry (struct scan *s, unsigned i, size_t last_end)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct dsn_bytes wrapped = { 0 };
    char last = l->text.n ? l->text.p[l->text.n - 1] : ' ';

    if (!l->text.n) {
        s->carry = s->carry == CARRY_PAST_BLANK ? CARRY_PAST_BLANK : CARRY_NONE;
        return;
    }
    s->carry = CARRY_NONE;
    if (!last_end)
        wrapped = wrapped_words (s, i);
    if (!(has_phrase (l, PHRASES_NOT_RECIPIENT) || wrapped.n) || strchr (".!?", last) ||
        !says_other (s, wrapped, dsn_bytes_sub (l->text, last_end, l->text.n)))
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

/* Whether @line begins with an address, but for bullets. */
static bool
begins_with_address (struct dsn_bytes line)
{
    struct addressline scan = { .line = line };
    struct addressline_found found;

    return addressline_next (&scan, &found) &&
           candidates_is_bullet (dsn_bytes_sub (line, 0, (size_t)(found.address.p - line.p)));
}

/* Whether a sentence that began on the line before goes on with the address at its start. */
static bool
is_wrapped (const struct scan *s, unsigned i, struct dsn_bytes rest)
{
    const struct notice_line *before = i ? notice_line_at (s->ft->notice, i - 1) : NULL;

    return before && before->text.n && !begins_with_address (before->text) &&
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

    if (is_other (s, i, at) || text_has_prefix (l->text, "mail from"))
        return TIER_NONE;
    if (text_has_prefix (l->text, "rcpt to"))
        return TIER_NAMED;
    if (is_start && is_bracketed && at == 1)
        return TIER_NAMED;
    if (is_start && is_wrapped (s, i, after_address (l->text, end)))
        return TIER_MENTION;
    if (is_start)
        return s->in_section ? TIER_NAMED : TIER_LINE;
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
        /* "your mail, kim@b.example, to the following": that's us */
        if (c.tier == TIER_NAMED && !address_equal (c.address, s->ft->sender))
            s->section_found++;
        /* "from us to them": the words were about the first */
        if (address_equal (address_domain (c.address), address_domain (s->ft->sender)))
            s->spent = last_end;
    }
    update_carry (s, i, last_end);
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

/* The address in @line whose local part is @name: "nouser (550 nouser@b.example unknown)". False:
 * there's none. */
static bool
find_address_of (struct dsn_bytes line, struct dsn_bytes name, struct addressline_found *ret)
{
    struct addressline scan = { .line = line };
    struct addressline_found found;

    for (unsigned k = 0; k < MAX_NAMED && addressline_next (&scan, &found); k++) {
        size_t n = found.address.n - address_domain (found.address).n;

        if (n == name.n + 1 && address_equal (dsn_bytes_sub (found.address, 0, n - 1), name)) {
            *ret = found;
            return true;
        }
    }
    return false;
}

/* Whether line @i may begin with a name: it isn't the rest of a sentence. */
static bool
may_name (const struct scan *s, unsigned i)
{
    const struct notice_line *before = i ? notice_line_at (s->ft->notice, i - 1) : NULL;

    return before && (!before->text.n || before->text.p[before->text.n - 1] == ':' ||
                      has_phrase (before, PHRASES_RECIPIENT_INTRO) || s->bare_line == i - 1);
}

/* Recipients of the reporting host itself are named without their domain, indented below the words
 * that announce them. */
static void
add_bare_name (struct scan *s, unsigned i)
{
    const struct notice_line *l = notice_line_at (s->ft->notice, i);
    struct candidate c = { bare_name (l->text), { 0 }, { 0 }, TIER_NAMED, i, false };
    struct addressline_found found;

    if (!s->in_section || !c.address.n || !may_name (s, i) || l->indent <= s->section_indent ||
        s->section_found > s->section_bare || s->candidates->len >= s->ft->max_recipients)
        return;
    c.rest = text_trim (dsn_bytes_sub (l->text, c.address.n, l->text.n));
    if (find_address_of (c.rest, c.address, &found)) {
        c.address = found.address;
        c.is_whole = found.is_whole && is_told (s, found.address);
    }
    g_array_append_val (s->candidates, c);
    s->section_found++;
    s->section_bare++;
    s->bare_line = i;
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
    const struct notice_line *named;
    const struct candidate *last;

    if (!s->candidates->len || i == 0 || !notice_line_at (s->ft->notice, i - 1)->text.n)
        return false;
    last = &g_array_index (s->candidates, struct candidate, s->candidates->len - 1);
    if (last->tier > TIER_LINE)
        return false;
    if (s->blank_end > last->line)
        return false;
    named = notice_line_at (s->ft->notice, last->line);
    /* words that announce others, with a colon */
    if (has_phrase (named, PHRASES_RECIPIENT_INTRO) && named->text.p[named->text.n - 1] == ':')
        return false;
    return notice_line_at (s->ft->notice, i)->indent > named->indent;
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
    if (start > 0)
        update_section (s, start - 1);
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
                      .bare_line = G_MAXUINT,
                      .candidates = g_array_new (FALSE, FALSE, sizeof (struct candidate)) };

    scan_lines (&s);
    return s.candidates;
}
