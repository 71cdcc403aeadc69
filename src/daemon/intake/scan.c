/* One pass over a directory. A file that is renamed meanwhile may be missed or come twice. */
#include "daemon/intake/scan.h"

#include "daemon/base/sys.h"

#include <errno.h>
#include <string.h>

#define PIECE_COUNT 4096 /* names that are sorted together */

void
scan_stop (struct scan *scan)
{
    if (scan->dir)
        (void)closedir (scan->dir);
    scan->dir = NULL;
}

bool
scan_is_due (const struct scan *scan)
{
    return scan->dir || scan->is_wanted;
}

int
scan_compare (const char *a, const char *b)
{
    const size_t na = strspn (a, "0123456789"), nb = strspn (b, "0123456789");

    if (na && nb && na != nb)
        return na < nb ? -1 : 1;
    return strcmp (a, b);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return scan_compare (a, b);
}

void
scan_read (struct scan *scan, int new_fd, bool (*is_left_out) (const void *data, const char *name),
           const void *data, GQueue *names)
{
    unsigned n = 0;

    if (!scan->dir) {
        scan->dir = sys_opendirat (new_fd, ".");
        scan->is_wanted = !scan->dir;
    }
    while (scan->dir && n < PIECE_COUNT) {
        const struct dirent *entry = sys_readdir (scan->dir);
        if (!entry) {
            scan->is_wanted |= errno != 0; /* what's left is found next time */
            scan_stop (scan);
        } else if (entry->d_name[0] != '.' && !is_left_out (data, entry->d_name)) {
            g_queue_push_tail (names, g_strdup (entry->d_name));
            n++;
        }
    }
    g_queue_sort (names, compare_names, NULL);
}
