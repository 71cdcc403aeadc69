/* The record `code`: what an enhanced code or a reply code means.
 */
#include "ruleload.h"

/* "5.1.1", "x.1.1", "550" or "5xx" */
static bool
is_code (const char *id)
{
    const char *p = id + 1;

    if (!g_ascii_isdigit (id[0]) && id[0] != 'x')
        return false;
    if (*p != '.')
        return id[0] != 'x' && strlen (id) == 3 &&
               (strcmp (p, "xx") == 0 || (g_ascii_isdigit (p[0]) && g_ascii_isdigit (p[1])));
    for (unsigned part = 0; part < 2; part++) {
        size_t n = *p == '.' ? strspn (p + 1, "0123456789") : 0;
        if (n < 1 || n > 3)
            return false;
        p += 1 + n;
    }
    return *p == '\0';
}

static void *
begin (struct ruleload *l)
{
    struct code *c = g_new0 (struct code, 1);

    c->id = g_strdup (l->line->words[1].text);
    c->causes = g_ptr_array_new_with_free_func (g_free);
    c->remedies = g_ptr_array_new_with_free_func (g_free);
    c->sources = g_ptr_array_new_with_free_func (g_free);
    if (!ruleload_place (l, l->set->codes, code_free, c->id, c, NULL))
        return NULL;
    if (is_code (c->id))
        return c;
    (void)ruleload_fail (l, 1,
                         "'%s' isn't a code: write an enhanced code (5.1.1, x.1.1 for all "
                         "classes) or a reply code (550)",
                         c->id);
    return NULL;
}

static bool
read_says (struct ruleload *l, void *record)
{
    struct code *c = record;

    return ruleload_says (l, 1, &c->category, &c->cls);
}

static bool
read_meaning (struct ruleload *l, void *record)
{
    return ruleload_string (l, &((struct code *)record)->meaning);
}

static bool
read_cause (struct ruleload *l, void *record)
{
    return ruleload_strings (l, ((struct code *)record)->causes);
}

static bool
read_remedy (struct ruleload *l, void *record)
{
    return ruleload_strings (l, ((struct code *)record)->remedies);
}

static bool
read_source (struct ruleload *l, void *record)
{
    return ruleload_strings (l, ((struct code *)record)->sources);
}

/* Lines for people: explained by the code's text, not needed for a verdict. */
static bool
read_text (struct ruleload *l, void *record)
{
    g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

    (void)record;
    return ruleload_strings (l, words);
}

static bool
end (struct ruleload *l, void *record)
{
    struct code *c = record;

    if (!c->meaning)
        return ruleload_fail_record (l, "code '%s' has no meaning: add a line `meaning \"TEXT\"`",
                                     c->id);
    return true;
}

static const struct rule_line_type lines[] = {
    { "says", "CATEGORY [hard|soft]", 1, 2, true, read_says },
    { "meaning", "\"TEXT\"", 1, 1, true, read_meaning },
    { "cause", "\"TEXT\"", 1, 1, false, read_cause },
    { "remedy", "\"TEXT\"", 1, 1, false, read_remedy },
    { "listed", "[N] hard|soft \"SOURCE\"", 2, 3, false, read_text },
    { "reading", "[N] \"CONTEXT\" CATEGORY hard|soft \"TEXT\"", 4, 5, false, read_text },
    { "from", "\"SOURCE\"", 1, 1, false, read_text },
    { "system", "\"NAME\"", 1, 1, false, read_text },
    { "see", "CODE...", 1, 0, false, read_text },
    { "source", "\"TEXT\"", 1, 1, false, read_source },
};

const struct rule_record_type rule_record_code = {
    "code", "CODE", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};
