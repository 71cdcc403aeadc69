/* The spool's directory: made, locked, and held to its path. */
#ifndef DSND_SPOOLDIR_H
#define DSND_SPOOLDIR_H

#include <glib.h>
#include <stdbool.h>

/* Opens the directory at @path, made if it's missing, and locks it; a network file system is
 * refused. @ret_dirfd and @ret_lockfd are the caller's to close, and -1 where they weren't opened.
 * An error is SPOOL_ERROR_BUSY or _FATAL. */
bool spooldir_open (const char *path, int *ret_dirfd, int *ret_lockfd, GError **error);

/* Looks whether @path still leads to @dirfd, and the lock is still ours; one that was removed is
 * taken anew. NULL, or why nothing may be written (static). */
const char *spooldir_keep (const char *path, int dirfd, int *lockfd);

#endif
