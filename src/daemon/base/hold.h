/* How long the main loop is kept from looking for what else is to be done: the time in which nobody
 * else is served. Measured between two polls, as time and as this process's processor time.
 */
#ifndef DSND_HOLD_H
#define DSND_HOLD_H

#include <stdint.h>

struct hold {
    int64_t worst_us;     /* the longest since the start */
    int64_t worst_cpu_us; /* the most processor time in one hold */
};

/* Measures the default main context from now on. Once. */
void hold_measure (void);

struct hold hold_worst (void);

#endif
