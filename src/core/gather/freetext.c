/* Prose to drafts: of the candidates the best tier wins, each gets the lines that speak of it, and
 * the dialogue's lines are added by address.
 */
#include "core/gather/freetext.h"

#include "core/bytes/address.h"
#include "core/gather/candidates.h"
#include "core/notice/dialogue.h"
#include "core/notice/pattern.h"
#include "core/bytes/text.h"

/* Text kept for one recipient. */
#define MAX_TEXT 2048
/* Text that recipients share, over all of them: a thousand needn't be judged by 2 KiB each. */
#define MAX_SHARED (256 * 1024)

/* What the prose tells. */
struct told {
    const struct freetext *ft;
    const GArray *candidates;
    GString **went_to; /* by line: the recipient's text that took it */
};

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
best_tier (const struct told *s, bool *ret_is_sender)
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
    if (*ret_is_sender && best_any == TIER_MENTION)
        return TIER_NONE;
    return *ret_is_sender ? best_any : best;
}

/* Appends to a text of at most @max bytes, behind @gap. */
static void
append (GString *out, char gap, struct dsn_bytes text, size_t max)
{
    if (!text.n || out->len >= max)
        return;
    if (out->len)
        g_string_append_c (out, gap);
    (void)text_append_line (out, text, max - MIN (out->len, max));
}

static void
append_text (GString *out, struct dsn_bytes text)
{
    append (out, ' ', text, MAX_TEXT);
}

/* As above, line by line, as another recipient's text keeps them. */
static void
append_told (GString *out, const GString *told, size_t max)
{
    struct dsn_bytes rest = text_of (told), line;
    char gap = ' ';

    for (; text_next_line (&rest, &line); gap = '\n')
        append (out, gap, line, max);
}

/* A line of the notification: a reply that begins it is known by that. What a server says of
 * commands that it didn't expect any more after its refusal adds nothing. */
static void
append_line (GString *out, const struct notice_line *l, bool is_announced)
{
    bool is_reply =
        l->begins_reply ||
        (is_announced && dialogue_begins_reply (l->text, (struct dsn_bytes){ 0 }, false));

    if (text_has_prefix (l->text, "<<<") && strstr (out->str, "<<<") &&
        dialogue_is_aftermath (l->text))
        return;
    append (out, is_reply ? '\n' : ' ', l->text, MAX_TEXT);
}

/* By line, the first candidate that stands in it, counted from 1; 0: none. Those lines belong to
 * the recipient that they name. (transfer full): g_free() */
static guint *
mark_candidate_lines (const struct told *s, enum freetext_tier best)
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
is_anothers (const struct told *s, guint taken_by, const struct candidate *c)
{
    const struct candidate *o;
    struct dsn_bytes line;

    if (!taken_by)
        return false;
    o = &g_array_index (s->candidates, struct candidate, taken_by - 1);
    line = notice_line_at (s->ft->notice, o->line)->text;
    return !address_equal (o->address, c->address) ||
           candidates_is_bullet ((struct dsn_bytes){ line.p, (size_t)(o->address.p - line.p) });
}

/* The lines after a candidate's own that speak of it. */
static void
take_block (const struct told *s, const struct candidate *c, const guint *taken_by, GString *out)
{
    const struct freetext *ft = s->ft;
    enum format_block block = ft->format ? ft->format->block : BLOCK_BLANK;
    unsigned indent = notice_line_at (ft->notice, c->line)->indent;
    unsigned blanks = 0;
    size_t before = out->len;

    for (unsigned i = c->line + 1; i < ft->notice->n_said; i++) {
        const struct notice_line *l = notice_line_at (ft->notice, i);

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
        /* "because:" */
        if (out->len == before && ft->format &&
            notice_line_has_any (ft->notice, i, ft->format->skip)) {
            blanks = 0;
            continue;
        }
        if (l->is_quoted_header)
            continue;
        append_line (out, l, out->len == before);
        s->went_to[i] = out;
    }
}

static struct draft *
find_draft (GPtrArray *drafts, guint first, struct dsn_bytes address)
{
    for (guint i = first; i < drafts->len; i++) {
        struct draft *d = drafts->pdata[i];
        if (draft_goes_by (d, address))
            return d;
    }
    return NULL;
}

/* The lines of an SMTP dialogue go to the recipient that they name: ">>> RCPT To:<a@b>" owns the
 * "<<<" lines after it, a reply only itself. With one recipient, all are its own. */
