/* From a normalised text to words and holes.
 */
#include "core/words/wordlist.h"

#include <glib.h>

#define IS_ASCII(c) ((unsigned char)(c) < 0x80)

/* A word of more bytes is an id or a run of letters without blanks: of such, the rest is another
 * word. */
enum { WORD_BYTES_MAX = 60 };

static bool
is_digit (char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_cjk (gunichar c)
{
    return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x30FF && c != 0x30FB) ||
           (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

static bool
is_hangul (gunichar c)
{
    return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF);
}

/* The next character; a broken one is a blank of one byte. */
static gunichar
char_at (struct dsn_bytes in, size_t at, size_t *ret_n)
{
    gunichar c;

    *ret_n = 1;
    if (at >= in.n)
        return ' ';
    if (IS_ASCII (in.p[at]))
        return (gunichar)in.p[at];
    c = g_utf8_get_char_validated (in.p + at, (gssize)(in.n - at));
    if (c == (gunichar)-1 || c == (gunichar)-2)
        return ' ';
    *ret_n = (size_t)g_utf8_skip[(unsigned char)in.p[at]];
    return c;
}

static bool
is_letter (gunichar c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

/* The ASCII letter without accents that @c is one of, else @c. Administrators write both. */
static gunichar
without_accent (gunichar c)
{
    static const struct {
        gunichar from;
        char to;
    } others[] = {
        { 0xDF, 's' },  { 0xE6, 'a' },  { 0xF0, 'd' },  { 0xF8, 'o' },
        { 0x111, 'd' }, { 0x131, 'i' }, { 0x142, 'l' }, { 0x153, 'o' },
    };
    gunichar base, mark;

    if (c < 0xDF || (c > 0x17F && (c < 0x1E00 || c > 0x1EFF)))
        return c;
    for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
        if (others[i].from == c)
            return (gunichar)others[i].to;
    while (g_unichar_decompose (c, &base, &mark) && mark)
        c = base;
    return c;
}

static void
put (struct wordlist *l, gunichar c)
{
    char utf8[6];
    int n = g_unichar_to_utf8 (c, utf8);

    if (l->n_text + (unsigned)n + 1 >= WORDLIST_TEXT_SIZE)
        return;
    memcpy (l->text + l->n_text, utf8, (size_t)n);
    l->n_text += (unsigned)n;
}

static bool
is_full (const struct wordlist *l)
{
    return l->n == WORDLIST_WORDS_MAX || l->n_text + WORD_BYTES_MAX + 8 > WORDLIST_TEXT_SIZE;
}

/* Digits with dots or colons between them: an IP address, a code (left out) or a number. */
static void
note_number (struct wordlist *l, struct dsn_bytes in)
{
    unsigned dots = 0, colons = 0;

    for (size_t i = 0; i < in.n; i++) {
        dots += in.p[i] == '.';
        colons += in.p[i] == ':';
    }
    if (dots == 3 || colons >= 2)
        l->holes |= 1u << WORD_HOLE_IP;
    else if (!(dots == 2 && in.p[1] == '.') && !(in.n == 3 && (in.p[0] == '4' || in.p[0] == '5')))
        l->holes |= 1u << WORD_HOLE_NUMBER;
}

/* Where the number at @at ends: "192.0.2.1", "2001:db8::1", "10", "5.1.1"; @at if more than a
 * number stands there. */
static size_t
number_end (struct dsn_bytes in, size_t at)
{
    size_t end = at, colons = 0;

    while (end < in.n && (is_digit (in.p[end]) || in.p[end] == '.' || in.p[end] == ':' ||
                          (in.p[end] >= 'a' && in.p[end] <= 'f')))
        colons += in.p[end++] == ':';
    if (colons < 2)
        for (end = at; end < in.n && (is_digit (in.p[end]) || in.p[end] == '.');)
            end++;
    if (end < in.n && IS_ASCII (in.p[end]) && is_letter ((gunichar)in.p[end]))
        return at;
    while (end > at && (in.p[end - 1] == '.' || (in.p[end - 1] == ':' && colons < 2)))
        end--;
    return end;
}

/* Whether a word of letters and digits is made up by a machine: a queue id, a hash. */
static bool
is_id (struct dsn_bytes in)
{
    unsigned digits = 0, runs = 0;

    for (size_t i = 0; i < in.n; i++) {
        digits += is_digit (in.p[i]);
        runs += is_digit (in.p[i]) && (i == 0 || !is_digit (in.p[i - 1]));
    }
    return runs >= 3 || (digits >= 2 && in.n >= 12) || (digits >= 5 && in.n >= 8);
}

/* Where the word at @at ends. An apostrophe inside belongs to it; letters of another script don't.
 */
static size_t
word_end (struct dsn_bytes in, size_t at)
{
    size_t n, after;
    gunichar c = char_at (in, at, &n);
    bool is_run = is_cjk (c);

    for (size_t end = at;; end += n) {
        c = char_at (in, end, &n);
        if (c == '\'' && end > at && is_letter (char_at (in, end + 1, &after)) && !is_run)
            continue;
        if (!is_letter (c) || is_cjk (c) != is_run || end - at + n > WORD_BYTES_MAX)
            return end;
    }
}

static void
add_word (struct wordlist *l, struct dsn_bytes in)
{
    struct word *w = &l->words[l->n];
    size_t n;
    gunichar c = char_at (in, 0, &n), last = 0;

    *w = (struct word){ (uint16_t)l->n_text, 0,
                        is_cjk (c)      ? WORD_CJK
                        : is_hangul (c) ? WORD_HANGUL
                                        : WORD_ALPHABET };
    for (size_t at = 0; at < in.n; at += n) {
        c = without_accent (char_at (in, at, &n));
        if (c < 0x80 && is_digit ((char)c))
            c = '#';
        if (c != '\'' && !(c == '#' && last == '#'))
            put (l, c);
        last = c;
    }
    w->n = (uint16_t)(l->n_text - w->at);
    put (l, '_');
    l->n++;
}

static enum word_hole
span_hole (struct dsn_bytes in)
{
    if (memchr (in.p, '/', in.n))
        return WORD_HOLE_URL;
    return memchr (in.p, '@', in.n) ? WORD_HOLE_ADDRESS : WORD_HOLE_HOST;
}

/* Takes what stands at @at; returns where to go on. */
static size_t
take (struct wordlist *l, struct dsn_bytes in, size_t at)
{
    size_t n, end;

    if (is_digit (in.p[at]) && (end = number_end (in, at)) > at) {
        note_number (l, dsn_bytes_sub (in, at, end));
        return end;
    }
    if (!is_letter (char_at (in, at, &n)))
        return at + n;
    end = word_end (in, at);
    if (is_id (dsn_bytes_sub (in, at, end)))
        l->holes |= 1u << WORD_HOLE_ID;
    else
        add_word (l, dsn_bytes_sub (in, at, end));
    return end;
}

static uint32_t
end_of_reply (const struct normal_text *t, uint32_t start, uint32_t end)
{
    const char *remark =
        start < end ? g_strstr_len (t->text->str + start, (gssize)(end - start), "(in reply to ")
                    : NULL;

    return remark ? (uint32_t)(remark - t->text->str) : end;
}

void
wordlist_read (const struct normal_text *t, uint32_t start, uint32_t end, struct wordlist *ret_list)
{
    struct dsn_bytes in;
    size_t at = start;
    guint span = 0;

    end = end_of_reply (t, start, MIN (end, (uint32_t)t->text->len));
    in = (struct dsn_bytes){ t->text->str, end };
    ret_list->n_text = ret_list->n = ret_list->holes = 0;
    put (ret_list, '_');
    while (at < end && !is_full (ret_list)) {
        const struct normal_span *s = NULL;
        while (span < t->spans->len && g_array_index (t->spans, struct normal_span, span).end <= at)
            span++;
        if (span < t->spans->len)
            s = &g_array_index (t->spans, struct normal_span, span);
        if (s && s->start <= at) {
            ret_list->holes |= 1u << span_hole (dsn_bytes_sub (in, s->start, s->end));
            at = s->end;
            continue;
        }
        in.n = s && s->start < end ? s->start : end;
        at = take (ret_list, in, at);
        in.n = end;
    }
}

uint16_t
wordlist_note (struct wordlist *l, const char *name)
{
    size_t n = strlen (name);
    uint16_t at = (uint16_t)l->n_text;

    g_assert (l->n_text + n <= sizeof l->text);
    memcpy (l->text + at, name, n);
    l->n_text += (unsigned)n;
    return at;
}
