/* Any bytes as a notification of Amazon SES. */
#include "core/gather/sesjson.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    g_autofree char *text = g_utf8_make_valid ((const char *)data, (gssize)size);
    struct sesjson ses;

    if (sesjson_read (dsn_bytes_str (text), 4096, 1000, &ses))
        sesjson_clear (&ses);
    return 0;
}
