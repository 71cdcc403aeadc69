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

/* The address around the '@' at @at of @in, not beyond @from; false if there's none. What stands
 * before it and can't begin an address in prose ("*a@b") isn't taken. */
bool address_around (struct dsn_bytes in, size_t from, size_t at, struct dsn_bytes *ret);

/* Characters of a local part and of a domain, as far as they're ASCII; any beyond it. */
bool address_is_local_char (char c);
bool address_is_domain_char (char c);

/* Whether the whole of @in is one address. */
bool address_is (struct dsn_bytes in);

/* Whether the whole of @in could be a local part: a dot-atom, no path or pipe. */
bool address_is_local_part (struct dsn_bytes in);

/* The value of a report's address field behind its type ("rfc822;"). */
struct dsn_bytes address_without_type (struct dsn_bytes in);

/* Appends the address of a report's field, such as "rfc822; <a@b> (comment)": without type,
 * brackets, route, comment and display name, xtext decoded. True if the field is one whole address
 * (mailbox_read); else what looks most like one is appended, or all of it if nothing does (a path,
 * a bare local part). Nothing for an empty one. @in must be clean text, encoded words and all. */
bool address_append_from_field (GString *out, struct dsn_bytes in);

/* As above for a header field of a mail (From, To): the first address; nothing if there's none. */
bool address_append_from_header (GString *out, struct dsn_bytes in);

/* Case-insensitive. */
bool address_equal (struct dsn_bytes a, struct dsn_bytes b);

/* The part after the last '@', empty if there's none. */
struct dsn_bytes address_domain (struct dsn_bytes address);

#endif
