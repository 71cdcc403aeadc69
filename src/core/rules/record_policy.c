/* The record `policy`: what a site makes of a category, whatever the evidence for it.
 */
#include "core/rules/ruleload.h"

static const char *const class_names[] = { NULL, "hard", "soft" };

static void *
begin (struct ruleload *l)
{
    struct policy *p = g_new0 (struct policy, 1);
    enum dsn_class none;

    if (!ruleload_place (l, l->set->policies, g_free, l->line->words[1].text, p, NULL))
        return NULL;
    return ruleload_says (l, 1, &p->category, &none) ? p : NULL;
}

static bool
read_class (struct ruleload *l, void *record)
{
    unsigned cls = ruleload_name (l, 1, "class", class_names, G_N_ELEMENTS (class_names));

    ((struct policy *)record)->cls = (enum dsn_class)cls;
    return cls != 0;
}

static bool
read_advice (struct ruleload *l, void *record)
{
    unsigned advice = ruleload_name (l, 1, "advice", dsn_advice_names, _DSN_ADVICE_N);

    ((struct policy *)record)->advice = (enum dsn_advice)advice;
    return advice != 0;
}

static bool
end (struct ruleload *l, void *record)
{
    const struct policy *p = record;

    if (!p->cls && !p->advice)
        return ruleload_fail_record (l, "this policy says nothing: add a line `class hard|soft` or "
                                        "`advice ADVICE`");
    return true;
}

static const struct rule_line_type lines[] = {
    { "class", "hard|soft", 1, 1, true, read_class },
    { "advice", "ADVICE", 1, 1, true, read_advice },
};

const struct rule_record_type rule_record_policy = {
    "policy", "CATEGORY", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};
