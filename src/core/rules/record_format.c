/* The record `format`: how a mail system writes its bounces.
 */
#include "core/rules/ruleload.h"

static void
free_array (void *array)
{
    g_array_unref (array);
}

static void
clear_cond (void *data)
{
    struct format_cond *c = data;

    g_free (c->header);
    g_free (c->text);
}

static void
clear_piece (void *data)
{
    g_free (((struct pattern_piece *)data)->literal);
}

static GArray *
new_phrases (void)
{
    return g_array_new (FALSE, FALSE, sizeof (struct rule_phrase));
}

static void *
begin (struct ruleload *l)
{
    struct format *f = g_new0 (struct format, 1);

    f->id = g_strdup (l->line->words[1].text);
    f->file = l->file;
    f->line = l->line->line;
    f->whens = g_array_new (FALSE, FALSE, sizeof (GArray *));
    f->delayed = new_phrases ();
    f->delivered = new_phrases ();
    f->failed = new_phrases ();
    f->start = new_phrases ();
    f->end = new_phrases ();
    f->skip = new_phrases ();
    f->recipients = g_ptr_array_new_with_free_func (free_array);
    f->aliases = g_ptr_array_new_with_free_func (free_array);
    f->replies = g_ptr_array_new_with_free_func (free_array);
    f->stages = g_array_new (FALSE, FALSE, sizeof (struct format_stage));
    f->proofs = g_ptr_array_new_with_free_func (g_free);
    if (!ruleload_place (l, l->set->formats, format_free, f->id, f, NULL))
        return NULL;
    return ruleload_check_id (l, 1) ? f : NULL;
}

static bool
read_name (struct ruleload *l, void *record)
{
    return ruleload_string (l, &((struct format *)record)->name);
}

static const char *const cond_names[] = {
    [COND_FROM] = "from",
    [COND_SUBJECT] = "subject",
    [COND_HEADER] = "header",
    [COND_BODY] = "body",
};

/* The phrase of a condition, word @i. */
static bool
read_cond_phrase (struct ruleload *l, unsigned i, struct format_cond *c)
{
    g_autofree char *written = NULL;

    if (c->type == COND_BODY)
        return ruleload_phrase (l, i, &c->phrase);
    written = ruleload_split_phrase (l->line->words[i].text, &c->open_start, &c->open_end);
    if (strchr (written, '{'))
        return ruleload_fail (l, i,
                              "a phrase of a header has no alternatives and no holes: write one "
                              "`when` line each");
    c->text = normal_phrase (written);
    if (*c->text == '\0')
        return ruleload_fail (l, i,
                              "an empty phrase: fill it in, or leave it out after a header's "
                              "name");
    /* a notice has the hits in From and Subject already; shorter ones are searched for */
    if ((c->type == COND_FROM || c->type == COND_SUBJECT) && strlen (c->text) >= MATCHER_MIN_BYTES)
        return ruleload_phrase (l, i, &c->phrase);
    return true;
}

/* A condition from word *@i on, which is moved behind it. */
static bool
read_cond (struct ruleload *l, unsigned *i, GArray *conds)
{
    const struct rule_word *words = l->line->words;
    struct format_cond c = { 0 };
    unsigned word = (*i)++;
    bool has_phrase, is_good;

    while (c.type < G_N_ELEMENTS (cond_names) && strcmp (cond_names[c.type], words[word].text))
        c.type++;
    if (c.type == G_N_ELEMENTS (cond_names) || words[word].is_quoted)
        return ruleload_fail_unknown (l, word, "condition", cond_names, G_N_ELEMENTS (cond_names));
    if (*i == l->line->n)
        return ruleload_fail (l, word, "%s after `%s` is missing",
                              c.type == COND_HEADER ? "the header's name" : "the phrase",
                              words[word].text);
    if (c.type == COND_HEADER)
        c.header = g_ascii_strdown (words[(*i)++].text, -1);
    has_phrase = c.type != COND_HEADER || (*i < l->line->n && words[*i].is_quoted);
    is_good = !has_phrase || read_cond_phrase (l, *i, &c);
    *i += has_phrase;
    g_array_append_val (conds, c);
    return is_good;
}

static bool
read_when (struct ruleload *l, void *record)
{
    GArray *conds = g_array_new (FALSE, FALSE, sizeof (struct format_cond));

    g_array_set_clear_func (conds, clear_cond);
    g_array_append_val (((struct format *)record)->whens, conds);
    for (unsigned i = 1; i < l->line->n;)
        if (!read_cond (l, &i, conds))
            return false;
    return true;
}

#define READ_PHRASES(field)                                                                        \
    static bool read_##field (struct ruleload *l, void *record)                                    \
    {                                                                                              \
        return ruleload_phrases (l, ((struct format *)record)->field);                             \
    }
READ_PHRASES (delayed)
READ_PHRASES (delivered)
READ_PHRASES (failed)
READ_PHRASES (start)
READ_PHRASES (end)
READ_PHRASES (skip)

static const char *const hole_names[] = {
    [HOLE_ADDR] = "{addr}", [HOLE_HOST] = "{host}", [HOLE_IP] = "{ip}",
    [HOLE_TEXT] = "{text}", [HOLE_ANY] = "{any}",
};

/* The hole that stands at @p, HOLE_NONE if none does. */
static enum pattern_hole
hole_at (const char *p)
{
    for (unsigned i = 1; i < G_N_ELEMENTS (hole_names); i++)
        if (g_str_has_prefix (p, hole_names[i]))
            return (enum pattern_hole)i;
    return HOLE_NONE;
}

