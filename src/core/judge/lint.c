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
    /* a sender's own code goes before its words; where it says the same, the proof holds */
    if (strcmp (r->rule, rule->id) != 0 &&
        (!strchr (r->rule, ':') || r->category != rule->category))
        message = g_strdup_printf ("rule %s: its proof \"%s\" leads to %s (%s, weight %u): "
                                   "sharpen the texts, the weight or the proof",
                                   rule->id, proof, r->rule, dsn_category_get (r->category)->name,
                                   r->confidence);
    dsn_report_free (report);
    return message;
}

/* What the sender sends: a token tells the provider by itself. (transfer full): g_free() */
static char *
sent_text (const struct sent_code *c)
{
    g_auto (GStrv) parts = g_strsplit (c->text, "*", 2);
    g_autofree char *text = g_strjoinv ("007", parts);
    const char *reply = c->reply ? c->reply : "550";

    if (c->kind == SENT_CASE || c->kind == SENT_REPLY)
        return g_strdup (c->text);
    if (c->kind == SENT_STATUS && strchr (text, '-')) /* the first of a range */
        *strchr (text, '-') = '\0';
    return g_strdup_printf ("%s %s", c->reply || c->kind == SENT_STATUS ? reply : "", text);
}

/* NULL if the code is judged as its line says, else what is said instead. (transfer full) */
static char *
check_code (const struct dsn_rules *rules, const struct sender *s, const struct sent_code *c)
{
    struct dsn_report *report = dsn_report_new ();
    struct dsn_recipient *r = dsn_report_add_recipient (report);
    enum dsn_class cls = c->cls ? c->cls : dsn_category_get (c->category)->cls;
    bool is_own = c->mark.n_bytes != 0;
    g_autofree char *text = sent_text (c);
    char *message = NULL;

    classify_text (rules, dsn_bytes_str (text), is_own ? -1 : s->provider, -1, DSN_STAGE_NONE,
                   false, report, r);
    if (r->category != c->category || r->cls != cls)
        message = g_strdup_printf ("codes %s: \"%s\" is %s, %s by %s (weight %u)", s->id, text,
                                   dsn_category_get (r->category)->name, dsn_class_names[r->cls],
                                   r->rule, r->confidence);
    else if (is_own && g_strcmp0 (r->provider, s->id) != 0)
        message = g_strdup_printf ("codes %s: \"%s\" tells the provider %s", s->id, text,
                                   r->provider ? r->provider : "not");
    dsn_report_free (report);
    return message;
}

static size_t
lint_senders (const struct dsn_rules *rules, dsn_rules_lint_fn *found, void *data)
{
    size_t n = 0;

    for (guint i = 0; i < rules->senders->len; i++) {
        const struct sender *s = rules->senders->pdata[i];

        for (guint k = 0; k < s->codes->len; k++) {
            const struct sent_code *c = s->codes->pdata[k];
            g_autofree char *message = c->kind == SENT_TYPE ? NULL : check_code (rules, s, c);
            struct dsn_rules_error error = { (char *)s->file, c->line, 1, message };

            if (message)
                found (&error, data);
            n += message != NULL;
        }
    }
    return n;
}

size_t
dsn_rules_lint (const struct dsn_rules *rules, dsn_rules_lint_fn *found, void *data)
{
    size_t n = lint_senders (rules, found, data);

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
