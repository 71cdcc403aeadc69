/* Rule files and options for workers; the bytes they travel in are counts and lengths (u32),
 * written and read by the same program.
 */
#include "daemon/settings/setup.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#define FILES_MAX      256
#define FILE_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define HEADERS_MAX    64
#define RULES_SUFFIX   ".rules"

G_DEFINE_QUARK (dsnd - setup - error, setup_error)

static void
file_free (gpointer data)
{
    struct setup_file *file = data;

    g_free (file->name);
    g_clear_pointer (&file->text, g_bytes_unref);
    g_free (file);
}

struct setup *
setup_new (void)
{
    struct setup *setup = g_new0 (struct setup, 1);

    setup->files = g_ptr_array_new_with_free_func (file_free);
    setup->original_headers = g_new0 (char *, 1);
    setup->envelope_headers = g_new0 (char *, 1);
    setup->envelope_templates = g_new0 (char *, 1);
    return setup;
}

void
setup_free (struct setup *setup)
{
    if (!setup)
        return;
    g_ptr_array_unref (setup->files);
    g_strfreev (setup->original_headers);
    g_strfreev (setup->envelope_headers);
    g_strfreev (setup->envelope_templates);
    g_free (setup);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    const struct setup_file *const *x = a, *const *y = b;

    return strcmp ((*x)->name, (*y)->name);
}

static bool
add_file (struct setup *setup, int dirfd, const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename (directory, name, NULL);
    g_autofree char *text = g_malloc (FILE_BYTES_MAX);
    sys_autofd fd = sys_openat (dirfd, name, O_RDONLY, 0);
    const ssize_t n = fd < 0 ? -1 : sys_read_full (fd, text, FILE_BYTES_MAX);
    struct setup_file *file;

    if (n < 0) {
        g_set_error (error, SETUP_ERROR, SETUP_ERROR_FILES, "%s: can't read the rule file: %s",
                     path, g_strerror (errno));
        return false;
    }
    if ((size_t)n == FILE_BYTES_MAX || setup->files->len >= FILES_MAX) {
        g_set_error (error, SETUP_ERROR, SETUP_ERROR_FILES,
                     "%s: too much: at most %d rule files of less than 4 MiB each", path,
                     FILES_MAX);
        return false;
    }
    file = g_new0 (struct setup_file, 1);
    file->name = g_steal_pointer (&path);
    file->text = g_bytes_new (text, (gsize)n);
    g_ptr_array_add (setup->files, file);
    return true;
}

static bool
fail_directory (const char *path, GError **error)
{
    const int saved = errno;

    g_set_error (error, SETUP_ERROR, SETUP_ERROR_FILES, "%s: can't read the rule directory: %s",
                 path, g_strerror (saved));
    return false;
}

bool
setup_add_directory (struct setup *setup, const char *path, GError **error)
{
    sys_autofd dirfd = sys_open_directory (AT_FDCWD, path);
    DIR *dir = dirfd < 0 ? NULL : sys_opendirat (dirfd, ".");
    const struct dirent *e = NULL;
    bool is_ok = true;

    if (!dir)
        return errno == ENOENT || fail_directory (path, error);
    while (is_ok && (e = sys_readdir (dir)))
        if (e->d_name[0] != '.' && g_str_has_suffix (e->d_name, RULES_SUFFIX))
            is_ok = add_file (setup, dirfd, path, e->d_name, error);
    if (is_ok && errno != 0)
        is_ok = fail_directory (path, error);
    (void)closedir (dir);
    g_ptr_array_sort (setup->files, compare_names);
    return is_ok;
}

void
setup_add_text (struct setup *setup, const char *name, const GString *text)
{
    struct setup_file *file = g_new0 (struct setup_file, 1);

    file->name = g_strdup (name);
    file->text = g_bytes_new (text->str, text->len);
    g_ptr_array_add (setup->files, file);
}

static bool
take_error (GError **error, struct dsn_rules_error *from)
{
    if (from->line)
        g_set_error (error, SETUP_ERROR, SETUP_ERROR_RULES, "%s:%u:%u: %s", from->file, from->line,
                     from->column, from->message);
    else
        g_set_error (error, SETUP_ERROR, SETUP_ERROR_RULES, "%s: %s",
                     from->file ? from->file : "rules", from->message);
    dsn_rules_error_clear (from);
    return false;
}

