/* Lines of the spool: the checksum at the end, and what can be told of a line without a JSON
 * parser. That is exact, because our writer puts the keys in one order, without blanks, and no
 * unescaped quote stands within a string.
 */
#include "core/event/spoolline.h"

#include "core/event/event.h"

#include <string.h>

#define CRC_KEY    ",\"crc\":\""
#define CRC_DIGITS 8
/* `,"crc":"xxxxxxxx"}` and the line feed */
#define TAIL_BYTES (sizeof CRC_KEY - 1 + CRC_DIGITS + 3)

static const uint32_t crc_table[256] = {
    0x00000000, 0xf26b8303, 0xe13b70f7, 0x1350f3f4, 0xc79a971f, 0x35f1141c, 0x26a1e7e8, 0xd4ca64eb,
    0x8ad958cf, 0x78b2dbcc, 0x6be22838, 0x9989ab3b, 0x4d43cfd0, 0xbf284cd3, 0xac78bf27, 0x5e133c24,
    0x105ec76f, 0xe235446c, 0xf165b798, 0x030e349b, 0xd7c45070, 0x25afd373, 0x36ff2087, 0xc494a384,
    0x9a879fa0, 0x68ec1ca3, 0x7bbcef57, 0x89d76c54, 0x5d1d08bf, 0xaf768bbc, 0xbc267848, 0x4e4dfb4b,
    0x20bd8ede, 0xd2d60ddd, 0xc186fe29, 0x33ed7d2a, 0xe72719c1, 0x154c9ac2, 0x061c6936, 0xf477ea35,
    0xaa64d611, 0x580f5512, 0x4b5fa6e6, 0xb93425e5, 0x6dfe410e, 0x9f95c20d, 0x8cc531f9, 0x7eaeb2fa,
    0x30e349b1, 0xc288cab2, 0xd1d83946, 0x23b3ba45, 0xf779deae, 0x05125dad, 0x1642ae59, 0xe4292d5a,
    0xba3a117e, 0x4851927d, 0x5b016189, 0xa96ae28a, 0x7da08661, 0x8fcb0562, 0x9c9bf696, 0x6ef07595,
    0x417b1dbc, 0xb3109ebf, 0xa0406d4b, 0x522bee48, 0x86e18aa3, 0x748a09a0, 0x67dafa54, 0x95b17957,
    0xcba24573, 0x39c9c670, 0x2a993584, 0xd8f2b687, 0x0c38d26c, 0xfe53516f, 0xed03a29b, 0x1f682198,
    0x5125dad3, 0xa34e59d0, 0xb01eaa24, 0x42752927, 0x96bf4dcc, 0x64d4cecf, 0x77843d3b, 0x85efbe38,
    0xdbfc821c, 0x2997011f, 0x3ac7f2eb, 0xc8ac71e8, 0x1c661503, 0xee0d9600, 0xfd5d65f4, 0x0f36e6f7,
    0x61c69362, 0x93ad1061, 0x80fde395, 0x72966096, 0xa65c047d, 0x5437877e, 0x4767748a, 0xb50cf789,
    0xeb1fcbad, 0x197448ae, 0x0a24bb5a, 0xf84f3859, 0x2c855cb2, 0xdeeedfb1, 0xcdbe2c45, 0x3fd5af46,
    0x7198540d, 0x83f3d70e, 0x90a324fa, 0x62c8a7f9, 0xb602c312, 0x44694011, 0x5739b3e5, 0xa55230e6,
    0xfb410cc2, 0x092a8fc1, 0x1a7a7c35, 0xe811ff36, 0x3cdb9bdd, 0xceb018de, 0xdde0eb2a, 0x2f8b6829,
    0x82f63b78, 0x709db87b, 0x63cd4b8f, 0x91a6c88c, 0x456cac67, 0xb7072f64, 0xa457dc90, 0x563c5f93,
    0x082f63b7, 0xfa44e0b4, 0xe9141340, 0x1b7f9043, 0xcfb5f4a8, 0x3dde77ab, 0x2e8e845f, 0xdce5075c,
    0x92a8fc17, 0x60c37f14, 0x73938ce0, 0x81f80fe3, 0x55326b08, 0xa759e80b, 0xb4091bff, 0x466298fc,
    0x1871a4d8, 0xea1a27db, 0xf94ad42f, 0x0b21572c, 0xdfeb33c7, 0x2d80b0c4, 0x3ed04330, 0xccbbc033,
    0xa24bb5a6, 0x502036a5, 0x4370c551, 0xb11b4652, 0x65d122b9, 0x97baa1ba, 0x84ea524e, 0x7681d14d,
    0x2892ed69, 0xdaf96e6a, 0xc9a99d9e, 0x3bc21e9d, 0xef087a76, 0x1d63f975, 0x0e330a81, 0xfc588982,
    0xb21572c9, 0x407ef1ca, 0x532e023e, 0xa145813d, 0x758fe5d6, 0x87e466d5, 0x94b49521, 0x66df1622,
    0x38cc2a06, 0xcaa7a905, 0xd9f75af1, 0x2b9cd9f2, 0xff56bd19, 0x0d3d3e1a, 0x1e6dcdee, 0xec064eed,
    0xc38d26c4, 0x31e6a5c7, 0x22b65633, 0xd0ddd530, 0x0417b1db, 0xf67c32d8, 0xe52cc12c, 0x1747422f,
    0x49547e0b, 0xbb3ffd08, 0xa86f0efc, 0x5a048dff, 0x8ecee914, 0x7ca56a17, 0x6ff599e3, 0x9d9e1ae0,
    0xd3d3e1ab, 0x21b862a8, 0x32e8915c, 0xc083125f, 0x144976b4, 0xe622f5b7, 0xf5720643, 0x07198540,
    0x590ab964, 0xab613a67, 0xb831c993, 0x4a5a4a90, 0x9e902e7b, 0x6cfbad78, 0x7fab5e8c, 0x8dc0dd8f,
    0xe330a81a, 0x115b2b19, 0x020bd8ed, 0xf0605bee, 0x24aa3f05, 0xd6c1bc06, 0xc5914ff2, 0x37faccf1,
    0x69e9f0d5, 0x9b8273d6, 0x88d28022, 0x7ab90321, 0xae7367ca, 0x5c18e4c9, 0x4f48173d, 0xbd23943e,
    0xf36e6f75, 0x0105ec76, 0x12551f82, 0xe03e9c81, 0x34f4f86a, 0xc69f7b69, 0xd5cf889d, 0x27a40b9e,
    0x79b737ba, 0x8bdcb4b9, 0x988c474d, 0x6ae7c44e, 0xbe2da0a5, 0x4c4623a6, 0x5f16d052, 0xad7d5351,
};

