/* Reads the key file once, when the configuration is loaded.
 */
#include "daemon/settings/keys.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CREDENTIAL     "token-key"
#define FILE_BYTES_MAX 4096

static bool
refuse (GError **error, const char *path, const char *reason)
{
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID, "%s: can't use the token keys: %s",
                 path, reason);
    return false;
}

static bool
read_keys (const char *path, struct dsn_bytes text, struct dsn_token_keys *keys, GError **error)
{
    const char *reason;
    unsigned line;

    if (text.n < FILE_BYTES_MAX && dsn_token_keys_read (text, keys, &line, &reason))
        return true;
    if (text.n >= FILE_BYTES_MAX)
        return refuse (error, path, "the file is larger than 4 KiB");
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID, "%s:%u: %s", path, line, reason);
    return false;
}

/* A missing file is one without keys if it @may_be_absent. */
static bool
load_file (const char *path, bool may_be_absent, struct dsn_token_keys *keys, GError **error)
{
    sys_autofd fd = sys_openat (AT_FDCWD, path, O_RDONLY, 0);
    char text[FILE_BYTES_MAX];
    struct stat st;
    ssize_t n;
    bool is_ok;

    if (fd < 0 && errno == ENOENT && may_be_absent)
        return true;
    if (fd < 0 || sys_fstat (fd, &st) < 0)
        return refuse (error, path, g_strerror (errno));
    if (!S_ISREG (st.st_mode))
        return refuse (error, path, "it isn't a plain file");
    if (st.st_mode & S_IRWXO)
        return refuse (error, path, "everybody can read it; chmod 600 it");
    n = sys_read_full (fd, text, sizeof text);
    if (n < 0)
        return refuse (error, path, g_strerror (errno));
    is_ok = read_keys (path, (struct dsn_bytes){ text, (size_t)n }, keys, error);
    explicit_bzero (text, sizeof text);
    return is_ok;
}

bool
keys_load (const char *file, struct config *config, GError **error)
{
    const char *directory = g_getenv ("CREDENTIALS_DIRECTORY");
    g_autofree char *credential = directory ? g_build_filename (directory, CREDENTIAL, NULL) : NULL;
    const char *path = config->token_key_path ? config->token_key_path : credential;

    if (path && !load_file (path, path == credential, &config->token_keys, error))
        return false;
    if (config->token_keys.n && !config->envelope_headers[0]) {
        g_set_error (
            error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
            "%s: [ReturnPath] Header: missing; there are token keys, so say which header your "
            "mail system writes the envelope recipient to, such as Delivered-To",
            file);
        return false;
    }
    config->token_keys.window_days = (unsigned)(config->token_max_age_s / 86400);
    return true;
}

const struct dsn_token_keys *
keys_for (const struct config *config, const char *name, enum dsn_kind kind)
{
    for (unsigned i = 0; kind == DSN_KIND_COMPLAINT && i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = g_ptr_array_index (config->mailboxes, i);
        if (mailbox->has_unsigned_complaints && strcmp (mailbox->name, name) == 0)
            return NULL;
    }
    return &config->token_keys;
}
