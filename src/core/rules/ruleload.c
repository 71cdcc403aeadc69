/* Checks and messages that the readers of all record kinds share.
 */
#include "core/rules/ruleload.h"

#include <stdarg.h>

enum { PHRASE_BYTES_MAX = 1000, NAME_BYTES_MAX = 64 };

bool
ruleload_fail (struct ruleload *l, unsigned word, const char *format, ...)
{
    const struct rule_word *w = &l->line->words[MIN (word, l->line->n - 1)];
    g_autofree char *message = NULL;
    va_list args;

    va_start (args, format);
    message = g_strdup_vprintf (format, args);
    va_end (args);
    return rulefile_fail (l->error, l->file, l->line->line, w->column, "%s", message);
}

bool
ruleload_fail_record (struct ruleload *l, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start (args, format);
    message = g_strdup_vprintf (format, args);
    va_end (args);
    return rulefile_fail (l->error, l->file, l->record_line, 1, "%s", message);
}

/* Edits (insert, remove, replace a byte) from @a to @b. */
static unsigned
distance (const char *a, const char *b)
{
    size_t n = strlen (b);
    unsigned row[NAME_BYTES_MAX + 1];

    if (strlen (a) > NAME_BYTES_MAX || n > NAME_BYTES_MAX)
        return NAME_BYTES_MAX;
    for (unsigned i = 0; i <= n; i++)
        row[i] = i;
    for (; *a; a++) {
        unsigned diagonal = row[0]++;
        for (size_t i = 1; i <= n; i++) {
            unsigned replace = diagonal + (g_ascii_tolower (*a) != g_ascii_tolower (b[i - 1]));
            diagonal = row[i];
            row[i] = MIN (replace, MIN (row[i], row[i - 1]) + 1);
        }
    }
    return row[n];
}

char *
ruleload_suggest (const char *name, const char *const *names, unsigned n)
{
    unsigned best = 1 + (unsigned)strlen (name) / 3;
    const char *nearest = NULL;
    g_autoptr (GString) all = g_string_new ("it must be one of:");

    for (unsigned i = 0; i < n; i++) {
        unsigned d = names[i] ? distance (name, names[i]) : NAME_BYTES_MAX;
        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = names[i];
        }
        if (names[i])
            g_string_append_printf (all, " %s", names[i]);
    }
    if (nearest)
        return g_strdup_printf ("did you mean '%s'?", nearest);
    return g_string_free (g_steal_pointer (&all), FALSE);
}

bool
ruleload_fail_unknown (struct ruleload *l, unsigned word, const char *what,
                       const char *const *names, unsigned n)
{
    const char *name = l->line->words[word].text;
    g_autofree char *remedy = ruleload_suggest (name, names, n);

    return ruleload_fail (l, word, "unknown %s '%s': %s", what, name, remedy);
}

unsigned
ruleload_name (struct ruleload *l, unsigned word, const char *what, const char *const *names,
               unsigned n)
{
    unsigned value = dsn_name_lookup (names, n, dsn_bytes_str (l->line->words[word].text));

    if (!value)
        (void)ruleload_fail_unknown (l, word, what, names, n);
    return value;
}

bool
ruleload_check_id (struct ruleload *l, unsigned word)
{
    const char *id = l->line->words[word].text;
    size_t n = strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-.");

    if (id[0] == '\0' || id[n] != '\0' || !g_ascii_isalnum (id[0]))
        return ruleload_fail (l, word,
                              "'%s' isn't an id: use a-z, 0-9, '-' and '.', starting with a letter "
                              "or digit",
                              id);
    return true;
}

bool
ruleload_place (struct ruleload *l, GPtrArray *array, GDestroyNotify free_record, const char *id,
                void *record, unsigned *ret_index)
{
    g_autofree char *key = g_strdup_printf ("%s %s", l->line->words[0].text, id);
    const char *place = g_hash_table_lookup (l->places, key);
    unsigned index = GPOINTER_TO_UINT (g_hash_table_lookup (l->set->by_id, key));

    ruleset_own (l->set, record, free_record);
    if (index && !place) {
        g_ptr_array_index (array, index - 1) = record;
    } else {
        g_ptr_array_add (array, record);
        index = array->len;
    }
    if (place)
        return ruleload_fail (l, 1, "%s stands in %s already: choose another id, or merge the two",
                              key, place);
    if (ret_index)
        *ret_index = index - 1;
    g_hash_table_insert (l->places, g_strdup (key),
                         g_strdup_printf ("%s:%u", l->file, l->line->line));
    g_hash_table_insert (l->set->by_id, g_steal_pointer (&key), GUINT_TO_POINTER (index));
    return true;
}

