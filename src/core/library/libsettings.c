/* How a program wants its mails read: what <dsn/settings.h> declares.
 */
#include "core/library/libsettings.h"

#include "core/library/signkeys.h"

#include <string.h>

/* Nothing here was tried at more than this many times the default. */
#define LIMIT_MAX_TIMES 16

static const struct {
    const char *name;
    size_t offset;
} limits[] = {
    { "mail_bytes", offsetof (struct dsn_limits, mail_bytes) },
    { "header_bytes", offsetof (struct dsn_limits, header_bytes) },
    { "field_bytes", offsetof (struct dsn_limits, field_bytes) },
    { "headers_count", offsetof (struct dsn_limits, headers_count) },
    { "mime_depth", offsetof (struct dsn_limits, mime_depth) },
    { "parts_count", offsetof (struct dsn_limits, parts_count) },
    { "recipients_count", offsetof (struct dsn_limits, recipients_count) },
    { "value_bytes", offsetof (struct dsn_limits, value_bytes) },
    { "text_bytes", offsetof (struct dsn_limits, text_bytes) },
    { "line_bytes", offsetof (struct dsn_limits, line_bytes) },
};

struct dsn_settings *
dsn_settings_new (void)
{
    struct dsn_settings *s = g_new0 (struct dsn_settings, 1);

    s->limits = dsn_limits_default ();
    s->rules = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
    s->rules_names = g_ptr_array_new_with_free_func (g_free);
    s->original_headers = g_ptr_array_new_with_free_func (g_free);
    s->envelope_headers = g_ptr_array_new_with_free_func (g_free);
    s->envelope_templates = g_ptr_array_new_with_free_func (g_free);
    return s;
}

void
dsn_settings_free (struct dsn_settings *s)
{
    if (!s)
        return;
    g_ptr_array_unref (s->rules);
    g_ptr_array_unref (s->rules_names);
    g_ptr_array_unref (s->original_headers);
    g_ptr_array_unref (s->envelope_headers);
    g_ptr_array_unref (s->envelope_templates);
    dsn_keys_free (s->keys);
    g_free (s);
}

static void
copy_strings (GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add (to, g_strdup (from->pdata[i]));
}

struct dsn_settings *
libsettings_copy (const struct dsn_settings *s)
{
    struct dsn_settings *copy = dsn_settings_new ();

    copy->limits = s->limits;
    for (guint i = 0; i < s->rules->len; i++)
        g_ptr_array_add (copy->rules, g_bytes_ref (s->rules->pdata[i]));
    copy_strings (copy->rules_names, s->rules_names);
    copy_strings (copy->original_headers, s->original_headers);
    copy_strings (copy->envelope_headers, s->envelope_headers);
    copy_strings (copy->envelope_templates, s->envelope_templates);
    copy->want_evidence = s->want_evidence;
    copy->structure = s->structure;
    copy->keys = signkeys_copy (s->keys);
    return copy;
}

void
dsn_settings_add_rules (struct dsn_settings *s, const char *file, struct dsn_bytes text)
{
    g_ptr_array_add (s->rules, g_bytes_new (text.p, text.n));
    g_ptr_array_add (s->rules_names, g_strdup (file));
}

bool
dsn_settings_set_limit (struct dsn_settings *s, const char *name, size_t value)
{
    const struct dsn_limits defaults = dsn_limits_default ();

    for (size_t i = 0; i < G_N_ELEMENTS (limits); i++) {
        const size_t offset = limits[i].offset;
        const size_t usual = *(const size_t *)((const char *)&defaults + offset);

        if (strcmp (limits[i].name, name) != 0)
            continue;
        if (value < 1 || value > usual * LIMIT_MAX_TIMES)
            return false;
        *(size_t *)((char *)&s->limits + offset) = value;
        return true;
    }
    return false;
}

void
dsn_settings_set_evidence (struct dsn_settings *s, bool is_wanted)
{
    s->want_evidence = is_wanted;
}

bool
dsn_settings_set_structure (struct dsn_settings *s, const char *how)
{
    return dsn_structure_find (how, &s->structure);
}

void
dsn_settings_add_original_header (struct dsn_settings *s, const char *name)
{
    g_ptr_array_add (s->original_headers, g_strdup (name));
}

void
dsn_settings_add_envelope_header (struct dsn_settings *s, const char *name)
{
    g_ptr_array_add (s->envelope_headers, g_strdup (name));
}

bool
dsn_settings_add_envelope_template (struct dsn_settings *s, const char *text)
{
    if (!dsn_template_is_valid (text))
        return false;
    g_ptr_array_add (s->envelope_templates, g_strdup (text));
    return true;
}

void
dsn_settings_set_keys (struct dsn_settings *s, const struct dsn_keys *keys)
{
    struct dsn_keys *copy = signkeys_copy (keys);

    dsn_keys_free (s->keys);
    s->keys = copy;
}
