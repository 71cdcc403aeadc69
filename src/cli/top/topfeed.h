/* What `dsnctl top` hears from dsnd: the last events, those that come, and its status once a
 * second. A connection that ends is made again.
 */
#ifndef CLI_TOPFEED_H
#define CLI_TOPFEED_H

#include "cli/top/toptally.h"

struct topfeed;

/* @socket is (borrowed). (transfer full): topfeed_free() */
struct topfeed *topfeed_new (const char *socket, struct toptally *tally);
void topfeed_free (struct topfeed *f);

/* The descriptor to wait for; -1: not connected. */
int topfeed_fd (const struct topfeed *f);

/* Reads from it, once there's something. */
void topfeed_fill (struct topfeed *f);

/* Takes what has come, for a moment at most, connects again, and asks for the status. True if more
 * is there already. */
bool topfeed_take (struct topfeed *f);

/* Why there's no connection; NULL: there is. (borrowed until the next topfeed_take()) */
const char *topfeed_trouble (const struct topfeed *f);

/* The last status, NULL: none yet. (borrowed until the next topfeed_take()) */
const json_t *topfeed_status (const struct topfeed *f);

/* What @key of the status ("mails", "events") grew by a second, over the last ten. */
double topfeed_rate (const struct topfeed *f, const char *key);

/* Whether the events that were there at the start have all come, and a status. */
bool topfeed_is_current (const struct topfeed *f);

#endif
