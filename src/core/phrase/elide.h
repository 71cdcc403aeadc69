/* A text without the things that it names, so that "user <kim@shop.example> does not exist" holds
 * the phrase "user does not exist".
 */
#ifndef DSND_ELIDE_H
#define DSND_ELIDE_H

#include "core/phrase/wordings.h"
#include "core/phrase/normal.h"

/* Appends to @hits what wordings_run() finds in @text only once addresses, host names, IP addresses
 * and quoted or bracketed words, a blank before and behind each, are left out, at the place where
 * it stands in @text. The hits from @from on are in order afterwards. Linear. */
void elide_run (const struct wordings *w, const struct normal_text *text, GArray *hits, guint from);

#endif
