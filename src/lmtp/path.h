/* The arguments of MAIL and RCPT: RFC 5321, section 4.1.2, and RFC 1870 (SIZE). */
#ifndef LMTP_PATH_H
#define LMTP_PATH_H

#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

struct path {
    struct dsn_bytes address; /* within the angle brackets, a source route left out; may be empty */
    uint64_t size_bytes;      /* SIZE=, 0: not given */
    bool is_known;            /* all parameters are of extensions that we offer */
};

/* Reads "FROM:<a@b> SIZE=10", @keyword being "FROM:", in any case. An address has no control
 * characters, no line ends, and at most 1,000 bytes. False: not understood. */
bool path_read (struct dsn_bytes in, const char *keyword, struct path *ret);

/* @in without blanks around it. */
struct dsn_bytes path_trim (struct dsn_bytes in);

#endif
