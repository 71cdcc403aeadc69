/* Content-Type and Content-Disposition values in their plain form (RFC 2045 s.5.1): tokens and
 * quoted strings, no comments, no escapes, no RFC 2231.
 */
#ifndef DSND_CONTENTTYPE_H
#define DSND_CONTENTTYPE_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* Slices of the value; a parameter that isn't there has p NULL. */
struct contenttype {
    struct dsn_bytes type; /* "text/plain", "attachment": as written */
    struct dsn_bytes charset, name, boundary, report_type, filename;
};

/* False if @value isn't of the plain form, or names one of the parameters twice. */
bool contenttype_read (struct dsn_bytes value, struct contenttype *ret);

#endif