static bool
fill_rules (struct dsn_rules *rules, const struct setup *setup, GError **error)
{
    struct dsn_rules_error wrong = { 0 };

    if (!dsn_rules_add_builtin (rules, &wrong))
        return take_error (error, &wrong);
    for (unsigned i = 0; i < setup->files->len; i++) {
        const struct setup_file *file = g_ptr_array_index (setup->files, i);
        struct dsn_bytes text;
        text.p = g_bytes_get_data (file->text, &text.n);
        if (!dsn_rules_add (rules, file->name, text, &wrong))
            return take_error (error, &wrong);
    }
    return dsn_rules_finish (rules, &wrong) || take_error (error, &wrong);
}

struct dsn_rules *
setup_compile (const struct setup *setup, GError **error)
{
    struct dsn_rules *rules = dsn_rules_new ();

    if (fill_rules (rules, setup, error))
        return rules;
    dsn_rules_free (rules);
    return NULL;
}

static void
put_number (GString *out, size_t value)
{
    const uint32_t number = (uint32_t)value;

    g_string_append_len (out, (const char *)&number, sizeof number);
}

static void
put_bytes (GString *out, const char *p, size_t n)
{
    put_number (out, n);
    if (n)
        g_string_append_len (out, p, (gssize)n);
}

static void
put_strings (GString *out, char **strings)
{
    put_number (out, g_strv_length (strings));
    for (char **s = strings; *s; s++)
        put_bytes (out, *s, strlen (*s));
}

GString *
setup_encode (const struct setup *setup)
{
    GString *out = g_string_new (NULL);

    put_number (out, setup->want_evidence);
    put_number (out, setup->structure);
    put_strings (out, setup->original_headers);
    put_strings (out, setup->envelope_headers);
    put_strings (out, setup->envelope_templates);
    put_number (out, setup->files->len);
    for (unsigned i = 0; i < setup->files->len; i++) {
        const struct setup_file *file = g_ptr_array_index (setup->files, i);
        gsize n;
        const char *text = g_bytes_get_data (file->text, &n);
        put_bytes (out, file->name, strlen (file->name));
        put_bytes (out, text, n);
    }
    return out;
}

static bool
get_number (struct dsn_bytes *in, uint32_t max, uint32_t *ret)
{
    if (in->n < sizeof *ret)
        return false;
    memcpy (ret, in->p, sizeof *ret);
    *in = dsn_bytes_sub (*in, sizeof *ret, in->n);
    return *ret <= max;
}

static bool
get_bytes (struct dsn_bytes *in, struct dsn_bytes *ret)
{
    uint32_t n;

    if (!get_number (in, (uint32_t)FILE_BYTES_MAX, &n) || n > in->n)
        return false;
    *ret = dsn_bytes_sub (*in, 0, n);
    *in = dsn_bytes_sub (*in, n, in->n);
    return true;
}

static bool
get_strings (struct dsn_bytes *in, char ***to)
{
    g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
    struct dsn_bytes text;
    uint32_t n;

    if (!get_number (in, HEADERS_MAX, &n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!get_bytes (in, &text))
            return false;
        g_ptr_array_add (strings, g_strndup (text.p, text.n));
    }
    g_ptr_array_add (strings, NULL);
    g_strfreev (*to);
    *to = (char **)g_ptr_array_steal (strings, NULL);
    return true;
}

static bool
get_files (struct dsn_bytes *in, GPtrArray *files)
{
    struct dsn_bytes name, text;
    uint32_t n;

    if (!get_number (in, FILES_MAX + 1, &n)) /* and the [Policy] */
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct setup_file *file;
        if (!get_bytes (in, &name) || !get_bytes (in, &text))
            return false;
        file = g_new0 (struct setup_file, 1);
        file->name = g_strndup (name.p, name.n);
        file->text = g_bytes_new (text.p, text.n);
        g_ptr_array_add (files, file);
    }
    return true;
}

struct setup *
setup_decode (struct dsn_bytes in)
{
    g_autoptr (setup_t) setup = setup_new ();
    uint32_t flag, structure;

    if (!get_number (&in, 1, &flag) || !get_number (&in, _DSN_STRUCTURE_N - 1, &structure) ||
        !get_strings (&in, &setup->original_headers) ||
        !get_strings (&in, &setup->envelope_headers) ||
        !get_strings (&in, &setup->envelope_templates) || !get_files (&in, setup->files) ||
        in.n != 0)
        return NULL;
    setup->want_evidence = flag;
    setup->structure = (enum dsn_structure)structure;
    return g_steal_pointer (&setup);
}
