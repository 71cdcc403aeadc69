/* The bounce report as text for a terminal, or for the body of a mail. */
#ifndef CLI_REPORTTEXT_H
#define CLI_REPORTTEXT_H

#include "cli/report/reporttally.h"
#include "cli/terminal/tty.h"

/* Rows of a table. */
#define REPORT_TEXT_ROWS 8

/* Appends the page; @origin is what was read. All of it is safe for the terminal. */
void report_text_append (GString *out, struct report_tally *tally, const char *origin,
                         const struct tty *tty);

#endif
