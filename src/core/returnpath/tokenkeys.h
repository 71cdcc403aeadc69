/* Signed return paths: a token in the envelope sender of a message says which recipient it went to,
 * and that we sent it. docs/return-path.md has the form, the algorithm and test vectors.
 * Pure: the keys and the day are arguments, and a token costs no state.
 */
#ifndef CORE_TOKENKEYS_H
#define CORE_TOKENKEYS_H

#include "core/event/report.h"

#include <stdbool.h>
#include <stdint.h>

#define DSN_TOKEN_KEYS_MAX         8
#define DSN_TOKEN_SECRET_MIN_BYTES 16
#define DSN_TOKEN_SECRET_MAX_BYTES 64
#define DSN_TOKEN_TAG_MAX_BYTES    16
#define DSN_TOKEN_RECIPIENT_SIZE   321 /* the longest address with its NUL */
#define DSN_TOKEN_WINDOW_DAYS      30  /* default of dsn_token_keys.window_days */
#define DSN_TOKEN_WINDOW_MAX_DAYS  3650

struct dsn_token_key {
    char id; /* one of a-z 2-7 */
    uint8_t secret[DSN_TOKEN_SECRET_MAX_BYTES];
    size_t n_secret;
};

/* The first key signs; all of them check. */
struct dsn_token_keys {
    struct dsn_token_key keys[DSN_TOKEN_KEYS_MAX];
    size_t n;             /* 0: no key is set */
    unsigned window_days; /* a token counts for that many days after the one it was made on */
};

/* Reads a key file: one "ID HEX" a line, '#' starts a comment. False if it isn't such, or has no
 * key: *ret_line is the line that's wrong, from 1, and *ret_reason (static) why. Untouched keys on
 * failure; the window is the default. */
bool dsn_token_keys_read (struct dsn_bytes text, struct dsn_token_keys *ret_keys,
                          unsigned *ret_line, const char **ret_reason);

/* Overwrites the secrets. */
void dsn_token_keys_clear (struct dsn_token_keys *keys);

/* Makes the local part of a return path, such as "bounces+TOKEN-user=example.net". @prefix is what
 * stands before the token and ends in '+' or '-'; @tag is at most DSN_TOKEN_TAG_MAX_BYTES letters,
 * digits and '_', or NULL; @day counts from 1970-01-01 UTC. A recipient that doesn't fit into 64
 * bytes is signed but not carried: "bounces+TOKEN". NULL if an argument can't be used, or the
 * prefix leaves no room. (transfer full): g_free() */
char *dsn_token_make (const struct dsn_token_key *key, const char *prefix, const char *recipient,
                      const char *tag, uint32_t day);

enum dsn_token_verdict {
    DSN_TOKEN_ABSENT,
    DSN_TOKEN_BAD,
    DSN_TOKEN_EXPIRED, /* made by us, too long ago */
    DSN_TOKEN_VALID,
};

/* "absent", "bad", "expired" or "valid". (static) */
const char *dsn_token_verdict_name (enum dsn_token_verdict verdict);

struct dsn_token {
    char key_id;
    uint32_t day; /* it was made on, from 1970-01-01 */
    char recipient[DSN_TOKEN_RECIPIENT_SIZE];
    char tag[DSN_TOKEN_TAG_MAX_BYTES + 1]; /* "" for none */
};

/* Checks the token in the address @address, also within SRS and BATV. @candidates (NULL-terminated,
 * may be NULL) are the addresses that may be meant where the address doesn't carry the recipient.
 * @ret_token is set for EXPIRED and VALID, untouched otherwise. The comparison takes the same time
 * wherever the signatures differ. */
enum dsn_token_verdict dsn_token_check (const struct dsn_token_keys *keys, uint32_t today,
                                        struct dsn_bytes address, const char *const *candidates,
                                        struct dsn_token *ret_token);

/* Sets report->trust from what its return path proves, whatever it was before. Without keys (NULL,
 * or none): UNSIGNED where a return path is known. With keys: VERIFIED by a valid token, whose
 * recipient and tag then stand in the report; otherwise SUSPECT, with the reason in the warnings,
 * and no recipient's advice stays SUPPRESS (it becomes REVIEW). Mails that aren't reports get no
 * trust. */
void dsn_report_apply_trust (struct dsn_report *report, const struct dsn_token_keys *keys,
                             uint32_t today);

#endif
