/* Explains codes: finds the records that speak of a code, and joins what they say.
 */
#include "core/explain/codename.h"
#include "core/explain/explanation.h"
#include "core/explain/explainsender.h"
#include "core/explain/explainuse.h"

/* RFC 3463 s.3 and RFC 5321 s.4.2.1, for codes that nobody has described. */
static const char *const subject_words[] = {
    "it names no subject",
    "the subject is an address",
    "the subject is the mailbox",
    "the subject is the receiving mail system",
    "the subject is the network or the routing",
    "the subject is the mail protocol",
    "the subject is the message's content or form",
    "the subject is security or policy",
};
static const char *const second_digit_words[] = {
    [0] = "its second digit speaks of the syntax of a command",
    [1] = "its second digit speaks of information",
    [2] = "its second digit speaks of the connection",
    [5] = "its second digit speaks of the mail system itself",
};

/* The class of an event that only this code speaks for: docs/rules.md. */
static enum dsn_class
event_class (unsigned digit, unsigned category, enum dsn_class says)
{
    if (!category || digit == 2 || digit == 3)
        return DSN_CLASS_NEITHER;
    if (says)
        return says;
    return digit == 4 ? DSN_CLASS_SOFT : dsn_category_get (category)->cls;
}

static void
take_readings (struct dsn_explanation *e, const struct code_text *text, unsigned digit)
{
    for (unsigned i = 0; i < text->readings->len; i++) {
        const struct code_reading *r = &g_array_index (text->readings, struct code_reading, i);
        /* a registered meaning stands for all classes; 4 is soft in each */
        enum dsn_class cls =
            !r->only_class && e->kind == DSN_EXPLAIN_STATUS && digit == 4 ? DSN_CLASS_SOFT : r->cls;
        if (!r->only_class || r->only_class == digit)
            explanation_add_reading (e, r->context, r->category, cls, r->meaning, r->system,
                                     r->source);
    }
}

/* Why the code is hard or soft: who says so, and what it means for message and address. */
static void
take_why (struct dsn_explanation *e, const GString *listed, unsigned digit)
{
    g_autoptr (GString) why = g_string_new (listed->str);

    if (digit == 4)
        g_string_append (why, "Class 4 is a failure for now: the same message may get through "
                              "later.");
    if (digit == 5)
        g_string_append (why, "Class 5 is a failure for good: the same message won't get through "
                              "if it's sent again as it is.");
    g_strchomp (why->str);
    g_string_set_size (why, strlen (why->str));
    explanation_append_class (why, e->category, e->event_cls);
    e->why = explanation_keep (e, why->str);
}

/* Category and class: what an event would say, and what the code tables say. */
static void
take_verdict (struct dsn_explanation *e, const struct code *code, const struct code_text *text,
              unsigned digit)
{
    const struct dsn_category *row;
    g_autoptr (GString) listed = g_string_new (NULL);

    e->category = digit == 2 || digit == 3 ? 0 : code->category;
    row = dsn_category_get (e->category);
    e->event_cls = event_class (digit, e->category, code->cls);
    e->fault = row->fault;
    e->advice = e->category ? row->advice : DSN_ADVICE_NOTHING;
    if (e->event_cls == DSN_CLASS_SOFT && e->advice == DSN_ADVICE_SUPPRESS)
        e->advice = digit == 4 ? DSN_ADVICE_RETRY : DSN_ADVICE_REVIEW;
    for (unsigned i = 0; i < text->listings->len; i++) {
        const struct code_listing *l = &g_array_index (text->listings, struct code_listing, i);
        if (l->only_class && l->only_class != digit)
            continue;
        if (e->cls)
            g_string_append_printf (listed, "Others list it as %s. ", dsn_class_names[l->cls]);
        else
            g_string_append_printf (listed, "%c%s list it as %s. ", g_ascii_toupper (l->source[0]),
                                    l->source + 1, dsn_class_names[l->cls]);
        if (!e->cls)
            e->cls = l->cls;
    }
    if (!e->cls)
        e->cls = e->event_cls;
    take_why (e, listed, digit);
}

