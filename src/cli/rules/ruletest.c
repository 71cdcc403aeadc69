/* Trying rules. */
#include "cli/rules/ruletest.h"
#include "cli/read/input.h"
#include "cli/read/rulebook.h"
#include "cli/terminal/tty.h"

#include "core/parse.h"

#include <errno.h>
#include <string.h>

struct lint {
    const GPtrArray *texts;
    const char *last_file;
    unsigned last_line;
    size_t n;
};

static bool
is_asked_for (const struct lint *lint, const char *file)
{
    for (unsigned i = 0; i < lint->texts->len; i++)
        if (strcmp (((const struct ruletext *)g_ptr_array_index (lint->texts, i))->file, file) == 0)
            return true;
    return lint->texts->len == 0;
}

static void
found (const struct dsn_rules_error *error, void *data)
{
    struct lint *lint = data;

    if (!is_asked_for (lint, error->file))
        return;
    tty_complain ("%s:%u: %s", error->file, error->line, error->message);
    /* the proofs of a rule come one after the other */
    lint->n += error->line != lint->last_line || g_strcmp0 (error->file, lint->last_file) != 0;
    lint->last_file = error->file;
    lint->last_line = error->line;
}

size_t
ruletest_lint (const struct dsn_rules *rules, const GPtrArray *texts)
{
    struct lint lint = { .texts = texts };

    (void)dsn_rules_lint (rules, found, &lint);
    return lint.n;
}

static const char *
category_name (const struct dsn_recipient *r)
{
    return r->category ? dsn_category_get (r->category)->name : "no failure";
}

static bool
is_same (const struct dsn_recipient *a, const struct dsn_recipient *b)
{
    return a->category == b->category && a->cls == b->cls && a->advice == b->advice &&
           g_strcmp0 (a->rule, b->rule) == 0;
}

static void
print_verdict (const char *what, const struct dsn_recipient *r)
{
    (void)printf ("  %s %s, %s, %s, by %s (%u)\n", what, category_name (r),
                  r->cls ? dsn_class_names[r->cls] : "none",
                  r->advice ? dsn_advice_names[r->advice] : "none", r->rule ? r->rule : "nothing",
                  r->confidence);
}

static void
print_change (const char *name, const struct dsn_recipient *before,
              const struct dsn_recipient *after)
{
    g_autoptr (GString) line = g_string_new (NULL);

    tty_append_safe (line, dsn_bytes_str (name), true);
    if (after->recipient) {
        g_string_append (line, ": ");
        tty_append_safe (line, dsn_bytes_str (after->recipient), true);
    }
    (void)puts (line->str);
    print_verdict ("before:", before);
    print_verdict ("after: ", after);
}

/* Compares one mail; the number of recipients whose verdict changes. */
static size_t
compare_mail (const struct dsn_rules *before, const struct dsn_rules *after, struct dsn_bytes mail,
              size_t total, const char *name)
{
    const struct dsn_options options = { .limits = dsn_limits_default () };
    struct dsn_report *a = dsn_parse (mail, total, before, &options);
    struct dsn_report *b = dsn_parse (mail, total, after, &options);
    size_t n = 0;

    if (a->n_recipients != b->n_recipients || a->kind != b->kind) {
        (void)printf ("%s: %s with %zu recipients, now %s with %zu\n", name,
                      dsn_kind_names[a->kind], a->n_recipients, dsn_kind_names[b->kind],
                      b->n_recipients);
        n = 1;
    }
    for (size_t i = 0; !n && i < a->n_recipients; i++)
        if (!is_same (&a->recipients[i], &b->recipients[i])) {
            print_change (name, &a->recipients[i], &b->recipients[i]);
            n++;
        }
    dsn_report_free (a);
    dsn_report_free (b);
    return n;
}

bool
ruletest_compare (const struct dsn_rules *before, const struct dsn_rules *after, char **paths)
{
    struct input *input = input_new ();
    size_t n_changed = 0;
    bool is_ok = true;

    for (; *paths; paths++)
        is_ok = input_add (input, *paths) && is_ok;
    for (size_t i = 0; i < input_count (input); i++) {
        const struct input_mail mail = input_get (input, i);
        g_autofree char *name = input_name (&mail);
        g_autofree char *bytes = NULL;
        size_t n, total;

        if (input_read (&mail, dsn_limits_default ().mail_bytes, &bytes, &n, &total)) {
            n_changed += compare_mail (before, after, (struct dsn_bytes){ bytes, n }, total, name);
        } else {
            tty_complain ("%s: %s", mail.path, g_strerror (errno));
            is_ok = false;
        }
    }
    (void)printf ("%zu of %zu mails change\n", n_changed, input_count (input));
    input_free (input);
    return is_ok;
}
