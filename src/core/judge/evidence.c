/* Weighing: one order for all evidence, and the words that explain it.
 */
#include "core/judge/evidence.h"

#include "core/rules/ruleset.h"

static void
evidence_clear (void *p)
{
    g_free (((struct evidence *)p)->rule);
}

GArray *
evidence_new (void)
{
    GArray *list = g_array_new (FALSE, FALSE, sizeof (struct evidence));

    g_array_set_clear_func (list, evidence_clear);
    return list;
}

void
evidence_add (GArray *list, const char *rule, struct evidence e)
{
    if (!e.category || !e.weight || e.weight > 100)
        return;
    e.rule = g_strdup (rule);
    g_array_append_val (list, e);
}

static int
compare (const void *pa, const void *pb)
{
    const struct evidence *a = pa, *b = pb;

    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->matched_bytes != b->matched_bytes)
        return a->matched_bytes > b->matched_bytes ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return g_strcmp0 (a->rule, b->rule);
}

void
evidence_sort (GArray *list)
{
    g_array_sort (list, compare);
}

static const char **
trail (const GArray *list, struct dsn_report *report)
{
    const char **lines = dsn_report_alloc (report, (list->len + 1) * sizeof *lines);

    for (guint i = 0; i < list->len; i++) {
        const struct evidence *e = &g_array_index (list, struct evidence, i);
        g_autofree char *line =
            g_strdup_printf ("%u %s (%s): %s%s", e->weight, dsn_category_get (e->category)->name,
                             e->place, e->rule, i == 0 ? " [won]" : "");
        lines[i] = dsn_report_string (report, dsn_bytes_str (line));
    }
    return lines;
}

/* The advice may not say more than the evidence does. */
static enum dsn_advice
sober_advice (enum dsn_advice advice, enum dsn_class cls, unsigned weight)
{
    if (advice == DSN_ADVICE_SUPPRESS && cls == DSN_CLASS_SOFT)
        return weight < 50 ? DSN_ADVICE_REVIEW : DSN_ADVICE_RETRY;
    return weight < 50 && advice == DSN_ADVICE_SUPPRESS ? DSN_ADVICE_REVIEW : advice;
}

/* The site's word is final: a class of its own, and the advice that it gives or that goes with it.
 */
static void
apply_policy (const struct policy *policy, struct dsn_recipient *r)
{
    const struct dsn_category *category = dsn_category_get (policy->category);

    if (policy->cls && r->action != DSN_ACTION_DELAYED) {
        r->cls = policy->cls;
        r->advice = policy->cls == DSN_CLASS_HARD ? DSN_ADVICE_SUPPRESS
                                                  : sober_advice (category->advice, r->cls, 100);
    }
    if (policy->advice)
        r->advice = policy->advice;
}

void
evidence_conclude (const GArray *list, const struct policy *policy, bool want_trail,
                   struct dsn_report *report, struct dsn_recipient *r)
{
    const struct evidence *won = &g_array_index (list, struct evidence, 0);
    const struct dsn_category *category = dsn_category_get (won->category);

    r->category = won->category;
    r->cls = won->cls ? won->cls : category->cls;
    if (r->action == DSN_ACTION_DELAYED)
        r->cls = DSN_CLASS_SOFT;
    r->fault = category->fault;
    r->confidence = won->weight;
    r->advice = sober_advice (won->advice ? won->advice : category->advice, r->cls, won->weight);
    if (policy)
        apply_policy (policy, r);
    r->rule = dsn_report_string (report, dsn_bytes_str (won->rule));
    if (want_trail)
        r->evidence = trail (list, report);
}
