/* What the matcher and the wordings are made of. Only they and tools/compile-rules.c, which writes
 * them down as constants, look inside.
 */
#ifndef DSND_TABLES_H
#define DSND_TABLES_H

#include "core/phrase/census.h"
#include "core/phrase/matcher.h"
#include "core/phrase/phrasebook.h"
#include "core/phrase/windowmap.h"

enum { MATCH_NARROW, MATCH_MIDDLE, MATCH_WIDE, MATCH_WIDTHS };
enum { GATE_BYTES = CENSUS_BYTES, WIDTH_MAX = WINDOW_MAX };

/* A phrase, filed under the window @offset bytes into it. Its first bytes from @check_at on, as far
 * from the window as they can be, turn most others away before the phrase itself is looked at.
 */
struct match_entry {
    uint32_t phrase, offset;
    uint32_t check, check_at;
};

struct match_slot {
    uint64_t key;
    uint32_t first, n; /* entries first..first+n; n 0: free */
};

/* All windows of one width. */
struct match_table {
    GArray *keys;             /* struct filed, while building */
    struct match_slot *slots; /* open addressing; a power of two, at most half full */
    struct match_entry *entries;
    uint32_t mask, n_entries;
    struct window_map map;
};

struct matcher {
    struct phrasebook book;
    struct match_table tables[MATCH_WIDTHS];
    struct window_map gate;     /* of the first GATE_BYTES of what isn't narrow */
    uint64_t pairs[65536 / 64]; /* a bit for the first two bytes of each narrow window */
    bool is_finished;
};

/* A way to write a phrase: it begins with one of the matcher's. */
struct beginning {
    uint32_t literal, phrase;
    uint32_t written; /* index + 1 in wordings.written; 0: the literal is all of it */
    bool open_end;
};

struct wordings {
    const struct wordings *base; /* (borrowed) whose phrases come first; NULL: none */
    struct matcher *matcher;
    GArray *plain;      /* by literal: id + 1 of the phrase that is just it, 0: none */
    GHashTable *known;  /* phrase and its open ends -> struct known, of those with '{' */
    GPtrArray *written; /* GArray of struct wording_piece: the phrases with '{' */
    GArray *beginnings; /* struct beginning, by literal once finished */
    uint32_t *first;    /* by literal: its first beginning; one more at the end */
    uint32_t count;     /* of its own phrases */
};

#endif
