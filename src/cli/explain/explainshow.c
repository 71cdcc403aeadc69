/* Explanations in labelled paragraphs. */
#include "cli/explain/explainshow.h"
#include "cli/terminal/paragraph.h"

#include <string.h>

/* More providers than this, and their examples would hide the rest; --json has them. */
#define EXAMPLES_MAX 6

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

static const char *
class_color (const struct dsn_explanation *e)
{
    if (!e->category)
        return e->kind == DSN_EXPLAIN_MAIL && e->verdict.kind != DSN_KIND_DELIVERED ? BLUE : GREEN;
    return e->cls == DSN_CLASS_HARD ? RED : YELLOW;
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
        g_string_append_printf (p->out, "  %s", class_word (e->cls, e->category));
    if (e->category && g_strcmp0 (dsn_category_get (e->category)->name, e->code) != 0)
        g_string_append_printf (p->out, "  %s", dsn_category_get (e->category)->name);
    if (e->verdict.recipient) {
        g_string_append (p->out, "  ");
        tty_append_safe (p->out, dsn_bytes_str (e->verdict.recipient), p->tty->is_utf8);
    }
    g_string_append_c (p->out, '\n');
}

static void
append_list (const struct page *p, const char *label, const GPtrArray *list)
{
    for (unsigned i = 0; i < list->len; i++)
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
    bool is_needed =
        e->readings->len > 1 || e->kind == DSN_EXPLAIN_TEXT || e->kind == DSN_EXPLAIN_MAIL;

    for (unsigned i = 0; is_needed && i < e->readings->len; i++) {
        const struct dsn_reading *r = &g_array_index (e->readings, struct dsn_reading, i);
        append_printf (p, i ? "" : "readings", "- %s%s%s%s: %s%s%s. %s", r->context,
                       r->system ? " [" : "", r->system ? r->system : "", r->system ? "]" : "",
                       class_word (r->cls, r->category), r->category ? ", " : "",
                       r->category ? dsn_category_get (r->category)->name : "", r->meaning);
    }
}

/* A provider's uses from @i on, in one line with their examples, or only their categories.
 * Returns the index behind them. */
static unsigned
append_provider (const struct page *p, unsigned i, bool with_example)
{
    const struct dsn_provider_use *u = &g_array_index (p->e->providers, struct dsn_provider_use, i);
    const char *label = i ? "" : "provider";
    g_autoptr (GString) text = g_string_new (NULL);

    if (with_example) {
        append_printf (p, label, "- %s: %s, %s%s%s", u->name, class_word (u->cls, u->category),
                       dsn_category_get (u->category)->name, u->example ? "; such as: " : "",
                       u->example ? u->example : "");
        return i + 1;
    }
    g_string_append_printf (text, "- %s: ", u->name);
    for (const char *name = u->provider, *between = ""; i < p->e->providers->len; i++, u++) {
        if (strcmp (u->provider, name) != 0)
            break;
        g_string_append_printf (text, "%s%s", between, dsn_category_get (u->category)->name);
        between = ", ";
    }
    append (p, label, text->str);
    return i;
}

static void
append_providers (const struct page *p)
{
    bool is_code = p->e->kind == DSN_EXPLAIN_REPLY || p->e->kind == DSN_EXPLAIN_STATUS;
    unsigned n = p->e->providers->len;

    for (unsigned i = 0; i < n;)
        i = append_provider (p, i, is_code && n <= EXAMPLES_MAX);
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
explainshow_append (GString *out, const struct dsn_explanation *e, const struct tty *tty)
{
    const struct page p = { out, e, tty };

    append_heading (&p);
    append_found (&p);
    append (&p, "meaning", e->meaning);
    append (&p, "system", e->system);
    if (e->fault)
        append (&p, "fault", fault_words[e->fault]);
    append (&p, "class", e->why);
    append_list (&p, "causes", e->causes);
    append_list (&p, "to do", e->remedies);
    append (&p, "advice", advice_words[e->advice]);
    append_readings (&p);
    append_providers (&p);
    append_joined (&p, "see also", e->see, ", ");
    append_joined (&p, "sources", e->sources, "; ");
    g_string_append_c (out, '\n');
}
