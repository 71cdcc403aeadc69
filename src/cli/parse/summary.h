/* What `dsnctl parse` has seen, counted: kinds, categories, advice, domains, providers. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/terminal/tty.h"

#include "core/event/report.h"

#include <glib.h>

struct summary;

/* Of an empty set; @n_failures things couldn't be read so far. The time starts. */
struct summary *summary_new (unsigned n_failures);
void summary_free (struct summary *s);

/* Appends what is to be counted of @report, which may be in another process, as a note. */
void summary_append_note (GString *out, const struct dsn_report *report);

/* Counts a mail, by its note. */
void summary_add (struct summary *s, const char *note);

/* Counts a mail that couldn't be read. */
void summary_add_failure (struct summary *s);

/* Appends the summary for people. */
void summary_append (GString *out, const struct summary *s, const struct tty *tty);

#endif
