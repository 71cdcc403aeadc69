/* Explanations for people.
 */
#ifndef CLI_EXPLAINSHOW_H
#define CLI_EXPLAINSHOW_H

#include "cli/terminal/tty.h"

#include "core/explain/explain.h"

/* Appends what @e says in labelled paragraphs, and an empty line: a screenful, or with @is_all
 * every reading, provider, related code and source. All text is made safe. */
void explainshow_append (GString *out, const struct dsn_explanation *e, bool is_all,
                         const struct tty *tty);

#endif
