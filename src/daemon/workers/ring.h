/* Where mails stand in a piece of memory that is used round and round: offsets only, the memory
 * itself is the caller's. Places may be given back in any order; what lies behind the oldest one
 * still held isn't used again before that is given back, too.
 */
#ifndef DSND_RING_H
#define DSND_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_PLACES_MAX 128 /* held at once */

struct ring_place {
    uint32_t offset;
    uint32_t n_bytes; /* rounded up */
    bool is_held;
};

struct ring {
    uint32_t n_bytes;      /* of the memory */
    uint32_t wrap_bytes;   /* past this much the start is preferred: less memory is touched */
    uint32_t head;         /* the end of the newest place */
    unsigned first, count; /* of places: the oldest, and how many from there on */
    struct ring_place places[RING_PLACES_MAX];
};

void ring_init (struct ring *ring, uint32_t n_bytes, uint32_t wrap_bytes);

/* A free place for @n bytes: behind the newest one, or before the oldest. False: there's none now.
 * Until ring_hold(), a second call finds the same. */
bool ring_find (const struct ring *ring, size_t n, uint32_t *ret_offset);

/* Holds what ring_find() found, for as many bytes or less. */
void ring_hold (struct ring *ring, uint32_t offset, size_t n);

/* Gives back the place at @offset, which is held. */
void ring_release (struct ring *ring, uint32_t offset);

#endif
