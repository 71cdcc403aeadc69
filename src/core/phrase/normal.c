/* The normal form of a text: docs/rules.md, "Phrases and how they match". ASCII takes a table
 * look-up per byte; other characters that NFKC leaves alone are folded here, the rest by GLib.
 */
#include "core/phrase/normal.h"

#include "core/bytes/text.h"
#include "core/phrase/hostspan.h"

#include <string.h>

#define IS_ASCII(c) ((unsigned char)(c) < 0x80)

/* By ASCII character: lower case, the grave accent as a quote, blanks and controls as a space. */
static const char ascii_map[128] = {
    ' ',  ' ', ' ', ' ', ' ', ' ', ' ', ' ',  ' ', ' ', ' ', ' ', ' ',  ' ', ' ', ' ', //
    ' ',  ' ', ' ', ' ', ' ', ' ', ' ', ' ',  ' ', ' ', ' ', ' ', ' ',  ' ', ' ', ' ', //
    ' ',  '!', '"', '#', '$', '%', '&', '\'', '(', ')', '*', '+', ',',  '-', '.', '/', //
    '0',  '1', '2', '3', '4', '5', '6', '7',  '8', '9', ':', ';', '<',  '=', '>', '?', //
    '@',  'a', 'b', 'c', 'd', 'e', 'f', 'g',  'h', 'i', 'j', 'k', 'l',  'm', 'n', 'o', //
    'p',  'q', 'r', 's', 't', 'u', 'v', 'w',  'x', 'y', 'z', '[', '\\', ']', '^', '_', //
    '\'', 'a', 'b', 'c', 'd', 'e', 'f', 'g',  'h', 'i', 'j', 'k', 'l',  'm', 'n', 'o', //
    'p',  'q', 'r', 's', 't', 'u', 'v', 'w',  'x', 'y', 'z', '{', '|',  '}', '~', ' ',
};

void
normal_text_init (struct normal_text *t)
{
    t->text = g_string_new (NULL);
    t->spans = g_array_new (FALSE, FALSE, sizeof (struct normal_span));
}

void
normal_text_clear (struct normal_text *t)
{
    if (t->text)
        g_string_free (t->text, TRUE);
    g_clear_pointer (&t->spans, g_array_unref);
    t->text = NULL;
}

/* Whether the text so far, from @floor, ends in a blank (a run of them is one). */
static bool
ends_blank (const GString *out, size_t floor)
{
    return out->len > floor && out->str[out->len - 1] == ' ';
}

#define EACH(byte) (UINT64_C (0x0101010101010101) * (byte))

/* Eight plain characters at @p, folded; false if one needs ascii_map (a control, '`'), isn't ASCII,
 * or is a blank after a blank. The additions can't carry: each byte is below 0x80. */
static inline bool
fold_8 (const char *p, bool was_blank, char *to)
{
    uint64_t x, blanks, others, upper;

    memcpy (&x, p, sizeof x);
    if (x & EACH (0x80))
        return false;
    blanks = ~((x ^ EACH (' ')) + EACH (0x7F)) & EACH (0x80);
    others =
        (x + EACH (0x60)) & ((x ^ EACH ('`')) + EACH (0x7F)) & ((x ^ EACH (0x7F)) + EACH (0x7F));
    if (~others & EACH (0x80) || blanks & blanks << 8 || (was_blank && *p == ' '))
        return false;
    upper = ((x + EACH (0x80 - 'A')) ^ (x + EACH (0x7F - 'Z'))) & EACH (0x80);
    x |= upper >> 2;
    memcpy (to, &x, sizeof x);
    return true;
}

static void
append_ascii (GString *out, size_t floor, const char *p, size_t n)
{
    bool was_blank = ends_blank (out, floor);
    size_t at = out->len, i = 0;
    char *to;

    g_string_set_size (out, at + n);
    to = out->str;
    while (i < n) {
        size_t stop = MIN (i + 8, n);
        if (i + 8 <= n && fold_8 (p + i, was_blank, to + at)) {
            at += 8;
            i += 8;
            was_blank = to[at - 1] == ' ';
            continue;
        }
        for (; i < stop; i++) {
            char c = ascii_map[(unsigned char)p[i] & 0x7F];
            bool is_blank = c == ' ';
            to[at] = c;
            at += !(is_blank && was_blank);
            was_blank = is_blank;
        }
    }
    g_string_truncate (out, at);
}

