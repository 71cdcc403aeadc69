/* An enhanced status code at the start of the input. */
#include "core/bytes/status.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    char text[DSN_STATUS_TEXT_SIZE];
    struct dsn_status s = { 0 };

    if (dsn_status_scan ((struct dsn_bytes){ (const char *)data, n }, &s))
        dsn_status_format (s, text);
    return 0;
}
