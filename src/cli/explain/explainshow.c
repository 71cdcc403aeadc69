/* Explanations in labelled paragraphs. */
#include "cli/explain/explainshow.h"
#include "cli/terminal/paragraph.h"

#include <string.h>

/* What a screen takes of each list; --all has the rest. */
#define CAUSES_MAX    2
#define REMEDIES_MAX  3
#define READINGS_MAX  2
#define PROVIDERS_MAX 3

static const char *const fault_words[_DSN_FAULT_N] = {
    [DSN_FAULT_RECIPIENT] = "the recipient's: the mailbox is the reason",
    [DSN_FAULT_DOMAIN] = "the recipient's domain",
    [DSN_FAULT_SENDER] = "the sender's: the address, the set-up or the program that sends",
    [DSN_FAULT_CONTENT] = "the message's: its content or its size",
    [DSN_FAULT_INFRASTRUCTURE] = "the sending system's: its host, its rate or its reputation",
    [DSN_FAULT_REMOTE] = "the receiving system's, or the way to it",
    [DSN_FAULT_UNKNOWN] = "not told: a person has to look",
};

static const char *const advice_words[_DSN_ADVICE_N] = {
    [DSN_ADVICE_SUPPRESS] = "suppress: send nothing more to this address",
    [DSN_ADVICE_RETRY] = "retry: the address may be fine, send again later",
    [DSN_ADVICE_SLOW_DOWN] = "slow down: send less at a time, then again",
    [DSN_ADVICE_FIX_SENDER] = "fix the sending side; the address is fine",
    [DSN_ADVICE_FIX_CONTENT] = "fix the message; the address is fine",
    [DSN_ADVICE_REVIEW] = "review: a person should look at this",
    [DSN_ADVICE_NOTHING] = "nothing to do",
};

/* The page that is being written. */
struct page {
    GString *out;
    const struct dsn_explanation *e;
    const struct tty *tty;
    bool is_all;
};

static void
append (const struct page *p, const char *label, const char *text)
{
    if (text && *text)
        paragraph_append (p->out, label, text, p->tty);
}

static void G_GNUC_PRINTF (3, 4)
    append_printf (const struct page *p, const char *label, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start (args, format);
    text = g_strdup_vprintf (format, args);
    va_end (args);
    append (p, label, text);
}

static const char *
class_word (enum dsn_class cls, unsigned category)
{
    if (!category || cls == DSN_CLASS_NEITHER || !cls)
        return "no failure";
    return cls == DSN_CLASS_HARD ? "hard" : "soft";
}

/* The class that the heading names: what it means for the address. */
static const char *
class_color (const struct dsn_explanation *e)
{
    if (!e->category)
        return e->kind == DSN_EXPLAIN_MAIL && e->verdict.kind != DSN_KIND_DELIVERED ? BLUE : GREEN;
    return e->event_cls == DSN_CLASS_HARD ? RED : YELLOW;
}

static void
append_heading (const struct page *p)
{
    const struct dsn_explanation *e = p->e;
    g_autoptr (GString) line = g_string_new (NULL);

    paragraph_append_colored (p->out, class_color (e), p->tty->is_utf8 ? "● " : "* ", p->tty);
    tty_append_safe (line, dsn_bytes_str (e->code), p->tty->is_utf8);
    paragraph_append_colored (p->out, class_color (e), line->str, p->tty);
    if (e->kind == DSN_EXPLAIN_MAIL && e->verdict.kind != DSN_KIND_BOUNCE)
        g_string_append_printf (p->out, "  %s", dsn_kind_names[e->verdict.kind]);
    else
        g_string_append_printf (p->out, "  %s", class_word (e->event_cls, e->category));
    if (e->category && g_strcmp0 (dsn_category_get (e->category)->name, e->code) != 0)
        g_string_append_printf (p->out, "  %s", dsn_category_get (e->category)->name);
    if (e->verdict.recipient) {
        g_string_append (p->out, "  ");
        tty_append_safe (p->out, dsn_bytes_str (e->verdict.recipient), p->tty->is_utf8);
    }
    g_string_append_c (p->out, '\n');
}

/* How many of @n entries the page shows. */
static unsigned
shown (const struct page *p, unsigned n, unsigned max)
{
    return p->is_all ? n : MIN (n, max);
}

static void
append_list (const struct page *p, const char *label, const GPtrArray *list, unsigned max)
{
    for (unsigned i = 0; i < shown (p, list->len, max); i++)
        append_printf (p, i ? "" : label, "- %s", (const char *)g_ptr_array_index (list, i));
}

static void
append_joined (const struct page *p, const char *label, const GPtrArray *list, const char *between)
{
    g_autoptr (GString) text = g_string_new (NULL);

    for (unsigned i = 0; i < list->len; i++)
        g_string_append_printf (text, "%s%s", i ? between : "",
                                (const char *)g_ptr_array_index (list, i));
    append (p, label, text->str);
}

