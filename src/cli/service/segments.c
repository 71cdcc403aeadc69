/* Segments are the files with names that dsnd gives. */
#include "cli/service/segments.h"
#include "cli/terminal/tty.h"

#include "core/event/spoolline.h"

#include <string.h>

static int
compare_names (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
spooldir_segments (const char *directory)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GDir) dir = g_dir_open (directory, 0, &error);
    GPtrArray *paths;
    const char *name;

    if (!dir) {
        tty_complain ("%s", error->message);
        return NULL;
    }
    paths = g_ptr_array_new_with_free_func (g_free);
    while ((name = g_dir_read_name (dir)))
        if (dsn_spool_segment_seq (name))
            g_ptr_array_add (paths, g_build_filename (directory, name, NULL));
    g_ptr_array_sort (paths, compare_names);
    return paths;
}
