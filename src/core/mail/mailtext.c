/* What parts and header fields say: transfer encodings, charsets, encoded words, as GMime decodes
 * them.
 */
#include "core/mail/mail.h"

#include "core/bytes/html.h"
#include "core/bytes/text.h"

#include <dsn/parse.h>

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
mail_part_append_text (const struct mail_part *part, GString *out, size_t max_bytes)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GString) utf8 = g_string_new (NULL);

    mail_part_append_bytes (part, bytes);
    /* conversion grows text at most about fourfold: no need to convert what won't be kept */
    if (bytes->len > max_bytes * 4)
        g_string_truncate (bytes, max_bytes * 4);
    (void)text_append_converted (utf8, (struct dsn_bytes){ bytes->str, bytes->len }, part->charset);
    if (part->role == PART_HTML) {
        g_string_truncate (bytes, 0);
        html_append_text (bytes, (struct dsn_bytes){ utf8->str, utf8->len });
        (void)text_append_lines (out, (struct dsn_bytes){ bytes->str, bytes->len }, max_bytes);
    } else
        (void)text_append_lines (out, (struct dsn_bytes){ utf8->str, utf8->len }, max_bytes);
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

void
dsn_library_init (void)
{
    static const char *const charsets[] = {
        "US-ASCII",     "ISO-8859-1",    "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",
        "ISO-8859-5",   "ISO-8859-6",    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",
        "ISO-8859-13",  "ISO-8859-15",   "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
        "WINDOWS-1253", "WINDOWS-1254",  "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257",
        "KOI8-R",       "KOI8-U",        "SHIFT_JIS",    "CP932",        "EUC-JP",
        "ISO-2022-JP",  "ISO-2022-JP-3", "EUC-KR",       "CP949",        "ISO-2022-KR",
        "GB2312",       "GBK",           "GB18030",      "BIG5",         "BIG5-HKSCS",
        "UTF-7",        "UTF-16",        "UTF-16LE",     "UTF-16BE",     "IBM850",
        "IBM437",       "IBM852",        "IBM866",       "MACINTOSH",    "TIS-620",
    };

    g_mime_init ();
    for (size_t i = 0; i < G_N_ELEMENTS (charsets); i++) {
        GIConv cd = g_iconv_open ("UTF-8", charsets[i]);
        if (cd != (GIConv)-1)
            (void)g_iconv_close (cd);
    }
}
