/* The configuration file: its sections, and what all of them together must be. What isn't known is
 * refused.
 */
#include "daemon/settings/config.h"

#include "daemon/settings/configkey.h"
#include "daemon/settings/policy.h"

#include <string.h>

#define MAILBOXES_MAX    64
#define FILE_BYTES_MAX   ((size_t)1024 * 1024)
#define MAILBOX_NAME_MAX 64

G_DEFINE_QUARK (dsnd - config - error, config_error)

static void
mailbox_free (gpointer data)
{
    struct config_mailbox *mailbox = data;

    g_free (mailbox->name);
    g_free (mailbox->path);
    g_free (mailbox->other_folder);
    g_free (mailbox);
}

void
config_free (struct config *config)
{
    if (!config)
        return;
    g_ptr_array_unref (config->mailboxes);
    g_free (config->spool_path);
    g_free (config->socket_path);
    g_free (config->socket_group);
    g_free (config->rules_path);
    g_string_free (config->policy, TRUE);
    g_strfreev (config->original_headers);
    g_strfreev (config->envelope_headers);
    g_strfreev (config->envelope_templates);
    g_free (config->token_key_path);
    dsn_token_keys_clear (&config->token_keys);
    g_free (config);
}

static struct config *
config_default (void)
{
    struct config *config = g_new0 (struct config, 1);

    config->mailboxes = g_ptr_array_new_with_free_func (mailbox_free);
    config->spool_path = g_strdup ("/var/lib/dsnd/spool");
    config->spool_max_bytes = UINT64_C (1) << 30;
    config->spool_keep_s = UINT64_C (7) * 86400;
    config->socket_path = g_strdup ("/run/dsnd/events.sock");
    config->socket_mode = 0660;
    config->rules_path = g_strdup ("/etc/dsnd/rules.d");
    config->policy = g_string_new (NULL);
    config->original_headers = g_new0 (char *, 1);
    config->envelope_headers = g_new0 (char *, 1);
    config->token_max_age_s = UINT64_C (86400) * DSN_TOKEN_WINDOW_DAYS;
    return config;
}

/* Reads the keys of @group, whose keys the table has under @section, into @base. */
static bool
read_section (GKeyFile *keyfile, const char *file, const char *group, const char *section,
              void *base, GError **error)
{
    g_auto (GStrv) names = g_key_file_get_keys (keyfile, group, NULL, error);

    if (!names)
        return false;
    for (char **name = names; *name; name++) {
        g_autofree char *text = configkey_text (keyfile, file, group, *name, error);
        const struct configkey *key = configkey_find (section, *name);
        if (!text)
            return false;
        if (!key) {
            g_autofree char *known = configkey_list (section);
            g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                         "%s: [%s] %s: unknown key; the keys of this section are %s", file, group,
                         *name, known);
            return false;
        }
        if (!configkey_store (key, text, base)) {
            g_autofree char *shown = g_strescape (text, NULL);
            g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                         "%s: [%s] %s: \"%s\" is not permitted; it must be %s", file, group, *name,
                         shown, key->permitted);
            return false;
        }
    }
    return true;
}

static bool
is_mailbox_name (const char *name)
{
    const size_t n = strlen (name);

    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum (*p) && !strchr ("._-", *p))
            return false;
    return n > 0 && n <= MAILBOX_NAME_MAX;
}

static bool
read_mailbox (GKeyFile *keyfile, const char *file, const char *group, struct config *config,
              GError **error)
{
    struct config_mailbox *mailbox = g_new0 (struct config_mailbox, 1);

    g_ptr_array_add (config->mailboxes, mailbox);
    mailbox->name = g_strdup (group + strlen ("Mailbox "));
    mailbox->other_folder = g_strdup (".dsnd-other");
    if (!is_mailbox_name (mailbox->name) || config->mailboxes->len > MAILBOXES_MAX) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [%s]: a mailbox needs a name of at most %d letters, digits, '.', '-' and "
                     "'_', and there may be at most %d of them",
                     file, group, MAILBOX_NAME_MAX, MAILBOXES_MAX);
        return false;
    }
    if (!read_section (keyfile, file, group, "Mailbox", mailbox, error))
        return false;
    if (!mailbox->path) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [%s] Path: missing; say which Maildir to read", file, group);
        return false;
    }
    return true;
}

/* What no single key can tell. */
static bool
check_whole (const char *file, const struct config *config, GError **error)
{
    if (config->mailboxes->len == 0) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: no mailbox; add a section [Mailbox NAME] with Path=", file);
        return false;
    }
    if (strlen (config->socket_path) > 107) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [Socket] Path: too long; a socket's path has at most 107 bytes", file);
        return false;
    }
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *one = g_ptr_array_index (config->mailboxes, i);
        for (unsigned k = 0; k < i; k++) {
            const struct config_mailbox *other = g_ptr_array_index (config->mailboxes, k);
            if (strcmp (one->path, other->path) == 0) {
                g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                             "%s: [Mailbox %s] Path: [Mailbox %s] reads the same Maildir", file,
                             one->name, other->name);
                return false;
            }
        }
    }
    return true;
}

static bool
read_group (GKeyFile *keyfile, const char *file, const char *group, struct config *config,
            GError **error)
{
    if (g_str_has_prefix (group, "Mailbox "))
        return read_mailbox (keyfile, file, group, config, error);
    if (strcmp (group, "Policy") == 0)
        return policy_read (keyfile, file, group, config->policy, error);
    if (configkey_find (group, NULL) && strcmp (group, "Mailbox") != 0)
        return read_section (keyfile, file, group, group, config, error);
    g_autofree char *known = configkey_list (NULL);
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                 "%s: [%s]: unknown section; the sections are %s, Policy", file, group, known);
    return false;
}

struct config *
config_parse (const char *file, struct dsn_bytes text, GError **error)
{
    g_autoptr (GKeyFile) keyfile = g_key_file_new ();
    g_autoptr (config_t) config = config_default ();
    g_auto (GStrv) groups = NULL;

    if (text.n > FILE_BYTES_MAX || memchr (text.n ? text.p : "", '\0', text.n)) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: not a configuration file: it's larger than 1 MiB or holds a NUL byte",
                     file);
        return NULL;
    }
    if (!g_key_file_load_from_data (keyfile, text.n ? text.p : "", text.n, G_KEY_FILE_NONE,
                                    error)) {
        g_prefix_error (error, "%s: ", file);
        return NULL;
    }
    groups = g_key_file_get_groups (keyfile, NULL);
    for (char **group = groups; *group; group++)
        if (!read_group (keyfile, file, *group, config, error))
            return NULL;
    if (!check_whole (file, config, error))
        return NULL;
    return g_steal_pointer (&config);
}

struct config *
config_load (const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize n;

    if (!g_file_get_contents (path, &text, &n, error))
        return NULL;
    return config_parse (path, (struct dsn_bytes){ text, n }, error);
}
