/* A phrase as a rule file writes it, taken apart: docs/rules.md, "Phrases and how they match".
 * "{a|b}" stands for either, "{addr}" and its like for a thing, "{...}" for a few words.
 */
#ifndef DSND_WORDING_H
#define DSND_WORDING_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdint.h>

/* The most ways in which the text between two holes may be written. */
#define WORDING_VARIANTS_MAX 256
/* The most bytes that a gap may be wide. */
#define WORDING_GAP_BYTES 60

enum wording_hole {
    WORDING_END, /* none: the phrase ends */
    WORDING_ADDR,
    WORDING_HOST,
    WORDING_IP,
    WORDING_NUMBER,
    WORDING_URL,
    WORDING_NAME,
    WORDING_GAP,
};

/* Normalised text, in each way in which it may be written, and what follows it. */
struct wording_piece {
    GPtrArray *literals; /* char *, the longest first; one or more */
    enum wording_hole hole;
    uint8_t head_bytes; /* how many each literal begins with that @heads is of */
    uint64_t heads[4]; /* a bit by hash for each beginning: tells of most texts that none's there */
};

/* The pieces of @phrase (without the '*' at its ends): struct wording_piece, the last without a
 * hole. NULL if it isn't well-formed, *@ret_error says why. (transfer full): g_array_unref() */
GArray *wording_parse (const char *phrase, const char **ret_error);

/* Where the pieces from the first hole on end in @text, of which the first ends at @at,
 * without a hole at the very end; 0 if they don't stand there. Looks at a bounded number of bytes a
 * piece. */
size_t wording_end (const GArray *pieces, struct dsn_bytes text, size_t at);

#endif
