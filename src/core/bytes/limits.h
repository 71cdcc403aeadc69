/* Every bound that keeps a mail from costing more than it should, in one place.
 * Passing a limit sets a warning in the report; it's never silent and never an error.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stddef.h>

struct dsn_limits {
    size_t mail_bytes;       /* bytes of a mail that are read; the rest is left alone (1 MiB) */
    size_t header_bytes;     /* bytes of one header block (100 KiB, as Postfix) */
    size_t field_bytes;      /* bytes of one header field handed to GMime (8 KiB) */
    size_t headers_count;    /* fields in one header block (1000) */
    size_t mime_depth;       /* nested parts (32) */
    size_t parts_count;      /* parts of one mail (500) */
    size_t recipients_count; /* recipients of one report (1000) */
    size_t value_bytes;      /* bytes of one value in an event (4 KiB) */
    size_t text_bytes;       /* bytes of notification text that are searched (64 KiB) */
    size_t line_bytes;       /* bytes of one line of it (4 KiB) */
};

/* The defaults, as above. Never fails. */
struct dsn_limits dsn_limits_default (void);

#endif
