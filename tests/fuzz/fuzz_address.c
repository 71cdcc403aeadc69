/* Addresses in text, in lines of prose, and in fields. */
#include "core/bytes/address.h"
#include "core/bytes/addressline.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    struct dsn_bytes in = { (const char *)data, n };
    g_autoptr (GString) out = g_string_new (NULL);

    struct addressline scan = { .line = in };
    struct addressline_found seen;

    while (addressline_next (&scan, &seen))
        g_assert (seen.address.p >= in.p && seen.address.p + seen.address.n <= in.p + n);
    address_append_from_header (out, in);
    address_append_from_field (out, in);
    for (size_t at = 0, len = 0; (at = address_find (in, at, &len)) != G_MAXSIZE; at += len)
        g_assert (len > 0 && at + len <= n);
    return 0;
}
