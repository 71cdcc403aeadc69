/* The statistical reader: what a refusal's words say by the weights of the words, learned from
 * labelled lines (docs/words.md). Integers only: the same verdict on every machine.
 */
#ifndef DSND_WORDREADER_H
#define DSND_WORDREADER_H

#include "core/phrase/normal.h"
#include "core/bytes/status.h"

#include <stdint.h>

/* The words that spoke most. */
#define WORDREADER_SPOKE_MAX 3

struct wordreader_input {
    const struct normal_text *text;
    uint32_t start, end; /* the refusal in it */
    unsigned reply;      /* 0: none */
    struct dsn_status status;
};

struct wordreader_verdict {
    const char *category; /* name in the taxonomy (static); NULL: the words say nothing */
    unsigned probability; /* of the category, in thousandths, as the weights have it */
    unsigned confidence;  /* the same as per cent of such verdicts that were right */
    unsigned hard;        /* probability of all categories of class hard, in thousandths */
    char spoke[96];       /* "mailbox, storage, exhausted" in the order of the text */
};

/* Reads a refusal's words. Time is linear in the text, which counts for its first words only. */
struct wordreader_verdict wordreader_read (const struct wordreader_input *in);

#endif
