#include "core/explain/explainsender.h"

#include "core/explain/explainuse.h"
#include "core/rules/ruleload.h"

#include <string.h>

/* Walks through all lines of all `codes` records. */
struct walk {
    const struct dsn_rules *rules;
    const struct sender *sender;
    const struct sent_code *code;
    unsigned i, k;
};

static bool
next (struct walk *w)
{
    for (; w->i < w->rules->senders->len; w->i++, w->k = 0) {
        w->sender = g_ptr_array_index (w->rules->senders, w->i);
        if (w->k < w->sender->codes->len) {
            w->code = g_ptr_array_index (w->sender->codes, w->k++);
            return true;
        }
    }
    return false;
}

static const struct blocklist *
find_blocklist (const struct dsn_rules *rules, const char *zone)
{
    for (unsigned i = 0; i < rules->blocklists->len; i++) {
        const struct blocklist *b = g_ptr_array_index (rules->blocklists, i);
        size_t n = strlen (zone), n_own = strlen (b->zone);
        if (n >= n_own && strcmp (zone + n - n_own, b->zone) == 0 &&
            (n == n_own || zone[n - n_own - 1] == '.'))
            return b;
    }
    return NULL;
}

static const struct provider *
find_provider (const struct dsn_rules *rules, const char *id)
{
    for (unsigned i = 0; i < rules->providers->len; i++) {
        const struct provider *p = g_ptr_array_index (rules->providers, i);
        if (strcmp (p->id, id) == 0)
            return p;
    }
    return NULL;
}

/* The name of provider, block list or sender @id, and where to look; NULL if it has no name. */
static const char *
name_of (const struct dsn_rules *rules, const char *id, const struct help **ret_help)
{
    const struct provider *p = find_provider (rules, id);
    const struct blocklist *b = p ? NULL : find_blocklist (rules, id);

    *ret_help = p ? &p->help : b ? &b->help : NULL;
    for (unsigned i = 0; !p && !b && i < rules->senders->len; i++) {
        const struct sender *s = g_ptr_array_index (rules->senders, i);
        if (s->name && strcmp (s->id, id) == 0) {
            *ret_help = &s->help;
            return s->name;
        }
    }
    return p ? p->name : b ? b->name : NULL;
}

void
explain_add_contact (struct dsn_explanation *e, const struct dsn_rules *rules, const char *id)
{
    const struct help *help;
    const char *name = name_of (rules, id, &help), *lines[_HELP_N];
    struct dsn_contact c;
    bool is_empty = true;

    for (unsigned i = 0; help && i < _HELP_N; i++) {
        lines[i] = explanation_keep (e, help->lines[i]);
        is_empty = is_empty && !lines[i];
    }
    for (unsigned i = 0; name && i < e->contacts->len; i++)
        is_empty =
            is_empty || strcmp (g_array_index (e->contacts, struct dsn_contact, i).name, name) == 0;
    if (!help || is_empty)
        return;
    c = (struct dsn_contact){ explanation_keep (e, id), explanation_keep (e, name),
                              .page = lines[HELP_PAGE], .form = lines[HELP_FORM],
                              .loop = lines[HELP_LOOP], .reputation = lines[HELP_REPUTATION],
                              .asks = lines[HELP_ASKS], .note = lines[HELP_NOTE] };
    g_array_append_val (e->contacts, c);
}

static void
add_use (struct dsn_explanation *e, const struct walk *w)
{
    const struct sent_code *c = w->code;
    const struct help *help;
    const char *name = name_of (w->rules, w->sender->id, &help);
    struct dsn_provider_use use = {
        .provider = explanation_keep (e, w->sender->id),
        .name = explanation_keep (e, name ? name : w->sender->id),
        .rule = explanation_keep (e, c->rule),
        .category = c->category,
        .cls = c->cls ? c->cls : dsn_category_get (c->category)->cls,
        .example = c->kind == SENT_CASE ? explanation_keep (e, c->text) : NULL,
        .code = explanation_keep (e, c->text),
        .reply = explanation_keep (e, c->reply),
        .meaning = explanation_keep (e, c->meaning),
        .remedy = explanation_keep (e, c->remedy),
    };

    g_array_append_val (e->providers, use);
}

/* The explanation is what the sender says of its code. */
static void
take_sent (struct dsn_explanation *e, const struct walk *w)
{
    const struct sent_code *c = w->code;
    const struct dsn_category *row = dsn_category_get (c->category);
    const struct help *help;
    const char *name = name_of (w->rules, w->sender->id, &help);
    g_autofree char *meaning = g_strdup_printf ("%s: %s", name ? name : w->sender->id, c->meaning);
    g_autoptr (GString) why = g_string_new (NULL);

    e->is_known = true;
    e->category = c->category;
    e->cls = e->event_cls = c->cls ? c->cls : row->cls;
    e->fault = row->fault;
    e->advice = e->cls == DSN_CLASS_SOFT && row->advice == DSN_ADVICE_SUPPRESS ? DSN_ADVICE_REVIEW
                                                                               : row->advice;
    e->meaning = explanation_keep (e, meaning);
    explanation_append_class (why, e->category, e->cls);
    e->why = explanation_keep (e, why->str);
    g_ptr_array_set_size (e->causes, 0);
    g_ptr_array_set_size (e->remedies, 0);
    if (c->remedy)
        g_ptr_array_add (e->remedies, (void *)explanation_keep (e, c->remedy));
    g_ptr_array_set_size (e->sources, 0);
    explanation_keep_all (e, e->sources, w->sender->sources);
}