static void
take_dialogue (const struct told *s, GPtrArray *drafts, guint first, const guint *taken_by)
{
    const struct freetext *ft = s->ft;
    struct draft *only = drafts->len - first == 1 ? drafts->pdata[first] : NULL;
    struct draft *owner = only;

    for (unsigned i = 0; i < ft->notice->n_said; i++) {
        const struct notice_line *l = notice_line_at (ft->notice, i);
        struct dsn_bytes text = l->text;
        size_t n = 0, at;
        bool is_client;

        if (taken_by[i] || !dialogue_is_line (text, &is_client))
            continue;
        at = address_find (text, 0, &n);
        if (at != G_MAXSIZE)
            owner = find_draft (drafts, first, dsn_bytes_sub (text, at, at + n));
        else if (is_client)
            owner = only;
        /* "554 too many hops: from us, to them" */
        if (!owner && at != G_MAXSIZE && !is_client)
            owner = only;
        /* Sendmail closes with words of its own: they add nothing to what was really said */
        if (owner && s->went_to[i] != owner->text &&
            (dialogue_mark (text, &is_client) || !strstr (owner->text->str, "<<<")))
            append_line (owner->text, l, false);
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
            if (pattern_match (ft->format->replies->pdata[k], notice_line_at (ft->notice, i)->text,
                               &fields))
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
            append_told (d->text, next->text, max);
    }
}

/* Whether the returned message was for @address. */
static bool
is_known (const struct told *s, struct dsn_bytes address)
{
    return s->ft->envelope && envelope_find (s->ft->envelope, address);
}

/* Whether what follows an address goes on in words: "a@b gets errors ...". */
static bool
is_prose (struct dsn_bytes rest)
{
    return rest.n && (g_ascii_isalpha (rest.p[0]) || (unsigned char)rest.p[0] >= 0x80);
}

static struct draft *
draft_from (const struct told *s, const struct candidate *c, const guint *taken_by,
            enum freetext_tier best)
{
    struct draft *d = draft_new ();

    g_string_append_len (d->address, c->address.p, (gssize)c->address.n);
    g_string_append_len (d->original, c->alias.p, (gssize)c->alias.n);
    d->is_address_unsure = !c->is_whole;
    d->source = DSN_RECIPIENT_SOURCE_TEXT;
    if (!is_known (s, c->address) &&
        (best == TIER_MENTION || (best == TIER_LINE && !s->ft->returns_mail && is_prose (c->rest))))
        d->doubt = "address-mentioned";
    if (best == TIER_MENTION)
        append_text (d->text, notice_line_at (s->ft->notice, c->line)->text);
    else if (best < TIER_DIALOGUE) {
        append_text (d->text, c->rest);
        take_block (s, c, taken_by, d->text);
    }
    return d;
}

/* Of addresses in passing, one that the returned message was for outweighs the rest. */
static bool
mentions_known (const struct told *s, enum freetext_tier best)
{
    for (guint i = 0; i < s->candidates->len && best == TIER_MENTION; i++)
        if (is_known (s, g_array_index (s->candidates, struct candidate, i).address))
            return true;
    return false;
}

static void
add_named (const struct told *s, GPtrArray *drafts, const guint *taken_by, enum freetext_tier best,
           bool is_sender)
{
    guint first = drafts->len;
    bool only_known = mentions_known (s, best);

    for (guint i = 0; i < s->candidates->len && drafts->len - first < s->ft->max_recipients; i++) {
        const struct candidate *c = &g_array_index (s->candidates, struct candidate, i);

        if (c->tier > best || is_better_known (s->candidates, i, best) ||
            (!is_sender && address_equal (c->address, s->ft->sender)) ||
            (only_known && !is_known (s, c->address)))
            continue;
        g_ptr_array_add (drafts, draft_from (s, c, taken_by, best));
    }
}

/* Where @local stands in @line as a word of its own, G_MAXSIZE if it doesn't. */
static size_t
find_word (struct dsn_bytes line, const char *local)
{
    size_t at = 0, n = strlen (local), hit;

    while ((hit = text_find_nocase (dsn_bytes_sub (line, at, line.n), local)) != G_MAXSIZE) {
        size_t start = at + hit, end = start + n;
        bool is_start = !start || !address_is_local_char (line.p[start - 1]) ||
                        strchr ("'`=", line.p[start - 1]);

        while (end < line.n && line.p[end] == '.')
            end++;
        if (is_start && (end == line.n || line.p[end] == '\'' ||
                         (!address_is_local_char (line.p[end]) && line.p[end] != '@')))
            return start;
        at = start + n;
    }
    return G_MAXSIZE;
}

