/* dsn_rules_lint(): each rule's proofs must lead to it.
 */
#include "core/judge/classify.h"
#include "core/rules/ruleset.h"

#include <string.h>

static enum dsn_stage
first_stage (unsigned stages)
{
    for (unsigned i = DSN_STAGE_NONE + 1; i < _DSN_STAGE_N; i++)
        if (stages & 1u << i)
            return (enum dsn_stage)i;
    return DSN_STAGE_NONE;
}

static int
first_index (const GArray *indexes)
{
    return indexes->len ? (int)g_array_index (indexes, unsigned, 0) : -1;
}

/* NULL if @proof leads to the rule, else what it leads to. (transfer full): g_free() */
static char *
check_proof (const struct dsn_rules *rules, const struct rule *rule, const char *proof)
{
    struct dsn_report *report = dsn_report_new ();
    struct dsn_recipient *r = dsn_report_add_recipient (report);
    char *message = NULL;

    classify_text (rules, dsn_bytes_str (proof), first_index (rule->providers),
                   first_index (rule->formats), first_stage (rule->stages), false, report, r);
    if (strcmp (r->rule, rule->id) != 0)
        message = g_strdup_printf ("rule %s: its proof \"%s\" leads to %s (%s, weight %u): "
                                   "sharpen the texts, the weight or the proof",
                                   rule->id, proof, r->rule, dsn_category_get (r->category)->name,
                                   r->confidence);
    dsn_report_free (report);
    return message;
}

size_t
dsn_rules_lint (const struct dsn_rules *rules, dsn_rules_lint_fn *found, void *data)
{
    size_t n = 0;

    for (guint i = 0; i < rules->rules->len; i++) {
        const struct rule *rule = rules->rules->pdata[i];
        bool is_wrong = false;

        for (guint k = 0; k < rule->proofs->len && !rule->is_off; k++) {
            g_autofree char *message = check_proof (rules, rule, rule->proofs->pdata[k]);
            struct dsn_rules_error error = { (char *)rule->file, rule->line, 1, message };

            if (!message)
                continue;
            is_wrong = true;
            found (&error, data);
        }
        n += is_wrong;
    }
    return n;
}
