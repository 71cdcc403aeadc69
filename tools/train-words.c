/* Makes the weights of the statistical reader from labelled lines (docs/words.md).
 *
 *   train-words LINES.tsv... > rules/words/weights.tsv
 *   train-words --check rules/words/weights.tsv LINES.tsv...   whether they would come out the same
 *
 * A multinomial logistic regression, learned line by line (FTRL-proximal), rounded to bytes. Same
 * lines, same weights on every machine: only + - * / and sqrt on doubles, and an order of its own.
 */
#include "core/bytes/smtpreply.h"
#include "core/event/taxonomy.h"
#include "core/words/wordfeature.h"
#include "core/words/wordtable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CATEGORIES = WORDTABLE_CATEGORIES_MAX, /* category k of the taxonomy in place k */
    EPOCHS = 8,
    LEAST_LINES = 3, /* a feature of fewer lines tells those lines, not their kind */
    SCALE = 32,
    LEAST_WEIGHT = 2, /* of a rounded weight: smaller ones say nothing */
};

/* Of the lines' codes this share is left out in each epoch: in the field they agree with the words
 * less often than where somebody writes both. */
static const double codes_left_out = 0.4;
/* FTRL-proximal: the rate of learning, and what makes weights few and small. */
static const double rate = 0.3, few = 0.6, small = 0.5;

struct line {
    unsigned category;
    unsigned *features; /* ids, codes first */
    unsigned n, n_codes;
    double share; /* of a feature's weight, by the line's length */
};

struct training {
    GArray *lines;    /* struct line */
    GHashTable *ids;  /* hash -> id */
    GPtrArray *names; /* by id; [0] is the bias */
    GArray *counts;   /* unsigned, by id: lines that have it */
    double (*weights)[CATEGORIES], (*z)[CATEGORIES], (*squares)[CATEGORIES]; /* by id */
    uint64_t random;
};

static unsigned
id_of (struct training *t, const struct wordlist *list, const struct wordfeature *f)
{
    unsigned id = GPOINTER_TO_UINT (g_hash_table_lookup (t->ids, GUINT_TO_POINTER (f->hash)));
    unsigned none = 0;

    if (!id) {
        id = t->names->len;
        g_ptr_array_add (t->names,
                         g_strdup_printf ("%c%.*s", f->kind, (int)f->n, list->text + f->at));
        g_array_append_val (t->counts, none);
        g_hash_table_insert (t->ids, GUINT_TO_POINTER (f->hash), GUINT_TO_POINTER (id));
    }
    g_array_index (t->counts, unsigned, id)++;
    return id;
}

static void
add_line (struct training *t, unsigned category, const char *text)
{
    struct line line = { .category = category };
    struct wordlist list;
    struct normal_text normal;
    struct smtp_codes codes;
    g_autoptr (GArray) features = g_array_new (FALSE, FALSE, sizeof (struct wordfeature));

    normal_text_init (&normal);
    normal_text_append (&normal, dsn_bytes_str (text));
    codes = smtpreply_codes ((struct dsn_bytes){ normal.text->str, normal.text->len }, false);
    wordlist_read (&normal, 0, (uint32_t)normal.text->len, &list);
    wordfeature_collect (&list, codes.reply, codes.status, features);
    line.features = g_new (unsigned, features->len);
    line.share = 256.0 / wordfeature_norm (features->len);
    for (guint i = 0; i < features->len; i++) {
        const struct wordfeature *f = &g_array_index (features, struct wordfeature, i);
        line.features[line.n++] = id_of (t, &list, f);
        line.n_codes += f->kind == WORDFEATURE_CODE;
    }
    g_array_append_val (t->lines, line);
    normal_text_clear (&normal);
}

/* A file of lines: tab separated, a head with the columns' names, `line` and `category` among them.
 */
