/* The decoded machine part of a report. */
#include "fuzzrules.h"
#include "core/gather/statuspart.h"

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    struct dsn_limits limits = dsn_limits_default ();
    g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func (draft_free);
    struct dsn_report *report = dsn_report_new ();

    statuspart_read ((struct dsn_bytes){ (const char *)data, n }, &limits, report, drafts);
    dsn_report_free (report);
    return 0;
}
