/* Explanations for people.
 */
#ifndef CLI_EXPLAINSHOW_H
#define CLI_EXPLAINSHOW_H

#include "tty.h"

#include <dsnd/explain.h>

/* Appends what @e says in labelled paragraphs, and an empty line. All text is made safe. */
void explainshow_append (GString *out, const struct dsn_explanation *e, const struct tty *tty);

#endif