char *
ruleload_split_phrase (const char *word, bool *ret_open_start, bool *ret_open_end)
{
    size_t n = strlen (word);

    *ret_open_start = n > 0 && word[0] == '*';
    *ret_open_end = n > 1 && word[n - 1] == '*';
    return g_strndup (word + *ret_open_start, n - *ret_open_start - *ret_open_end);
}

bool
ruleload_phrase (struct ruleload *l, unsigned word, struct rule_phrase *ret_phrase)
{
    return ruleload_phrase_text (l, word, l->line->words[word].text, ret_phrase);
}

bool
ruleload_phrase_text (struct ruleload *l, unsigned word, const char *written,
                      struct rule_phrase *ret_phrase)
{
    const char *error = NULL;
    bool open_start, open_end;
    g_autofree char *text = ruleload_split_phrase (written, &open_start, &open_end);
    unsigned n;

    if (strlen (text) > PHRASE_BYTES_MAX)
        return ruleload_fail (l, word,
                              "the phrase has more than %d bytes: shorten it, or split it "
                              "in two",
                              PHRASE_BYTES_MAX);
    if (!wordings_add (l->set->wordings, text, open_start, open_end, &ret_phrase->id, &n, &error))
        return ruleload_fail (l, word, "the phrase '%s' can't be looked for: %s", written, error);
    ret_phrase->n_bytes = (uint16_t)n;
    return true;
}

bool
ruleload_phrases (struct ruleload *l, GArray *phrases)
{
    struct rule_phrase p;

    for (unsigned i = 1; i < l->line->n; i++) {
        if (!ruleload_phrase (l, i, &p))
            return false;
        g_array_append_val (phrases, p);
    }
    return true;
}

enum dsn_class
ruleload_class (struct ruleload *l, unsigned word)
{
    /* what comes behind these two isn't a verdict that a rule can give */
    return (enum dsn_class)ruleload_name (l, word, "class", dsn_class_names, DSN_CLASS_SOFT + 1);
}

bool
ruleload_says (struct ruleload *l, unsigned word, unsigned *ret_category, enum dsn_class *ret_cls)
{
    unsigned category = dsn_category_lookup (dsn_bytes_str (l->line->words[word].text));
    enum dsn_class cls = DSN_CLASS_NONE;

    if (!category) {
        g_autofree const char **names = g_new0 (const char *, dsn_category_count ());
        for (unsigned i = 1; i < dsn_category_count (); i++)
            names[i] = dsn_category_get (i)->name;
        return ruleload_fail_unknown (l, word, "category", names, dsn_category_count ());
    }
    if (word + 1 < l->line->n) {
        cls = ruleload_class (l, word + 1);
        if (!cls)
            return false;
    }
    *ret_category = category;
    *ret_cls = cls;
    return true;
}

static bool
check_filled (struct ruleload *l, unsigned word)
{
    if (l->line->words[word].text[0] == '\0')
        return ruleload_fail (l, word,
                              "nothing stands between the quotes: fill in a value, or "
                              "remove the line");
    return true;
}

bool
ruleload_string (struct ruleload *l, char **field)
{
    if (!check_filled (l, 1))
        return false;
    g_free (*field);
    *field = g_strdup (l->line->words[1].text);
    return true;
}

bool
ruleload_strings (struct ruleload *l, GPtrArray *strings)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        if (!check_filled (l, i))
            return false;
        g_ptr_array_add (strings, g_strdup (l->line->words[i].text));
    }
    return true;
}

/* Labels of letters, digits, '-' and '_' between single dots; bytes beyond ASCII pass. */
static bool
is_host (const char *name)
{
    char before = '.';

    if (*name == '\0')
        return false;
    for (; *name; before = *name++)
        if (*name == '.'
                ? before == '.'
                : !g_ascii_isalnum (*name) && !strchr ("-_", *name) && (unsigned char)*name < 0x80)
            return false;
    return before != '.';
}

bool
ruleload_hosts (struct ruleload *l, GPtrArray *names)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        const char *name = l->line->words[i].text;
        if (!is_host (name + (name[0] == '.')))
            return ruleload_fail (l, i,
                                  "'%s' isn't a host name: write mx.example.com, or "
                                  ".example.com for all below",
                                  name);
        g_ptr_array_add (names, g_ascii_strdown (name, -1));
    }
    return true;
}
