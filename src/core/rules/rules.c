/* Loads rule files into a set and finishes it. The records are read by rules_*.c.
 */
#include "core/rules/builtin.h"
#include "core/rules/hosts.h"
#include "core/rules/ruleload.h"

static const struct rule_record_type *const record_types[] = {
    &rule_record_rule,      &rule_record_provider, &rule_record_format, &rule_record_phrases,
    &rule_record_blocklist, &rule_record_code,     &rule_record_codes,  &rule_record_policy,
    &rule_record_reader,    &rule_record_marks,
};

static void
free_owned (void *item)
{
    struct rule_owned *owned = item;

    owned->free (owned->item);
}

struct dsn_rules *
dsn_rules_new (void)
{
    struct dsn_rules *rules = g_new0 (struct dsn_rules, 1);

    rules->has_words = true;
    rules->files = g_ptr_array_new_with_free_func (g_free);
    rules->rules = g_ptr_array_new ();
    rules->providers = g_ptr_array_new ();
    rules->formats = g_ptr_array_new ();
    rules->blocklists = g_ptr_array_new ();
    rules->senders = g_ptr_array_new ();
    rules->policies = g_ptr_array_new ();
    rules->codes = g_ptr_array_new ();
    for (unsigned i = 0; i < _PHRASES_N; i++)
        rules->phrases[i] = g_array_new (FALSE, FALSE, sizeof (struct rule_phrase));
    rules->marks = marks_new ();
    rules->owned = g_array_new (FALSE, FALSE, sizeof (struct rule_owned));
    g_array_set_clear_func (rules->owned, free_owned);
    rules->wordings = wordings_new ();
    return rules;
}

void
dsn_rules_free (struct dsn_rules *rules)
{
    if (!rules)
        return;
    g_ptr_array_unref (rules->rules);
    g_ptr_array_unref (rules->providers);
    g_ptr_array_unref (rules->formats);
    g_ptr_array_unref (rules->blocklists);
    g_ptr_array_unref (rules->senders);
    g_ptr_array_unref (rules->codes);
    g_ptr_array_unref (rules->policies);
    for (unsigned i = 0; i < _PHRASES_N; i++)
        g_array_unref (rules->phrases[i]);
    marks_clear (&rules->marks);
    g_array_unref (rules->owned);
    g_clear_pointer (&rules->by_id, g_hash_table_unref);
    wordings_free (rules->wordings);
    rule_index_free (rules->own_index);
    g_ptr_array_unref (rules->files);
    g_free (rules->version);
    g_free (rules);
}

static bool
check_args (struct ruleload *l, const char *usage, unsigned min, unsigned max)
{
    unsigned n = l->line->n - 1;
    const char *word = l->line->words[0].text;

    if (n < min || (n > max && max >= min))
        return ruleload_fail (l, n < min ? 0 : max + 1, "%s after `%s`: write `%s%s%s`",
                              n < min ? "something is missing" : "too many words", word, word,
                              *usage ? " " : "", usage);
    return true;
}

static const struct rule_record_type *
find_record_type (const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (record_types); i++)
        if (strcmp (record_types[i]->word, word) == 0)
            return record_types[i];
    return NULL;
}

bool
dsn_rules_is_record (struct dsn_bytes word)
{
    g_autofree char *copy = g_strndup (word.p, word.n);

    return find_record_type (copy) != NULL;
}

static bool
fail_unknown_line (struct ruleload *l, const struct rule_record_type *type)
{
    g_autofree const char **names = NULL;
    unsigned n = type ? type->n_lines : G_N_ELEMENTS (record_types);

    names = g_new0 (const char *, n);
    for (unsigned i = 0; i < n; i++)
        names[i] = type ? type->lines[i].word : record_types[i]->word;
    if (!type && l->record_line == 0) {
        g_autofree char *remedy = ruleload_suggest (l->line->words[0].text, names, n);
        return ruleload_fail (l, 0, "'%s' doesn't start a record: %s", l->line->words[0].text,
                              remedy);
    }
    return ruleload_fail_unknown (l, 0, type ? type->word : "record", names, n);
}