/* The end of the ASCII characters from @p on. */
static const char *
skip_ascii (const char *p, const char *end)
{
    uint64_t x;

    for (; end - p >= 8; p += 8) {
        memcpy (&x, p, sizeof x);
        if (x & EACH (0x80))
            break;
    }
    while (p < end && IS_ASCII (*p))
        p++;
    return p;
}

/* The one character that a quote, dash or blank of any kind stands for; 0: none, dropped. */
static gunichar
map_punctuation (gunichar c)
{
    if (c < 0x80)
        return (gunichar)(unsigned char)ascii_map[c];
    if (c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF)
        return 0; /* soft hyphen, zero-width and direction marks */
    if (c == 0xB4 || (c >= 0x2018 && c <= 0x201B) || c == 0x2032)
        return '\'';
    if (c == 0xAB || c == 0xBB || (c >= 0x201C && c <= 0x201F) || c == 0x2033)
        return '"';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
        return '-';
    return g_unichar_isspace (c) || g_unichar_iscntrl (c) ? ' ' : c;
}

/* The normal form of a character that is one character and combines with none of its neighbours
 * here: a run of these needs no normalisation. 0 for any other. */
static gunichar
fold_stable (gunichar c)
{
    if ((c >= 0xE0 && c <= 0xFF) || (c >= 0x430 && c <= 0x45F))
        return c;
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x410 && c <= 0x42F))
        return c + 0x20;
    if ((c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FE) ||
        (c >= 0x3001 && c <= 0x301C))
        return c;
    if (c >= 0xFF01 && c <= 0xFF5E) /* wide ASCII */
        return (gunichar)(unsigned char)ascii_map[c - 0xFEE0];
    if ((c >= 0x4E00 && c <= 0x9FEF) || (c >= 0xAC00 && c <= 0xD7A3) ||
        (c >= 0x2500 && c <= 0x25FF))
        return c;
    return 0;
}

/* The next character of p..end and its length; a broken one counts as U+FFFD of one byte. */
static gunichar
next_char (const char *p, const char *end, size_t *ret_n)
{
    gunichar c = g_utf8_get_char_validated (p, end - p);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        *ret_n = 1;
        return 0xFFFD;
    }
    *ret_n = (size_t)g_utf8_skip[(unsigned char)*p];
    return c;
}

/* Appends the run if all of it is stable or plain punctuation; else leaves @out as it was. */
static bool
append_stable (GString *out, size_t floor, const char *p, const char *end)
{
    size_t before = out->len, n;

    for (; p < end; p += n) {
        gunichar c = next_char (p, end, &n);
        gunichar folded = fold_stable (c);
        if (!folded) {
            folded = map_punctuation (c);
            if (folded >= 0x80) {
                g_string_truncate (out, before);
                return false;
            }
        }
        if (folded == ' ' && ends_blank (out, floor))
            continue;
        if (folded)
            g_string_append_unichar (out, folded);
    }
    return true;
}

/* NFKC, case folding, and NFKC of what folding took apart. (transfer full) */
static char *
normalize (const char *text)
{
    g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_NFKC);
    g_autofree char *folded = g_utf8_casefold (composed, -1);

    return g_utf8_normalize (folded, -1, G_NORMALIZE_NFKC);
}

/* Any run of characters beyond ASCII. The character before may belong to it: 'e', U+0301. */
static void
append_any (GString *out, size_t floor, const char *p, const char *end)
{
    g_autoptr (GString) run = g_string_new (NULL);
    g_autofree char *normal = NULL;
    size_t n;

    if (out->len > floor && IS_ASCII (out->str[out->len - 1])) {
        g_string_append_c (run, out->str[out->len - 1]);
        g_string_truncate (out, out->len - 1);
    }
    for (; p < end; p += n) {
        gunichar c = map_punctuation (next_char (p, end, &n));
        if (c)
            g_string_append_unichar (run, c);
    }
    normal = normalize (run->str);
    for (const char *q = normal; *q; q = g_utf8_next_char (q)) {
        gunichar c = map_punctuation (g_utf8_get_char (q));
        if (c && !(c == ' ' && ends_blank (out, floor)))
            g_string_append_unichar (out, c);
    }
}

/* Chinese and Japanese letters and their punctuation: between two of them a blank is only where a
 * line was wrapped. Not Hangul, which has blanks between words, nor marks that combine. */
