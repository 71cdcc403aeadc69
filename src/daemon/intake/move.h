/* Moving one mail out of new/: that very file, and no other that took its name meanwhile. */
#ifndef DSND_MOVE_H
#define DSND_MOVE_H

#include "daemon/intake/maildir.h"

#include <stdbool.h>
#include <sys/stat.h>

enum move_result {
    MOVE_DONE,   /* it's there now */
    MOVE_GONE,   /* somebody took it away, or put another mail in its place, which is left alone */
    MOVE_FAILED, /* it's still in new/: errno */
};

/* Renames @name, which is to be @file, from the directory @from_fd into @to_fd. A name that's taken
 * there, or too long with @flags behind it, is changed. What stands after a colon of the old name
 * was flags, too. */
enum move_result move_mail (int from_fd, const char *name, const struct maildir_mail *file,
                            int to_fd, const char *flags);

/* Deletes it. */
enum move_result move_to_nowhere (int from_fd, const char *name, const struct maildir_mail *file);

/* What tells one file from another, as far as stat does: @file's descriptor is left alone. */
void move_fill (struct maildir_mail *file, const struct stat *st);

/* Whether @name in @dirfd is the file @file: same inode, size and time of change. False with errno,
 * which is 0 if it's another. */
bool move_is_same (int dirfd, const char *name, const struct maildir_mail *file);

#endif