static const char *
first_source (const struct code_text *text)
{
    return text->sources->len ? g_ptr_array_index (text->sources, 0) : NULL;
}

/* Explains by the record of the code, or by the one that stands in for it. */
static void
take_record (struct dsn_explanation *e, const struct code *code, const struct codename *name)
{
    g_autoptr (code_text) text = code_text_new (code);

    e->system = explanation_keep (e, text->system);
    take_verdict (e, code, text, name->cls);
    take_readings (e, text, name->cls);
    if (e->readings->len == 0)
        explanation_add_reading (
            e, e->kind == DSN_EXPLAIN_STATUS ? "enhanced status code" : "SMTP reply", e->category,
            e->cls, text->meaning, text->system, first_source (text));
    explanation_take_text (e, text);
    explanation_soften (e);
}

/* A code that nobody describes: the meaning of its class and of its subject. */
static void
take_general (struct dsn_explanation *e, const struct codename *name, const struct code *whole,
              const struct code *subject)
{
    g_autoptr (code_text) text = code_text_new (whole);
    const char *words = NULL;
    g_autofree char *meaning = NULL;

    if (name->kind == DSN_EXPLAIN_STATUS && name->subject < G_N_ELEMENTS (subject_words))
        words = subject_words[name->subject];
    if (name->kind == DSN_EXPLAIN_REPLY && name->subject < G_N_ELEMENTS (second_digit_words))
        words = second_digit_words[name->subject];
    meaning = g_strdup_printf (
        "%s isn't a code that the registries or the code tables have. %s%s%s%s", e->code,
        text->meaning, words ? " By its form " : "", words ? words : "", words ? "." : "");
    take_record (e, subject ? subject : whole, name);
    e->is_known = false;
    e->meaning = explanation_keep (e, meaning);
    e->system = NULL;
    g_array_set_size (e->readings, 0);
    explanation_add_reading (
        e, "unknown code: its class and subject", e->category, e->cls, meaning, NULL,
        name->kind == DSN_EXPLAIN_STATUS ? "RFC 3463 section 2" : "RFC 5321 section 4.2.1");
}

/* Explains a three-digit code that no record has, but whose form with dots one has: 578, 5.7.8. */
static const struct code *
compact_record (const struct dsn_rules *rules, const struct codename *name)
{
    struct codename dotted = *name;
    g_autofree char *text = NULL;

    dotted.kind = DSN_EXPLAIN_STATUS;
    text = codename_format (&dotted);
    if (name->kind != DSN_EXPLAIN_REPLY || (name->cls != 4 && name->cls != 5))
        return NULL;
    return ruleset_code (rules, text);
}

static void
add_compact_reading (struct dsn_explanation *e, const struct dsn_rules *rules,
                     const struct codename *name)
{
    const struct code *code = compact_record (rules, name);
    g_autoptr (code_text) text = code ? code_text_new (code) : NULL;
    g_autofree char *context = NULL;

    if (!code)
        return;
    context = g_strdup_printf ("compact form of %u.%u.%u in a Status field or a report", name->cls,
                               name->subject, name->detail);
    explanation_add_reading (e, context, code->category,
                             event_class (name->cls, code->category, code->cls), text->meaning,
                             NULL, first_source (text));
    g_ptr_array_add (e->see, (void *)explanation_keep (e, code->id));
}