/* Whether @local is hardly a word of prose: it has a digit or a mark in it. */
static bool
is_telling (struct dsn_bytes local)
{
    for (size_t i = 0; i < local.n; i++)
        if (!g_ascii_isalpha (local.p[i]))
            return local.n >= 3;
    return false;
}

/* The text may name a recipient of the returned message by the local part alone. */
static void
add_by_local_part (const struct told *s, GPtrArray *drafts)
{
    const struct notice *notice = s->ft->notice;

    for (guint k = 0; k < s->ft->envelope->named->len; k++) {
        const char *address = s->ft->envelope->named->pdata[k];
        g_autofree char *local = g_strndup (address, strcspn (address, "@"));

        for (unsigned i = 0; i < notice->n_said; i++) {
            const struct notice_line *l = notice_line_at (notice, i);
            size_t at = l->is_quoted_header ? G_MAXSIZE : find_word (l->text, local);
            struct draft *d;

            if (at == G_MAXSIZE || !*local)
                continue;
            d = draft_new ();
            g_string_append (d->address, address);
            d->source = DSN_RECIPIENT_SOURCE_TEXT;
            if (at > 0 && !is_telling (dsn_bytes_str (local)) &&
                !g_ascii_ispunct (l->text.p[at - 1]))
                d->doubt = "address-mentioned";
            for (unsigned n = i; n < notice->n_said && notice_line_at (notice, n)->text.n; n++)
                append_line (d->text, notice_line_at (notice, n), false);
            g_ptr_array_add (drafts, d);
            break;
        }
    }
}

void
freetext_take_replies (const struct notice *notice, struct draft *draft)
{
    for (unsigned i = 0; i < notice->n_said; i++) {
        const struct notice_line *l = notice_line_at (notice, i);
        bool is_client;

        if (dialogue_is_line (l->text, &is_client) && !is_client)
            append_line (draft->text, l, false);
    }
}

enum freetext_tier
freetext_read (const struct freetext *ft, GPtrArray *drafts)
{
    g_autoptr (GArray) candidates = candidates_read (ft);
    guint first = drafts->len;
    g_autofree guint *taken_by = NULL;
    g_autofree GString **went_to = g_new0 (GString *, ft->notice->lines->len + 1);
    const struct told s = { ft, candidates, went_to };
    g_autoptr (GString) replies = g_string_new (NULL);
    bool is_sender = false;
    enum freetext_tier best = best_tier (&s, &is_sender);

    if (best >= TIER_MENTION && !mentions_known (&s, best) && ft->envelope) {
        add_by_local_part (&s, drafts);
        if (drafts->len > first)
            return TIER_LINE;
    }
    taken_by = mark_candidate_lines (&s, best);
    add_named (&s, drafts, taken_by, best, is_sender);
    share_text (drafts, first);
    take_replies (ft, replies);
    for (guint i = first; i < drafts->len; i++)
        append_text (((struct draft *)drafts->pdata[i])->text, text_of (replies));
    if (best <= TIER_DIALOGUE)
        take_dialogue (&s, drafts, first, taken_by);
    return best;
}

/* Where the machine part doesn't say who, or not surely, the text may. A spelling that it shares
 * with the machine part makes it no surer. */
static void
take_name (struct draft *d, const struct draft *told)
{
    struct dsn_bytes name = draft_address (d);
    bool is_address = name.n && memchr (name.p, '@', name.n);

    if (is_address && (draft_is_sure (d) || !draft_is_sure (told) ||
                       address_equal (name, text_of (told->address))))
        return;
    g_string_assign (d->address, told->address->str);
    d->is_address_unsure = told->is_address_unsure;
    d->source = DSN_RECIPIENT_SOURCE_TEXT;
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
            if (draft_goes_by (d, text_of (t->address)) || (drafts->len == 1 && told->len == 1)) {
                append_told (d->text, t->text, MAX_TEXT);
                if (tier <= TIER_LINE)
                    take_name (d, t);
                break;
            }
        }
    }
}