static bool
is_cjk (gunichar c)
{
    return (c >= 0x3001 && c <= 0x3029) || (c >= 0x3030 && c <= 0x3096) ||
           (c >= 0x309D && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
           (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/* Drops the blanks from @floor on that stand between two CJK characters. */
static void
join_cjk (GString *out, size_t floor)
{
    char *base = out->str, *to = base + floor, *p = to, *end = base + out->len, *blank;

    while ((blank = memchr (p, ' ', (size_t)(end - p)))) {
        bool is_wrap = blank > base + floor && blank + 1 < end && !IS_ASCII (blank[-1]) &&
                       !IS_ASCII (blank[1]) &&
                       is_cjk (g_utf8_get_char (g_utf8_prev_char (blank))) &&
                       is_cjk (g_utf8_get_char (blank + 1));
        size_t n = (size_t)(blank - p) + !is_wrap;
        memmove (to, p, n);
        to += n;
        p = blank + 1;
    }
    memmove (to, p, (size_t)(end - p));
    g_string_truncate (out, (size_t)(to + (end - p) - base));
}

/* Appends the normal form of @in; what stands before is another text. */
static void
append (struct normal_text *t, struct dsn_bytes in)
{
    const char *p = in.p, *end = in.n ? in.p + in.n : p, *run;
    size_t floor = t->text->len;
    bool has_cjk = false;

    while (p < end) {
        run = p;
        p = skip_ascii (p, end);
        if (p > run)
            append_ascii (t->text, floor, run, (size_t)(p - run));
        /* UTF-8 from U+3000 on starts with a byte from 0xE3 on */
        for (run = p; p < end && !IS_ASCII (*p); p++)
            has_cjk |= (unsigned char)*p >= 0xE3;
        if (p > run && !append_stable (t->text, floor, run, p))
            append_any (t->text, floor, run, p);
    }
    if (has_cjk)
        join_cjk (t->text, floor);
    hostspan_find (text_of (t->text), floor, t->spans);
}

void
normal_text_append (struct normal_text *t, struct dsn_bytes in)
{
    if (t->text->len)
        g_string_append_c (t->text, '\n');
    append (t, in);
}

static bool
ends_cjk (const GString *s)
{
    return s->len && !IS_ASCII (s->str[s->len - 1]) &&
           is_cjk (g_utf8_get_char (g_utf8_prev_char (s->str + s->len)));
}

static bool
starts_cjk (struct dsn_bytes in)
{
    size_t n;

    return in.n && !IS_ASCII (in.p[0]) && is_cjk (next_char (in.p, in.p + in.n, &n));
}

uint32_t
normal_text_append_line (struct normal_text *t, struct dsn_bytes line)
{
    uint32_t start;
    char last = t->text->len ? t->text->str[t->text->len - 1] : '\0';

    if (last && last != ' ' && last != '\n' && line.n && !(ends_cjk (t->text) && starts_cjk (line)))
        g_string_append_c (t->text, ' ');
    start = (uint32_t)t->text->len;
    append (t, line);
    return start;
}

/* Whether each character stands for itself, and no blank follows another. */
static bool
is_normal_ascii (const char *p)
{
    for (; *p; p++)
        if (!IS_ASCII (*p) || ascii_map[(unsigned char)*p] != *p || (p[0] == ' ' && p[1] == ' '))
            return false;
    return true;
}

char *
normal_phrase (const char *phrase)
{
    struct normal_text t;

    if (is_normal_ascii (phrase)) /* as nearly all phrases are written */
        return g_strdup (phrase);
    normal_text_init (&t);
    normal_text_append (&t, dsn_bytes_str (phrase));
    g_array_unref (t.spans);
    return g_string_free (t.text, FALSE);
}

/* The first span that ends after @at; NULL: none does. */
static const struct normal_span *
span_after (const struct normal_text *t, uint32_t at)
{
    size_t low = 0, high = t->spans->len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (g_array_index (t->spans, struct normal_span, mid).end <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->spans->len ? &g_array_index (t->spans, struct normal_span, low) : NULL;
}

bool
normal_text_is_masked (const struct normal_text *t, uint32_t start, uint32_t end)
{
    const struct normal_span *first = span_after (t, start), *last = span_after (t, end - 1);

    return (first && first->start <= start) || (last && last->start < end);
}
