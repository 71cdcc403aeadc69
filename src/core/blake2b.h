/* BLAKE2b (RFC 7693) without a key, 32 bytes of digest: as hard to collide as SHA-256, at a
 * fraction of its cost where the processor has no instructions for SHA.
 */
#ifndef DSND_BLAKE2B_H
#define DSND_BLAKE2B_H

#include <dsnd/bytes.h>

#include <stdbool.h>
#include <stdint.h>

#define BLAKE2B_BYTES       32
#define BLAKE2B_BLOCK_BYTES 128

struct blake2b {
    uint64_t h[8];
    uint64_t count; /* bytes in the blocks so far; a mail has fewer than 2^64 */
    uint8_t block[BLAKE2B_BLOCK_BYTES];
    size_t filled; /* bytes waiting in @block */
};

/* init, update any number of times, finish once. Never fails. */
void blake2b_init (struct blake2b *b);
void blake2b_update (struct blake2b *b, struct dsn_bytes in);
void blake2b_finish (struct blake2b *b, uint8_t ret_digest[BLAKE2B_BYTES]);

#endif
