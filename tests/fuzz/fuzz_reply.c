/* Codes and stage of a refusal. */
#include "core/bytes/smtpreply.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    struct dsn_bytes in = { (const char *)data, n };

    (void)smtpreply_codes (in, n % 2 == 0);
    return 0;
}