/* Each meaning with its context; worth showing if there's more than the one above. */
static void
append_readings (const struct page *p)
{
    const struct dsn_explanation *e = p->e;
    bool is_found = e->kind == DSN_EXPLAIN_TEXT || e->kind == DSN_EXPLAIN_MAIL;
    unsigned n = e->readings->len > 1 || is_found ? e->readings->len : 0;

    for (unsigned i = 0; i < shown (p, n, is_found ? 0 : READINGS_MAX); i++) {
        const struct dsn_reading *r = &g_array_index (e->readings, struct dsn_reading, i);
        append_printf (p, i ? "" : "readings", "- %s%s%s%s: %s%s%s. %s", r->context,
                       r->system ? " [" : "", r->system ? r->system : "", r->system ? "]" : "",
                       class_word (r->cls, r->category), r->category ? ", " : "",
                       r->category ? dsn_category_get (r->category)->name : "", r->meaning);
    }
}

/* What a provider means by it, in its own code or in words. */
static void
append_use (const struct page *p, const struct dsn_provider_use *u, bool is_first)
{
    g_autofree char *code =
        u->code && !u->example
            ? g_strdup_printf (" %s%s%s", u->reply ? u->reply : "", u->reply ? " " : "", u->code)
            : g_strdup ("");

    append_printf (p, is_first ? "provider" : "", "- %s%s: %s, %s%s%s%s%s", u->name, code,
                   class_word (u->cls, u->category), dsn_category_get (u->category)->name,
                   u->meaning ? ". " : "", u->meaning ? u->meaning : "",
                   u->example ? " Such as: " : "", u->example ? u->example : "");
}

/* How many providers use the code in a sense of their own. */
static unsigned
count_providers (const GArray *uses)
{
    unsigned n = 0;

    for (unsigned i = 0; i < uses->len; i++) {
        const struct dsn_provider_use *u = &g_array_index (uses, struct dsn_provider_use, i);
        bool is_new = true;
        for (unsigned k = 0; k < i && is_new; k++)
            is_new = strcmp (g_array_index (uses, struct dsn_provider_use, k).provider,
                             u->provider) != 0;
        n += is_new;
    }
    return n;
}

/* Whether the meaning is the only provider's. */
static bool
is_told (const struct dsn_explanation *e)
{
    const char *meaning = g_array_index (e->providers, struct dsn_provider_use, 0).meaning;

    return meaning && g_str_has_suffix (e->meaning, meaning);
}

static void
append_providers (const struct page *p)
{
    const GArray *uses = p->e->providers;

    /* of a verdict it's the one line that says whose refusal it is */
    if (p->e->kind == DSN_EXPLAIN_TEXT || p->e->kind == DSN_EXPLAIN_MAIL) {
        if (uses->len)
            append (p, "provider", g_array_index (uses, struct dsn_provider_use, 0).name);
        return;
    }
    if (!p->is_all && uses->len == 1 && is_told (p->e))
        return;
    if (!p->is_all && uses->len > PROVIDERS_MAX) {
        append_printf (p, "provider", "%u providers mean something of their own by it: see --all",
                       count_providers (uses));
        return;
    }
    for (unsigned i = 0; i < uses->len; i++)
        append_use (p, &g_array_index (uses, struct dsn_provider_use, i), i == 0);
}

/* Where to look, and whom to ask. */
static void
append_contacts (const struct page *p)
{
    unsigned n = shown (p, p->e->contacts->len, 1);

    for (unsigned i = 0; i < n; i++) {
        const struct dsn_contact *c = &g_array_index (p->e->contacts, struct dsn_contact, i);
        const struct {
            const char *label, *text;
        } lines[] = {
            { "look at", c->page },
            { "ask", c->form },
            { "check", g_strcmp0 (c->reputation, c->form) == 0 ? NULL : c->reputation },
            { "loop", p->is_all ? c->loop : NULL },
            { "wants", p->is_all ? c->asks : NULL },
            { "note", p->is_all ? c->note : NULL },
        };

        if (n > 1)
            append (p, "", c->name);
        for (unsigned k = 0; k < G_N_ELEMENTS (lines); k++)
            append (p, lines[k].label, lines[k].text);
    }
}

static void
append_found (const struct page *p)
{
    const struct dsn_explained_verdict *v = &p->e->verdict;

    append (p, "reply", v->diagnostic);
    if (v->stage)
        append_printf (p, "command", "the answer to %s", dsn_stage_names[v->stage]);
}

void
explainshow_append (GString *out, const struct dsn_explanation *e, bool is_all,
                    const struct tty *tty)
{
    const struct page p = { .out = out, .e = e, .tty = tty, .is_all = is_all };

    append_heading (&p);
    append_found (&p);
    append (&p, "meaning", e->meaning);
    append (&p, "system", e->system);
    if (e->fault)
        append (&p, "fault", fault_words[e->fault]);
    append (&p, "class", e->why);
    append_list (&p, "causes", e->causes, CAUSES_MAX);
    append_list (&p, "to do", e->remedies, REMEDIES_MAX);
    append (&p, "advice", advice_words[e->advice]);
    append_contacts (&p);
    append_readings (&p);
    append_providers (&p);
    if (is_all) {
        append_joined (&p, "see also", e->see, ", ");
        append_joined (&p, "sources", e->sources, "; ");
    }
    g_string_append_c (out, '\n');
}
