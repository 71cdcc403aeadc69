/* A block of header fields in raw bytes (RFC 5322 s.2.2): a mail's own header, a returned one, a
 * group of RFC 3464 fields. Slices only: nothing is copied or decoded here.
 */
#ifndef DSND_HEADER_H
#define DSND_HEADER_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct header_field {
    struct dsn_bytes name;  /* without the colon and blanks */
    struct dsn_bytes value; /* as written, folds included, blanks at both ends removed */
};

/* Reads fields from the start of @in up to an empty line or the end; appends a struct header_field
 * each to @fields, at most @max of them. Lines that are neither field nor continuation are
 * stepped over, as mail systems do. Returns the bytes read, the empty line included. */
size_t header_read (struct dsn_bytes in, size_t max, GArray *fields);

/* Whether @line could start a field: a name of printable characters without blanks, then ':'. */
bool header_is_field (struct dsn_bytes line, struct dsn_bytes *ret_name);

/* The value of the first, or of the last, field named @name (without case); empty if absent. */
struct dsn_bytes header_get (const GArray *fields, const char *name);
struct dsn_bytes header_get_last (const GArray *fields, const char *name);
bool header_has (const GArray *fields, const char *name);

#endif
