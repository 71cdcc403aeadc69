/* A rule set's records: their frees, and the look-ups by code and by header value.
 */
#include "core/rules/ruleload.h"

void *
ruleset_own (struct dsn_rules *rules, void *item, GDestroyNotify free)
{
    struct rule_owned owned = { item, free };

    g_array_append_val (rules->owned, owned);
    return item;
}

static void
clear_array (GArray **array)
{
    g_clear_pointer (array, g_array_unref);
}

static void
clear_strings (GPtrArray **strings)
{
    g_clear_pointer (strings, g_ptr_array_unref);
}

void
rule_free (void *rule)
{
    struct rule *r = rule;

    for (guint i = 0; i < r->texts->len; i++)
        g_free (g_array_index (r->texts, struct rule_sequence, i).phrases);
    for (guint i = 0; r->refs && i < r->refs->len; i++)
        g_free (g_array_index (r->refs, struct rule_ref, i).name);
    clear_array (&r->texts);
    clear_array (&r->nots);
    clear_array (&r->providers);
    clear_array (&r->formats);
    clear_array (&r->statuses);
    clear_array (&r->replies);
    clear_array (&r->refs);
    clear_strings (&r->proofs);
    g_free (r->id);
    g_free (r);
}

void
help_clear (struct help *help)
{
    for (unsigned i = 0; i < _HELP_N; i++)
        g_clear_pointer (&help->lines[i], g_free);
}

void
provider_free (void *provider)
{
    struct provider *p = provider;

    clear_strings (&p->hosts);
    clear_strings (&p->domains);
    clear_array (&p->seen);
    g_free (p->id);
    g_free (p->name);
    help_clear (&p->help);
    g_free (p);
}

void
format_free (void *format)
{
    struct format *f = format;

    for (guint i = 0; i < f->whens->len; i++)
        g_array_unref (g_array_index (f->whens, GArray *, i));
    clear_array (&f->whens);
    clear_array (&f->delayed);
    clear_array (&f->delivered);
    clear_array (&f->failed);
    clear_array (&f->start);
    clear_array (&f->end);
    clear_array (&f->skip);
    clear_array (&f->stages);
    clear_strings (&f->recipients);
    clear_strings (&f->aliases);
    clear_strings (&f->replies);
    clear_strings (&f->proofs);
    g_free (f->id);
    g_free (f->name);
    g_free (f);
}

void
blocklist_free (void *blocklist)
{
    struct blocklist *b = blocklist;

    clear_array (&b->seen);
    g_free (b->zone);
    g_free (b->name);
    help_clear (&b->help);
    g_free (b);
}

void
code_free (void *code)
{
    struct code *c = code;

    g_free (c->id);
    g_free (c->own_body);
    g_free (c);
}

static const struct code *
find_code (const struct dsn_rules *rules, const char *id)
{
    guint low = 0, high = rules->codes->len;

    while (low < high) {
        guint mid = low + (high - low) / 2;
        const struct code *c = g_ptr_array_index (rules->codes, mid);
        int order = strcmp (id, c->id);
        if (order == 0)
            return c;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct code *
ruleset_code (const struct dsn_rules *rules, const char *code)
{
    const struct code *c = find_code (rules, code);
    g_autofree char *any = NULL;

    if (c || code[0] == '\0' || code[1] != '.')
        return c;
    any = g_strdup (code);
    any[0] = 'x';
    return find_code (rules, any);
}

const struct policy *
ruleset_policy (const struct dsn_rules *rules, unsigned category)
{
    for (guint i = 0; i < rules->policies->len; i++) {
        const struct policy *p = rules->policies->pdata[i];
        if (p->category == category)
            return p;
    }
    return NULL;
}

static bool
stands_at (const struct format_cond *cond, size_t n, struct dsn_bytes value, size_t at)
{
    if (memcmp (value.p + at, cond->text, n) != 0)
        return false;
    if (!cond->open_start && at && g_ascii_isalnum (cond->text[0]) &&
        g_ascii_isalnum (value.p[at - 1]))
        return false;
    return cond->open_end || at + n == value.n || !g_ascii_isalnum (cond->text[n - 1]) ||
           !g_ascii_isalnum (value.p[at + n]);
}

bool
format_cond_matches (const struct format_cond *cond, struct dsn_bytes value)
{
    size_t n = cond->text ? strlen (cond->text) : 0;

    if (n == 0)
        return true;
    for (size_t at = 0; at + n <= value.n; at++)
        if (stands_at (cond, n, value, at))
            return true;
    return false;
}
