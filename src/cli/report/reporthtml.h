/* The bounce report as one HTML page that needs nothing else: its style is within, its pictures are
 * inline SVG, and its Content-Security-Policy forbids scripts and any request. What comes from mail
 * is only ever text in it. It's well-formed XML too.
 */
#ifndef CLI_REPORTHTML_H
#define CLI_REPORTHTML_H

#include "cli/report/reporttally.h"

#include <glib.h>

/* Rows of a table. */
#define REPORT_HTML_ROWS 10

/* Appends the page; @origin is what was read, any text. */
void report_html_append (GString *out, struct report_tally *tally, const char *origin);

/* Appends @text as text of an element or a quoted attribute: what tty_append_safe() makes of it,
 * with < > & and quotes as references. */
void report_html_append_text (GString *out, const char *text);

#endif
