#include "daemon/settings/policy.h"

#include "daemon/settings/config.h"
#include "daemon/settings/configkey.h"

#include "core/event/taxonomy.h"

static bool
fail_category (const char *file, const char *group, const char *name, GError **error)
{
    g_autoptr (GString) known = g_string_new (NULL);

    for (unsigned i = 1; i < dsn_category_count (); i++)
        g_string_append_printf (known, " %s", dsn_category_get (i)->name);
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                 "%s: [%s] %s: unknown category; the categories are%s", file, group, name,
                 known->str);
    return false;
}

/* One word of a value: a class or an advice, each at most once. */
static bool
append_word (GString *out, const char *word, bool *has_class, bool *has_advice)
{
    const struct dsn_bytes text = dsn_bytes_str (word);
    bool is_class = dsn_name_lookup (dsn_class_names, DSN_CLASS_NEITHER, text) != 0;
    bool *has = is_class ? has_class : has_advice;

    if (*has || (!is_class && !dsn_name_lookup (dsn_advice_names, _DSN_ADVICE_N, text)))
        return false;
    *has = true;
    g_string_append_printf (out, "    %s %s\n", is_class ? "class" : "advice", word);
    return true;
}

static bool
append_policy (GString *out, const char *category, const char *value)
{
    g_auto (GStrv) words = g_strsplit_set (value, " \t", -1);
    bool has_class = false, has_advice = false;

    g_string_append_printf (out, "policy %s\n", category);
    for (char **word = words; *word; word++)
        if (**word && !append_word (out, *word, &has_class, &has_advice))
            return false;
    return has_class || has_advice;
}

bool
policy_read (GKeyFile *keyfile, const char *file, const char *group, GString *out, GError **error)
{
    g_auto (GStrv) names = g_key_file_get_keys (keyfile, group, NULL, error);

    if (!names)
        return false;
    for (char **name = names; *name; name++) {
        g_autofree char *value = configkey_text (keyfile, file, group, *name, error);
        if (!value)
            return false;
        if (!dsn_category_lookup (dsn_bytes_str (*name)))
            return fail_category (file, group, *name, error);
        if (!append_policy (out, *name, value)) {
            g_autofree char *shown = g_strescape (value, NULL);
            g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                         "%s: [%s] %s: \"%s\" is not permitted; it must be hard or soft, or an "
                         "advice (suppress, retry, slow_down, fix_sender, fix_content, review, "
                         "none), or both",
                         file, group, *name, shown);
            return false;
        }
    }
    return true;
}
