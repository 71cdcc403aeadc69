#include "daemon/workers/setupcopy.h"

#include "daemon/base/sys.h"
#include "daemon/workers/launch.h"

#include <errno.h>

bool
setup_copy_make (struct setup_copy *copy, const struct setup *setup, GError **error)
{
    g_autoptr (GString) bytes = setup_encode (setup);

    copy->fd = launch_memory (bytes);
    copy->digest =
        g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)bytes->str, bytes->len);
    if (copy->fd < 0)
        g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (errno),
                     "no memory for the workers' rules: %s", g_strerror (errno));
    return copy->fd >= 0;
}

void
setup_copy_clear (struct setup_copy *copy)
{
    sys_close (&copy->fd);
    g_clear_pointer (&copy->digest, g_free);
}
