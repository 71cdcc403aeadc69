/* What a start of dsnd does to disk before it takes the first mail, and nothing else: the spool is
 * recovered, the cursors are read, and recorded mails are moved away. Prints the number of the
 * next event. Thousands of these run in the time of a few whole starts.
 */
#include "daemon/settings/config.h"
#include "daemon/spool/cursors.h"
#include "daemon/intake/intake.h"
#include "daemon/base/log.h"
#include "daemon/spool/spool.h"

#include <stdio.h>

#define SEGMENT_BYTES (UINT64_C (16) * 1024 * 1024)

static void
wake (void *data)
{
    (void)data;
}

static int
complain (const GError *error)
{
    (void)fprintf (stderr, "recover: %s\n", error->message);
    return 1;
}

int
main (int argc, char **argv)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (config_t) config = argc == 2 ? config_load (argv[1], &error) : NULL;
    g_autoptr (spool_t) spool = NULL;
    g_autoptr (GPtrArray) recorded = NULL;
    struct consumers *consumers;
    struct intake *intake;

    log_init ();
    if (!config)
        return complain (error);
    spool = spool_open (config->spool_path, SEGMENT_BYTES, &error);
    consumers = spool ? consumers_open (spool_dirfd (spool), &error) : NULL;
    if (consumers)
        spool_raise (spool, consumers_highest (consumers) + 1);
    intake = consumers ? intake_new (config, wake, NULL, &error) : NULL;
    if (!intake)
        return complain (error);
    recorded = spool_take_recorded (spool);
    intake_recover (intake, recorded, spool_dirfd (spool));
    (void)printf ("%" G_GUINT64_FORMAT "\n", spool_next (spool));
    intake_free (intake);
    consumers_free (consumers);
    return 0;
}
