/* Phrases with alternatives and holes. Alternatives are written out; a hole is filled from left to
 * right, once: nothing is tried twice, so that time stays linear.
 */
#include "core/phrase/wording.h"

#include "core/phrase/normal.h"
#include "core/phrase/phrasebook.h"
#include "core/phrase/windowmap.h"

#include <stdbool.h>
#include <string.h>

enum {
    HOLE_BYTES = 256, /* the most that a hole other than a gap takes */
    HEAD_BYTES = 6,
};

static const char *const hole_names[] = {
    [WORDING_ADDR] = "addr",  [WORDING_HOST] = "host", [WORDING_IP] = "ip",
    [WORDING_NUMBER] = "num", [WORDING_URL] = "url",   [WORDING_NAME] = "name",
    [WORDING_GAP] = "...",
};

static enum wording_hole
hole_of (const char *name, size_t n)
{
    for (unsigned i = WORDING_END + 1; i < G_N_ELEMENTS (hole_names); i++)
        if (strlen (hole_names[i]) == n && strncmp (hole_names[i], name, n) == 0)
            return (enum wording_hole)i;
    return WORDING_END;
}

/* Puts one alternative after another in the place of the first "{a|b}" of @text and appends what
 * comes of it to @texts. False if there is none. */
static bool
expand (const char *text, GPtrArray *texts)
{
    const char *open = strchr (text, '{'), *close = open ? strchr (open, '}') : NULL;
    g_auto (GStrv) parts = NULL;
    g_autofree char *inside = NULL;

    if (!close)
        return false;
    inside = g_strndup (open + 1, (size_t)(close - open - 1));
    parts = g_strsplit (inside, "|", -1);
    for (char **part = parts; *part; part++)
        g_ptr_array_add (texts,
                         g_strdup_printf ("%.*s%s%s", (int)(open - text), text, *part, close + 1));
    return true;
}

static gint
compare_lengths (gconstpointer a, gconstpointer b)
{
    const char *const *x = a, *const *y = b;
    size_t n = strlen (*x), m = strlen (*y);

    return n == m ? strcmp (*x, *y) : n < m ? 1 : -1;
}

/* Writes the alternatives of @text out, normalised, the longest first. NULL: too many. (transfer
 * full): g_ptr_array_unref() */
static GPtrArray *
write_out (const char *text)
{
    g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
    GPtrArray *literals;

    g_ptr_array_add (texts, g_strdup (text));
    for (guint i = 0; i < texts->len;) {
        if (!expand (texts->pdata[i], texts)) {
            i++;
            continue;
        }
        g_ptr_array_remove_index (texts, i);
        if (texts->len > WORDING_VARIANTS_MAX)
            return NULL;
    }
    literals = g_ptr_array_new_with_free_func (g_free);
    for (guint i = 0; i < texts->len; i++)
        g_ptr_array_add (literals, normal_phrase (texts->pdata[i]));
    g_ptr_array_sort (literals, compare_lengths);
    return literals;
}

/* The next hole of @text from @at on: where its '{' and '}' are. A '{' that begins neither a hole
 * nor alternatives: WORDING_END, and *@ret_open is set. */
static enum wording_hole
next_hole (const char *at, const char **ret_open, const char **ret_close)
{
    const char *open, *close;

    for (; (open = strchr (at, '{')); at = close) {
        enum wording_hole hole;
        size_t n;
        close = strchr (open, '}');
        n = close ? (size_t)(close - open - 1) : 0;
        *ret_open = open;
        *ret_close = close;
        hole = close ? hole_of (open + 1, n) : WORDING_END;
        if (hole || !close || !memchr (open + 1, '|', n) || memchr (open + 1, '{', n))
            return hole;
    }
    *ret_open = NULL;
    return WORDING_END;
}

static void
free_piece (void *piece)
{
    g_ptr_array_unref (((struct wording_piece *)piece)->literals);
}

/* Whether all of the piece's literals are blank. */
static bool
is_blank (const struct wording_piece *p)
{
    const char *longest = p->literals->pdata[0];

    return strspn (longest, " ") == strlen (longest);
}

