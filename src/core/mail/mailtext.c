/* What parts and header fields say: transfer encodings, charsets, encoded words, as GMime decodes
 * them.
 */
#include "core/mail/mail.h"

#include "core/bytes/html.h"
#include "core/bytes/address.h"
#include "core/bytes/text.h"

#include "core/mail/readoptions.h"

#include <gmime/gmime.h>

void
mail_part_append_bytes (const struct mail_part *part, GString *out)
{
    static const GMimeContentEncoding encodings[] = {
        [ENCODING_BASE64] = GMIME_CONTENT_ENCODING_BASE64,
        [ENCODING_QP] = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE,
        [ENCODING_UU] = GMIME_CONTENT_ENCODING_UUENCODE,
    };
    GMimeEncoding state;
    g_autofree char *buffer = NULL;
    size_t n;

    if (part->encoding == ENCODING_IDENTITY) {
        g_string_append_len (out, part->body.p, (gssize)part->body.n);
        return;
    }
    g_mime_encoding_init_decode (&state, encodings[part->encoding]);
    buffer = g_malloc (g_mime_encoding_outlen (&state, part->body.n) + 16);
    n = g_mime_encoding_flush (&state, part->body.p, part->body.n, buffer);
    g_string_append_len (out, buffer, (gssize)n);
}

void
mail_part_append_status (const struct mail_part *part, GString *out)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    bool is_wide;

    mail_part_append_bytes (part, bytes);
    is_wide = bytes->len > 1 &&
              (memcmp (bytes->str, "\xff\xfe", 2) == 0 || memcmp (bytes->str, "\xfe\xff", 2) == 0);
    if (is_wide)
        (void)text_append_converted (out, text_of (bytes), "UTF-16");
    else if (part->charset && text_has_prefix (dsn_bytes_str (part->charset), "utf-16"))
        (void)text_append_converted (out, text_of (bytes), part->charset);
    else
        g_string_append_len (out, bytes->str, (gssize)bytes->len);
}

bool
mail_part_append_text (const struct mail_part *part, GString *out, size_t max_bytes)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GString) utf8 = g_string_new (NULL);
    bool is_sure;

    mail_part_append_bytes (part, bytes);
    /* conversion grows text at most about fourfold: no need to convert what won't be kept */
    if (bytes->len > max_bytes * 4)
        g_string_truncate (bytes, max_bytes * 4);
    is_sure = text_append_converted (utf8, text_of (bytes), part->charset);
    if (part->role == PART_HTML) {
        g_string_truncate (bytes, 0);
        html_append_text (bytes, text_of (utf8));
        (void)text_append_lines (out, text_of (bytes), max_bytes);
    } else
        (void)text_append_lines (out, text_of (utf8), max_bytes);
    return is_sure;
}

void
mail_append_header (GString *out, struct dsn_bytes value, size_t max_bytes)
{
    g_autofree char *raw = NULL, *decoded = NULL;
    g_autoptr (GString) utf8 = NULL;

    if (value.n > max_bytes * 4)
        value.n = max_bytes * 4;
    if (text_is_ascii (value) && text_find (value, "=?") == G_MAXSIZE &&
        !memchr (value.p ? value.p : "", '\033', value.n)) {
        (void)text_append_line (out, value, max_bytes);
        return;
    }
    utf8 = g_string_new (NULL);
    (void)text_append_converted (utf8, value, NULL);
    raw = g_mime_utils_header_unfold (utf8->str);
    decoded = g_mime_utils_header_decode_text (NULL, raw);
    (void)text_append_line (out, dsn_bytes_str (decoded), max_bytes);
}

/* Whether @in is encoded words (RFC 2047) and nothing else. */
static bool
is_encoded_words (struct dsn_bytes in)
{
    bool is_one = false;

    while (in.n) {
        struct dsn_bytes word;
        size_t n = text_find (in, " ");

        word = dsn_bytes_sub (in, 0, MIN (n, in.n));
        is_one = text_has_prefix (word, "=?") && text_has_suffix (word, "?=");
        if (!is_one)
            return false;
        in = text_trim (dsn_bytes_sub (in, word.n, in.n));
    }
    return is_one;
}

/* A field's value as the line in which an address is looked for. */
struct address_line {
    GString *text;   /* owned */
    bool is_guessed; /* what isn't ASCII in it: the charset isn't known */
    bool is_changed; /* characters were dropped that may stand within an address */
};

