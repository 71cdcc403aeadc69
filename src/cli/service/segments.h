/* The files of a spool (docs/protocol.md). */
#ifndef CLI_SPOOLDIR_H
#define CLI_SPOOLDIR_H

#include <glib.h>

#define SPOOLDIR_DEFAULT "/var/lib/dsnd/spool"

/* The paths of the segments in the order of their events; NULL after the error has been told.
 * (transfer full): g_ptr_array_unref() */
GPtrArray *spooldir_segments (const char *directory);

#endif
