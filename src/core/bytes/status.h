/* Enhanced mail system status codes, RFC 3463 and its registry (RFC 5248). */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

struct dsn_status {
    uint8_t cls;      /* 2, 4 or 5; 0: no status */
    uint16_t subject; /* 0..999 */
    uint16_t detail;  /* 0..999 */
};

/* Longest text of a status ("5.999.999") with its NUL. */
#define DSN_STATUS_TEXT_SIZE 12

/* Length of the RFC 3463 s.2 code at the start of @in, 0 if there's none, and its value in
 * @ret_status (untouched when 0). Class 2, 4 or 5; subject and detail of 1 to 3 digits; no digit
 * and no ".digit" may follow. Never fails, never allocates. */
size_t dsn_status_scan (struct dsn_bytes in, struct dsn_status *ret_status);

/* Writes "5.1.1" and a NUL to @text; "" for no status. */
void dsn_status_format (struct dsn_status status, char text[DSN_STATUS_TEXT_SIZE]);

bool dsn_status_equal (struct dsn_status a, struct dsn_status b);

/* Whether the code tells a reason of its own: neither x.0.0 nor x.y.0 (subject only). */
bool dsn_status_is_specific (struct dsn_status status);

/* Whether it only says that a message was given up after its time (4.7; Microsoft writes 4.300): it
 * wraps the reason, and often another code. */
bool dsn_status_is_expiry (struct dsn_status status);

#endif
