/* Maildir++ folders: a directory ".name" with new, cur, tmp and the mark "maildirfolder". */
#include "daemon/intake/folder.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

void
folder_init (struct folder *folder, const char *name)
{
    *folder = (struct folder){ .name = g_strdup (name), .new_fd = -1, .cur_fd = -1 };
}

void
folder_close (struct folder *folder)
{
    sys_close (&folder->new_fd);
    sys_close (&folder->cur_fd);
}

void
folder_done (struct folder *folder)
{
    folder_close (folder);
    g_clear_pointer (&folder->name, g_free);
}

void
folder_check (struct folder *folder, int base_fd)
{
    g_autofree char *new_path = g_strconcat (folder->name, "/new", NULL);
    g_autofree char *cur_path = g_strconcat (folder->name, "/cur", NULL);

    if (folder->new_fd >= 0 && (!sys_is_at (folder->new_fd, base_fd, new_path) ||
                                !sys_is_at (folder->cur_fd, base_fd, cur_path)))
        folder_close (folder);
}

/* Makes the directory, and its name as durable as what will be in it. */
static bool
make_directory (int dirfd, const char *name)
{
    if (sys_mkdirat (dirfd, name, 0700) < 0)
        return errno == EEXIST;
    return sys_fsync (dirfd) == 0;
}

bool
folder_open (struct folder *folder, int base_fd)
{
    sys_autofd base = -1;
    sys_autofd mark = -1;

    if (folder->new_fd >= 0 && folder->cur_fd >= 0)
        return true;
    if (!make_directory (base_fd, folder->name))
        return false;
    base = sys_open_directory (base_fd, folder->name);
    if (base < 0 || !make_directory (base, "cur") || !make_directory (base, "new") ||
        !make_directory (base, "tmp"))
        return false;
    /* the mark is for others' eyes: without it the folder works all the same */
    mark = sys_openat (base, "maildirfolder", O_WRONLY | O_CREAT, 0600);
    folder_close (folder);
    folder->new_fd = sys_open_directory (base, "new");
    folder->cur_fd = sys_open_directory (base, "cur");
    return folder->new_fd >= 0 && folder->cur_fd >= 0;
}
