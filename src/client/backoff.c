#include "client/backoff.h"

#include <glib.h>

#define FIRST_US   ((int64_t)1000 * 1000)
#define LONGEST_US ((int64_t)60 * 1000 * 1000)

int64_t
backoff_us (unsigned n_failures, uint32_t random)
{
    const unsigned n_doublings = MIN (MAX (n_failures, 1) - 1, 16);
    const int64_t longest = MIN (FIRST_US << n_doublings, LONGEST_US);

    return longest - random % (longest / 2 + 1);
}
