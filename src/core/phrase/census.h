/* How often runs of bytes are to be expected in texts, learnt from the phrases that are looked for:
 * texts are much like them.
 */
#ifndef DSND_CENSUS_H
#define DSND_CENSUS_H

#include <dsn/bytes.h>

#include <stdint.h>

/* The length of the runs that are counted. */
#define CENSUS_BYTES 4

struct census;

/* (transfer full): g_free() */
struct census *census_new (void);

void census_add (struct census *census, struct dsn_bytes phrase);

/* The offset of the run of CENSUS_BYTES in @phrase that a text has most seldom, of those with at
 * least @width bytes from their start to the phrase's end; @width is at least CENSUS_BYTES and at
 * most the phrase's length. */
uint32_t census_rarest (const struct census *census, struct dsn_bytes phrase, unsigned width);

#endif
