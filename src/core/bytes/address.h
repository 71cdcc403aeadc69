/* Mail addresses in fields and in running text (RFC 5321 s.4.1.2, 6531), and the encodings that
 * reports wrap them in: xtext (RFC 3461 s.4), utf-8-addr-xtext (RFC 6533 s.3).
 */
#ifndef DSND_ADDRESS_H
#define DSND_ADDRESS_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

/* Finds the next address in @in from @from on; its offset, and its length in @ret_n, or G_MAXSIZE.
 * Takes local@domain with a dot-less domain too; a dot or quote at the end isn't part of it. */
size_t address_find (struct dsn_bytes in, size_t from, size_t *ret_n);

/* Whether the whole of @in is one address. */
bool address_is (struct dsn_bytes in);

/* Whether the whole of @in could be a local part: a dot-atom, no path or pipe. */
bool address_is_local_part (struct dsn_bytes in);

/* Appends the address of a report's field, such as "rfc822; <a@b> (comment)": without type,
 * brackets, comment and display name, xtext decoded. What holds no '@' (a path, a bare local
 * part) is appended as it is. Nothing for an empty one. @in must be clean text. */
void address_append_from_field (GString *out, struct dsn_bytes in);

/* As above for a header field of a mail (From, To): the first address, comments ignored. */
void address_append_from_header (GString *out, struct dsn_bytes in);

/* Whether the local part is a mail system's (postmaster, mailer-daemon ...), not a person's. */
bool address_is_system (struct dsn_bytes address);

/* Case-insensitive. */
bool address_equal (struct dsn_bytes a, struct dsn_bytes b);

/* The part after the last '@', empty if there's none. */
struct dsn_bytes address_domain (struct dsn_bytes address);

#endif
