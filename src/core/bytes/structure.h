/* Who splits a mail into its parts: as it's asked for, and as it was done.
 */
#ifndef CORE_STRUCTURE_H
#define CORE_STRUCTURE_H

#include <stdbool.h>

enum dsn_structure {
    DSN_STRUCTURE_AUTO,  /* plainmime.c where the structure is plain, else GMime; one mail in 1,000
                            both, and GMime where they differ */
    DSN_STRUCTURE_GMIME, /* always GMime */
    _DSN_STRUCTURE_N
};

/* Finds @name, "auto" or "gmime". False: it's none of them. */
bool dsn_structure_find (const char *name, enum dsn_structure *ret_structure);

/* How a mail was split. */
enum dsn_split {
    DSN_SPLIT_PLAIN,     /* by plainmime.c */
    DSN_SPLIT_GMIME,     /* by GMime */
    DSN_SPLIT_SAME,      /* by both, and they saw the same */
    DSN_SPLIT_DIFFERENT, /* by both, and they differed: what GMime saw is taken */
    _DSN_SPLIT_N
};

#endif
