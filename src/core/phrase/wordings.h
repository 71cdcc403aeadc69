/* The phrases of a rule set, each with its alternatives and holes, over one matcher: a text is
 * passed over once, and only where a phrase's first words stand is the rest of it looked at.
 */
#ifndef DSND_WORDINGS_H
#define DSND_WORDINGS_H

#include "core/phrase/matcher.h"

struct wordings;

/* (transfer full): wordings_free() */
struct wordings *wordings_new (void);
void wordings_free (struct wordings *w);

/* Lets the new set @w go on from @base, which is finished and must outlive it: the same ids, and
 * all that is found in a text. */
void wordings_extend (struct wordings *w, const struct wordings *base);

/* Adds @phrase as a rule file has it, but for the '*' that lift the word boundary at its ends. The
 * same phrase has the same id; ids count from 0. *@ret_bytes: the bytes that it's sure to match.
 * False if it isn't well-formed or begins with fewer than MATCHER_MIN_BYTES of text: *@ret_error
 * says so (static). */
bool wordings_add (struct wordings *w, const char *phrase, bool open_start, bool open_end,
                   uint32_t *ret_id, unsigned *ret_bytes, const char **ret_error);

/* Builds the tables; nothing may be added afterwards. */
void wordings_finish (struct wordings *w);

unsigned wordings_count (const struct wordings *w);

/* Appends a struct match_hit for each occurrence in the normalised @text to @hits, ordered by
 * start, then by end, then by id. */
void wordings_run (const struct wordings *w, struct dsn_bytes text, GArray *hits);

#endif
