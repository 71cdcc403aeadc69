/* Reads mails, and explains codes and refusals. A reader doesn't change once it's made: any number
 * of threads may use it at once.
 */
#ifndef DSN_READER_H
#define DSN_READER_H

#include <dsn/api.h>
#include <dsn/bytes.h>
#include <dsn/events.h>
#include <dsn/settings.h>

#include <stdint.h>

DSN_BEGIN_DECLS

struct dsn_reader;

/* Compiles the rules, which costs as much as some hundred mails. @settings may be NULL: the
 * defaults. NULL if a rule file of the settings is wrong, with "file:line:column: what" in
 * @ret_error (transfer full: dsn_free()), which may be NULL. (transfer full): dsn_reader_free() */
struct dsn_reader *dsn_reader_new (const struct dsn_settings *settings, char **ret_error);
void dsn_reader_free (struct dsn_reader *reader);

/* What an event's `ruleset` says. (borrowed until dsn_reader_free) */
const char *dsn_reader_ruleset (const struct dsn_reader *reader);

/* The events of @mail, of which the limit mail_bytes is looked at. Any bytes give at least one
 * event: there's no error. @today counts days from 1970-01-01 UTC, for how old a signed return path
 * may be; it's not looked at where the settings have no keys. (transfer full): dsn_events_free() */
struct dsn_events *dsn_reader_read (const struct dsn_reader *reader, struct dsn_bytes mail,
                                    uint32_t today);

/* The same as JSON: one object a line (docs/events.md), each with its line feed, valid UTF-8.
 * Never NULL. (transfer full): dsn_free() */
char *dsn_reader_read_json (const struct dsn_reader *reader, struct dsn_bytes mail, uint32_t today);

/* What a code ("550", "5.7.1", "5xx"), a category ("mailbox_full") or the text of a refusal means,
 * as one JSON object (docs/codes.md), no line feed. NULL if there's neither a code in it nor words
 * that a rule knows. (transfer full): dsn_free() */
char *dsn_reader_explain_json (const struct dsn_reader *reader, struct dsn_bytes text);

DSN_END_DECLS

#endif
