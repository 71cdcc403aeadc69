/* What is put right in a mail's bytes before its structure is read: line ends, lines before the
 * header, address fields that would break GMime's parser, a boundary that isn't the one named.
 */
#ifndef DSND_MEND_H
#define DSND_MEND_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* The mail as it should be read: without blank lines or an mbox line before the header, with LF
 * where it has only CR, with the ':' of an address field bounded (GMime recurses for each). A slice
 * of @in, or of the copy in @ret_copy: (transfer full), NULL if none was needed, g_free().
 * @ret_is_defused: an address field was cut down. */
struct dsn_bytes mend_mail (struct dsn_bytes in, char **ret_copy, bool *ret_is_defused);

/* The start of @in that ends before its line @max that could be a boundary: a mail can be 100,000
 * parts, and each costs GMime more than a kilobyte. */
struct dsn_bytes mend_parts (struct dsn_bytes in, size_t max);

/* The boundary that the body really uses, where the header names another or none: the first line
 * like one (RFC 2046 s.5.1.1) that a part's Content-Type follows. Empty if there's none. */
struct dsn_bytes mend_boundary (struct dsn_bytes body);

#endif
