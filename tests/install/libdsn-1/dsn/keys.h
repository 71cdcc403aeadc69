/* Signed return paths: a token in the envelope sender of a message says which recipient it went to,
 * and that we sent it. docs/return-path.md has the form, the algorithm and test vectors.
 */
#ifndef DSN_KEYS_H
#define DSN_KEYS_H

#include <dsn/api.h>
#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

DSN_BEGIN_DECLS

struct dsn_keys;

/* Reads a key file: one "ID HEX" a line, '#' starts a comment; the first key signs, all of them
 * check. NULL if it isn't such, with why in @ret_error (transfer full: dsn_free()), which may be
 * NULL. (transfer full): dsn_keys_free() */
struct dsn_keys *dsn_keys_new (struct dsn_bytes text, char **ret_error);

/* Overwrites the secrets and frees them; NULL is fine. */
void dsn_keys_free (struct dsn_keys *keys);

/* A token counts for @days after the one it was made on: 1 to 3650, 30 unless it's set. False for
 * another number. */
bool dsn_keys_set_window (struct dsn_keys *keys, unsigned days);

/* The local part of a return path, such as "bounces+TOKEN-user=example.net". @prefix is what stands
 * before the token and ends in '+' or '-'; @tag is at most 16 letters, digits and '_', or NULL;
 * @day counts from 1970-01-01 UTC. A recipient that doesn't fit into 64 bytes is signed but not
 * carried: "bounces+TOKEN". NULL if an argument can't be used, or the prefix leaves no room.
 * (transfer full): dsn_free() */
char *dsn_keys_sign (const struct dsn_keys *keys, const char *prefix, const char *recipient,
                     const char *tag, uint32_t day);

/* Checks the token in @address: "valid", "expired" (ours, made too long ago), "bad" or "absent".
 * (static) @candidates (NULL-terminated, may be NULL) are the addresses that may be meant where the
 * address doesn't carry the recipient. @ret_recipient and @ret_tag (transfer full: dsn_free(); each
 * may be NULL) are set for a valid or expired token, untouched otherwise; the tag is "" for none.
 * The comparison takes the same time wherever the signatures differ. */
const char *dsn_keys_check (const struct dsn_keys *keys, uint32_t today, struct dsn_bytes address,
                            const char *const *candidates, char **ret_recipient, char **ret_tag);

DSN_END_DECLS

#endif
