/* Windows of up to 8 bytes as numbers, and a map that tells of most that they aren't in a set.
 */
#ifndef DSND_WINDOWMAP_H
#define DSND_WINDOWMAP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WINDOW_MAX 8

/* The @width bytes at @p, at most WINDOW_MAX; the first is the lowest. */
static inline uint64_t
window_load (const char *p, unsigned width)
{
    uint64_t x = 0;

    memcpy (&x, p, width);
    return GUINT64_FROM_LE (x);
}

/* Multiplicative; the upper bits are the good ones. */
static inline uint64_t
window_hash (uint64_t window)
{
    return window * UINT64_C (0x9E3779B97F4A7C15);
}

/* A word by hash, in which each window has two bits. */
struct window_map {
    uint64_t *words; /* owned: g_free() */
    unsigned shift;  /* of the hash, to the word's index */
};

static inline uint64_t
window_map_bits (uint64_t h)
{
    return UINT64_C (1) << (h >> 40 & 63) | UINT64_C (1) << (h >> 34 & 63);
}

/* Makes room for @n windows: at least eight bits each, so that few others have both of one's. */
static inline void
window_map_init (struct window_map *map, size_t n)
{
    unsigned words_log = 1;

    while (((size_t)64 << words_log) < n * 8)
        words_log++;
    map->words = g_new0 (uint64_t, (size_t)1 << words_log);
    map->shift = 64 - words_log;
}

static inline void
window_map_add (struct window_map *map, uint64_t window)
{
    uint64_t h = window_hash (window);

    map->words[h >> map->shift] |= window_map_bits (h);
}

/* Whether @window may have been added: false is sure. */
static inline bool
window_map_may_have (const struct window_map *map, uint64_t window)
{
    uint64_t h = window_hash (window), bits = window_map_bits (h);

    return (map->words[h >> map->shift] & bits) == bits;
}

#endif
