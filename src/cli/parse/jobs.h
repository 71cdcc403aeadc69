/* Work on a list of items in several processes, with the output in the items' order and memory
 * that doesn't grow with the list. A process that dies costs the item it was at, no other.
 */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct jobs_out; /* where a worker puts the output of the item it's at */

struct jobs {
    size_t n_items;
    unsigned n_workers; /* 1 or more */

    /* In a worker: item @i, whose output goes to @out. */
    void (*work) (size_t i, struct jobs_out *out, void *data);

    /* In the caller, in the order of items: a piece of output; an item's end; and that the worker
     * died at item @i, by @signal or, when that's 0, by exiting. @take returns false to stop. */
    bool (*take) (struct dsn_bytes piece, void *data);
    void (*done) (size_t i, void *data);
    void (*died) (size_t i, int signal, void *data);
    /* A complaint about an item, as given to jobs_complain(). */
    void (*complain) (const char *message, void *data);
    /* A note about an item, as given to jobs_note(). */
    void (*note) (const char *note, void *data);

    void *data;
};

/* Runs them all. False if @take stopped it, or no process could be started (errno tells why). */
bool jobs_run (const struct jobs *jobs);

/* For @work: output, kept together up to the item's end where it's small. */
void jobs_put (struct jobs_out *out, struct dsn_bytes piece);

/* For @work: what the caller should know of the item besides its output. */
void jobs_note (struct jobs_out *out, const char *note);

/* For @work: what's wrong with the item. */
void jobs_complain (struct jobs_out *out, const char *message);

#endif
