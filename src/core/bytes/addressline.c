/* Each '@' is looked at with what stands around it.
 */
#include "core/bytes/addressline.h"

#include "core/bytes/address.h"
#include "core/bytes/mailbox.h"
#include "core/bytes/text.h"

static bool
is_beyond_ascii (char c)
{
    return (unsigned char)c >= 0x80;
}

/* Whether an address may begin behind what @before ends with. */
static bool
is_fine_before (struct dsn_bytes before)
{
    char c = before.n ? before.p[before.n - 1] : ' ';

    if (c == '(')
        return before.n == 1 || !address_is_local_char (before.p[before.n - 2]);
    if (text_has_suffix (before, "smtp="))
        return is_fine_before (dsn_bytes_sub (before, 0, before.n - strlen ("smtp=")));
    return g_ascii_isspace (c) || strchr ("<>[{:;,\"", c) || is_beyond_ascii (c);
}

/* Whether an address may end before @after: at a word's end, a sentence's, or another script. */
static bool
is_fine_after (struct dsn_bytes after)
{
    size_t n = 0;

    if (!after.n || g_ascii_isspace (after.p[0]) || strchr (">)]},;:!?\"", after.p[0]))
        return true;
    while (n < after.n &&
           (is_beyond_ascii (after.p[0]) ? is_beyond_ascii (after.p[n]) : after.p[n] == '.'))
        n++;
    return n > 0 && (n == after.n || !(address_is_local_char (after.p[n]) || after.p[n] == '@'));
}

/* Whether the same mark stands around it, which is none of its own: 'a@b', *a@b*. */
static bool
is_between_marks (struct dsn_bytes before, struct dsn_bytes after)
{
    if (!before.n || !after.n || !strchr ("'*`", before.p[before.n - 1]))
        return false;
    return (after.p[0] == before.p[before.n - 1] ||
            (after.p[0] == '\'' && before.p[before.n - 1] == '`')) &&
           is_fine_before (dsn_bytes_sub (before, 0, before.n - 1)) &&
           is_fine_after (dsn_bytes_sub (after, 1, after.n));
}

static bool
stands_alone (struct dsn_bytes line, struct dsn_bytes address)
{
    size_t start = (size_t)(address.p - line.p);
    struct dsn_bytes before = dsn_bytes_sub (line, 0, start);
    struct dsn_bytes after = dsn_bytes_sub (line, start + address.n, line.n);

    return mailbox_spec_length (address) == address.n &&
           ((is_fine_before (before) && is_fine_after (after)) || is_between_marks (before, after));
}

/* What a '<' opens: one address, or something of which no piece is sure to be one. True if an
 * address was found. */
static bool
read_angle (struct addressline *s, struct addressline_found *ret)
{
    struct dsn_bytes rest = dsn_bytes_sub (s->line, s->at, s->line.n), spec;
    size_t n = mailbox_angle_length (rest, &spec);
    const char *close;

    if (n) {
        /* a blank in the brackets may be a character that was dropped */
        *ret = (struct addressline_found){ spec, s->at >= s->unsure_to && rest.p[1] != ' ' &&
                                                     rest.p[n - 2] != ' ' };
        s->at += n;
        return true;
    }
    s->at++;
    /* "<<<" and "a < b" open nothing */
    if (s->at > s->unsure_to && rest.n > 1 && !strchr (" <-=", rest.p[1])) {
        close = memchr (rest.p, '>', rest.n);
        s->unsure_to = close ? (size_t)(close - s->line.p) : s->line.n;
    }
    return false;
}

/* Whether an address in brackets follows at @at: what is before it is its display name. */
static bool
is_name_of_next (struct dsn_bytes line, size_t at)
{
    struct dsn_bytes spec;

    while (at < line.n && line.p[at] == ' ')
        at++;
    return mailbox_angle_length (dsn_bytes_sub (line, at, line.n), &spec) > 0;
}

/* What a '"' opens: a local part, a display name, or just words. True if an address was found. */
static bool
read_quote (struct addressline *s, struct addressline_found *ret)
{
    struct dsn_bytes rest = dsn_bytes_sub (s->line, s->at, s->line.n);
    size_t quoted = mailbox_quoted_length (rest), n;

    if (!quoted || quoted == rest.n || rest.p[quoted] != '@') {
        s->at += quoted && is_name_of_next (s->line, s->at + quoted) ? quoted : 1;
        return false;
    }
    n = mailbox_spec_length (rest);
    if (!n) {
        s->unsure_to = MAX (s->unsure_to, s->at + quoted + 1);
        s->at++;
        return false;
    }
    *ret = (struct addressline_found){ dsn_bytes_sub (rest, 0, n),
                                       s->at >= s->unsure_to &&
                                           is_fine_after (dsn_bytes_sub (rest, n, rest.n)) };
    s->at += n;
    return true;
}

/* The address around the '@' at @hit. True if there's one. */
static bool
read_bare (struct addressline *s, size_t hit, struct addressline_found *ret)
{
    struct dsn_bytes address;
    bool is_sure = hit >= s->unsure_to;

    if (!address_around (s->line, s->at, hit, &address)) {
        s->at = hit + 1;
        return false;
    }
    s->at = (size_t)(address.p - s->line.p) + address.n;
    if (is_name_of_next (s->line, s->at))
        return false;
    *ret = (struct addressline_found){ address, is_sure && stands_alone (s->line, address) };
    return true;
}

bool
addressline_next (struct addressline *s, struct addressline_found *ret)
{
    size_t at = s->at;

    for (; at < s->line.n; at++) {
        bool is_found = false;

        if (s->line.p[at] == '@')
            is_found = read_bare (s, at, ret);
        else if (s->line.p[at] == '<' || s->line.p[at] == '"') {
            s->at = at;
            is_found = s->line.p[at] == '<' ? read_angle (s, ret) : read_quote (s, ret);
        } else
            continue;
        if (is_found)
            return true;
        at = s->at - 1;
    }
    s->at = s->line.n;
    return false;
}