static struct dsn_explanation *
explain_code (const struct dsn_rules *rules, const struct codename *name, struct dsn_bytes query)
{
    g_autofree char *id = codename_format (name);
    g_autofree char *whole_id = g_strdup_printf ("%uxx", name->cls);
    g_autofree char *subject_id = g_strdup_printf ("x.%u.0", name->subject);
    const struct code *code = ruleset_code (rules, id);
    const struct code *whole = ruleset_code (rules, whole_id);
    bool is_status = name->kind == DSN_EXPLAIN_STATUS;
    g_autoptr (dsn_explanation) e = NULL;

    /* an x.y.z record tells why something failed: it's no answer for 2.y.z, 3.y.z or 6.y.z */
    if (code && code->id[0] == 'x' && name->cls && name->cls != 4 && name->cls != 5 &&
        (name->cls != 2 || code->category))
        code = NULL;
    if (!code && (!whole || (is_status && name->cls != 2 && name->cls != 4 && name->cls != 5)))
        return NULL;
    e = explanation_new (name->kind, query);
    e->code = explanation_keep (e, id);
    e->is_known = code != NULL;
    if (code)
        take_record (e, code, name);
    else
        take_general (e, name, whole, is_status ? ruleset_code (rules, subject_id) : NULL);
    if (!code)
        add_compact_reading (e, rules, name);
    explain_add_sent (e, rules, name);
    explain_add_providers (e, rules, name);
    return g_steal_pointer (&e);
}

/* A category of the taxonomy: its meaning, and the codes that say it. */
static struct dsn_explanation *
explain_category (const struct dsn_rules *rules, unsigned category, struct dsn_bytes query)
{
    const struct dsn_category *row = dsn_category_get (category);
    struct dsn_explanation *e = explanation_new (DSN_EXPLAIN_CATEGORY, query);
    const struct code *record = ruleset_code (rules, row->name);
    g_autoptr (code_text) text = record ? code_text_new (record) : NULL;
    g_autoptr (GString) why = g_string_new (NULL);

    e->code = explanation_keep (e, row->name);
    e->is_known = true;
    e->category = category;
    e->cls = e->event_cls = row->cls;
    e->fault = row->fault;
    e->advice = row->advice;
    explanation_append_class (why, category, row->cls);
    e->why = explanation_keep (e, why->str);
    if (text)
        explanation_take_text (e, text);
    else
        e->meaning = explanation_keep (e, row->meaning);
    explanation_add_reading (e, "category", category, row->cls, row->meaning, NULL,
                             "dsnd's taxonomy");
    for (unsigned i = 0; i < rules->codes->len; i++) {
        const struct code *code = g_ptr_array_index (rules->codes, i);
        const char *id = code->category == category && code != record ? code->id : NULL;
        if (id && !g_ptr_array_find (e->see, explanation_keep (e, id), NULL))
            g_ptr_array_add (e->see, (void *)explanation_keep (e, id));
    }
    return e;
}

struct dsn_explanation *
dsn_explain (const struct dsn_rules *rules, struct dsn_bytes query)
{
    struct codename name;
    unsigned category = dsn_category_lookup (query);

    struct dsn_explanation *e = NULL;

    if (category)
        return explain_category (rules, category, query);
    if (codename_read (query, &name))
        e = explain_code (rules, &name, query);
    return e ? e : explain_token (rules, query);
}

/* How far two codes lie apart as numbers; for names 0. */
static unsigned
apart (struct dsn_bytes a, const char *b)
{
    struct codename x, y;

    if (!codename_read (a, &x) || !codename_read (dsn_bytes_str (b), &y))
        return 0;
    return (unsigned)ABS ((int)(x.cls * 100 + x.subject * 10 + x.detail) -
                          (int)(y.cls * 100 + y.subject * 10 + y.detail));
}

char *
dsn_explain_nearest (const struct dsn_rules *rules, struct dsn_bytes query)
{
    enum { FAR = 1000 };
    const char *nearest = "550", *token;
    unsigned best = FAR;

    for (unsigned i = 0; i < rules->codes->len; i++) {
        const char *name = ((const struct code *)g_ptr_array_index (rules->codes, i))->id;
        unsigned d = codename_distance (query, dsn_bytes_str (name), FAR);
        if (d < best || (d == best && apart (query, name) < apart (query, nearest))) {
            best = d;
            nearest = name;
        }
    }
    token = explain_nearest_token (rules, query, &best);
    return g_strdup (token ? token : nearest);
}
