/* What went wrong with the spool, by what the caller should do. */
#include "daemon/spool/error.h"

#include <errno.h>

G_DEFINE_QUARK (dsnd - spool - error, spool_error)

bool
spool_fail (GError **error, enum spool_error code, const char *what)
{
    const int saved = errno;

    g_set_error (error, SPOOL_ERROR, (int)code, "%s: %s", what, g_strerror (saved));
    return false;
}
