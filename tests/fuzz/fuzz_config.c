/* Any bytes as a configuration file: an error or a configuration, never both. */
#include "daemon/settings/config.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (config_t) config =
        config_parse ("fuzz", (struct dsn_bytes){ (const char *)data, size }, &error);

    g_assert ((config == NULL) == (error != NULL));
    return 0;
}
