/* Return paths that say who the message went to (VERP), by templates of the local part such as
 * "{list}+{user}={domain}". docs/return-path.md lists the placeholders.
 */
#ifndef CORE_VERP_H
#define CORE_VERP_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* Slices of the local part; empty: the template has no such place. */
struct verp {
    struct dsn_bytes user, domain; /* of the recipient */
    struct dsn_bytes tag;          /* the sender's own name for message or recipient */
};

/* The usual forms, NULL-terminated, in the order in which they're tried. (borrowed, static) */
extern const char *const verp_default_templates[];

/* Reads @local by the template: every placeholder takes what stands before the next occurrence of
 * the text behind it, {user} what stands before the last one. Linear, no second tries. False if it
 * doesn't fit. @template must pass dsn_template_is_valid(). */
bool verp_read (const char *template, struct dsn_bytes local, struct verp *ret_verp);

#endif
