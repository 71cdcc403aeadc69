/* What is counted in a refusal's words: docs/words.md, "Features". Each has a name, and the table
 * of weights knows it by the hash of the name.
 */
#ifndef DSND_WORDFEATURE_H
#define DSND_WORDFEATURE_H

#include "core/words/wordlist.h"
#include "core/bytes/status.h"

#include <glib.h>

/* The first byte of a name. */
#define WORDFEATURE_CODE  '#' /* "#550", "#5xx", "#5.1.1", "#x.1.1", "#x.1" */
#define WORDFEATURE_HOLE  '<' /* "<address" */
#define WORDFEATURE_WORDS '=' /* one to three words: "=no_such_user" */
#define WORDFEATURE_PART  '~' /* letters of one word, '_' for its edge: "~_boi" */

struct wordfeature {
    uint32_t hash;
    uint16_t word, n_words; /* which of the list's; n_words 0: a code or a hole */
    uint16_t at, n;         /* the name without its first byte, in the list's text */
    char kind;
};

/* The hash of a name: FNV-1a of 32 bits. */
uint32_t wordfeature_hash (struct dsn_bytes name);

/* Appends a struct wordfeature for all that @list, the reply code (0: none) and the enhanced code
 * (cls 0: none) hold: codes first, then holes, then words in order. Each stands there once, in a
 * text of ordinary length; at most some 3,000. The names of codes and holes go to the list's text,
 * so that a list is collected from once. */
void wordfeature_collect (struct wordlist *list, unsigned reply, struct dsn_status status,
                          GArray *ret_features);

/* How a sum over @n features is divided: the fourth root of @n, times 256. A long line mustn't be
 * surer of itself than a short one. */
unsigned wordfeature_norm (unsigned n);

#endif
