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

const char *
settings_fixed_difference (const struct config *now, const struct config *next)
{
    if (strcmp (now->spool_path, next->spool_path) != 0)
        return "[Spool] Path";
    if (strcmp (now->socket_path, next->socket_path) != 0 ||
        now->socket_mode != next->socket_mode ||
        g_strcmp0 (now->socket_group, next->socket_group) != 0)
        return "[Socket]";
    if (now->workers_count != next->workers_count)
        return "[Workers] Count";
    if (now->mailboxes->len != next->mailboxes->len)
        return "the number of mailboxes";
    for (unsigned i = 0; i < now->mailboxes->len; i++) {
        const struct config_mailbox *a = g_ptr_array_index (now->mailboxes, i);
        const struct config_mailbox *b = g_ptr_array_index (next->mailboxes, i);
        if (strcmp (a->name, b->name) != 0 || strcmp (a->path, b->path) != 0)
            return "a mailbox's name or Path";
    }
    return NULL;
}
