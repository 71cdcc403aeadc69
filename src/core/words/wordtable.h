/* The trained weights: tools/gen-words.py makes the definition of rules/words/weights.tsv. */
#ifndef DSND_WORDTABLE_H
#define DSND_WORDTABLE_H

#include <stdbool.h>
#include <stdint.h>

struct word_weight {
    uint8_t category; /* index into wordtable.categories */
    int8_t weight;
};

/* A feature's weights are weights[first] .. weights[first + n - 1]; n 0: a free slot. */
struct word_slot {
    uint32_t hash;
    uint32_t first : 24, n : 8;
};

struct word_category {
    const char *name; /* of the taxonomy */
    int bias;
    bool is_hard; /* its class there */
};

struct wordtable {
    const struct word_category *categories;
    unsigned n_categories; /* at most WORDTABLE_CATEGORIES_MAX */
    unsigned scale;        /* a weight of this much is 1 */
    unsigned slot_mask;    /* slots - 1: a feature stands in slot hash & mask or behind it */
    const struct word_slot *slots;
    const struct word_weight *weights;
    const uint16_t *powers; /* 65535 * e^-(i / scale) */
    unsigned n_powers;
};

#define WORDTABLE_CATEGORIES_MAX 48

extern const struct wordtable wordtable;

#endif
