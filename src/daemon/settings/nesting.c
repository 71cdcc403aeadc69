/* Comparing paths as they are on disk. */
#include "daemon/settings/nesting.h"

#include <stdlib.h>
#include <string.h>

/* The path without links, of the part of it that is there. (transfer full) */
static char *
resolve (const char *path)
{
    g_autofree char *parent = g_path_get_dirname (path);
    g_autofree char *name = g_path_get_basename (path);
    char *real = realpath (path, NULL);
    g_autofree char *above = NULL;

    if (real || strcmp (parent, path) == 0)
        return real ? real : g_strdup (path);
    above = resolve (parent);
    return g_build_filename (above, name, NULL);
}

static bool
is_within (const char *path, const char *directory)
{
    const size_t n = strlen (directory);

    return strncmp (path, directory, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static bool
refuse (GError **error, const char *file, const char *name, const char *what)
{
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID, "%s: [Mailbox %s] %s", file, name,
                 what);
    return false;
}

/* Whether the spool and the socket stand outside of where mail is. */
static bool
check_places (const char *file, const struct config *config, const struct config_mailbox *mailbox,
              GError **error)
{
    static const char *const parts[] = { "new", "cur", "tmp" };
    g_autofree char *spool = resolve (config->spool_path);
    g_autofree char *socket = resolve (config->socket_path);
    g_autofree char *base = resolve (mailbox->path);

    if (strcmp (spool, base) == 0)
        return refuse (error, file, mailbox->name, "Path: it's the spool's Path, too");
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *path = g_build_filename (base, parts[i], NULL);
        g_autofree char *part = resolve (path);
        if (is_within (spool, part))
            return refuse (error, file, mailbox->name, "Path: the spool stands within its mails");
        if (is_within (socket, part))
            return refuse (error, file, mailbox->name, "Path: the socket stands within its mails");
    }
    return true;
}

/* Whether no other mailbox is the same, or the folder where this one puts mail. */
static bool
check_others (const char *file, const struct config *config, const struct config_mailbox *mailbox,
              GError **error)
{
    g_autofree char *base = resolve (mailbox->path);
    g_autofree char *folder_path =
        mailbox->other_folder ? g_build_filename (base, mailbox->other_folder, NULL) : NULL;
    g_autofree char *folder = folder_path ? resolve (folder_path) : NULL;

    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *other = g_ptr_array_index (config->mailboxes, i);
        g_autofree char *path = resolve (other->path);
        if (other != mailbox && strcmp (path, base) == 0)
            return refuse (error, file, mailbox->name, "Path: another mailbox is the same Maildir");
        if (folder && strcmp (path, folder) == 0)
            return refuse (error, file, mailbox->name,
                           "OtherFolder: it's a mailbox, too, where all of it would be read again");
    }
    return true;
}

bool
nesting_check (const char *file, const struct config *config, GError **error)
{
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = g_ptr_array_index (config->mailboxes, i);
        if (!check_places (file, config, mailbox, error) ||
            !check_others (file, config, mailbox, error))
            return false;
    }
    return true;
}
