/* Whether the configured places stand apart: a spool within a mailbox would have its own files
 * taken for mails, and two mailboxes that are one, or one's folder, would have mails recorded
 * twice.
 */
#ifndef DSND_NESTING_H
#define DSND_NESTING_H

#include "daemon/settings/config.h"

#include <glib.h>
#include <stdbool.h>

/* Links are followed; what isn't there yet is in nobody's way. */
bool nesting_check (const char *file, const struct config *config, GError **error);

#endif
