/* Any bytes as a worker's answer: refused, or a report that can be written as events. */
#include "daemon/workers/wire.h"

#include "core/event/event.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const struct dsn_limits limits = dsn_limits_default ();
    const struct dsn_event_context context = { .seq = 1, .file = "f" };
    g_autoptr (GString) out = g_string_new (NULL);
    struct dsn_report *report =
        wire_decode ((struct dsn_bytes){ (const char *)data, size }, &limits);

    for (size_t i = 0; report && i < dsn_event_count (report); i++)
        dsn_event_append_json (out, report, i, &context);
    g_assert (g_utf8_validate (out->str, (gssize)out->len, NULL));
    dsn_report_free (report);
    return 0;
}
