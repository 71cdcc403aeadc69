/* Counting words. A note has a line for each event, a column for each table. */
#include "cli/parse/summary.h"

#include "cli/terminal/paragraph.h"

#include "core/event/event.h"

#include <string.h>

#define TOP       10
#define WORDS_MAX 100000 /* of one table: beyond it, new ones count as others */
/* Bytes: a domain has no more (RFC 1035 s.2.3.4); a longer one is an other. */
#define WORD_MAX 255

enum table { KIND, CLASS, CATEGORY, ADVICE, PROVIDER, DOMAIN, SPLIT, _N_TABLES };

static const char *const labels[_N_TABLES] = {
    [KIND] = "kind",         [CLASS] = "class",   [CATEGORY] = "category", [ADVICE] = "advice",
    [PROVIDER] = "provider", [DOMAIN] = "domain", [SPLIT] = "split",
};

struct summary {
    GHashTable *tables[_N_TABLES]; /* word (owned) -> how often */
    guint64 n_others[_N_TABLES];
    guint64 n_mails, n_events, n_failures;
    gint64 began_us;
};

struct summary *
summary_new (unsigned n_failures)
{
    struct summary *s = g_new0 (struct summary, 1);

    for (unsigned t = 0; t < _N_TABLES; t++)
        s->tables[t] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    s->n_failures = n_failures;
    s->began_us = g_get_monotonic_time ();
    return s;
}

void
summary_free (struct summary *s)
{
    for (unsigned t = 0; s && t < _N_TABLES; t++)
        g_hash_table_unref (s->tables[t]);
    g_free (s);
}

static void
append_word (GString *out, const char *word, char end)
{
    g_string_append (out, word ? word : "");
    g_string_append_c (out, end);
}

/* Whose splitting into parts the events go by; NULL where nobody could read the mail. */
static const char *
split_word (const struct dsn_report *report)
{
    if (report->kind == DSN_KIND_UNPROCESSABLE)
        return NULL;
    return report->split == DSN_SPLIT_PLAIN || report->split == DSN_SPLIT_SAME ? "plain" : "gmime";
}

void
summary_append_note (GString *out, const struct dsn_report *report)
{
    for (size_t i = 0; i < dsn_event_count (report); i++) {
        const struct dsn_recipient none = { 0 };
        const struct dsn_recipient *r = i < report->n_recipients ? &report->recipients[i] : &none;
        const char *at = r->recipient ? strrchr (r->recipient, '@') : NULL;
        g_autofree char *domain = at ? g_ascii_strdown (at + 1, -1) : NULL;

        append_word (out, dsn_kind_names[dsn_report_event_kind (report, i)], '\t');
        append_word (out, dsn_class_names[r->cls], '\t');
        append_word (out, dsn_category_get (r->category)->name, '\t');
        append_word (out, dsn_advice_names[r->advice], '\t');
        append_word (out, r->provider, '\t');
        append_word (out, domain, '\t');
        /* a mail's, not an event's */
        append_word (out, i ? NULL : split_word (report), '\n');
    }
}

static void
count_word (struct summary *s, enum table t, const char *word)
{
    char *key;
    gpointer count = NULL;

    if (!*word)
        return;
    if (g_hash_table_lookup_extended (s->tables[t], word, (gpointer *)&key, &count))
        g_hash_table_insert (s->tables[t], g_strdup (word),
                             GSIZE_TO_POINTER (GPOINTER_TO_SIZE (count) + 1));
    else if (g_hash_table_size (s->tables[t]) < WORDS_MAX && strlen (word) <= WORD_MAX)
        g_hash_table_insert (s->tables[t], g_strdup (word), GSIZE_TO_POINTER (1));
    else
        s->n_others[t]++;
}

void
summary_add (struct summary *s, const char *note)
{
    g_auto (GStrv) lines = g_strsplit (note, "\n", -1);

    s->n_mails++;
    for (char **line = lines; *line; line++) {
        g_auto (GStrv) words = g_strsplit (*line, "\t", _N_TABLES);
        s->n_events += **line != '\0';
        for (unsigned t = 0; t < g_strv_length (words); t++)
            count_word (s, (enum table)t, words[t]);
    }
}

void
summary_add_failure (struct summary *s)
{
    s->n_failures++;
}

struct word {
    const char *text;
    size_t count;
};

/* The most frequent first, then by name. */
static int
compare_words (const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

static GArray *
sorted_words (GHashTable *table)
{
    GArray *words = g_array_new (FALSE, FALSE, sizeof (struct word));
    GHashTableIter i;
    gpointer text, count;

    g_hash_table_iter_init (&i, table);
    while (g_hash_table_iter_next (&i, &text, &count)) {
        const struct word w = { text, GPOINTER_TO_SIZE (count) };
        g_array_append_val (words, w);
    }
    g_array_sort (words, compare_words);
    return words;
}

static void
append_table (GString *out, const struct summary *s, enum table t, const struct tty *tty)
{
    g_autoptr (GArray) words = sorted_words (s->tables[t]);
    g_autoptr (GString) text = g_string_new (NULL);
    size_t n_others = s->n_others[t];

    for (unsigned i = 0; i < words->len; i++) {
        const struct word *w = &g_array_index (words, struct word, i);
        if (i < TOP)
            g_string_append_printf (text, "%s%zu %s", i ? ", " : "", w->count, w->text);
        else
            n_others += w->count;
    }
    if (n_others)
        g_string_append_printf (text, ", %zu others", n_others);
    if (text->len)
        paragraph_append (out, labels[t], text->str, tty);
}

void
summary_append (GString *out, const struct summary *s, const struct tty *tty)
{
    const double seconds = (double)(g_get_monotonic_time () - s->began_us) / (double)G_USEC_PER_SEC;

    g_string_append_printf (
        out, "%" G_GUINT64_FORMAT " mails, %" G_GUINT64_FORMAT " events in %.1f s (%.0f mails/s)\n",
        s->n_mails, s->n_events, seconds, seconds > 0 ? (double)s->n_mails / seconds : 0);
    for (unsigned t = 0; t < _N_TABLES; t++)
        append_table (out, s, (enum table)t, tty);
    if (s->n_failures)
        g_string_append_printf (out, "%" G_GUINT64_FORMAT " couldn't be read\n", s->n_failures);
}
