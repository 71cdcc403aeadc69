/* An event for people: a block of a few lines that says what happened, to whom, why, and what to
 * do about it.
 */
#ifndef CLI_PRETTY_H
#define CLI_PRETTY_H

#include "cli/terminal/tty.h"

#include <dsn/bytes.h>

#include <glib.h>

/* Appends the block for the event @json, and an empty line. All text is made safe; colours only if
 * @tty has them. What isn't an event is shown as it is, made safe too. */
void pretty_append_json (GString *out, struct dsn_bytes json, const struct tty *tty);

#endif
