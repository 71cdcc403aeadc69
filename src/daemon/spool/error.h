/* What went wrong with the spool, by what the caller should do. */
#ifndef DSND_SPOOL_ERROR_H
#define DSND_SPOOL_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define SPOOL_ERROR spool_error_quark ()
enum spool_error {
    SPOOL_ERROR_BUSY,  /* another process holds the spool: exit 75 */
    SPOOL_ERROR_RETRY, /* no space and the like: nothing was written, try again later */
    SPOOL_ERROR_FATAL, /* what's on disk is unknown: stop, and let recovery find out */
};
GQuark spool_error_quark (void);

/* Sets @error to @what and errno. Returns false. */
bool spool_fail (GError **error, enum spool_error code, const char *what);

#endif
