/* One mailbox as a field states it, by its grammar: RFC 5322 s.3.4, RFC 5321 s.4.1.2, RFC 6531.
 * What is written in the field of mail gets some slack (dots in any place, any letter), but never
 * so much that an address is made of something else.
 */
#ifndef DSND_MAILBOX_H
#define DSND_MAILBOX_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* Bytes of the addr-spec at the start of @in, 0 if there's none. What follows it isn't judged. */
size_t mailbox_spec_length (struct dsn_bytes in);

/* Bytes of the quoted string at the start of @in, of one line, with both quotes; 0: none. */
size_t mailbox_quoted_length (struct dsn_bytes in);

/* The address between a '<' and a '>' at the start of @in: a route before it is passed over, and so
 * is "mailto:". Bytes with both brackets; 0 if the brackets hold anything else. */
size_t mailbox_angle_length (struct dsn_bytes in, struct dsn_bytes *ret_spec);

/* Whether the whole of @in is one mailbox: an address or a name and an address in brackets, with
 * comments before and after. If so, the address goes to @ret_spec, a slice of @in. */
bool mailbox_read (struct dsn_bytes in, struct dsn_bytes *ret_spec);

#endif
