#include "core/explain/explainuse.h"

#include <string.h>

static bool
names_status (const struct rule *r, const struct codename *name)
{
    for (unsigned i = 0; i < r->statuses->len; i++) {
        const struct rule_status_range *s =
            &g_array_index (r->statuses, struct rule_status_range, i);
        if ((!s->cls || !name->cls || s->cls == name->cls) && s->subject == (int)name->subject &&
            s->detail_first >= 0 && s->detail_first <= (int)name->detail &&
            (int)name->detail <= s->detail_last)
            return true;
    }
    return false;
}

static bool
names_reply (const struct rule *r, const struct codename *name)
{
    unsigned reply = name->cls * 100 + name->subject * 10 + name->detail;

    for (unsigned i = 0; i < r->replies->len; i++) {
        const struct rule_reply_range *range =
            &g_array_index (r->replies, struct rule_reply_range, i);
        if (range->first == reply && range->last == reply)
            return true;
    }
    return false;
}

bool
text_names_code (const char *text, const char *code)
{
    size_t n = strlen (code);

    for (const char *p = strstr (text, code); p; p = strstr (p + 1, code)) {
        char before = p > text ? p[-1] : ' ';
        bool is_longer = g_ascii_isdigit (p[n]) || (p[n] == '.' && g_ascii_isdigit (p[n + 1]));
        if (!g_ascii_isalnum (before) && before != '.' && !is_longer)
            return true;
    }
    return false;
}

/* The rule's first proof that names the code; NULL if none does. */
static const char *
example_of (const struct rule *r, const char *code)
{
    for (unsigned i = 0; i < r->proofs->len; i++)
        if (text_names_code (g_ptr_array_index (r->proofs, i), code))
            return g_ptr_array_index (r->proofs, i);
    return NULL;
}

static bool
has_use (const struct dsn_explanation *e, const char *provider, unsigned category)
{
    for (unsigned i = 0; i < e->providers->len; i++) {
        const struct dsn_provider_use *u =
            &g_array_index (e->providers, struct dsn_provider_use, i);
        if (u->category == category && strcmp (u->provider, provider) == 0)
            return true;
    }
    return false;
}

static void
add_use (struct dsn_explanation *e, const struct rule *r, const struct provider *p,
         const char *example)
{
    struct dsn_provider_use use = {
        .provider = g_string_chunk_insert_const (e->store, p->id),
        .name = g_string_chunk_insert_const (e->store, p->name ? p->name : p->id),
        .rule = g_string_chunk_insert_const (e->store, r->id),
        .category = r->category,
        .cls = r->cls ? r->cls : dsn_category_get (r->category)->cls,
        .example = example ? g_string_chunk_insert_const (e->store, example) : NULL,
    };

    g_array_append_val (e->providers, use);
}

/* A provider's uses stand together, in the order of the rules. */
static int
compare_uses (const void *a, const void *b)
{
    const struct dsn_provider_use *x = a, *y = b;

    return strcmp (x->provider, y->provider);
}

void
explain_add_providers (struct dsn_explanation *e, const struct dsn_rules *rules,
                       const struct codename *name)
{
    if (name->kind == DSN_EXPLAIN_CLASS)
        return;
    for (unsigned i = 0; i < rules->rules->len; i++) {
        const struct rule *r = g_ptr_array_index (rules->rules, i);
        const char *example = r->is_off ? NULL : example_of (r, e->code);
        bool is_named =
            name->kind == DSN_EXPLAIN_STATUS ? names_status (r, name) : names_reply (r, name);
        if (r->is_off || (!example && !is_named))
            continue;
        for (unsigned k = 0; k < r->providers->len; k++) {
            const struct provider *p =
                g_ptr_array_index (rules->providers, g_array_index (r->providers, unsigned, k));
            if (!has_use (e, p->id, r->category))
                add_use (e, r, p, example);
        }
    }
    g_array_sort (e->providers, compare_uses);
}
