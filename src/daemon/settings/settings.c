/* Configuration and rules together. */
#include "daemon/settings/settings.h"

#include "daemon/settings/keys.h"
#include "daemon/settings/nesting.h"

#include <string.h>

bool
settings_load (const char *path, struct config **ret_config, struct setup **ret_setup,
               GError **error)
{
    g_autoptr (config_t) config = config_load (path, error);
    g_autoptr (setup_t) setup = setup_new ();

    if (!config || !nesting_check (path, config, error) || !keys_load (path, config, error) ||
        !setup_add_directory (setup, config->rules_path, error))
        return false;
    g_strfreev (setup->original_headers);
    g_strfreev (setup->envelope_headers);
    setup->original_headers = g_strdupv (config->original_headers);
    setup->envelope_headers = g_strdupv (config->envelope_headers);
    if (config->envelope_templates) {
        g_strfreev (setup->envelope_templates);
        setup->envelope_templates = g_strdupv (config->envelope_templates);
    }
    setup->want_evidence = config->want_evidence;
    setup->structure = config->structure;
    if (config->policy->len)
        setup_add_text (setup, "[Policy]", config->policy);
    *ret_config = g_steal_pointer (&config);
    *ret_setup = g_steal_pointer (&setup);
    return true;
}

/* Puts @now in the place of *@next; whether that's another text. */
static bool
keep_text (const char *now, char **next)
{
    const bool is_other = g_strcmp0 (now, *next) != 0;

    g_free (*next);
    *next = g_strdup (now);
    return is_other;
}

/* A mailbox that is read keeps its name: events that are recorded have it. */
static void
keep_names (const struct config *now, struct config *next, GString *list)
{
    for (unsigned i = 0; i < now->mailboxes->len; i++)
        for (unsigned j = 0; j < next->mailboxes->len; j++) {
            const struct config_mailbox *old = g_ptr_array_index (now->mailboxes, i);
            struct config_mailbox *new = g_ptr_array_index (next->mailboxes, j);
            if (strcmp (old->path, new->path) != 0 || strcmp (old->name, new->name) == 0)
                continue;
            g_string_append_printf (list, "%s[Mailbox %s]", list->len ? ", " : "", new->name);
            (void)keep_text (old->name, &new->name);
        }
}

char *
settings_keep_fixed (const struct config *now, struct config *next)
{
    const struct {
        const char *key;
        bool is_other;
    } keys[] = {
        { "[Spool] Path", keep_text (now->spool_path, &next->spool_path) },
        { "[Socket] Path", keep_text (now->socket_path, &next->socket_path) },
        { "[Socket] Mode", now->socket_mode != next->socket_mode },
        { "[Socket] Group", keep_text (now->socket_group, &next->socket_group) },
        { "[Workers] Count", now->workers_count != next->workers_count },
    };
    g_autoptr (GString) list = g_string_new (NULL);

    keep_names (now, next, list);
    next->socket_mode = now->socket_mode;
    next->workers_count = now->workers_count;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        if (keys[i].is_other)
            g_string_append_printf (list, "%s%s", list->len ? ", " : "", keys[i].key);
    return list->len ? g_strdup (list->str) : NULL;
}
