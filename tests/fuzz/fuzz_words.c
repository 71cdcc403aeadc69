/* The statistical reader: any text, normalised, with any codes. */
#include "core/words/wordreader.h"

#include "core/bytes/text.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    g_autofree char *valid = g_utf8_make_valid ((const char *)data, (gssize)n);
    struct normal_text text;
    struct wordreader_verdict v;

    normal_text_init (&text);
    normal_text_append (&text, dsn_bytes_str (valid));
    v = wordreader_read (&(struct wordreader_input){
        .text = &text,
        .start = (uint32_t)(n % 3),
        .end = (uint32_t)text.text->len,
        .reply = n % 2 ? 550 : 0,
        .status = { (uint8_t)(n % 5 ? 5 : 0), (uint16_t)(n % 8), 1 },
    });
    g_assert (v.probability <= 1000 && v.hard <= 1000 && v.confidence <= 100);
    g_assert (g_utf8_validate (v.spoke, -1, NULL));
    normal_text_clear (&text);
    return 0;
}
