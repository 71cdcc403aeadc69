/* HTML reduced to the text that a person would read: enough for notifications that exist only in
 * HTML. No parser of HTML: tags go, block tags become line ends, character references are decoded.
 */
#ifndef DSND_HTML_H
#define DSND_HTML_H

#include <dsn/bytes.h>

#include <glib.h>

/* Appends the text of the UTF-8 @in. Linear; any bytes are accepted. */
void html_append_text (GString *out, struct dsn_bytes in);

#endif
