/* Reading rule files for dsnctl. */
#include "cli/read/rulebook.h"
#include "cli/terminal/tty.h"

static void
ruletext_free (void *data)
{
    struct ruletext *t = data;

    g_free (t->file);
    g_free (t->text);
    g_free (t);
}

static void
complain (struct dsn_rules_error *error)
{
    if (error->line)
        tty_complain ("%s:%u:%u: %s", error->file, error->line, error->column, error->message);
    else
        tty_complain ("%s: %s", error->file ? error->file : "rules", error->message);
    dsn_rules_error_clear (error);
}

static int
compare_names (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static bool
add_file (GPtrArray *texts, const char *path, GError **error)
{
    struct ruletext *t = g_new0 (struct ruletext, 1);

    t->file = g_strdup (path);
    if (!g_file_get_contents (path, &t->text, &t->n, error)) {
        ruletext_free (t);
        return false;
    }
    g_ptr_array_add (texts, t);
    return true;
}

static bool
add_directory (GPtrArray *texts, const char *path, GError **error)
{
    g_autoptr (GDir) dir = g_dir_open (path, 0, error);
    g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
    bool is_ok = dir != NULL;
    const char *name;

    while (dir && (name = g_dir_read_name (dir)))
        if (name[0] != '.' && g_str_has_suffix (name, ".rules"))
            g_ptr_array_add (names, g_build_filename (path, name, NULL));
    g_ptr_array_sort (names, compare_names);
    for (unsigned i = 0; i < names->len && is_ok; i++)
        is_ok = add_file (texts, g_ptr_array_index (names, i), error);
    return is_ok;
}

GPtrArray *
rulebook_texts (char **paths)
{
    char *usual[] = { (char[]){ RULEBOOK_DIRECTORY }, NULL };
    GPtrArray *texts = g_ptr_array_new_with_free_func (ruletext_free);
    g_autoptr (GError) error = NULL;

    if (!paths && !g_file_test (RULEBOOK_DIRECTORY, G_FILE_TEST_EXISTS))
        return texts;
    for (char **path = paths ? paths : usual; *path && !error; path++) {
        if (!**path)
            continue;
        if (g_file_test (*path, G_FILE_TEST_IS_DIR))
            (void)add_directory (texts, *path, &error);
        else
            (void)add_file (texts, *path, &error);
    }
    if (error) {
        tty_complain ("%s", error->message);
        g_clear_pointer (&texts, g_ptr_array_unref);
    }
    return texts;
}

static bool
add_texts (struct dsn_rules *rules, const GPtrArray *texts, struct dsn_rules_error *wrong)
{
    for (unsigned i = 0; texts && i < texts->len; i++) {
        const struct ruletext *t = g_ptr_array_index (texts, i);
        if (!dsn_rules_add (rules, t->file, (struct dsn_bytes){ t->text, t->n }, wrong))
            return false;
    }
    return true;
}

struct dsn_rules *
rulebook_build (const GPtrArray *texts, const GPtrArray *more)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error wrong = { 0 };

    if (dsn_rules_add_builtin (rules, &wrong) && add_texts (rules, texts, &wrong) &&
        add_texts (rules, more, &wrong) && dsn_rules_finish (rules, &wrong))
        return rules;
    complain (&wrong);
    dsn_rules_free (rules);
    return NULL;
}

struct dsn_rules *
rulebook (char **paths)
{
    g_autoptr (GPtrArray) texts = rulebook_texts (paths);

    return texts ? rulebook_build (texts, NULL) : NULL;
}
