/* The spool's directory: made, locked, and known by its id. */
#ifndef DSND_SPOOLDIR_H
#define DSND_SPOOLDIR_H

#include <glib.h>
#include <stdbool.h>

#define SPOOLDIR_ID_DIGITS 32

/* Opens the directory at @path, made if it's missing, and locks it; a network file system is
 * refused. @ret_dirfd and @ret_lockfd are the caller's to close, and -1 where they weren't opened.
 * An error is SPOOL_ERROR_BUSY or _FATAL. */
bool spooldir_open (const char *path, int *ret_dirfd, int *ret_lockfd, GError **error);

/* Reads the id, which is made at the first time. */
bool spooldir_load_id (int dirfd, char ret_id[SPOOLDIR_ID_DIGITS + 1], GError **error);

#endif
