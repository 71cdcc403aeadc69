/* HTML to text: never longer than a few times the input. */
#include "core/bytes/html.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    g_autoptr (GString) out = g_string_new (NULL);

    html_append_text (out, (struct dsn_bytes){ (const char *)data, n });
    g_assert (out->len <= n);
    return 0;
}
