/* The record `code`: what an enhanced code or a reply code means.
 */
#include "ruleload.h"

/* "5.1.1", "x.1.1" or "550" */
static bool
is_code (const char *id)
{
    struct dsn_status status;
    g_autofree char *dotted = g_strdup (id);

    if (strlen (id) == 3)
        return id[0] >= '2' && id[0] <= '5' && g_ascii_isdigit (id[1]) && g_ascii_isdigit (id[2]);
    if (dotted[0] == 'x')
        dotted[0] = '5';
    return dsn_status_scan (dsn_bytes_str (dotted), &status) == strlen (id) && dotted[0];
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
    { "source", "\"TEXT\"", 1, 1, false, read_source },
};

const struct rule_record_type rule_record_code = {
    "code", "CODE", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};