/* The bit of @heads for the first @n bytes of @window. */
static inline unsigned
head_bit (uint64_t window, unsigned n)
{
    return (unsigned)(window_hash (window & ((UINT64_C (1) << n * 8) - 1)) >> 56);
}

static void
fill_heads (struct wording_piece *p)
{
    const char *shortest = p->literals->pdata[p->literals->len - 1];

    p->head_bytes = (uint8_t)MIN (strlen (shortest), HEAD_BYTES);
    for (guint i = 0; i < p->literals->len; i++) {
        uint64_t window = window_load (p->literals->pdata[i], p->head_bytes);
        unsigned bit = head_bit (window, p->head_bytes);
        p->heads[bit / 64] |= UINT64_C (1) << bit % 64;
    }
}

/* What the matcher can look for: no two holes are neighbours, but a gap behind another. */
static const char *
fault_of (const GArray *pieces)
{
    for (guint i = 1; i < pieces->len; i++) {
        const struct wording_piece *p = &g_array_index (pieces, struct wording_piece, i);
        bool is_last = i + 1 == pieces->len;
        if (!is_last && p->hole != WORDING_GAP && is_blank (p))
            return "words must stand between two holes";
        if (is_last && is_blank (p) && p[-1].hole == WORDING_GAP)
            return "words must follow the gap";
    }
    return NULL;
}

GArray *
wording_parse (const char *phrase, const char **ret_error)
{
    g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (struct wording_piece));
    const char *open, *close;

    g_array_set_clear_func (pieces, free_piece);
    do {
        struct wording_piece piece = { .hole = next_hole (phrase, &open, &close) };
        g_autofree char *text = NULL;
        if (open && !piece.hole) {
            *ret_error = "'{' begins {a|b}, {addr}, {host}, {ip}, {num}, {url}, {name} or {...}";
            return NULL;
        }
        text = open ? g_strndup (phrase, (size_t)(open - phrase)) : g_strdup (phrase);
        piece.literals = write_out (text);
        if (!piece.literals) {
            *ret_error = "the alternatives make more than 256 phrases: split it in two";
            return NULL;
        }
        fill_heads (&piece);
        g_array_append_val (pieces, piece);
        phrase = open ? close + 1 : NULL;
    } while (phrase);
    *ret_error = fault_of (pieces);
    return *ret_error ? NULL : g_steal_pointer (&pieces);
}

static bool
is_open (char c)
{
    return c && strchr ("<([\"'", c);
}

static bool
is_stop (char c)
{
    return c && strchr (",;:.", c);
}

static bool
is_close (char c)
{
    return c && strchr (">)]\"'", c);
}

/* The word at @at without what it's wrapped in; *@ret_end is behind the wrapping and a comma or the
 * like. */
static struct dsn_bytes
word_at (struct dsn_bytes text, size_t at, size_t *ret_end)
{
    size_t stop = MIN (text.n, at + HOLE_BYTES), end, close;

    while (at < stop && is_open (text.p[at]))
        at++;
    end = at;
    while (end < stop && text.p[end] && !strchr (" \n<>\"", text.p[end]))
        end++;
    close = end;
    while (close < stop && (is_close (text.p[close]) || is_stop (text.p[close])))
        close++;
    while (end > at && (is_close (text.p[end - 1]) || is_stop (text.p[end - 1])))
        end--;
    *ret_end = close;
    return dsn_bytes_sub (text, at, end);
}

static bool
has_char (struct dsn_bytes in, char c)
{
    return in.n && memchr (in.p, c, in.n);
}

static bool
is_of (struct dsn_bytes in, const char *chars)
{
    size_t i = 0;

    while (i < in.n && in.p[i] && strchr (chars, in.p[i]))
        i++;
    return in.n && i == in.n;
}

static bool
has_scheme (struct dsn_bytes in)
{
    for (size_t i = 1; i + 2 < in.n; i++)
        if (memcmp (in.p + i, "://", 3) == 0)
            return true;
    return false;
}

