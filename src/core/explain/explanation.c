/* Making explanations: everything goes into the explanation's own store.
 */
#include "core/explain/explanation.h"

const char *const dsn_explain_kind_names[_DSN_EXPLAIN_KIND_N] = {
    [DSN_EXPLAIN_REPLY] = "reply", [DSN_EXPLAIN_STATUS] = "status",
    [DSN_EXPLAIN_CLASS] = "class", [DSN_EXPLAIN_CATEGORY] = "category",
    [DSN_EXPLAIN_TEXT] = "text",   [DSN_EXPLAIN_MAIL] = "mail",
    [DSN_EXPLAIN_TOKEN] = "token",
};

const char *
explanation_keep (struct dsn_explanation *e, const char *text)
{
    return text ? g_string_chunk_insert_const (e->store, text) : NULL;
}

void
explanation_keep_all (struct dsn_explanation *e, GPtrArray *to, const GPtrArray *from)
{
    for (unsigned i = 0; i < from->len; i++) {
        const char *text = explanation_keep (e, g_ptr_array_index (from, i));
        if (!g_ptr_array_find (to, text, NULL)) /* equal texts are the same in the store */
            g_ptr_array_add (to, (void *)text);
    }
}

struct dsn_explanation *
explanation_new (enum dsn_explain_kind kind, struct dsn_bytes query)
{
    struct dsn_explanation *e = g_new0 (struct dsn_explanation, 1);
    g_autofree char *text = g_utf8_make_valid (query.p ? query.p : "", (gssize)query.n);

    e->store = g_string_chunk_new (1024);
    e->kind = kind;
    e->query = explanation_keep (e, text);
    e->causes = g_ptr_array_new ();
    e->remedies = g_ptr_array_new ();
    e->sources = g_ptr_array_new ();
    e->see = g_ptr_array_new ();
    e->readings = g_array_new (FALSE, TRUE, sizeof (struct dsn_reading));
    e->providers = g_array_new (FALSE, TRUE, sizeof (struct dsn_provider_use));
    e->contacts = g_array_new (FALSE, TRUE, sizeof (struct dsn_contact));
    e->verdict.evidence = g_ptr_array_new ();
    return e;
}

void
dsn_explanation_free (struct dsn_explanation *e)
{
    if (!e)
        return;
    g_ptr_array_unref (e->causes);
    g_ptr_array_unref (e->remedies);
    g_ptr_array_unref (e->sources);
    g_ptr_array_unref (e->see);
    g_array_unref (e->readings);
    g_array_unref (e->providers);
    g_array_unref (e->contacts);
    g_ptr_array_unref (e->verdict.evidence);
    g_string_chunk_free (e->store);
    g_free (e);
}

void
explanation_add_reading (struct dsn_explanation *e, const char *context, unsigned category,
                         enum dsn_class cls, const char *meaning, const char *system,
                         const char *source)
{
    struct dsn_reading r = { explanation_keep (e, context),
                             category,
                             cls,
                             explanation_keep (e, meaning),
                             explanation_keep (e, system),
                             explanation_keep (e, source) };

    g_array_append_val (e->readings, r);
}

void
explanation_take_text (struct dsn_explanation *e, const struct code_text *text)
{
    if (!e->meaning)
        e->meaning = explanation_keep (e, text->meaning);
    explanation_keep_all (e, e->causes, text->causes);
    explanation_keep_all (e, e->remedies, text->remedies);
    explanation_keep_all (e, e->sources, text->sources);
    explanation_keep_all (e, e->see, text->see);
}

/* What to do about an address that isn't given up though its category would. */
static const char *const put_off[] = {
    "Don't remove the address yet: let the queue try again.",
    "Give it up if the same is said with a code of class 5, or again and again.",
};

void
explanation_soften (struct dsn_explanation *e)
{
    if (!e->category || e->event_cls != DSN_CLASS_SOFT ||
        dsn_category_get (e->category)->cls != DSN_CLASS_HARD)
        return;
    g_ptr_array_set_size (e->remedies, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS (put_off); i++)
        g_ptr_array_add (e->remedies, (void *)explanation_keep (e, put_off[i]));
}

void
explanation_append_class (GString *why, unsigned category, enum dsn_class cls)
{
    const char *name = dsn_category_get (category)->name;

    if (why->len)
        g_string_append_c (why, ' ');
    if (cls == DSN_CLASS_HARD)
        g_string_append_printf (why,
                                "For the address it's hard: %s means that mail for it can't "
                                "be delivered.",
                                name);
    else if (cls == DSN_CLASS_SOFT && dsn_category_get (category)->cls == DSN_CLASS_HARD)
        g_string_append (why, "For the address it's soft: it was put off, or isn't sure enough to "
                              "give the address up.");
    else if (cls == DSN_CLASS_SOFT)
        g_string_append_printf (why,
                                "For the address it's soft: %s alone doesn't mean that the "
                                "address is dead.",
                                name);
    else
        g_string_append (why, "It's no failure.");
}
