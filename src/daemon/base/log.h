/* One line per failure or change of state: to the journal with fields when systemd reads our
 * stderr, else as text to stderr. Values that come from mail or disk stand only in fields.
 */
#ifndef DSND_LOG_H
#define DSND_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/* Finds out where lines go. Once, at the start. */
void log_init (void);

/* Whether lines go to the journal. */
bool log_is_journal (void);

/* Logs @text, a constant sentence, at @priority (LOG_ERR, ...). @id names the condition for ever
 * ("spool-full"). Then pairs of field name ("PATH") and value; a NULL value is left out. What ERROR
 * or REASON says, escaped, ends the journal's message, too: operators read that without -x.
 * More than 10 lines with one id within a minute are counted, not written. */
void log_event (int priority, const char *id, const char *text, ...) G_GNUC_NULL_TERMINATED;

/* @value in decimal, for a field. (transfer full) */
char *log_number (uint64_t value);

#endif