#if defined(__x86_64__)
/* The processor's own instruction: eight bytes at a time, some ten times as fast. */
__attribute__ ((target ("sse4.2"))) static uint32_t
crc_hardware (uint32_t crc, const unsigned char *p, size_t n)
{
    uint64_t wide = crc;

    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy (&word, p, 8);
        wide = __builtin_ia32_crc32di (wide, word);
    }
    crc = (uint32_t)wide;
    for (; n; p++, n--)
        crc = __builtin_ia32_crc32qi (crc, *p);
    return crc;
}
#endif

uint32_t
dsn_crc32c_portable (struct dsn_bytes in)
{
    const unsigned char *p = (const unsigned char *)in.p;
    uint32_t crc = 0xffffffffu;

    for (size_t i = 0; i < in.n; i++)
        crc = crc_table[(crc ^ p[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}

uint32_t
dsn_crc32c (struct dsn_bytes in)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports ("sse4.2"))
        return ~crc_hardware (0xffffffffu, (const unsigned char *)in.p, in.n);
#endif
    return dsn_crc32c_portable (in);
}

void
dsn_spoolline_finish (GString *out, size_t start)
{
    static const char hex[] = "0123456789abcdef";
    char tail[TAIL_BYTES];
    char *at = tail;
    uint32_t crc;

    g_assert (out->len > start && out->str[out->len - 1] == '}');
    crc = dsn_crc32c ((struct dsn_bytes){ out->str + start, out->len - start - 1 });
    g_string_truncate (out, out->len - 1);
    at = mempcpy (at, CRC_KEY, sizeof CRC_KEY - 1);
    for (int shift = 28; shift >= 0; shift -= 4)
        *at++ = hex[crc >> shift & 15];
    memcpy (at, "\"}\n", 3);
    g_string_append_len (out, tail, sizeof tail);
}

/* Steps over @word at @at; false if it isn't there. */
static bool
skip_word (struct dsn_bytes in, size_t *at, const char *word)
{
    const size_t n = strlen (word);

    if (in.n - *at < n || memcmp (in.p + *at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

/* Reads a decimal number of at most @max; false if there's none, or a larger one. */
static bool
skip_number (struct dsn_bytes in, size_t *at, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    size_t i = *at;

    for (; i < in.n && g_ascii_isdigit (in.p[i]); i++) {
        const unsigned digit = (unsigned)(in.p[i] - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (i == *at)
        return false;
    *at = i;
    *ret = value;
    return true;
}

/* Steps over what @after begins with, and is found first at or after @at. */
static bool
find_word (struct dsn_bytes in, size_t *at, const char *word)
{
    const size_t n = strlen (word);
    const char *found = *at < in.n ? memmem (in.p + *at, in.n - *at, word, n) : NULL;

    if (!found)
        return false;
    *at = (size_t)(found - in.p) + n;
    return true;
}

/* Whether the last bytes of @line are the tail that finish() makes, and its checksum. */
static bool
read_tail (struct dsn_bytes line, uint32_t *ret_crc)
{
    size_t at;
    uint32_t crc = 0;

    if (line.n <= TAIL_BYTES)
        return false;
    at = line.n - TAIL_BYTES;
    if (!skip_word (line, &at, CRC_KEY))
        return false;
    for (unsigned i = 0; i < CRC_DIGITS; i++, at++) {
        const int digit = g_ascii_xdigit_value (line.p[at]);
        if (digit < 0 || g_ascii_isupper (line.p[at]))
            return false;
        crc = crc << 4 | (uint32_t)digit;
    }
    *ret_crc = crc;
    return skip_word (line, &at, "\"}\n");
}

/* Where the checksum stands is the same in all versions; what else a later one says isn't known. */
static bool
is_later (struct dsn_bytes line)
{
    uint64_t version;
    size_t at = 0;

    return skip_word (line, &at, "{\"v\":") && skip_number (line, &at, UINT32_MAX, &version) &&
           version > DSN_EVENT_SCHEMA_VERSION;
}

/* Reads `{"v":1,"seq":42,` and the `part` that follows. */
static bool
read_head (struct dsn_bytes line, struct dsn_spoolline *ret)
{
    uint64_t version, seq, part, n_parts;
    size_t at = 0;

    if (!skip_word (line, &at, "{\"v\":") || !skip_number (line, &at, UINT32_MAX, &version) ||
        !skip_word (line, &at, ",\"seq\":") || !skip_number (line, &at, INT64_MAX, &seq))
        return false;
    if (!find_word (line, &at, ",\"part\":[") || !skip_number (line, &at, UINT32_MAX, &part) ||
        !skip_word (line, &at, ",") || !skip_number (line, &at, UINT32_MAX, &n_parts) ||
        !skip_word (line, &at, "]"))
        return false;
    if (seq == 0 || part == 0 || part > n_parts)
        return false;
    ret->seq = seq;
    ret->part = (uint32_t)part;
    ret->n_parts = (uint32_t)n_parts;
    return true;
}

enum dsn_spoolline_state
dsn_spoolline_check (struct dsn_bytes in, struct dsn_spoolline *ret_line)
{
    const struct dsn_bytes window = dsn_bytes_sub (in, 0, DSN_SPOOLLINE_MAX_BYTES);
    const char *end = memchr (window.p, '\n', window.n);
    struct dsn_spoolline line = { .n_bytes = end ? (size_t)(end - in.p) + 1 : window.n };
    const struct dsn_bytes bytes = { in.p, line.n_bytes };
    uint32_t crc = 0;

    ret_line->n_bytes = line.n_bytes;
    if (!end)
        return in.n < DSN_SPOOLLINE_MAX_BYTES ? DSN_SPOOLLINE_TORN : DSN_SPOOLLINE_TOO_LONG;
    if (!read_tail (bytes, &crc))
        return DSN_SPOOLLINE_BAD_FORM;
    if (dsn_crc32c (dsn_bytes_sub (bytes, 0, bytes.n - TAIL_BYTES)) != crc)
        return DSN_SPOOLLINE_BAD_CRC;
    if (is_later (bytes))
        return DSN_SPOOLLINE_LATER;
    if (!read_head (bytes, &line))
        return DSN_SPOOLLINE_BAD_FORM;
    *ret_line = line;
    return DSN_SPOOLLINE_VALID;
}

/* The inside of the JSON string whose opening quote was just stepped over. */
static bool
read_string (struct dsn_bytes in, size_t *at, struct dsn_bytes *ret)
{
    for (size_t i = *at; i < in.n; i++) {
        if (in.p[i] == '\\') {
            i++;
        } else if (in.p[i] == '"') {
            *ret = dsn_bytes_sub (in, *at, i);
            *at = i + 1;
            return true;
        }
    }
    return false;
}

/* Reads the number of @key, where it comes next; 0 if it doesn't. */
static uint64_t
read_member (struct dsn_bytes in, size_t *at, const char *key)
{
    uint64_t value = 0;

    if (skip_word (in, at, key))
        (void)skip_number (in, at, INT64_MAX, &value);
    return value;
}

bool
dsn_spoolline_source (struct dsn_bytes line, struct dsn_spoolline_source *ret_source)
{
    struct dsn_spoolline_source source = { 0 };
    size_t at = 0;
    bool is_negative;
    int64_t mtime;

    if (!find_word (line, &at, ",\"source\":{"))
        return false;
    if (skip_word (line, &at, "\"mailbox\":\"") &&
        (!read_string (line, &at, &source.mailbox) || !skip_word (line, &at, ",")))
        return false;
    if (!skip_word (line, &at, "\"file\":\"") || !read_string (line, &at, &source.file))
        return false;
    source.size_bytes = read_member (line, &at, ",\"size\":");
    source.ino = read_member (line, &at, ",\"ino\":");
    is_negative = skip_word (line, &at, ",\"mtime_ns\":-");
    mtime = (int64_t)read_member (line, &at, is_negative ? "" : ",\"mtime_ns\":");
    source.mtime_ns = is_negative ? -mtime : mtime;
    *ret_source = source;
    return true;
}

struct dsn_bytes
dsn_spoolline_kind (struct dsn_bytes line)
{
    struct dsn_bytes kind = { NULL, 0 };
    size_t at = 0;

    if (find_word (line, &at, ",\"kind\":\""))
        (void)read_string (line, &at, &kind);
    return kind;
}

uint64_t
dsn_spool_segment_seq (const char *name)
{
    const struct dsn_bytes in = dsn_bytes_str (name);
    uint64_t seq = 0;
    size_t at = 0;

    if (in.n != DSN_SPOOL_SEGMENT_DIGITS + sizeof DSN_SPOOL_SEGMENT_SUFFIX - 1 ||
        !skip_number (in, &at, INT64_MAX, &seq) || at != DSN_SPOOL_SEGMENT_DIGITS ||
        !skip_word (in, &at, DSN_SPOOL_SEGMENT_SUFFIX))
        return 0;
    return seq;
}
