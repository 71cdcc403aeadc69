/* Phrases, each once, numbered from 0 in the order in which they came.
 */
#ifndef DSND_PHRASEBOOK_H
#define DSND_PHRASEBOOK_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A phrase stands between word boundaries, unless that end is open. */
struct phrase {
    uint32_t at, n; /* in the arena */
    bool open_start, open_end;
};

struct phrasebook {
    GByteArray *arena;
    GArray *phrases;     /* struct phrase */
    uint32_t *known;     /* open addressing: number + 1, 0: free; NULL once closed */
    uint32_t known_size; /* a power of two */
};

/* (contents owned): phrasebook_clear() */
void phrasebook_init (struct phrasebook *book);
void phrasebook_clear (struct phrasebook *book);

/* The number of the phrase; the same phrase with the same ends has the same. */
uint32_t phrasebook_add (struct phrasebook *book, struct dsn_bytes phrase, bool open_start,
                         bool open_end);

/* Frees what only adding needs. */
void phrasebook_close (struct phrasebook *book);

static inline const struct phrase *
phrasebook_get (const struct phrasebook *book, uint32_t number)
{
    return &g_array_index (book->phrases, struct phrase, number);
}

static inline const char *
phrasebook_bytes (const struct phrasebook *book, const struct phrase *phrase)
{
    return (const char *)book->arena->data + phrase->at;
}

/* What makes a word: an end at any other character has no boundary. */
static inline bool
phrasebook_is_alnum (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

#endif
