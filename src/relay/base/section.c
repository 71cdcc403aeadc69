/* Keys and values. */
#include "relay/base/section.h"

#include <stdarg.h>
#include <string.h>

#define SECRET_MAX_BYTES 65536

struct section {
    char *file, *group;
    GHashTable *values; /* key -> value */
    GHashTable *asked;  /* keys that somebody knows */
};

G_DEFINE_QUARK (section - error - quark, section_error)

struct section *
section_new (const char *file, GKeyFile *keys, const char *group)
{
    struct section *s = g_new0 (struct section, 1);
    g_auto (GStrv) names = g_key_file_get_keys (keys, group, NULL, NULL);

    s->file = g_strdup (file);
    s->group = g_strdup (group);
    s->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    s->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    for (char **name = names; name && *name; name++) {
        char *value = g_key_file_get_value (keys, group, *name, NULL);
        (void)g_hash_table_insert (s->values, g_strdup (*name), g_strstrip (value));
    }
    return s;
}

void
section_free (struct section *s)
{
    if (!s)
        return;
    g_hash_table_unref (s->values);
    g_hash_table_unref (s->asked);
    g_free (s->file);
    g_free (s->group);
    g_free (s);
}

bool
section_fail (struct section *s, const char *key, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_set_error (error, SECTION_ERROR, SECTION_ERROR_INVALID, "%s: [%s] %s: %s", s->file, s->group,
                 key, text);
    return false;
}

const char *
section_text (struct section *s, const char *key, const char *otherwise)
{
    const char *value = g_hash_table_lookup (s->values, key);

    (void)g_hash_table_add (s->asked, g_strdup (key));
    return value && *value ? value : otherwise;
}

const char *
section_need (struct section *s, const char *key, GError **error)
{
    const char *value = section_text (s, key, NULL);

    if (!value)
        (void)section_fail (s, key, error, "this must be given");
    return value;
}

static uint64_t
unit_of (const char *suffix)
{
    if (!*suffix)
        return 1;
    if (suffix[1])
        return 0;
    switch (*suffix) {
    case 'K':
        return 1024;
    case 'M':
        return 1024 * 1024;
    case 'G':
        return 1024 * 1024 * 1024;
    default:
        return 0;
    }
}

bool
section_number (struct section *s, const char *key, uint64_t otherwise, uint64_t least,
                uint64_t most, uint64_t *ret, GError **error)
{
    const char *text = section_text (s, key, NULL);
    char *end = NULL;
    uint64_t number, unit;

    if (!text) {
        *ret = otherwise;
        return true;
    }
    number = g_ascii_isdigit (*text) ? g_ascii_strtoull (text, &end, 10) : 0;
    unit = end ? unit_of (end) : 0;
    if (unit && number <= most / unit && number * unit >= least) {
        *ret = number * unit;
        return true;
    }
    return section_fail (s, key, error,
                         "'%s' isn't a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                         text, least, most);
}

bool
section_choice (struct section *s, const char *key, const char *const *words, unsigned *ret,
                GError **error)
{
    const char *text = section_text (s, key, words[0]);
    g_autofree char *all = NULL;

    for (unsigned i = 0; words[i]; i++)
        if (strcmp (words[i], text) == 0) {
            *ret = i;
            return true;
        }
    all = g_strjoinv (", ", (char **)words);
    return section_fail (s, key, error, "'%s' is none of %s", text, all);
}

bool
section_bool (struct section *s, const char *key, bool otherwise, bool *ret, GError **error)
{
    static const char *const words[] = { "no", "yes", NULL };
    unsigned i = otherwise;

    if (section_text (s, key, NULL) && !section_choice (s, key, words, &i, error))
        return false;
    *ret = i == 1;
    return true;
}

/* Where the secret called @value lies; NULL: nowhere. */
static char *
find_secret (const char *value)
{
    const char *dir = g_getenv ("CREDENTIALS_DIRECTORY");

    if (strchr (value, '/'))
        return g_strdup (value);
    return dir ? g_build_filename (dir, value, NULL) : NULL;
}

bool
section_secret (struct section *s, const char *key, char **ret, GError **error)
{
    const char *value = section_text (s, key, NULL);
    g_autofree char *path = value ? find_secret (value) : NULL;
    g_autofree char *text = NULL;
    g_autoptr (GError) trouble = NULL;
    gsize n = 0;

    *ret = NULL;
    if (!value)
        return true;
    if (!path)
        return section_fail (s, key, error,
                             "'%s' is neither a path nor a credential that systemd passed", value);
    if (!g_file_get_contents (path, &text, &n, &trouble))
        return section_fail (s, key, error, "%s", trouble->message);
    text[strcspn (text, "\r\n")] = '\0';
    if (n > SECRET_MAX_BYTES || !*text)
        return section_fail (s, key, error, "%s has no first line, or is no such file", path);
    *ret = g_steal_pointer (&text);
    return true;
}

bool
section_finish (struct section *s, GError **error)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init (&iter, s->values);
    while (g_hash_table_iter_next (&iter, &key, NULL))
        if (!g_hash_table_contains (s->asked, key)) {
            g_autoptr (GList) known =
                g_list_sort (g_hash_table_get_keys (s->asked), (GCompareFunc)strcmp);
            g_autoptr (GString) all = g_string_new (NULL);
            for (GList *l = known; l; l = l->next)
                g_string_append_printf (all, "%s%s", all->len ? ", " : "", (char *)l->data);
            return section_fail (s, key, error, "there's no such key here; there are %s", all->str);
        }
    return true;
}
