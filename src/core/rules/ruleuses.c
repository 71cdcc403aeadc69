/* What each phrase of a rule set stands for, so that the hits in a text lead to the rules, formats,
 * providers and lists concerned, and nobody walks through all of those.
 */
#include "core/rules/hosts.h"
#include "core/rules/ruleload.h"

#include <assert.h>

/* A use, until all are known. */
struct found_use {
    uint32_t phrase;
    struct phrase_use use;
};

struct collect {
    const struct dsn_rules *rules;
    struct rule_index *index;
    GArray *found; /* struct found_use */
};

static void
add_use (struct collect *c, const struct rule_phrase *p, enum phrase_role role, unsigned index,
         unsigned part)
{
    struct found_use found = { p->id, { role, index, part } };

    g_array_append_val (c->found, found);
}

static void
add_uses (struct collect *c, const GArray *phrases, enum phrase_role role, unsigned index)
{
    for (guint i = 0; i < phrases->len; i++)
        add_use (c, &g_array_index (phrases, struct rule_phrase, i), role, index, 0);
}

static void
add_rule (struct collect *c, unsigned index)
{
    const struct rule *r = g_ptr_array_index (c->rules->rules, index);

    if (r->is_off)
        return;
    if (r->texts->len == 0)
        g_array_append_val (c->index->codes_only, index);
    for (guint t = 0; t < r->texts->len; t++) {
        const struct rule_sequence *s = &g_array_index (r->texts, struct rule_sequence, t);
        add_use (c, &s->phrases[0], ROLE_RULE_FIRST, index, t);
    }
}

/* A token tells its provider, as its rule sees it. */
static void
add_tokens (struct collect *c, const struct sender *s)
{
    for (guint i = 0; i < s->codes->len; i++) {
        const struct sent_code *code = g_ptr_array_index (s->codes, i);
        if (code->mark.n_bytes)
            add_use (c, &code->mark, code->is_raw ? ROLE_PROVIDER : ROLE_PROVIDER_WORD,
                     (unsigned)s->provider, 0);
    }
}

/* The condition of a `when` line whose phrase a text has most seldom: the longest. NULL: none has
 * one. */
static const struct format_cond *
key_of (const GArray *conds)
{
    const struct format_cond *key = NULL;

    for (guint i = 0; i < conds->len; i++) {
        const struct format_cond *c = &g_array_index (conds, struct format_cond, i);
        if (c->phrase.n_bytes > (key ? key->phrase.n_bytes : 0))
            key = c;
    }
    return key;
}

static void
add_format (struct collect *c, unsigned index)
{
    const struct format *f = g_ptr_array_index (c->rules->formats, index);

    for (guint w = 0; w < f->whens->len && !f->is_off; w++) {
        const struct format_cond *key = key_of (g_array_index (f->whens, GArray *, w));
        struct format_when when = { index, w };
        if (key)
            add_use (c, &key->phrase, ROLE_FORMAT_KEY, index, w);
        else
            g_array_append_val (c->index->keyless, when);
    }
}

/* By phrase; those of one phrase stay in the order of their records. */
static gint
compare_found (gconstpointer a, gconstpointer b)
{
    const struct found_use *x = a, *y = b;

    if (x->phrase != y->phrase)
        return x->phrase < y->phrase ? -1 : 1;
    if (x->use.role != y->use.role)
        return x->use.role < y->use.role ? -1 : 1;
    if (x->use.index != y->use.index)
        return x->use.index < y->use.index ? -1 : 1;
    return (x->use.part > y->use.part) - (x->use.part < y->use.part);
}

static void
file_uses (struct rule_index *index, unsigned n_phrases, GArray *found)
{
    g_array_sort (found, compare_found);
    g_array_set_size (index->all_uses, found->len);
    g_array_set_size (index->uses, n_phrases);
    for (guint i = 0; i < found->len; i++) {
        const struct found_use *f = &g_array_index (found, struct found_use, i);
        struct phrase_uses *uses = &g_array_index (index->uses, struct phrase_uses, f->phrase);
        g_array_index (index->all_uses, struct phrase_use, i) = f->use;
        if (uses->n++ == 0)
            uses->first = i;
    }
}

static_assert (_PHRASES_N <= 32, "the lists fit the bits of phrase_uses.lists");

static void
file_lists (struct rule_index *index, const struct dsn_rules *rules)
{
    for (unsigned name = 0; name < _PHRASES_N; name++)
        for (guint i = 0; i < rules->phrases[name]->len; i++) {
            uint32_t id = g_array_index (rules->phrases[name], struct rule_phrase, i).id;
            g_array_index (index->uses, struct phrase_uses, id).lists |= PHRASES_BIT (name);
        }
}

static void
collect_uses (struct collect *c)
{
    const struct dsn_rules *rules = c->rules;

    for (unsigned i = 0; i < rules->rules->len; i++)
        add_rule (c, i);
    for (unsigned i = 0; i < rules->providers->len; i++)
        add_uses (c, ((struct provider *)g_ptr_array_index (rules->providers, i))->seen,
                  ROLE_PROVIDER, i);
    for (unsigned i = 0; i < rules->senders->len; i++)
        add_tokens (c, g_ptr_array_index (rules->senders, i));
    for (unsigned i = 0; i < rules->formats->len; i++)
        add_format (c, i);
    for (unsigned i = 0; i < rules->blocklists->len; i++)
        add_uses (c, ((struct blocklist *)g_ptr_array_index (rules->blocklists, i))->seen,
                  ROLE_BLOCKLIST, i);
}

struct rule_index *
rule_index_new (const struct dsn_rules *rules)
{
    struct rule_index *index = g_new0 (struct rule_index, 1);
    g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (struct found_use));
    struct collect c = { rules, index, found };

    index->all_uses = g_array_new (FALSE, FALSE, sizeof (struct phrase_use));
    index->uses = g_array_new (FALSE, TRUE, sizeof (struct phrase_uses));
    index->keyless = g_array_new (FALSE, FALSE, sizeof (struct format_when));
    index->codes_only = g_array_new (FALSE, FALSE, sizeof (unsigned));
    collect_uses (&c);
    file_uses (index, wordings_count (rules->wordings), found);
    file_lists (index, rules);
    hosts_index (index, rules);
    return index;
}

void
rule_index_free (struct rule_index *index)
{
    if (!index)
        return;
    g_array_unref (index->all_uses);
    g_array_unref (index->uses);
    g_array_unref (index->keyless);
    g_array_unref (index->codes_only);
    g_free (index->hosts.places);
    g_free (index->domains.places);
    g_free (index);
}
