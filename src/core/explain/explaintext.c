/* Explains refusals and mails: the verdict that an event has, in words.
 */
#include "core/judge/classify.h"
#include "core/explain/explainsender.h"
#include "core/explain/explanation.h"

/* What a report that's no bounce means; NULL: the category speaks. */
static const char *const kind_words[_DSN_KIND_N] = {
    [DSN_KIND_DELIVERED] = "The message was delivered or passed on: a report of success.",
    [DSN_KIND_COMPLAINT] = "The recipient complained about the message, mostly by a spam button.",
    [DSN_KIND_RECEIPT] =
        "The recipient's mail program tells that the message was shown or deleted.",
    [DSN_KIND_AUTO_REPLY] = "An automatic reply, such as from a vacation: the message arrived.",
    [DSN_KIND_CHALLENGE] = "The recipient's system wants the sender to prove that it's a person.",
    [DSN_KIND_UNSUBSCRIBE] = "The recipient wants to be taken off the list.",
    [DSN_KIND_OTHER] = "No report of a mail system: a person's mail, or spam.",
    [DSN_KIND_UNPROCESSABLE] = "The mail couldn't be read.",
};
static const char *const kind_remedies[_DSN_KIND_N] = {
    [DSN_KIND_COMPLAINT] = "Take the address off the list, and send it nothing more.",
    [DSN_KIND_CHALLENGE] = "A person may answer it; a mailing list shouldn't.",
    [DSN_KIND_UNSUBSCRIBE] = "Take the address off the list.",
    [DSN_KIND_OTHER] = "A person should read it.",
    [DSN_KIND_UNPROCESSABLE] = "Look at the file; its warnings stand in the event.",
};

/* What the code @id says by itself, as a reading of the text. */
static void
take_code (struct dsn_explanation *e, const struct dsn_rules *rules, const char *id)
{
    g_autoptr (dsn_explanation) code = dsn_explain (rules, dsn_bytes_str (id));
    const struct dsn_reading *first;
    g_autofree char *context = NULL;

    if (!code)
        return;
    first = &g_array_index (code->readings, struct dsn_reading, 0);
    context = g_strdup_printf ("%s, %s", id, first->context);
    explanation_add_reading (e, context, first->category, first->cls, first->meaning, first->system,
                             first->source);
    if (!g_ptr_array_find (e->see, explanation_keep (e, id), NULL))
        g_ptr_array_add (e->see, (void *)explanation_keep (e, id));
    explanation_keep_all (e, e->sources, code->sources);
}

static const struct provider *
find_provider (const struct dsn_rules *rules, const char *id)
{
    for (unsigned i = 0; id && i < rules->providers->len; i++) {
        const struct provider *p = g_ptr_array_index (rules->providers, i);
        if (strcmp (p->id, id) == 0)
            return p;
    }
    return NULL;
}

static void
take_provider (struct dsn_explanation *e, const struct dsn_rules *rules)
{
    const struct provider *p = find_provider (rules, e->verdict.provider);
    struct dsn_provider_use use = { .rule = e->verdict.rule,
                                    .category = e->category,
                                    .cls = e->cls };

    if (!p)
        return;
    use.provider = explanation_keep (e, p->id);
    use.name = explanation_keep (e, p->name ? p->name : p->id);
    use.example = e->verdict.diagnostic;
    g_array_append_val (e->providers, use);
    explain_add_contact (e, rules, p->id);
}

/* The facts as the event has them. */
static void
take_verdict (struct dsn_explanation *e, const struct dsn_recipient *r, enum dsn_kind kind)
{
    struct dsn_explained_verdict *v = &e->verdict;

    v->kind = kind;
    v->recipient = explanation_keep (e, r->recipient);
    v->status = explanation_keep (e, r->status);
    v->reply_code = r->reply_code;
    v->stage = r->stage;
    v->diagnostic = explanation_keep (e, r->diagnostic);
    v->confidence = r->confidence;
    v->rule = explanation_keep (e, r->rule);
    v->provider = explanation_keep (e, r->provider);
    v->block_list = explanation_keep (e, r->block_list);
    for (unsigned i = 0; r->evidence && r->evidence[i]; i++)
        g_ptr_array_add (v->evidence, (void *)explanation_keep (e, r->evidence[i]));
    e->category = r->category;
    e->cls = e->event_cls = r->cls ? r->cls : DSN_CLASS_NEITHER;
    e->fault = r->fault;
    e->advice = r->advice ? r->advice : DSN_ADVICE_NOTHING;
    e->is_known = true;
}