static void
read_file (struct training *t, const char *path)
{
    g_autofree char *text = NULL;
    g_auto (GStrv) rows = NULL, head = NULL;
    unsigned at_line = 0, at_category = 0;
    g_autoptr (GError) error = NULL;

    if (!g_file_get_contents (path, &text, NULL, &error))
        g_error ("%s", error->message);
    rows = g_strsplit (text, "\n", -1);
    head = g_strsplit (rows[0], "\t", -1);
    for (unsigned i = 0; head[i]; i++) {
        at_line = strcmp (head[i], "line") == 0 ? i : at_line;
        at_category = strcmp (head[i], "category") == 0 ? i : at_category;
    }
    for (unsigned i = 1; rows[i] && *rows[i]; i++) {
        g_auto (GStrv) fields = g_strsplit (rows[i], "\t", -1);
        unsigned category = 0;
        if (g_strv_length (fields) > MAX (at_line, at_category))
            category = dsn_category_lookup (dsn_bytes_str (fields[at_category]));
        if (!category)
            g_error ("%s:%u: no category of the taxonomy", path, i + 1);
        add_line (t, category, fields[at_line]);
    }
}

static void
drop_rare (struct training *t)
{
    for (guint i = 0; i < t->lines->len; i++) {
        struct line *line = &g_array_index (t->lines, struct line, i);
        unsigned n = 0, n_codes = 0;
        for (unsigned k = 0; k < line->n; k++) {
            if (g_array_index (t->counts, unsigned, line->features[k]) < LEAST_LINES)
                continue;
            n_codes += k < line->n_codes;
            line->features[n++] = line->features[k];
        }
        line->n = n;
        line->n_codes = n_codes;
    }
}

/* From 0 up to, not including, @n. */
static unsigned
random_below (struct training *t, unsigned n)
{
    t->random = t->random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
    return (unsigned)((t->random >> 33) % n);
}

/* e^x for x <= 0: (1 + x/2^20)^(2^20). */
static double
power (double x)
{
    double y = x < -60 ? 0 : 1 + x / 1048576;

    for (unsigned i = 0; i < 20; i++)
        y *= y;
    return y;
}

static void
predict (const struct training *t, const struct line *line, unsigned from, double p[CATEGORIES])
{
    double most, all = 0;
    unsigned count = dsn_category_count ();

    memcpy (p, t->weights[0], sizeof t->weights[0]);
    for (unsigned i = from; i < line->n; i++)
        for (unsigned k = 1; k < count; k++)
            p[k] += t->weights[line->features[i]][k] * line->share;
    most = p[1];
    for (unsigned k = 2; k < count; k++)
        most = MAX (most, p[k]);
    for (unsigned k = 1; k < count; k++)
        all += p[k] = power (p[k] - most);
    for (unsigned k = 1; k < count; k++)
        p[k] /= all;
}

static void
update (struct training *t, unsigned id, unsigned k, double gradient)
{
    double before = sqrt (t->squares[id][k]), after, z, keep = id ? few : 0;

    t->squares[id][k] += gradient * gradient;
    after = sqrt (t->squares[id][k]);
    t->z[id][k] += gradient - (after - before) / rate * t->weights[id][k];
    z = t->z[id][k];
    if (z <= keep && z >= -keep)
        t->weights[id][k] = 0;
    else
        t->weights[id][k] = -(z > 0 ? z - keep : z + keep) / ((1 + after) / rate + small);
}

static void
learn_line (struct training *t, const struct line *line)
{
    double p[CATEGORIES];
    unsigned from = random_below (t, 1000) < codes_left_out * 1000 ? line->n_codes : 0;

    predict (t, line, from, p);
    for (unsigned k = 1; k < dsn_category_count (); k++) {
        double gradient = p[k] - (k == line->category);
        if (gradient < 1e-4 && gradient > -1e-4)
            continue;
        update (t, 0, k, gradient);
        for (unsigned i = from; i < line->n; i++)
            update (t, line->features[i], k, gradient * line->share);
    }
}

