/* How a token stands in a local part: docs/return-path.md. What's read here is only its shape;
 * dsn_token_check() tells whether it is ours.
 */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include <dsn/bytes.h>
#include "core/returnpath/tokenkeys.h"

#include <stdbool.h>

#define TOKEN_CHARS     21
#define TOKEN_MAC_BYTES 10

/* Slices of the local part. */
struct token_shape {
    struct dsn_bytes text;   /* the token's own characters */
    struct dsn_bytes tag;    /* empty: none */
    struct dsn_bytes user;   /* the recipient's local part; empty: not carried */
    struct dsn_bytes domain; /* and domain */
};

enum token_form { TOKEN_NONE, TOKEN_BROKEN, TOKEN_WHOLE };

/* Finds the first token in @local. BROKEN: something follows it that can't. Linear. */
enum token_form token_find (struct dsn_bytes local, struct token_shape *ret_shape);

#endif
