/* Reading a Maildir's new/ in pieces: the directory may be of any size, and other work waits. */
#ifndef DSND_SCAN_H
#define DSND_SCAN_H

#include <dirent.h>
#include <glib.h>
#include <stdbool.h>

struct scan {
    DIR *dir; /* NULL: none is on its way */
    bool is_wanted;
};

/* Stops a scan on its way. */
void scan_stop (struct scan *scan);

/* Whether there is more to read. */
bool scan_is_due (const struct scan *scan);

/* Appends the names of the next few thousand files of the directory @new_fd (transfer full) to the
 * empty @names, sorted. Dot names, and those that @is_left_out tells of, are left out. If the
 * directory can't be opened or read to its end the scan stays wanted. */
void scan_read (struct scan *scan, int new_fd,
                bool (*is_left_out) (const void *data, const char *name), const void *data,
                GQueue *names);

/* Whether @a comes before @b (< 0), after it, or is the same (0). Mail names start with the time of
 * delivery, so that the order of names is nearly that of delivery; a longer number is a later
 * time. */
int scan_compare (const char *a, const char *b);

#endif
