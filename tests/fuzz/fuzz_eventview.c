/* Any bytes as an event that comes back. */
#include "core/event/eventview.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    g_autoptr (dsn_eventview_t) view =
        dsn_eventview_read ((struct dsn_bytes){ (const char *)data, size });

    if (view) {
        (void)dsn_eventview_text (view, "report", "date");
        (void)dsn_eventview_number (view, "", "seq", 0);
    }
    return 0;
}
