/* Counts of bytes, pairs and runs.
 */
#include "core/phrase/census.h"

#include "core/phrase/windowmap.h"

#define COUNT_LOG 18

struct census {
    uint32_t bytes[256];
    uint32_t pairs[256 * 256];
    uint32_t runs[1 << COUNT_LOG]; /* of CENSUS_BYTES, by hash */
};

struct census *
census_new (void)
{
    return g_new0 (struct census, 1);
}

static uint32_t
pair_at (const char *p)
{
    return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static uint32_t
run_at (const char *p)
{
    return (uint32_t)(window_hash (window_load (p, CENSUS_BYTES)) >> (64 - COUNT_LOG));
}

void
census_add (struct census *c, struct dsn_bytes phrase)
{
    for (size_t at = 0; at < phrase.n; at++) {
        c->bytes[(unsigned char)phrase.p[at]]++;
        if (at + 2 <= phrase.n)
            c->pairs[pair_at (phrase.p + at)]++;
        if (at + CENSUS_BYTES <= phrase.n)
            c->runs[run_at (phrase.p + at)]++;
    }
}

/* As often as phrases have the run, and as its pairs follow each other by chance. */
static double
expectation (const struct census *c, const char *run)
{
    double chance = c->pairs[pair_at (run)];

    for (unsigned i = 1; i + 1 < CENSUS_BYTES; i++)
        chance *= (double)c->pairs[pair_at (run + i)] / c->bytes[(unsigned char)run[i]];
    return chance + c->runs[run_at (run)];
}

uint32_t
census_rarest (const struct census *c, struct dsn_bytes phrase, unsigned width)
{
    double best = 0;
    uint32_t offset = 0;

    for (uint32_t at = 0; at + width <= phrase.n; at++) {
        double cost = expectation (c, phrase.p + at);
        if (at == 0 || cost < best) {
            best = cost;
            offset = at;
        }
    }
    return offset;
}