/* Whether a line of a `codes` record is about the code. */
static bool
names_code (const struct sent_code *c, const struct codename *name)
{
    struct rule_status_range range;
    g_autofree char *code = codename_format (name);

    if (c->kind == SENT_STATUS && name->kind == DSN_EXPLAIN_STATUS)
        return ruleload_parse_status (c->text, &range) &&
               (!range.cls || !name->cls || range.cls == name->cls) &&
               range.subject == (int)name->subject && range.detail_first <= (int)name->detail &&
               (int)name->detail <= range.detail_last;
    if (c->kind == SENT_CASE && name->kind == DSN_EXPLAIN_STATUS)
        return text_names_code (c->text, code);
    return c->kind == SENT_REPLY && name->kind == DSN_EXPLAIN_REPLY && strcmp (c->text, code) == 0;
}

void
explain_add_sent (struct dsn_explanation *e, const struct dsn_rules *rules,
                  const struct codename *name)
{
    bool is_first = !e->is_known;

    for (struct walk w = { .rules = rules }; next (&w);) {
        if (!names_code (w.code, name))
            continue;
        if (is_first && w.code->kind != SENT_CASE) {
            take_sent (e, &w);
            explain_add_contact (e, rules, w.sender->id);
            is_first = false;
        }
        add_use (e, &w);
    }
}

/* Whether @query is all of @text, or what stands behind a mark in it: "err/2" of "mail.i.ua/err/2",
 * "CXBL" of "AUP#CXBL", "NoEmail" of "Permanent/NoEmail". */
static bool
ends_with (const char *text, const char *query)
{
    size_t n = strlen (text), n_query = strlen (query);

    return n >= n_query && strcmp (text + n - n_query, query) == 0 &&
           (n == n_query || strchr ("/=#", text[n - n_query - 1]));
}

/* Longer ones in brackets are addresses and hosts. */
#define BRACKETS_MAX 6

/* Whether the refusal @text shows the short @query in brackets: "(DIAL)", "[7.7]". */
static bool
shows_in_brackets (const char *text, struct dsn_bytes query)
{
    g_autofree char *round = g_strdup_printf ("(%.*s)", (int)query.n, query.p);
    g_autofree char *square = g_strdup_printf ("[%.*s]", (int)query.n, query.p);

    return query.n <= BRACKETS_MAX && (strstr (text, round) || strstr (text, square));
}

/* Whether it's the token or type asked for, as it's written and in lower case; of a token with a
 * '*', any number there. */
static bool
is_asked_for (const struct sent_code *c, struct dsn_bytes written, const char *query)
{
    struct dsn_bytes bare = codename_strip (dsn_bytes_str (c->text));
    g_autofree char *text = g_ascii_strdown (bare.p, (gssize)bare.n);

    if (c->kind == SENT_CASE)
        return shows_in_brackets (c->text, written);
    if (c->kind != SENT_TOKEN && c->kind != SENT_TYPE)
        return false;
    /* "Mailbox Unavailable" is a type, "mailbox unavailable" the words of a refusal */
    if (strchr (text, ' ') && (bare.n != written.n || memcmp (bare.p, written.p, bare.n) != 0))
        return false;
    return strchr (text, '*') ? g_pattern_match_simple (text, query) : ends_with (text, query);
}

struct dsn_explanation *
explain_token (const struct dsn_rules *rules, struct dsn_bytes query)
{
    struct dsn_bytes bare = codename_strip (query);
    g_autofree char *asked = g_ascii_strdown (bare.p ? bare.p : "", (gssize)bare.n);
    struct dsn_explanation *e = NULL;
    bool is_shared = false;

    for (struct walk w = { .rules = rules }; *asked && next (&w);) {
        if (!is_asked_for (w.code, bare, asked))
            continue;
        if (!e) {
            e = explanation_new (DSN_EXPLAIN_TOKEN, query);
            e->code = explanation_keep (e, e->query);
            take_sent (e, &w);
            explanation_add_reading (
                e, "token", e->category, e->cls, w.code->meaning, NULL,
                w.sender->sources->len ? g_ptr_array_index (w.sender->sources, 0) : NULL);
        }
        add_use (e, &w);
        /* where a list lists nobody, there's nothing to ask it for */
        if (w.sender->provider >= 0 || e->fault != DSN_FAULT_REMOTE)
            explain_add_contact (e, rules, w.sender->id);
        is_shared = strcmp (g_array_index (e->providers, struct dsn_provider_use, 0).provider,
                            w.sender->id) != 0;
    }
    if (is_shared) {
        g_autofree char *meaning =
            g_strdup_printf ("Several say it, each in a sense of its own. %s", e->meaning);
        e->meaning = explanation_keep (e, meaning);
    }
    return e;
}

const char *
explain_nearest_token (const struct dsn_rules *rules, struct dsn_bytes query, unsigned *best)
{
    const char *nearest = NULL;

    for (struct walk w = { .rules = rules }; next (&w);) {
        unsigned d = codename_distance (query, dsn_bytes_str (w.code->text), *best);
        if (w.code->kind == SENT_TOKEN && d < *best) {
            *best = d;
            nearest = w.code->text;
        }
    }
    return nearest;
}

void
explain_take_rule (struct dsn_explanation *e, const struct dsn_rules *rules, const char *rule)
{
    for (struct walk w = { .rules = rules }; rule && next (&w);)
        if (g_strcmp0 (w.code->rule, rule) == 0) {
            e->meaning = explanation_keep (e, w.code->meaning);
            if (w.code->remedy)
                g_ptr_array_add (e->remedies, (void *)explanation_keep (e, w.code->remedy));
            explanation_keep_all (e, e->sources, w.sender->sources);
            return;
        }
}
