/* Reading rule files for dsnctl. */
#include "ruleload.h"
#include "tty.h"

static void
complain (struct dsn_rules_error *error)
{
    if (error->line)
        tty_complain ("%s:%u: %s", error->file, error->line, error->message);
    else
        tty_complain ("%s: %s", error->file ? error->file : "rules", error->message);
    dsn_rules_error_clear (error);
}

static int
compare_paths (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The rule files of @directory, in name order; NULL if it can't be read. */
static GPtrArray *
list_files (const char *directory, GError **error)
{
    g_autoptr (GDir) dir = g_dir_open (directory, 0, error);
    GPtrArray *paths;
    const char *name;

    if (!dir)
        return NULL;
    paths = g_ptr_array_new_with_free_func (g_free);
    while ((name = g_dir_read_name (dir)))
        if (name[0] != '.' && g_str_has_suffix (name, ".rules"))
            g_ptr_array_add (paths, g_build_filename (directory, name, NULL));
    g_ptr_array_sort (paths, compare_paths);
    return paths;
}

static bool
add_file (struct dsn_rules *rules, const char *path)
{
    struct dsn_rules_error wrong = { 0 };
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    gsize n;

    if (!g_file_get_contents (path, &text, &n, &error)) {
        tty_complain ("%s", error->message);
        return false;
    }
    if (!dsn_rules_add (rules, path, (struct dsn_bytes){ text, n }, &wrong)) {
        complain (&wrong);
        return false;
    }
    return true;
}

static bool
add_directory (struct dsn_rules *rules, const char *directory)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) paths = list_files (directory ? directory : RULELOAD_DIRECTORY, &error);

    if (!paths && !directory && g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return true;
    if (!paths) {
        tty_complain ("%s", error->message);
        return false;
    }
    for (unsigned i = 0; i < paths->len; i++)
        if (!add_file (rules, g_ptr_array_index (paths, i)))
            return false;
    return true;
}

struct dsn_rules *
ruleload (const char *directory)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error wrong = { 0 };
    bool is_ok = dsn_rules_add_builtin (rules, &wrong);

    if (!is_ok)
        complain (&wrong);
    if (is_ok && (!directory || *directory))
        is_ok = add_directory (rules, directory);
    if (is_ok && !dsn_rules_finish (rules, &wrong)) {
        complain (&wrong);
        is_ok = false;
    }
    if (!is_ok)
        g_clear_pointer (&rules, dsn_rules_free);
    return rules;
}
