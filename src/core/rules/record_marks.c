/* The record `marks`: header fields, starts of subjects, and names of shown fields.
 */
#include "core/bytes/text.h"
#include "core/rules/ruleload.h"

static const char *const names[_MARK_N] = {
    [MARK_BOUNCE] = "bounce",
    [MARK_COMPLAINT] = "complaint",
    [MARK_AUTO_REPLY] = "auto-reply",
    [MARK_LIST] = "list",
    [MARK_ANSWER] = "answer",
    [MARK_AUTHOR] = "author",
    [MARK_REPLY] = "reply",
    [MARK_FORWARD] = "forward",
    [MARK_SHOWN_FROM] = "shown-from",
    [MARK_SHOWN_TO] = "shown-to",
    [MARK_SHOWN_SUBJECT] = "shown-subject",
    [MARK_SHOWN_DATE] = "shown-date",
    [MARK_SYSTEM_ADDRESS] = "system-address",
    [MARK_SHARED_ADDRESS] = "shared-address",
};

struct marks
marks_new (void)
{
    struct marks m = { g_array_new (FALSE, FALSE, sizeof (struct mark_field)),
                       g_array_new (FALSE, FALSE, sizeof (struct mark_word)),
                       g_array_new (FALSE, FALSE, sizeof (struct mark_word)),
                       g_array_new (FALSE, FALSE, sizeof (struct mark_word)) };

    return m;
}

void
marks_clear (struct marks *m)
{
    g_array_unref (m->fields);
    g_array_unref (m->prefixes);
    g_array_unref (m->labels);
    g_array_unref (m->words);
}

uint32_t
marks_of_field (const struct marks *m, struct dsn_bytes name, struct dsn_bytes value)
{
    uint32_t bits = 0;

    for (guint i = 0; i < m->fields->len; i++) {
        const struct mark_field *f = &g_array_index (m->fields, struct mark_field, i);
        if (text_equal (name, f->name) &&
            (!f->value || text_find_nocase (value, f->value) != G_MAXSIZE))
            bits |= MARK_BIT (f->mark);
    }
    return bits;
}

/* Length of the prefix that @in begins with, 0: none; its mark in @ret_mark. */
static size_t
prefix_length (const struct marks *m, struct dsn_bytes in, enum mark *ret_mark)
{
    for (guint i = 0; i < m->prefixes->len; i++) {
        const struct mark_word *w = &g_array_index (m->prefixes, struct mark_word, i);
        size_t n = strlen (w->text);
        if (in.n >= n && memcmp (in.p, w->text, n) == 0) {
            *ret_mark = w->mark;
            return n;
        }
    }
    return 0;
}

uint32_t
marks_of_subject (const struct marks *m, struct dsn_bytes in)
{
    uint32_t bits = 0;

    for (;;) {
        enum mark mark = _MARK_N;
        size_t n;

        in = text_trim (in);
        n = prefix_length (m, in, &mark);
        if (n)
            bits |= MARK_BIT (mark);
        else if (in.n && in.p[0] == '[' && memchr (in.p, ']', in.n))
            n = (size_t)((const char *)memchr (in.p, ']', in.n) - in.p) + 1;
        else
            return bits;
        in = dsn_bytes_sub (in, n, in.n);
    }
}

enum mark
marks_of_label (const struct marks *m, struct dsn_bytes name)
{
    for (guint i = 0; i < m->labels->len; i++) {
        const struct mark_word *w = &g_array_index (m->labels, struct mark_word, i);
        if (strlen (w->text) == name.n && memcmp (w->text, name.p, name.n) == 0)
            return w->mark;
    }
    return _MARK_N;
}

static bool
is_word (const char *word, struct dsn_bytes text)
{
    const size_t n = strlen (word);

    if (n && word[n - 1] == '*')
        return text.n >= n - 1 && g_ascii_strncasecmp (text.p, word, n - 1) == 0;
    return text_equal (text, word);
}

bool
marks_has_word (const struct marks *m, enum mark mark, struct dsn_bytes text)
{
    for (guint i = 0; i < m->words->len; i++) {
        const struct mark_word *w = &g_array_index (m->words, struct mark_word, i);
        if (w->mark == mark && is_word (w->text, text))
            return true;
    }
    return false;
}

static struct dsn_bytes
local_part (struct dsn_bytes address)
{
    const char *at = address.n ? memchr (address.p, '@', address.n) : NULL;

    return dsn_bytes_sub (address, 0, at ? (size_t)(at - address.p) : address.n);
}

bool
marks_is_role (const struct marks *m, struct dsn_bytes address)
{
    return marks_is_system (m, address) ||
           marks_has_word (m, MARK_SHARED_ADDRESS, local_part (address));
}

bool
marks_is_system (const struct marks *m, struct dsn_bytes address)
{
    return marks_has_word (m, MARK_SYSTEM_ADDRESS, local_part (address));
}

static void *
begin (struct ruleload *l)
{
    const char *name = l->line->words[1].text;

    for (unsigned i = 0; i < _MARK_N; i++)
        if (strcmp (names[i], name) == 0) {
            l->mark = (enum mark)i;
            return &l->set->marks;
        }
    (void)ruleload_fail_unknown (l, 1, "kind of marks", names, _MARK_N);
    return NULL;
}

/* A word that the set keeps. */
static char *
lower_word (struct ruleload *l, unsigned word)
{
    return ruleset_own (l->set, g_ascii_strdown (l->line->words[word].text, -1), g_free);
}

static bool
read_field (struct ruleload *l, void *record)
{
    struct mark_field f = {
        .mark = l->mark,
        .name = lower_word (l, 1),
        .value = l->line->n > 2 ? lower_word (l, 2) : NULL,
    };

    g_array_append_val (((struct marks *)record)->fields, f);
    return true;
}

static bool
append_word (struct ruleload *l, unsigned word, char *text, GArray *words)
{
    struct mark_word w = { l->mark, text };

    g_array_append_val (words, w);
    return text[0] ||
           ruleload_fail (l, word, "nothing stands between the quotes: fill in the words");
}

static bool
append_words (struct ruleload *l, GArray *words)
{
    for (unsigned i = 1; i < l->line->n; i++) {
        char *text = ruleset_own (l->set, normal_phrase (l->line->words[i].text), g_free);
        if (!append_word (l, i, text, words))
            return false;
    }
    return true;
}

static bool
read_prefix (struct ruleload *l, void *record)
{
    return append_words (l, ((struct marks *)record)->prefixes);
}

static bool
read_label (struct ruleload *l, void *record)
{
    return append_words (l, ((struct marks *)record)->labels);
}

static bool
read_word (struct ruleload *l, void *record)
{
    for (unsigned i = 1; i < l->line->n; i++)
        if (!append_word (l, i, lower_word (l, i), ((struct marks *)record)->words))
            return false;
    return true;
}

static bool
end (struct ruleload *l, void *record)
{
    (void)record;
    return l->seen || ruleload_fail_record (l, "no marks: add a line `field NAME`, `prefix WORDS`, "
                                               "`label WORDS` or `word WORD`");
}

static const struct rule_line_type lines[] = {
    { "field", "NAME [VALUE]", 1, 2, false, read_field },
    { "prefix", "WORDS...", 1, 0, false, read_prefix },
    { "label", "WORDS...", 1, 0, false, read_label },
    { "word", "WORD...", 1, 0, false, read_word },
};

const struct rule_record_type rule_record_marks = {
    "marks", "NAME [LANGUAGE]", 1, 2, begin, end, lines, G_N_ELEMENTS (lines),
};
