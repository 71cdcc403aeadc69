/* What the store says of an address, for people and for programs. */
#ifndef CLI_SUPPRESSSHOW_H
#define CLI_SUPPRESSSHOW_H

#include "cli/terminal/tty.h"
#include "store/ledger/ledger.h"

struct suppressshow {
    struct tty tty;
    bool is_json;
    int64_t now; /* seconds since 1970 */
};

/* Shows on stdout what is known of @address: the verdict, what it rests on, and what would lift it.
 * With @ledger its last events too; NULL: only the verdict, in a line. */
void suppressshow (const struct suppressshow *show, struct ledger *ledger, const char *address,
                   const char *key, const struct store_state *state, bool is_forgotten);

#endif
