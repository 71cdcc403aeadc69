/* A whole mail, to its events. */
#include "fuzzrules.h"

#include "core/event/event.h"

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    struct dsn_report *r = fuzz_parse ((struct dsn_bytes){ (const char *)data, n });
    g_autoptr (GString) json = g_string_new (NULL);

    for (size_t i = 0; i < dsn_event_count (r); i++)
        dsn_event_append_json (json, r, i, &(struct dsn_event_context){ .mail_id = "00" });
    g_assert (g_utf8_validate (json->str, (gssize)json->len, NULL));
    dsn_report_free (r);
    return 0;
}