static bool
word_fills (struct dsn_bytes word, enum wording_hole hole)
{
    bool is_number = is_of (word, "0123456789.,");
    bool is_ip =
        is_of (word, "0123456789abcdef.:") && (has_char (word, '.') || has_char (word, ':'));

    switch (hole) {
    case WORDING_ADDR:
        return word.n > 2 && has_char (dsn_bytes_sub (word, 1, word.n - 1), '@');
    case WORDING_URL:
        return has_scheme (word);
    case WORDING_IP:
        return is_ip;
    case WORDING_HOST:
        return has_char (word, '.') && !has_char (word, '@') && !is_ip && !has_scheme (word);
    case WORDING_NUMBER:
        return is_number;
    case WORDING_NAME:
    case WORDING_GAP:
    case WORDING_END:
        break;
    }
    return false;
}

/* Something in quotes or brackets. Returns its end, 0 if there's none. */
static size_t
name_end (struct dsn_bytes text, size_t at)
{
    static const char closing[] = {
        ['<'] = '>', ['('] = ')', ['['] = ']', ['"'] = '"', ['\''] = '\''
    };
    size_t stop = MIN (text.n, at + HOLE_BYTES);
    char close;

    if (at >= stop || !is_open (text.p[at]))
        return 0;
    close = closing[(unsigned char)text.p[at]];
    for (size_t end = at + 1; end < stop && text.p[end] != '\n'; end++)
        if (text.p[end] == close)
            return end > at + 1 ? end + 1 : 0;
    return 0;
}

/* Whether one of the piece's literals may stand at @at: false is sure. */
static inline bool
may_stand_at (const struct wording_piece *p, struct dsn_bytes text, size_t at)
{
    uint64_t window;
    unsigned bit;

    if (p->head_bytes > text.n - at)
        return false;
    window = text.n - at >= WINDOW_MAX ? window_load (text.p + at, WINDOW_MAX)
                                       : window_load (text.p + at, p->head_bytes);
    bit = head_bit (window, p->head_bytes);
    return p->heads[bit / 64] >> bit % 64 & 1;
}

/* Where the longest of the piece's literals that stands at @at ends; 0: none does. */
static size_t
literal_end (const struct wording_piece *p, struct dsn_bytes text, size_t at)
{
    if (!may_stand_at (p, text, at))
        return 0;
    for (guint i = 0; i < p->literals->len; i++) {
        const char *literal = p->literals->pdata[i];
        size_t n = strlen (literal);
        if (n <= text.n - at && memcmp (text.p + at, literal, n) == 0 &&
            !(at && n && phrasebook_is_alnum (literal[0]) && phrasebook_is_alnum (text.p[at - 1])))
            return at + n;
    }
    return 0;
}

/* Where the piece ends after at most a gap's bytes of the line; 0: it isn't there. */
static size_t
after_gap (const struct wording_piece *p, struct dsn_bytes text, size_t at)
{
    size_t stop = MIN (text.n, at + WORDING_GAP_BYTES), end = 0;

    /* of nothing but a blank, which then is both before and behind it */
    if (at && text.p[at - 1] == ' ')
        at--;
    for (; at < stop && text.p[at] != '\n' && !end; at++)
        if (may_stand_at (p, text, at))
            end = literal_end (p, text, at);
    return end;
}

/* Where what fills @hole at @at ends; 0: nothing does. */
static size_t
hole_end (enum wording_hole hole, struct dsn_bytes text, size_t at)
{
    size_t end;

    if (hole == WORDING_NAME)
        return name_end (text, at);
    return word_fills (word_at (text, at, &end), hole) ? end : 0;
}

size_t
wording_end (const GArray *pieces, struct dsn_bytes text, size_t at)
{
    for (guint i = 1; i < pieces->len; i++) {
        const struct wording_piece *p = &g_array_index (pieces, struct wording_piece, i);
        size_t end = at;

        if (p[-1].hole == WORDING_GAP) {
            end = after_gap (p, text, at);
        } else {
            end = hole_end (p[-1].hole, text, at);
            if (end && i + 1 == pieces->len && is_blank (p))
                return at;
            end = end ? literal_end (p, text, end) : 0;
        }
        if (!end)
            return 0;
        at = end;
    }
    return at;
}
