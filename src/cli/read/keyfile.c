/* Key files: read, and what's wrong told with the line. */
#include "cli/read/keyfile.h"

#include "cli/terminal/tty.h"

#include <glib.h>
#include <string.h>
#include <time.h>

bool
keyfile_read (const char *path, struct dsn_token_keys *ret_keys)
{
    g_autoptr (GError) error = NULL;
    char *text = NULL;
    const char *reason;
    unsigned line;
    bool is_ok;
    gsize n;

    if (!g_file_get_contents (path, &text, &n, &error)) {
        tty_complain ("%s", error->message);
        return false;
    }
    is_ok = dsn_token_keys_read ((struct dsn_bytes){ text, n }, ret_keys, &line, &reason);
    if (!is_ok)
        tty_complain ("%s:%u: %s", path, line, reason);
    explicit_bzero (text, n);
    g_free (text);
    return is_ok;
}

uint32_t
keyfile_today (void)
{
    return (uint32_t)(time (NULL) / 86400);
}
