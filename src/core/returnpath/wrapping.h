/* What forwarders and senders wrap around an address: SRS and BATV. */
#ifndef DSN_WRAPPING_H
#define DSN_WRAPPING_H

#include "core/event/report.h"

#include <glib.h>

/* Appends to @out the address within SRS (any number of hops) and BATV, or @address itself.
 * Returns the outermost wrapping, DSN_SCHEME_NONE: there's none. */
enum dsn_scheme wrapping_unwrap (struct dsn_bytes address, GString *out);

/* What stands before the last '@'; all of it if there's none. */
struct dsn_bytes wrapping_local (struct dsn_bytes address);

/* Appends @local, '@' and @domain. */
void wrapping_put_address (GString *out, struct dsn_bytes local, struct dsn_bytes domain);

#endif
