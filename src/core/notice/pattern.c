/* Matching one line against a pattern, left to right.
 */
#include "core/notice/pattern.h"

#include "core/bytes/address.h"
#include "core/bytes/mailbox.h"
#include "core/rules/ruleset.h"
#include "core/bytes/text.h"

static bool
is_blank (char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes of @line from @at that @literal takes, G_MAXSIZE if it doesn't stand there. */
static size_t
literal_at (const char *literal, struct dsn_bytes line, size_t at)
{
    size_t start = at;

    for (; *literal; literal++) {
        if (*literal == ' ') {
            size_t from = at;
            while (at < line.n && is_blank (line.p[at]))
                at++;
            if (at == from)
                return G_MAXSIZE;
        } else if (at >= line.n || g_ascii_tolower (line.p[at]) != g_ascii_tolower (*literal))
            return G_MAXSIZE;
        else
            at++;
    }
    return at - start;
}

/* Where @literal first stands at or after @from; its length in @ret_n. */
static size_t
literal_find (const char *literal, struct dsn_bytes line, size_t from, size_t *ret_n)
{
    for (size_t at = from; at <= line.n; at++) {
        size_t n;
        /* what doesn't fit at a run of blanks doesn't fit within it: keeps the search linear */
        if (*literal == ' ' && at > from && is_blank (line.p[at - 1]))
            continue;
        n = literal_at (literal, line, at);
        if (n != G_MAXSIZE) {
            *ret_n = n;
            return at;
        }
    }
    return G_MAXSIZE;
}

static bool
take_address (struct dsn_bytes hole, struct pattern_fields *f)
{
    /* a blank at an end may be a character that was dropped */
    f->is_whole = hole.n && !is_blank (hole.p[0]) && !is_blank (hole.p[hole.n - 1]);
    if (mailbox_read (hole, &f->addr))
        return true;
    f->is_whole = false;
    hole = text_trim (hole);
    if (hole.n > 2 && hole.p[0] == '<' && hole.p[hole.n - 1] == '>')
        hole = dsn_bytes_sub (hole, 1, hole.n - 1);
    if (!address_is (hole))
        return false;
    f->addr = hole;
    return true;
}

static bool
is_host (struct dsn_bytes hole)
{
    for (size_t i = 0; i < hole.n; i++)
        if (!g_ascii_isalnum (hole.p[i]) && !strchr (".-_:[]", hole.p[i]) &&
            (unsigned char)hole.p[i] < 0x80)
            return false;
    return hole.n > 0;
}

static bool
take_hole (enum pattern_hole type, struct dsn_bytes hole, struct pattern_fields *f)
{
    switch (type) {
    case HOLE_ADDR:
        return take_address (hole, f);
    case HOLE_HOST:
        f->host = text_trim (hole);
        return is_host (f->host);
    case HOLE_IP:
        f->ip = text_trim (hole);
        return is_host (f->ip);
    case HOLE_TEXT:
        f->text = text_trim (hole);
        return true;
    case HOLE_ANY:
    case HOLE_NONE:
    default:
        return true;
    }
}

bool
pattern_match (const GArray *pieces, struct dsn_bytes line, struct pattern_fields *ret)
{
    struct pattern_fields f = { 0 };
    enum pattern_hole open = HOLE_NONE;
    size_t at = 0, hole_start = 0;

    line = text_trim (line);
    for (guint i = 0; i < pieces->len; i++) {
        const struct pattern_piece *piece = &g_array_index (pieces, struct pattern_piece, i);
        size_t n = 0, found = at;

        if (open == HOLE_NONE)
            n = literal_at (piece->literal, line, at);
        else if (*piece->literal)
            found = literal_find (piece->literal, line, at, &n);
        else
            found = line.n;
        if (n == G_MAXSIZE || found == G_MAXSIZE)
            return false;
        if (open != HOLE_NONE && !take_hole (open, dsn_bytes_sub (line, hole_start, found), &f))
            return false;
        at = hole_start = found + n;
        open = piece->hole;
    }
    if (open != HOLE_NONE) {
        if (!take_hole (open, dsn_bytes_sub (line, hole_start, line.n), &f))
            return false;
    } else if (at != line.n)
        return false;
    *ret = f;
    return true;
}