static void
take_why (struct dsn_explanation *e)
{
    g_autoptr (GString) why = g_string_new (NULL);

    if (e->category && e->verdict.rule)
        g_string_append_printf (why, "Decided by %s, confidence %u of 100.", e->verdict.rule,
                                e->verdict.confidence);
    if (e->verdict.block_list)
        g_string_append_printf (why, " The refusal names the block list %s.",
                                e->verdict.block_list);
    if (e->verdict.kind == DSN_KIND_DELAYED)
        g_string_append (why, " It hasn't failed yet: the mail system still tries.");
    explanation_append_class (why, e->category, e->category ? e->cls : DSN_CLASS_NEITHER);
    e->why = explanation_keep (e, why->str);
}

static struct dsn_explanation *
explain_recipient (const struct dsn_rules *rules, const struct dsn_recipient *r, enum dsn_kind kind,
                   enum dsn_explain_kind explain_kind, struct dsn_bytes query)
{
    struct dsn_explanation *e = explanation_new (explain_kind, query);
    g_autofree char *reply = r->reply_code ? g_strdup_printf ("%u", r->reply_code) : NULL;
    const char *category = dsn_category_get (r->category)->name;
    const struct code *record = category ? ruleset_code (rules, category) : NULL;
    g_autoptr (code_text) text = record ? code_text_new (record) : NULL;
    const char *code = r->status ? r->status : reply ? reply : category;

    take_verdict (e, r, kind);
    explain_take_rule (e, rules, r->rule);
    e->code = explanation_keep (e, code ? code : dsn_kind_names[kind]);
    if (text)
        explanation_take_text (e, text);
    else
        e->meaning =
            explanation_keep (e, kind_words[kind] ? kind_words[kind] : "No reason is stated.");
    if (!text && kind_remedies[kind])
        g_ptr_array_add (e->remedies, (void *)explanation_keep (e, kind_remedies[kind]));
    if (r->status)
        take_code (e, rules, r->status);
    if (reply)
        take_code (e, rules, reply);
    take_provider (e, rules);
    if (r->block_list)
        explain_add_contact (e, rules, r->block_list);
    explanation_soften (e);
    take_why (e);
    return e;
}

/* Whether the verdict says something of @text. A word without a code and a blank, which no rule
 * knows, is a name that was misspelled rather than a refusal. */
static bool
is_verdict (const struct dsn_recipient *r, struct dsn_bytes text)
{
    static const char unknown[] = "unknown";

    if (r->status || r->reply_code)
        return true;
    if (r->rule && g_str_has_prefix (r->rule, "words:") && !memchr (text.p, ' ', text.n))
        return false;
    return r->category != dsn_category_lookup (dsn_bytes_str (unknown));
}

struct dsn_explanation *
dsn_explain_text (const struct dsn_rules *rules, struct dsn_bytes text)
{
    struct dsn_report *report = dsn_report_new ();
    struct dsn_recipient *r = dsn_report_add_recipient (report);
    struct dsn_explanation *e = NULL;

    classify_text (rules, text, -1, -1, DSN_STAGE_NONE, true, report, r);
    if (is_verdict (r, text))
        e = explain_recipient (rules, r, DSN_KIND_BOUNCE, DSN_EXPLAIN_TEXT, text);
    dsn_report_free (report);
    return e;
}

struct dsn_explanation *
dsn_explain_event (const struct dsn_rules *rules, const struct dsn_report *report, size_t i,
                   struct dsn_bytes query)
{
    static const struct dsn_recipient nobody;

    return explain_recipient (rules, i < report->n_recipients ? &report->recipients[i] : &nobody,
                              dsn_report_event_kind (report, i), DSN_EXPLAIN_MAIL, query);
}
