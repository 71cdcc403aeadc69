/* BLAKE2b after RFC 7693 s.3.
 */
#include "blake2b.h"

#include <glib.h>
#include <string.h>

static const uint64_t iv[8] = {
    UINT64_C (0x6a09e667f3bcc908), UINT64_C (0xbb67ae8584caa73b), UINT64_C (0x3c6ef372fe94f82b),
    UINT64_C (0xa54ff53a5f1d36f1), UINT64_C (0x510e527fade682d1), UINT64_C (0x9b05688c2b3e6c1f),
    UINT64_C (0x1f83d9abfb41bd6b), UINT64_C (0x5be0cd19137e2179),
};

#define ROTATE(x, n) ((x) >> (n) | (x) << (64 - (n)))

/* The mixing function G of s.3.1. */
#define MIX(a, b, c, d, x, y)                                                                      \
    do {                                                                                           \
        a += b + (x);                                                                              \
        d = ROTATE (d ^ a, 32);                                                                    \
        c += d;                                                                                    \
        b = ROTATE (b ^ c, 24);                                                                    \
        a += b + (y);                                                                              \
        d = ROTATE (d ^ a, 16);                                                                    \
        c += d;                                                                                    \
        b = ROTATE (b ^ c, 63);                                                                    \
    } while (0)

/* One round; the sixteen words of the block in the order that s.2.7 gives for it. Constants, so
 * that the words are read where they stand. */
#define ROUND(v, m, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)          \
    do {                                                                                           \
        MIX (v[0], v[4], v[8], v[12], m[s0], m[s1]);                                               \
        MIX (v[1], v[5], v[9], v[13], m[s2], m[s3]);                                               \
        MIX (v[2], v[6], v[10], v[14], m[s4], m[s5]);                                              \
        MIX (v[3], v[7], v[11], v[15], m[s6], m[s7]);                                              \
        MIX (v[0], v[5], v[10], v[15], m[s8], m[s9]);                                              \
        MIX (v[1], v[6], v[11], v[12], m[s10], m[s11]);                                            \
        MIX (v[2], v[7], v[8], v[13], m[s12], m[s13]);                                             \
        MIX (v[3], v[4], v[9], v[14], m[s14], m[s15]);                                             \
    } while (0)

/* The compression function F of s.3.2. */
static void
compress (struct blake2b *b, const char *block, size_t n, bool is_last)
{
    uint64_t v[16], m[16];

    b->count += n;
    for (size_t i = 0; i < 16; i++) {
        memcpy (&m[i], block + i * 8, 8);
        m[i] = GUINT64_FROM_LE (m[i]);
    }
    memcpy (v, b->h, sizeof b->h);
    memcpy (v + 8, iv, sizeof iv);
    v[12] ^= b->count;
    v[14] ^= is_last ? UINT64_MAX : 0;
    ROUND (v, m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND (v, m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    ROUND (v, m, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
    ROUND (v, m, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
    ROUND (v, m, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
    ROUND (v, m, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
    ROUND (v, m, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
    ROUND (v, m, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
    ROUND (v, m, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
    ROUND (v, m, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
    ROUND (v, m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND (v, m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    for (size_t i = 0; i < 8; i++)
        b->h[i] ^= v[i] ^ v[i + 8];
}

void
blake2b_init (struct blake2b *b)
{
    *b = (struct blake2b){ 0 };
    memcpy (b->h, iv, sizeof iv);
    b->h[0] ^= UINT64_C (0x01010000) ^ BLAKE2B_BYTES;
}

void
blake2b_update (struct blake2b *b, struct dsn_bytes in)
{
    while (in.n) {
        size_t n = MIN (in.n, BLAKE2B_BLOCK_BYTES - b->filled);

        /* the last block is compressed as such: one that is full waits for what comes */
        if (b->filled == BLAKE2B_BLOCK_BYTES) {
            compress (b, (const char *)b->block, BLAKE2B_BLOCK_BYTES, false);
            b->filled = 0;
            continue;
        }
        if (!b->filled && in.n > BLAKE2B_BLOCK_BYTES) {
            compress (b, in.p, BLAKE2B_BLOCK_BYTES, false);
        } else {
            memcpy (b->block + b->filled, in.p, n);
            b->filled += n;
        }
        in = dsn_bytes_sub (in, n, in.n);
    }
}

void
blake2b_finish (struct blake2b *b, uint8_t ret_digest[BLAKE2B_BYTES])
{
    memset (b->block + b->filled, 0, BLAKE2B_BLOCK_BYTES - b->filled);
    compress (b, (const char *)b->block, b->filled, true);
    for (size_t i = 0; i < BLAKE2B_BYTES; i++)
        ret_digest[i] = (uint8_t)(b->h[i / 8] >> i % 8 * 8);
}
