/* Any bytes as a segment of the spool: what is kept ends at a line, and nothing is invented. */
#include "daemon/spool/recovery.h"
#include "daemon/spool/spool.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
recorded_free (gpointer data)
{
    struct spool_recorded *r = data;

    g_free (r->mailbox);
    g_free (r->file);
    g_free (r->kind);
    g_free (r);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    g_autoptr (GPtrArray) recorded = g_ptr_array_new_with_free_func (recorded_free);
    const struct recovery r =
        recovery_scan ((struct dsn_bytes){ (const char *)data, size }, 1, recorded);

    g_assert (r.good_bytes + r.bad_bytes == size);
    g_assert (r.good_bytes == 0 || data[r.good_bytes - 1] == '\n');
    g_assert (r.next >= 1 && (r.is_damaged || r.next - 1 <= size));
    return 0;
}
