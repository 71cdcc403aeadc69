/* The small file that mail systems ask: only who is suppressed, in a database that any reader can
 * open without writing to it. docs/suppression.md, "Mail systems".
 */
#ifndef DSND_LOOKUPFILE_H
#define DSND_LOOKUPFILE_H

#include "store/ledger/ledger.h"

/* Writes the lookup file of @ledger anew beside @path, makes it safe on disk, and renames it to
 * @path: readers see the old one or the new one, never a part. */
bool lookupfile_publish (struct ledger *ledger, const struct store_policy *policy, const char *path,
                         GError **error);

#endif