/* Encoded words mean nothing within an address (RFC 2047 s.5): only those that are all of the value
 * are decoded. */
static struct address_line
address_line (struct dsn_bytes value, size_t max_bytes)
{
    struct address_line line = { .text = g_string_new (NULL) };
    g_autoptr (GString) utf8 = g_string_new (NULL);

    line.is_guessed = !text_append_converted (utf8, dsn_bytes_sub (value, 0, 4 * max_bytes), NULL);
    line.is_changed = text_append_line (line.text, text_of (utf8), max_bytes) ||
                      text_has_control (text_of (utf8));
    if (is_encoded_words (address_without_type (text_of (line.text)))) {
        g_string_truncate (line.text, 0);
        mail_append_header (line.text, address_without_type (text_of (utf8)), max_bytes);
    }
    return line;
}

static bool
append_address (GString *out, struct dsn_bytes value, size_t max_bytes,
                bool (*append) (GString *out, struct dsn_bytes in))
{
    struct address_line line = address_line (value, max_bytes);
    size_t from = out->len;
    bool is_whole = append (out, text_of (line.text)) && !line.is_changed;

    if (line.is_guessed)
        is_whole = is_whole && text_is_ascii (dsn_bytes_sub (text_of (out), from, out->len));
    g_string_free (line.text, TRUE);
    return is_whole;
}

bool
mail_append_field_address (GString *out, struct dsn_bytes value, size_t max_bytes)
{
    return append_address (out, value, max_bytes, address_append_from_field);
}

bool
mail_append_mailbox (GString *out, struct dsn_bytes value, size_t max_bytes)
{
    return append_address (out, value, max_bytes, address_append_from_header);
}

/* The character sets that mails are written in, one name for each converter. Every module that one
 * of them needs is loaded by opening it. */
static const char *const charsets[] = {
    "US-ASCII",     "ISO-8859-1",   "ISO-8859-2",    "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",
    "ISO-8859-6",   "ISO-8859-7",   "ISO-8859-8",    "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-11",
    "ISO-8859-13",  "ISO-8859-14",  "ISO-8859-15",   "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251",
    "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254",  "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257",
    "WINDOWS-1258", "KOI8-R",       "KOI8-U",        "SHIFT_JIS",    "CP932",        "EUC-JP",
    "EUC-JP-MS",    "ISO-2022-JP",  "ISO-2022-JP-3", "EUC-KR",       "CP949",        "JOHAB",
    "ISO-2022-KR",  "GB2312",       "GBK",           "GB18030",      "ISO-2022-CN",  "BIG5",
    "CP950",        "BIG5-HKSCS",   "EUC-TW",        "UTF-7",        "UTF-16",       "UTF-16LE",
    "UTF-16BE",     "UTF-32",       "UCS-2",         "UCS-4",        "IBM437",       "IBM850",
    "IBM852",       "IBM855",       "IBM858",        "IBM862",       "IBM866",       "CP737",
    "CP775",        "MACINTOSH",    "MAC-CYRILLIC",  "TIS-620",      "CP874",        "TCVN",
    "ARMSCII-8",    "GEORGIAN-PS",  "PT154",
};

static void
close_converters (gpointer data)
{
    g_ptr_array_unref (data);
}

static void
close_converter (gpointer converter)
{
    (void)g_iconv_close (converter);
}

void
dsn_library_init (void)
{
    GPtrArray *converters;

    if (g_dataset_get_data (charsets, "converters"))
        return;
    g_mime_init ();
    /* kept open: the C library unloads the module of a converter that's closed, and a process
     * without files can't load it again */
    converters = g_ptr_array_new_with_free_func (close_converter);
    /* a name that nobody knows makes GLib read its file of aliases: now, not in the sandbox */
    g_assert (g_iconv_open ("UTF-8", "x-nobody-knows") == (GIConv)-1);
    for (size_t i = 0; i < G_N_ELEMENTS (charsets); i++) {
        GIConv converter = g_iconv_open ("UTF-8", charsets[i]);
        if (converter != (GIConv)-1)
            g_ptr_array_add (converters, converter);
    }
    g_dataset_set_data_full (charsets, "converters", converters, close_converters);
}