static bool
read_record_line (struct ruleload *l, const struct rule_record_type *type, void *record)
{
    for (unsigned i = 0; i < type->n_lines; i++) {
        const struct rule_line_type *t = &type->lines[i];
        if (strcmp (t->word, l->line->words[0].text) != 0)
            continue;
        if (t->is_once && l->seen >> i & 1)
            return ruleload_fail (l, 0, "a second line `%s` in this %s: remove one", t->word,
                                  type->word);
        l->seen |= UINT64_C (1) << i;
        return check_args (l, t->usage, t->args_min, t->args_max) && t->read (l, record);
    }
    return fail_unknown_line (l, type);
}

/* The record that lines are being read into. */
struct current {
    const struct rule_record_type *type; /* NULL before the first */
    void *record;
};

static bool
end_record (struct ruleload *l, struct current *c)
{
    return !c->type || c->type->end (l, c->record);
}

static bool
begin_record (struct ruleload *l, struct current *c, const struct rule_record_type *type)
{
    if (!end_record (l, c))
        return false;
    c->type = type;
    l->seen = 0;
    l->record_line = l->line->line;
    l->set->local_count += l->is_local;
    if (!check_args (l, type->usage, type->args_min, type->args_max))
        return false;
    c->record = type->begin (l);
    return c->record != NULL;
}

/* The first word decides: no record has a line of a record's name. */
static bool
read_line (struct ruleload *l, struct current *c)
{
    const struct rule_record_type *type = find_record_type (l->line->words[0].text);

    if (type && !l->line->words[0].is_quoted)
        return begin_record (l, c, type);
    return c->type ? read_record_line (l, c->type, c->record) : fail_unknown_line (l, NULL);
}

static bool
load (struct ruleload *l, struct dsn_bytes text)
{
    struct rulefile f;
    struct rule_line line;
    struct current current = { 0 };
    enum rulefile_result result;

    l->in = &f;
    l->line = &line;
    l->record_line = 0;
    rulefile_init (&f, l->file, text);
    while ((result = rulefile_next (&f, &line, l->error)) == RULEFILE_LINE)
        if (!read_line (l, &current)) {
            result = RULEFILE_ERROR;
            break;
        }
    if (result == RULEFILE_END && !end_record (l, &current))
        result = RULEFILE_ERROR;
    rulefile_clear (&f);
    return result == RULEFILE_END;
}

static const char *
add_file (struct dsn_rules *rules, const char *name)
{
    g_ptr_array_add (rules->files, g_strdup (name));
    return g_ptr_array_index (rules->files, rules->files->len - 1);
}

/* Makes by_id, of the records that are there. */
static void
index_ids (struct dsn_rules *rules)
{
    const GArray *keys = rules->builtin ? rules->builtin->keys : NULL;

    rules->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; keys && i < keys->len; i++) {
        const struct rule_key *k = &g_array_index (keys, struct rule_key, i);
        g_hash_table_insert (rules->by_id, g_strdup (k->key), GUINT_TO_POINTER (k->place + 1));
    }
}

bool
dsn_rules_add (struct dsn_rules *rules, const char *file, struct dsn_bytes text,
               struct dsn_rules_error *ret_error)
{
    g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    struct ruleload l = { .set = rules,
                          .file = add_file (rules, file),
                          .is_local = true,
                          .places = places,
                          .error = ret_error };

    g_assert (!rules->is_finished);
    if (!rules->by_id)
        index_ids (rules);
    return load (&l, text);
}

bool
ruleload_builtin_texts (struct dsn_rules *rules, struct dsn_rules_error *ret_error)
{
    g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    struct ruleload l = { .set = rules, .places = places, .error = ret_error };

    g_assert (!rules->is_finished);
    if (!rules->by_id)
        index_ids (rules);
    for (const struct builtin_file *f = builtin_files; f->name; f++) {
        l.file = add_file (rules, f->name);
        if (!load (&l, (struct dsn_bytes){ (const char *)f->text, f->n }))
            return false;
    }
    return true;
}

static void
take_pointers (GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add (to, from->pdata[i]);
}

static void
take_items (GArray *to, const GArray *from)
{
    g_array_append_vals (to, from->data, from->len);
}

