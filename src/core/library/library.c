/* What <dsn/library.h> declares: the library's own version, start and memory.
 */
#include <dsn/library.h>

#include "core/event/event.h"
#include "core/mail/readoptions.h"

const char *
dsn_version (void)
{
    return DSND_VERSION;
}

unsigned
dsn_schema_version (void)
{
    return DSN_EVENT_SCHEMA_VERSION;
}

void
dsn_init (void)
{
    dsn_library_init ();
}

void
dsn_free (void *string)
{
    g_free (string);
}
