/* Reads an event back: one pass over its JSON, and its members by name. For those who take events
 * by the thousand and look at a few members of each; a tree of values (jansson's) costs twenty
 * times as much. Pure.
 *
 * It takes what RFC 8259 calls an object, in UTF-8 (RFC 3629), within the limits below; it takes no
 * escaped NUL, since texts end with one here.
 */
#ifndef CORE_EVENTVIEW_H
#define CORE_EVENTVIEW_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdint.h>

/* Values within values: an event has four levels. */
#define DSN_EVENTVIEW_MAX_DEPTH 32

struct dsn_eventview;

/* Reads the object @json; blanks and line feeds may stand around it. NULL if it is none, or goes
 * beyond the limits. (transfer full): dsn_eventview_free() */
struct dsn_eventview *dsn_eventview_read (struct dsn_bytes json);
void dsn_eventview_free (struct dsn_eventview *view);
typedef struct dsn_eventview dsn_eventview_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (dsn_eventview_t, dsn_eventview_free)

/* The text of member @key of the event's object @group, or of the event itself if @group is "".
 * "" if there's none, or it is no string. Of two of one name the last counts. (borrowed from
 * @view) */
const char *dsn_eventview_text (const struct dsn_eventview *view, const char *group,
                                const char *key);

/* The whole number there. @otherwise if there's none, or it is no whole number, or not within
 * int64_t. */
int64_t dsn_eventview_number (const struct dsn_eventview *view, const char *group, const char *key,
                              int64_t otherwise);

#endif
