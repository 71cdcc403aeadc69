/* Where events go that their command can't handle: to a directory, with the reason, for a person to
 * look at. `<seq>-<id>.json` is what the command got, `<seq>-<id>.reason` tells what became of it.
 */
#ifndef CLI_PARK_H
#define CLI_PARK_H

#include "client/backlog.h"

#include <stdbool.h>

/* Parks @item in the directory @dir; safe on disk when this returns. False on an error, errno
 * tells. */
bool park_event (const char *dir, const struct backlog_item *item, const char *reason);

#endif
