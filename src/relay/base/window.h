/* The parcels that were taken from the source and not yet acknowledged there, in their order. What
 * is done leaves only at the head, so that nothing is ever acknowledged past an open parcel.
 */
#ifndef DSND_WINDOW_H
#define DSND_WINDOW_H

#include "relay/base/parcel.h"

struct window;

struct window *window_new (void);
void window_free (struct window *window);

/* Takes @parcel. (transfer full) */
void window_add (struct window *window, struct parcel *parcel);

/* What is in it; the time is that of the oldest that isn't done, INT64_MAX if there's none. */
unsigned window_count (const struct window *window);
size_t window_bytes (const struct window *window);
int64_t window_oldest_us (const struct window *window);

/* What to deliver next, into @ret_turn (of struct parcel *, borrowed), which is emptied first: the
 * open parcels, @n_max at most. With @is_one_each, one of each recipient, the first: where a sink
 * may confirm a later one and not an earlier one, the order would be lost by trying again. */
void window_turn (const struct window *window, unsigned n_max, bool is_one_each,
                  GPtrArray *ret_turn);

/* Takes the first parcel out if it's done; NULL otherwise. (transfer full) */
struct parcel *window_pop (struct window *window);

/* Drops all: their source is another now, or will send them again. */
void window_clear (struct window *window);

#endif
