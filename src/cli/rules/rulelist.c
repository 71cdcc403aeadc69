/* Records told apart by the first words of their lines. The loader has checked the files already,
 * so that nothing can go wrong here.
 */
#include "cli/rules/rulelist.h"
#include "cli/read/rulebook.h"

#include "core/rules/rules.h"

static bool
is_word (struct dsn_bytes in, const char *word)
{
    return in.n == strlen (word) && memcmp (in.p, word, in.n) == 0;
}

/* The word at the start of *@rest, which is moved behind it. */
static struct dsn_bytes
take_word (struct dsn_bytes *rest)
{
    struct dsn_bytes word;
    size_t start = 0, end;

    while (start < rest->n && g_ascii_isspace (rest->p[start]))
        start++;
    for (end = start; end < rest->n && !g_ascii_isspace (rest->p[end]);)
        end++;
    word = dsn_bytes_sub (*rest, start, end);
    *rest = dsn_bytes_sub (*rest, end, rest->n);
    return word;
}

/* The rest of a line as it's meant: without blanks at its ends. A comment stays. */
static struct dsn_bytes
trim (struct dsn_bytes in)
{
    while (in.n && g_ascii_isspace (in.p[in.n - 1]))
        in.n--;
    while (in.n && g_ascii_isspace (in.p[0]))
        in = dsn_bytes_sub (in, 1, in.n);
    return in;
}

static void
add_file (GArray *records, const char *file, struct dsn_bytes text)
{
    struct rulelist_record *r = NULL;
    size_t at = 0;

    for (unsigned number = 1; at < text.n; number++) {
        const char *end = memchr (text.p + at, '\n', text.n - at);
        const size_t stop = end ? (size_t)(end - text.p) : text.n;
        struct dsn_bytes rest = dsn_bytes_sub (text, at, stop);
        const struct dsn_bytes word = take_word (&rest);

        if (word.n && dsn_rules_is_record (word)) {
            struct rulelist_record new = { .file = file, .line = number, .type = word };
            new.id = trim (rest);
            new.text = dsn_bytes_sub (text, at, at);
            g_array_append_val (records, new);
            r = &g_array_index (records, struct rulelist_record, records->len - 1);
        } else if (r && is_word (word, "says")) {
            r->says = trim (rest);
        }
        if (r && word.n && word.p[0] != '#')
            r->text.n = (size_t)(text.p + stop - r->text.p);
        at = stop + 1;
    }
}

/* The same type and id again: the last one counts, but phrases and marks add up. */
static void
mark_replaced (GArray *records)
{
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = records->len; i-- > 0;) {
        struct rulelist_record *r = &g_array_index (records, struct rulelist_record, i);
        char *key = g_strdup_printf ("%.*s %.*s", (int)r->type.n, r->type.p, (int)r->id.n, r->id.p);
        r->is_replaced = !g_hash_table_add (seen, key) && !is_word (r->type, "phrases") &&
                         !is_word (r->type, "marks");
    }
}

GArray *
rulelist_new (const GPtrArray *texts)
{
    GArray *records = g_array_new (FALSE, FALSE, sizeof (struct rulelist_record));
    struct dsn_bytes text;
    const char *name;

    for (size_t i = 0; dsn_rules_builtin (i, &name, &text); i++)
        add_file (records, name, text);
    for (unsigned i = 0; i < texts->len; i++) {
        const struct ruletext *t = g_ptr_array_index (texts, i);
        add_file (records, t->file, (struct dsn_bytes){ t->text, t->n });
    }
    mark_replaced (records);
    return records;
}
