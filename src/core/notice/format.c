/* Format descriptions against a notice.
 */
#include "core/notice/format.h"

#include "core/bytes/text.h"

/* Fields of one name that are looked at: a mail has some 30 Received, of others one or two. */
#define MAX_SAME_FIELDS 32

static bool
any_field_matches (const struct mail_message *message, const struct format_cond *cond)
{
    bool is_found = false;
    unsigned same = 0;

    for (guint i = 0; i < message->fields->len && !is_found && same < MAX_SAME_FIELDS; i++) {
        const struct header_field *f = &g_array_index (message->fields, struct header_field, i);
        g_autoptr (GString) line = NULL;
        struct normal_text normal;

        if (!text_equal (f->name, cond->header))
            continue;
        same++;
        line = g_string_new (NULL);
        mail_append_header (line, f->value, 1024);
        normal_text_init (&normal);
        normal_text_append (&normal, text_of (line));
        is_found = format_cond_matches (cond, text_of (normal.text));
        normal_text_clear (&normal);
    }
    return is_found;
}

/* A bit for a header field's name: of most names that are asked for a mail has not even the bit. */
static uint64_t
name_bit (struct dsn_bytes name)
{
    size_t last = name.n ? name.n - 1 : 0;

    if (!name.n)
        return 0;
    return UINT64_C (1) << (name.n * 5 + (size_t)g_ascii_tolower (name.p[last]) * 3 +
                            (size_t)g_ascii_tolower (name.p[last / 2])) %
                               64;
}

static uint64_t
name_bits (const GArray *fields)
{
    uint64_t bits = 0;

    for (guint i = 0; i < fields->len; i++)
        bits |= name_bit (g_array_index (fields, struct header_field, i).name);
    return bits;
}

static bool
cond_holds (const struct mail_message *message, const struct notice *n,
            const struct format_cond *cond, uint64_t names)
{
    struct dsn_bytes whole = text_of (n->whole.text);

    switch (cond->type) {
    case COND_SUBJECT:
        if (cond->phrase.n_bytes)
            return notice_has (n, &cond->phrase, 0, n->subject_end);
        return format_cond_matches (cond, dsn_bytes_sub (whole, 0, n->subject_end));
    case COND_FROM:
        if (cond->phrase.n_bytes)
            return notice_has (n, &cond->phrase, n->subject_end, n->from_end);
        return format_cond_matches (cond, dsn_bytes_sub (whole, n->subject_end, n->from_end));
    case COND_BODY:
        return notice_has (n, &cond->phrase, n->from_end, (uint32_t)whole.n);
    case COND_HEADER:
    default:
        return names & name_bit (dsn_bytes_str (cond->header)) && any_field_matches (message, cond);
    }
}

/* The best `when` line so far: the most conditions, then the first. */
struct best {
    const struct format *format;
    struct format_when when;
    guint conds;
    uint64_t names; /* name_bits() of the mail's fields */
};

static void
try_when (struct best *best, const struct dsn_rules *rules, const struct mail_message *message,
          const struct notice *notice, struct format_when when)
{
    const struct format *f = rules->formats->pdata[when.format];
    const GArray *conds = g_array_index (f->whens, GArray *, when.when);

    if (conds->len < best->conds || (conds->len == best->conds && when.format >= best->when.format))
        return;
    for (guint c = 0; c < conds->len; c++)
        if (!cond_holds (message, notice, &g_array_index (conds, struct format_cond, c),
                         best->names))
            return;
    best->format = f;
    best->when = when;
    best->conds = conds->len;
}

const struct format *
format_find (const struct dsn_rules *rules, const struct mail_message *message,
             const struct notice *notice)
{
    const GArray *hits = notice->whole_hits.hits;
    struct best best = { .names = name_bits (message->fields) };

    for (guint i = 0; i < hits->len; i++) {
        uint32_t id = g_array_index (hits, struct rule_hit, i).phrase;
        const struct phrase_uses *uses = ruleset_uses (rules, id);
        if (i && g_array_index (hits, struct rule_hit, i - 1).phrase == id)
            continue;
        for (unsigned u = 0; u < uses->n; u++) {
            const struct phrase_use *use = ruleset_use (rules, uses, u);
            if (use->role == ROLE_FORMAT_KEY)
                try_when (&best, rules, message, notice,
                          (struct format_when){ use->index, use->part });
        }
    }
    for (guint i = 0; i < rules->index->keyless->len; i++)
        try_when (&best, rules, message, notice,
                  g_array_index (rules->index->keyless, struct format_when, i));
    return best.format;
}

void
format_cut (const struct format *f, struct notice *n)
{
    for (unsigned i = 0; i < n->n_said; i++)
        if (notice_line_has_any (n, i, f->end))
            notice_cut (n, i, false);
}

static bool
notice_has_any (const struct notice *n, const GArray *phrases)
{
    for (guint i = 0; i < phrases->len; i++)
        if (notice_has (n, &g_array_index (phrases, struct rule_phrase, i), 0,
                        (uint32_t)n->whole.text->len))
            return true;
    return false;
}

enum dsn_kind
format_kind (const struct format *f, const struct notice *n)
{
    if (notice_has_any (n, f->delayed))
        return DSN_KIND_DELAYED;
    if (notice_has_any (n, f->failed))
        return DSN_KIND_BOUNCE;
    return notice_has_any (n, f->delivered) ? DSN_KIND_DELIVERED : DSN_KIND_NONE;
}

enum dsn_stage
format_stage (const struct format *f, const struct rule_hits *hits)
{
    struct text_range all = { 0, UINT32_MAX };
    struct rule_hit hit;

    for (guint s = 0; s < f->stages->len; s++) {
        const struct format_stage *fs = &g_array_index (f->stages, struct format_stage, s);
        if (rule_hits_find (hits, fs->phrase.id, true, all, &hit))
            return fs->stage;
    }
    return DSN_STAGE_NONE;
}
