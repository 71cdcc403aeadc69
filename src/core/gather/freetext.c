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
        if (l->is_quoted_header)
            continue;
        append_text (out, l->text);
        s->went_to[i] = out;
    }
}

static struct draft *
find_draft (GPtrArray *drafts, guint first, struct dsn_bytes address)
{
    for (guint i = first; i < drafts->len; i++) {
        struct draft *d = drafts->pdata[i];
        if (address_equal (text_of (d->address), address))
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
        struct dsn_bytes text = notice_line_at (ft->notice, i)->text;
        size_t n = 0, at;
        bool is_client;

        if (taken_by[i] || !dialogue_is_line (text, &is_client))
            continue;
        at = address_find (text, 0, &n);
        if (at != G_MAXSIZE)
            owner = find_draft (drafts, first, dsn_bytes_sub (text, at, at + n));
        else if (is_client)
            owner = only;
        /* Sendmail closes with words of its own: they add nothing to what was really said */
        if (owner && s->went_to[i] != owner->text &&
            (dialogue_mark (text, &is_client) || !strstr (owner->text->str, "<<<")))
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
            (void)text_append_line (d->text, text_of (next->text), max);
    }
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
    if (best == TIER_MENTION || (best == TIER_LINE && !s->ft->returns_mail && is_prose (c->rest)))
        d->doubt = "address-mentioned";
    if (best == TIER_MENTION)
        append_text (d->text, notice_line_at (s->ft->notice, c->line)->text);
    else if (best < TIER_DIALOGUE) {
        append_text (d->text, c->rest);
        take_block (s, c, taken_by, d->text);
    }
    return d;
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
    enum freetext_tier best;

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
                append_text (d->text, text_of (t->text));
                if (tier <= TIER_LINE)
                    take_name (d, t);
                break;
            }
        }
    }
}
