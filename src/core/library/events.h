/* The events behind <dsn/events.h>.
 */
#ifndef CORE_EVENTS_H
#define CORE_EVENTS_H

#include "core/event/report.h"

#include <dsn/events.h>

/* Takes @report over; @mail_id and @ruleset are copied. (transfer full): dsn_events_free() */
struct dsn_events *events_new (struct dsn_report *report, const char *mail_id, const char *ruleset,
                               size_t size_bytes);

#endif
