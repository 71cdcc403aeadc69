/* Whom the returned message was for, as its header tells: what a notification's words are held
 * against, and where it names nobody, a guess.
 */
#ifndef DSND_ENVELOPE_H
#define DSND_ENVELOPE_H

#include "core/gather/original.h"
#include "core/notice/notice.h"

struct envelope {
    GPtrArray *named; /* owned strings: every recipient that the header shows, at most 32 */
    char
        *guess; /* owned: the one whom it was for, most likely; NULL: none, or a list, or several */
};

/* Reads the returned message of @message, whether it's a part or quoted in @notice. The one whom
 * the report was sent to, @ours, is its sender, no recipient. */
void envelope_read (struct envelope *envelope, const struct mail_message *message,
                    const struct notice *notice, struct dsn_bytes ours, size_t max_headers);
void envelope_clear (struct envelope *envelope);

/* The recipient @address as the header has it, NULL if it doesn't. (borrowed) */
const char *envelope_find (const struct envelope *envelope, struct dsn_bytes address);

/* As above by the local part alone. */
const char *envelope_find_local (const struct envelope *envelope, struct dsn_bytes local);

#endif
