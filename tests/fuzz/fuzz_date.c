/* A date is a date or nothing. */
#include "core/bytes/date.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    char text[DATE_TEXT_SIZE];

    (void)date_to_rfc3339 ((struct dsn_bytes){ (const char *)data, n }, text);
    return 0;
}
