/* How long to wait before another try. */
#ifndef CLI_BACKOFF_H
#define CLI_BACKOFF_H

#include <stdint.h>

/* Microseconds to wait after the @n_failures-th failure in a row (from 1): a second, doubled each
 * time up to a minute, of which @random takes off up to a half, so that several consumers don't
 * come back at the same moment. */
int64_t backoff_us (unsigned n_failures, uint32_t random);

#endif
