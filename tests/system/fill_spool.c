/* fill-spool DIRECTORY MIB: a spool of so many MiB, written through spool.c in batches as the
 * daemon writes them. Its events are short of what real ones hold, but as long.
 */
#include "daemon/base/log.h"
#include "daemon/spool/spool.h"

#include <stdio.h>

#define SEGMENT_BYTES (UINT64_C (16) * 1024 * 1024)
#define BATCH_EVENTS  4096

static void
append_event (GString *lines, uint64_t seq)
{
    const gsize start = lines->len;

    g_string_append_printf (lines,
                            "{\"v\":1,\"seq\":%" G_GUINT64_FORMAT
                            ",\"part\":[1,1],\"kind\":\"bounce\",\"diagnostic\":\"%0700d\","
                            "\"source\":{\"mailbox\":\"bounces\",\"file\":\"%" G_GUINT64_FORMAT
                            ".host\",\"size\":4000,\"ino\":7,\"mtime_ns\":8}}",
                            seq, 0, seq);
    dsn_spoolline_finish (lines, start);
}

static bool
fill (struct spool *spool, uint64_t bytes, GError **error)
{
    g_autoptr (GString) lines = g_string_new (NULL);
    bool is_new;

    while (spool_bytes (spool) < bytes) {
        g_string_truncate (lines, 0);
        for (unsigned i = 0; i < BATCH_EVENTS; i++)
            append_event (lines, spool_next (spool) + i);
        if (!spool_commit (spool, (struct dsn_bytes){ lines->str, lines->len }, BATCH_EVENTS,
                           &is_new, error))
            return false;
    }
    return true;
}

int
main (int argc, char **argv)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (spool_t) spool = NULL;

    log_init ();
    if (argc != 3)
        return 2;
    spool = spool_open (argv[1], SEGMENT_BYTES, &error);
    if (spool && fill (spool, g_ascii_strtoull (argv[2], NULL, 10) << 20, &error))
        return 0;
    (void)fprintf (stderr, "fill-spool: %s\n", error->message);
    return 1;
}