/* The piece at *@p, which is moved behind it; the pattern's blanks at both ends don't count. */
static bool
read_piece (struct ruleload *l, const char **p, GArray *pattern)
{
    bool is_first = pattern->len == 0;
    const char *hole = strchr (*p, '{');
    g_autofree char *raw = hole ? g_strndup (*p, (size_t)(hole - *p)) : g_strdup (*p);
    struct pattern_piece piece = { normal_phrase (raw), HOLE_NONE };

    if (is_first)
        g_strchug (piece.literal);
    if (hole)
        piece.hole = hole_at (hole);
    else
        g_strchomp (piece.literal);
    g_array_append_val (pattern, piece);
    if (hole && !piece.hole)
        return ruleload_fail (l, 1, "'%s': a '{' starts one of {addr} {host} {ip} {text} {any}",
                              hole);
    if (!is_first && hole && *piece.literal == '\0')
        return ruleload_fail (l, 1,
                              "two holes without a text between them at '%s': nothing tells "
                              "where the first ends",
                              hole);
    *p = hole ? hole + strlen (hole_names[piece.hole]) : NULL;
    return true;
}

/* The line's pattern, which must have one of two kinds of hole, appended to @patterns. */
static bool
read_pattern (struct ruleload *l, GPtrArray *patterns, enum pattern_hole needed,
              enum pattern_hole or_needed)
{
    GArray *pattern = g_array_new (FALSE, FALSE, sizeof (struct pattern_piece));
    const char *p = l->line->words[1].text;

    g_array_set_clear_func (pattern, clear_piece);
    g_ptr_array_add (patterns, pattern);
    while (p)
        if (!read_piece (l, &p, pattern))
            return false;
    for (unsigned i = 0; i < pattern->len; i++) {
        enum pattern_hole hole = g_array_index (pattern, struct pattern_piece, i).hole;
        if (hole && (hole == needed || hole == or_needed))
            return true;
    }
    return ruleload_fail (l, 1, "the pattern has no %s: nothing would be read", hole_names[needed]);
}

static bool
read_recipient (struct ruleload *l, void *record)
{
    return read_pattern (l, ((struct format *)record)->recipients, HOLE_ADDR, HOLE_TEXT);
}

static bool
read_alias (struct ruleload *l, void *record)
{
    return read_pattern (l, ((struct format *)record)->aliases, HOLE_ADDR, HOLE_ADDR);
}

static bool
read_reply (struct ruleload *l, void *record)
{
    return read_pattern (l, ((struct format *)record)->replies, HOLE_TEXT, HOLE_TEXT);
}

static bool
read_block (struct ruleload *l, void *record)
{
    /* from 1, as names are looked up */
    static const char *const names[] = { NULL, "blank", "indent", "next" };
    unsigned block = ruleload_name (l, 1, "end of a block", names, G_N_ELEMENTS (names));

    if (block)
        ((struct format *)record)->block = (enum format_block) (block - 1);
    return block != 0;
}

static bool
read_stage (struct ruleload *l, void *record)
{
    struct format_stage s = { 0 };
    unsigned stage;

    if (!ruleload_phrase (l, 1, &s.phrase))
        return false;
    stage = ruleload_name (l, 2, "stage", dsn_stage_names, _DSN_STAGE_N);
    s.stage = (enum dsn_stage)stage;
    g_array_append_val (((struct format *)record)->stages, s);
    return stage != 0;
}

static bool
read_proof (struct ruleload *l, void *record)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        const char *name = l->line->words[i].text;
        if (*name == '\0' || *name == '/' || strstr (name, ".."))
            return ruleload_fail (l, i, "'%s' isn't the name of a file below fixtures/", name);
    }
    return ruleload_strings (l, ((struct format *)record)->proofs);
}

static bool
read_off (struct ruleload *l, void *record)
{
    (void)l;
    ((struct format *)record)->is_off = true;
    return true;
}

/* A format that's off stays in the set under its id: rules may name it. */
static bool
finish (struct ruleload *l, void *record)
{
    struct format *f = record;

    if (f->is_off) {
        f->name = f->name ? f->name : g_strdup (f->id);
        return true;
    }
    if (!f->name)
        return ruleload_fail_record (l, "format '%s' has no name: add a line `name \"NAME\"`",
                                     f->id);
    if (f->whens->len == 0)
        return ruleload_fail_record (l, "nothing tells format '%s': add a line `when`", f->id);
    if (f->proofs->len == 0)
        return ruleload_fail_record (l,
                                     "format '%s' has no proof: add a line `proof FILE` with a "
                                     "mail below fixtures/",
                                     f->id);
    return true;
}

static const struct rule_line_type lines[] = {
    { "name", "\"NAME\"", 1, 1, true, read_name },
    { "when", "CONDITION...", 1, 0, false, read_when },
    { "delayed", "PHRASE...", 1, 0, false, read_delayed },
    { "delivered", "PHRASE...", 1, 0, false, read_delivered },
    { "failed", "PHRASE...", 1, 0, false, read_failed },
    { "start", "PHRASE...", 1, 0, false, read_start },
    { "end", "PHRASE...", 1, 0, false, read_end },
    { "skip", "PHRASE...", 1, 0, false, read_skip },
    { "recipient", "PATTERN", 1, 1, false, read_recipient },
    { "alias", "PATTERN", 1, 1, false, read_alias },
    { "reply", "PATTERN", 1, 1, false, read_reply },
    { "block", "blank|indent|next", 1, 1, true, read_block },
    { "stage", "PHRASE STAGE", 2, 2, false, read_stage },
    { "proof", "FILE...", 1, 0, false, read_proof },
    { "off", "", 0, 0, true, read_off },
};

const struct rule_record_type rule_record_format = {
    "format", "ID", 1, 1, begin, finish, lines, G_N_ELEMENTS (lines),
};