static void
learn (struct training *t)
{
    g_autofree unsigned *order = g_new (unsigned, t->lines->len);

    for (guint i = 0; i < t->lines->len; i++)
        order[i] = i;
    for (unsigned epoch = 0; epoch < EPOCHS; epoch++) {
        for (guint i = t->lines->len - 1; i > 0; i--) {
            unsigned other = random_below (t, i + 1), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (guint i = 0; i < t->lines->len; i++)
            learn_line (t, &g_array_index (t->lines, struct line, order[i]));
    }
}

/* A weight as a small integer; halves go away from 0. */
static int
rounded (double weight)
{
    double scaled = weight * SCALE;

    return (int)CLAMP (scaled < 0 ? scaled - 0.5 : scaled + 0.5, -127.9, 127.9);
}

static int
compare_names (const void *pa, const void *pb, void *data)
{
    const struct training *t = data;

    return strcmp (t->names->pdata[*(const unsigned *)pa], t->names->pdata[*(const unsigned *)pb]);
}

static void
write_feature (const struct training *t, unsigned id, GString *out)
{
    size_t start = out->len;

    g_string_append (out, t->names->pdata[id]);
    for (unsigned k = 1; k < dsn_category_count (); k++) {
        int weight = rounded (t->weights[id][k]);
        if (weight >= LEAST_WEIGHT || weight <= -LEAST_WEIGHT)
            g_string_append_printf (out, "%c%u:%d", strchr (out->str + start, '\t') ? ' ' : '\t',
                                    k - 1, weight);
    }
    if (strchr (out->str + start, '\t'))
        g_string_append_c (out, '\n');
    else
        g_string_truncate (out, start);
}

/* (transfer full): g_string_free() */
static GString *
write_weights (struct training *t)
{
    GString *out = g_string_new (
        "# Weights of the statistical reader, made by tools/train-words: don't edit. A line: the "
        "feature, then category:weight.\n");
    g_autofree unsigned *ids = g_new (unsigned, t->names->len);

    g_string_append_printf (out, "scale\t%d\n", SCALE);
    for (unsigned k = 1; k < dsn_category_count (); k++)
        g_string_append_printf (out, "category\t%s\t%d\n", dsn_category_get (k)->name,
                                rounded (t->weights[0][k]));
    for (unsigned id = 0; id < t->names->len; id++)
        ids[id] = id;
    g_qsort_with_data (ids + 1, (int)t->names->len - 1, sizeof ids[0], compare_names, t);
    for (unsigned i = 1; i < t->names->len; i++)
        write_feature (t, ids[i], out);
    return out;
}

static void
free_line (void *line)
{
    g_free (((struct line *)line)->features);
}

static GString *
train (char **files, int n)
{
    unsigned none = 0;
    struct training t = { .lines = g_array_new (FALSE, FALSE, sizeof (struct line)),
                          .ids = g_hash_table_new (NULL, NULL),
                          .names = g_ptr_array_new_with_free_func (g_free),
                          .counts = g_array_new (FALSE, FALSE, sizeof (unsigned)),
                          .random = 1 };
    GString *out;

    g_array_set_clear_func (t.lines, free_line);
    g_ptr_array_add (t.names, g_strdup ("bias"));
    g_array_append_val (t.counts, none);
    for (int i = 0; i < n; i++)
        read_file (&t, files[i]);
    drop_rare (&t);
    t.weights = g_malloc0_n (t.names->len, sizeof t.weights[0]);
    t.z = g_malloc0_n (t.names->len, sizeof t.z[0]);
    t.squares = g_malloc0_n (t.names->len, sizeof t.squares[0]);
    learn (&t);
    out = write_weights (&t);
    g_free (t.weights);
    g_free (t.z);
    g_free (t.squares);
    g_array_unref (t.lines);
    g_array_unref (t.counts);
    g_hash_table_unref (t.ids);
    g_ptr_array_unref (t.names);
    return out;
}

int
main (int argc, char **argv)
{
    bool is_check = argc > 3 && strcmp (argv[1], "--check") == 0;
    int first = is_check ? 3 : 1;
    g_autofree char *text = NULL;
    GString *made;
    bool is_same;

    if (argc <= first || dsn_category_count () > CATEGORIES) {
        (void)fputs ("usage: train-words [--check WEIGHTS.tsv] LINES.tsv...\n", stderr);
        return EXIT_FAILURE;
    }
    made = train (argv + first, argc - first);
    if (is_check) {
        is_same = g_file_get_contents (argv[2], &text, NULL, NULL) && strcmp (text, made->str) == 0;
        if (!is_same)
            (void)fprintf (stderr, "%s isn't what the lines make: run train-words again\n",
                           argv[2]);
    } else {
        is_same = fputs (made->str, stdout) >= 0;
    }
    g_string_free (made, TRUE);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
