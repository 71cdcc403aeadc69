/* What the acts of dsnctl suppressed share: the options, and the store that they name. */
#ifndef CLI_SUPPRESSED_H
#define CLI_SUPPRESSED_H

#include "cli/suppressed/suppressshow.h"

#include <glib.h>
#include <stdbool.h>

/* Exit codes beside EXIT_OK: an address is suppressed; it can't be told. */
#define EXIT_SUPPRESSED  1
#define EXIT_CANNOT_TELL 2

struct suppressed {
    char *place, *why, *until, *form, *hash; /* owned; NULL: not given */
    gboolean is_json, keeps_hash, is_case_sensitive;
    char *secret;
    struct ledger *ledger;
    struct ledger_options options;
    struct suppressshow show;
};

/* Tells @error. Returns EXIT_CANNOT_TELL. */
int suppressed_complain (const GError *error);

/* The key of @address; NULL after a complaint: it's no address. (transfer full) */
char *suppressed_key (const struct suppressed *s, const char *address);

/* Opens the store to s->ledger; false after a complaint. */
bool suppressed_open (struct suppressed *s, bool is_read_only);

#endif
