/* The ring. The newest place never ends where the oldest starts, so that full and empty differ. */
#include "daemon/workers/ring.h"

#include <glib.h>

#define ALIGNMENT 64u

void
ring_init (struct ring *ring, uint32_t n_bytes, uint32_t wrap_bytes)
{
    *ring = (struct ring){ .n_bytes = n_bytes, .wrap_bytes = wrap_bytes };
}

/* The place that is the @i-th oldest. */
static unsigned
place_index (const struct ring *ring, unsigned i)
{
    return (ring->first + i) % RING_PLACES_MAX;
}

/* What @n bytes take: always more than they are, so that no two places have the same offset. */
static uint32_t
room_of (size_t n)
{
    return (uint32_t)((n + ALIGNMENT) & ~(size_t)(ALIGNMENT - 1));
}

bool
ring_find (const struct ring *ring, size_t n, uint32_t *ret_offset)
{
    uint32_t room, tail;

    if (ring->count == RING_PLACES_MAX || n >= ring->n_bytes)
        return false;
    room = room_of (n);
    if (ring->count == 0) {
        *ret_offset = 0;
        return room <= ring->n_bytes;
    }
    tail = ring->places[ring->first].offset;
    if (ring->head < tail) {
        *ret_offset = ring->head;
        return tail - ring->head > room;
    }
    if (tail > room && (ring->head > ring->wrap_bytes || ring->n_bytes - ring->head < room)) {
        *ret_offset = 0;
        return true;
    }
    *ret_offset = ring->head;
    return ring->n_bytes - ring->head >= room;
}

void
ring_hold (struct ring *ring, uint32_t offset, size_t n)
{
    const uint32_t room = room_of (n);

    g_assert (ring->count < RING_PLACES_MAX);
    ring->places[place_index (ring, ring->count++)] =
        (struct ring_place){ .offset = offset, .n_bytes = room, .is_held = true };
    ring->head = offset + room;
}

void
ring_release (struct ring *ring, uint32_t offset)
{
    unsigned i = 0;

    while (i < ring->count && (ring->places[place_index (ring, i)].offset != offset ||
                               !ring->places[place_index (ring, i)].is_held))
        i++;
    g_assert (i < ring->count);
    ring->places[place_index (ring, i)].is_held = false;
    while (ring->count && !ring->places[ring->first].is_held) {
        ring->first = place_index (ring, 1);
        ring->count--;
    }
}
