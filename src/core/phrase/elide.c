/* Leaving out what a text names.
 */
#include "core/phrase/elide.h"

#include <string.h>

/* @n bytes were left out before byte @at of what is left. */
struct cut {
    uint32_t at, n;
};

static bool
is_in (char c, const char *set)
{
    return c && strchr (set, c);
}

static bool
is_ip (struct dsn_bytes word)
{
    unsigned dots = 0, colons = 0;

    for (size_t i = 0; i < word.n; i++) {
        if (!is_in (word.p[i], "0123456789abcdef.:"))
            return false;
        dots += word.p[i] == '.';
        colons += word.p[i] == ':';
    }
    return dots == 3 || colons > 1;
}

/* Whether @word of @text, in quotes or brackets if @is_wrapped, is a thing and no word of the
 * sentence; *@span goes along with the words. */
static bool
is_thing (const struct normal_text *text, struct dsn_bytes word, bool is_wrapped, guint *span)
{
    uint32_t start = (uint32_t)(word.p - text->text->str), end = start + (uint32_t)word.n;
    const struct normal_span *s = NULL;

    for (; *span < text->spans->len; ++*span) {
        s = &g_array_index (text->spans, struct normal_span, *span);
        if (s->end > start)
            break;
    }
    if (*span < text->spans->len && s->start == start && s->end >= end)
        return true;
    return is_wrapped || is_ip (word);
}

/* Whether the blank-separated word of @text from @at to @end may be left out: a comma or colon
 * behind it goes, too; a full stop doesn't, the sentence ends there. */
static bool
is_elided (const struct normal_text *text, size_t at, size_t end, guint *span)
{
    const char *p = text->text->str;
    bool is_wrapped;
    size_t open = at;

    if (end > at && is_in (p[end - 1], ":,"))
        end--;
    while (at < end && is_in (p[at], "<([\"'"))
        at++;
    is_wrapped = at > open && end > at && is_in (p[end - 1], ">)]\"'");
    while (end > at && is_in (p[end - 1], ">)]\"'"))
        end--;
    return end > at && p[end - 1] != '.' &&
           is_thing (text, (struct dsn_bytes){ p + at, end - at }, is_wrapped, span);
}

/* Fills @left and @cuts: struct cut. */
static void
elide (const struct normal_text *text, GString *left, GArray *cuts)
{
    const char *p = text->text->str;
    size_t n = text->text->len, end;
    uint32_t gone = 0;
    guint span = 0;

    for (size_t at = 0; at < n; at = end) {
        for (end = at; end < n && p[end] != ' ' && p[end] != '\n'; end++)
            ;
        if (end > at && is_elided (text, at, end, &span)) {
            end += end < n && p[end] == ' ';
            gone += (uint32_t)(end - at);
            g_array_append_val (cuts, ((struct cut){ (uint32_t)left->len, gone }));
        } else {
            end += end < n;
            g_string_append_len (left, p + at, (gssize)(end - at));
        }
    }
}

void
elide_run (const struct wordings *w, const struct normal_text *text, GArray *hits, guint from)
{
    g_autoptr (GString) left = g_string_sized_new (text->text->len);
    g_autoptr (GArray) cuts = g_array_new (FALSE, FALSE, sizeof (struct cut));
    g_autoptr (GArray) found = NULL;
    guint next = 0;

    elide (text, left, cuts);
    if (cuts->len == 0)
        return;
    found = g_array_new (FALSE, FALSE, sizeof (struct match_hit));
    wordings_run (w, (struct dsn_bytes){ left->str, left->len }, found);
    for (guint i = 0; i < found->len; i++) {
        struct match_hit hit = g_array_index (found, struct match_hit, i);
        const struct cut *cut = NULL;
        uint32_t before, gone;
        /* hits come by start: the cuts before it stay behind */
        while (next < cuts->len && g_array_index (cuts, struct cut, next).at <= hit.start)
            next++;
        before = next ? g_array_index (cuts, struct cut, next - 1).n : 0;
        gone = before;
        for (guint k = next; k < cuts->len; k++) {
            cut = &g_array_index (cuts, struct cut, k);
            if (cut->at >= hit.end)
                break;
            gone = cut->n;
        }
        if (gone == before)
            continue;
        hit.start += before;
        hit.end += gone;
        g_array_append_val (hits, hit);
    }
    match_hits_sort (hits, from);
}