/* Goes on from @from: the records are shared, the lists of them are copied. */
static void
take_set (struct dsn_rules *rules, const struct dsn_rules *from)
{
    take_pointers (rules->rules, from->rules);
    take_pointers (rules->providers, from->providers);
    take_pointers (rules->formats, from->formats);
    take_pointers (rules->blocklists, from->blocklists);
    take_pointers (rules->senders, from->senders);
    take_pointers (rules->codes, from->codes);
    take_pointers (rules->policies, from->policies);
    for (unsigned i = 0; i < _PHRASES_N; i++)
        take_items (rules->phrases[i], from->phrases[i]);
    take_items (rules->marks.fields, from->marks.fields);
    take_items (rules->marks.prefixes, from->marks.prefixes);
    take_items (rules->marks.labels, from->marks.labels);
    take_items (rules->marks.words, from->marks.words);
    rules->has_words = from->has_words;
    wordings_extend (rules->wordings, from->wordings);
}

bool
dsn_rules_add_builtin (struct dsn_rules *rules, struct dsn_rules_error *ret_error)
{
    g_assert (!rules->is_finished && !rules->files->len);
    if (!builtin_set.keys)
        return ruleload_builtin_texts (rules, ret_error);
    rules->builtin = &builtin_set;
    take_set (rules, &builtin_set.set);
    return true;
}

bool
dsn_rules_builtin (size_t i, const char **ret_name, struct dsn_bytes *ret_text)
{
    for (const struct builtin_file *f = builtin_files; f->name; f++)
        if (i-- == 0) {
            *ret_name = f->name;
            *ret_text = (struct dsn_bytes){ (const char *)f->text, f->n };
            return true;
        }
    return false;
}

static bool
fail_ref (const struct dsn_rules *rules, const struct rule *r, const struct rule_ref *ref,
          struct dsn_rules_error *ret_error)
{
    const GPtrArray *records = ref->is_format ? rules->formats : rules->providers;
    g_autofree const char **names = g_new0 (const char *, records->len + 1);
    g_autofree char *remedy = NULL;

    for (guint i = 0; i < records->len; i++) {
        const void *record = g_ptr_array_index (records, i);
        names[i] = ref->is_format ? ((const struct format *)record)->id
                                  : ((const struct provider *)record)->id;
    }
    remedy = ruleload_suggest (ref->name, names, records->len);
    return rulefile_fail (ret_error, r->file, ref->line, ref->column, "unknown %s '%s': %s",
                          ref->is_format ? "format" : "provider", ref->name, remedy);
}

static bool
resolve (const struct dsn_rules *rules, struct rule *r, struct dsn_rules_error *ret_error)
{
    for (guint i = 0; r->refs && i < r->refs->len; i++) {
        struct rule_ref *ref = &g_array_index (r->refs, struct rule_ref, i);
        g_autofree char *key =
            g_strdup_printf ("%s %s", ref->is_format ? "format" : "provider", ref->name);
        unsigned index = GPOINTER_TO_UINT (g_hash_table_lookup (rules->by_id, key));
        if (!index)
            return fail_ref (rules, r, ref, ret_error);
        index--;
        g_array_append_val (ref->is_format ? r->formats : r->providers, index);
        g_clear_pointer (&ref->name, g_free);
    }
    if (r->refs) /* else it's been resolved before, and may be a constant */
        g_clear_pointer (&r->refs, g_array_unref);
    return true;
}

static gint
compare_codes (gconstpointer a, gconstpointer b)
{
    const struct code *const *x = a, *const *y = b;

    return strcmp ((*x)->id, (*y)->id);
}

/* What the loaded records and the built-in ones are together. */
static bool
finish_records (struct dsn_rules *rules, struct dsn_rules_error *ret_error)
{
    for (guint i = 0; i < rules->rules->len; i++)
        if (!resolve (rules, g_ptr_array_index (rules->rules, i), ret_error))
            return false;
    if (!ruleset_finish_senders (rules, ret_error))
        return false;
    g_ptr_array_sort (rules->codes, compare_codes);
    wordings_finish (rules->wordings);
    rules->index = rules->own_index = rule_index_new (rules);
    return true;
}

bool
dsn_rules_finish (struct dsn_rules *rules, struct dsn_rules_error *ret_error)
{
    g_assert (!rules->is_finished);
    if (rules->builtin && !rules->by_id) /* nothing was added */
        rules->index = rules->builtin->set.index;
    else if (!finish_records (rules, ret_error))
        return false;
    rules->version = rules->local_count
                         ? g_strdup_printf ("%s+%u", DSND_VERSION, rules->local_count)
                         : g_strdup (DSND_VERSION);
    rules->is_finished = true;
    return true;
}

const char *
dsn_rules_version (const struct dsn_rules *rules)
{
    return rules->version;
}
