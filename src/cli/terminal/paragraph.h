/* Labelled paragraphs for people: the label in a column of its own, the text wrapped beside it.
 */
#ifndef CLI_PARAGRAPH_H
#define CLI_PARAGRAPH_H

#include "cli/terminal/tty.h"

/* Colours, as the numbers of a terminal's SGR sequence. */
#define RED     "1;31"
#define YELLOW  "1;33"
#define GREEN   "1;32"
#define MAGENTA "1;35"
#define BLUE    "1;34"
#define DIM     "2"

/* Appends @text as it is, in @color if @tty has colours. */
void paragraph_append_colored (GString *out, const char *color, const char *text,
                               const struct tty *tty);

/* Appends @label ("" for none) and @text, made safe and wrapped to the terminal's width. */
void paragraph_append (GString *out, const char *label, const char *text, const struct tty *tty);

#endif
