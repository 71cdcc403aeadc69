/* The journal's MESSAGE_ID of each kind of log line: systemd/dsnd.catalog explains each to people.
 */
#ifndef DSND_MESSAGE_H
#define DSND_MESSAGE_H

/* The id, 32 hex digits, of log_event()'s @event; NULL if it has none. (static) */
const char *message_id (const char *event);

#endif
