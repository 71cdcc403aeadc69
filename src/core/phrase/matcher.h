/* Finds many literal phrases in a text in one pass, in time linear in the text.
 * A phrase is kept under its rarest run of 8 bytes: a text position costs a hash and one look into
 * a small bitmap, and only a likely start is compared with the phrase.
 */
#ifndef DSND_MATCHER_H
#define DSND_MATCHER_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The shortest phrase that can be added. */
#define MATCHER_MIN_BYTES 3

struct matcher;

struct match_hit {
    uint32_t phrase;     /* id */
    uint32_t start, end; /* bytes of the text */
};

/* (transfer full): matcher_free() */
struct matcher *matcher_new (void);
void matcher_free (struct matcher *m);

/* Adds a normalised phrase of at least 3 bytes (without the '*' that lift the word boundary, which
 * @open_start and @open_end say); the same phrase gives the same id. Ids count from 0. */
uint32_t matcher_add (struct matcher *m, struct dsn_bytes phrase, bool open_start, bool open_end);

/* Builds the tables; nothing may be added afterwards. */
void matcher_finish (struct matcher *m);

unsigned matcher_count (const struct matcher *m);

/* Puts the hits from @from on in order: by start, then by end, then by id. Fast where they nearly
 * are. */
void match_hits_sort (GArray *hits, guint from);

/* Appends a struct match_hit for each occurrence in the normalised @text to @hits, ordered by
 * start, then by end, then by id. */
void matcher_run (const struct matcher *m, struct dsn_bytes text, GArray *hits);

#endif
