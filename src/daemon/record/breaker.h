/* When most of the last mails could not be read, it's hardly the mails: a worker's limits, a broken
 * library, a machine out of memory. Then no mail is taken for a while, so that not all of a backlog
 * is given up.
 */
#ifndef DSND_BREAKER_H
#define DSND_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_MAILS   32 /* the last ones, that are looked at */
#define BREAKER_PAUSE_S 60

/* Zeroed at first. */
struct breaker {
    uint32_t outcomes; /* one bit a mail, set: it could not be read */
    int64_t until_us;  /* when the pause ends, monotonic */
};

/* Takes what became of a mail. True: this one starts a pause, after which counting begins anew. */
bool breaker_take (struct breaker *breaker, bool is_unreadable, int64_t now_us);

/* Why no mail is to be taken (static); NULL: it is. */
const char *breaker_reason (const struct breaker *breaker, int64_t now_us);

#endif
