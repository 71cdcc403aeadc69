/* Phrases with alternatives and holes. Alternatives are written out; a hole is filled from left to
 * right, once: nothing is tried twice, so that time stays linear.
 */
#include "core/phrase/wording.h"

#include "core/phrase/normal.h"
#include "core/phrase/phrasebook.h"

#include <stdbool.h>
#include <string.h>

/* The most bytes that a hole other than a gap takes. */
enum { HOLE_BYTES = 256 };

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
    const char *open = text, *close;

    for (; (open = strchr (open, '{')); open = close) {
        g_auto (GStrv) parts = NULL;
        g_autofree char *inside = NULL;
        close = strchr (open, '}');
        if (!close)
            return false;
        inside = g_strndup (open + 1, (size_t)(close - open - 1));
        if (!strchr (inside, '|'))
            continue;
        parts = g_strsplit (inside, "|", -1);
        for (char **part = parts; *part; part++)
            g_ptr_array_add (
                texts, g_strdup_printf ("%.*s%s%s", (int)(open - text), text, *part, close + 1));
        return true;
    }
    return false;
}

static void
free_pieces (void *pieces)
{
    GArray *p = pieces;

    for (guint i = 0; i < p->len; i++)
        g_free (g_array_index (p, struct wording_piece, i).literal);
    g_array_unref (p);
}

/* The pieces of a text without alternatives. NULL: a bad hole. */
static GArray *
split (const char *text, const char **ret_error)
{
    GArray *pieces = g_array_new (FALSE, FALSE, sizeof (struct wording_piece));

    for (const char *p = text;;) {
        const char *open = strchr (p, '{'), *close = open ? strchr (open, '}') : NULL;
        g_autofree char *literal = open ? g_strndup (p, (size_t)(open - p)) : g_strdup (p);
        struct wording_piece piece = { normal_phrase (literal), WORDING_END };

        if (close)
            piece.hole = hole_of (open + 1, (size_t)(close - open - 1));
        g_array_append_val (pieces, piece);
        if (open && !piece.hole) {
            *ret_error = "'{' begins {a|b}, {addr}, {host}, {ip}, {num}, {url}, {name} or {...}";
            free_pieces (pieces);
            return NULL;
        }
        if (!open)
            return pieces;
        p = close + 1;
    }
}

/* What the matcher can look for: it begins with words, and no two holes are neighbours. */
static const char *
fault_of (const GArray *pieces)
{
    guint n = pieces->len;

    for (guint i = 0; i < n; i++) {
        const struct wording_piece *p = &g_array_index (pieces, struct wording_piece, i);
        bool is_last = i + 1 == n;
        if (i && !is_last && p->hole != WORDING_GAP &&
            strspn (p->literal, " ") == strlen (p->literal))
            return "words must stand between two holes";
        if (is_last && i && p->literal[0] == '\0' &&
            g_array_index (pieces, struct wording_piece, i - 1).hole == WORDING_GAP)
            return "words must follow the gap";
    }
    return NULL;
}

/* Writes out all alternatives. NULL: too many. (transfer full) */
static GPtrArray *
write_out (const char *phrase, const char **ret_error)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

    g_ptr_array_add (texts, g_strdup (phrase));
    for (guint i = 0; i < texts->len;) {
        if (!expand (texts->pdata[i], texts)) {
            i++;
            continue;
        }
        g_ptr_array_remove_index (texts, i);
        if (texts->len > WORDING_VARIANTS_MAX) {
            *ret_error = "the alternatives make more than 256 phrases: split it in two";
            g_ptr_array_unref (texts);
            return NULL;
        }
    }
    return texts;
}

GPtrArray *
wording_variants (const char *phrase, const char **ret_error)
{
    g_autoptr (GPtrArray) texts = write_out (phrase, ret_error);
    g_autoptr (GPtrArray) variants = g_ptr_array_new_with_free_func (free_pieces);

    for (guint i = 0; texts && i < texts->len; i++) {
        GArray *pieces = split (texts->pdata[i], ret_error);
        const char *fault = pieces ? fault_of (pieces) : NULL;
        if (!pieces)
            return NULL;
        g_ptr_array_add (variants, pieces);
        if (fault) {
            *ret_error = fault;
            return NULL;
        }
    }
    return texts ? g_steal_pointer (&variants) : NULL;
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

static bool
literal_stands_at (const char *literal, size_t n, struct dsn_bytes text, size_t at)
{
    return n <= text.n - at && memcmp (text.p + at, literal, n) == 0;
}

/* Where @literal ends after at most a gap's bytes of the line; 0: it isn't there. */
static size_t
after_gap (const char *literal, struct dsn_bytes text, size_t at)
{
    size_t n = strlen (literal), stop = MIN (text.n, at + WORDING_GAP_BYTES + n);

    /* of nothing but a blank, which then is both before and behind it */
    if (at && text.p[at - 1] == ' ' && literal[0] == ' ')
        at--;
    for (; at + n <= stop && (at == 0 || text.p[at - 1] != '\n'); at++)
        if (literal_stands_at (literal, n, text, at) &&
            !(at && phrasebook_is_alnum (literal[0]) && phrasebook_is_alnum (text.p[at - 1])))
            return at + n;
    return 0;
}

size_t
wording_end (const GArray *pieces, struct dsn_bytes text, size_t at)
{
    for (guint i = 0; i + 1 < pieces->len; i++) {
        enum wording_hole hole = g_array_index (pieces, struct wording_piece, i).hole;
        const char *literal = g_array_index (pieces, struct wording_piece, i + 1).literal;
        size_t n = strlen (literal), end = 0;

        if (hole == WORDING_GAP) {
            at = after_gap (literal, text, at);
            if (!at)
                return 0;
            continue;
        }
        if (hole == WORDING_NAME)
            end = name_end (text, at);
        else if (!word_fills (word_at (text, at, &end), hole))
            end = 0;
        if (!end || !literal_stands_at (literal, n, text, end))
            return 0;
        if (n)
            at = end + n;
    }
    return at;
}
