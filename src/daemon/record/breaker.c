/* A window of single bits. */
#include "daemon/record/breaker.h"

#include <stddef.h>

bool
breaker_take (struct breaker *breaker, bool is_unreadable, int64_t now_us)
{
    breaker->outcomes = breaker->outcomes << 1 | is_unreadable;
    if (__builtin_popcount (breaker->outcomes) <= BREAKER_MAILS / 2)
        return false;
    *breaker = (struct breaker){ .until_us = now_us + (int64_t)BREAKER_PAUSE_S * 1000000 };
    return true;
}

const char *
breaker_reason (const struct breaker *breaker, int64_t now_us)
{
    return now_us < breaker->until_us
               ? "most of the last 32 mails could not be read by any worker; "
                 "taking mail again after a minute"
               : NULL;
}
