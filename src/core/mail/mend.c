/* Mending a mail's bytes before anybody reads its structure.
 */
#include "core/mail/mend.h"

#include "core/mail/header.h"
#include "core/bytes/text.h"

/* Whether @name is a header field whose addresses GMime parses. */
static bool
is_address_field (struct dsn_bytes name)
{
    static const char *const names[] = {
        "to",
        "cc",
        "bcc",
        "from",
        "sender",
        "reply-to",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "resent-from",
        "resent-sender",
        "resent-reply-to",
        "return-path",
        "disposition-notification-to",
        "errors-to",
        "mail-followup-to",
        "mail-reply-to",
    };

    for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        if (text_equal (name, names[i]))
            return true;
    return false;
}

/* Most ':' that one address field may keep: real ones hold a group or two. */
#define MAX_COLONS 64

/* Turns the ':' past MAX_COLONS of address fields into blanks, anywhere in the mail: mails inside
 * have headers too. True if it changed something. */
static bool
defuse_groups (char *p, size_t n)
{
    struct dsn_bytes rest = { p, n }, line, name;
    bool is_address = false, is_changed = false;
    size_t colons = 0;

    while (text_next_line (&rest, &line)) {
        if (!line.n)
            continue;
        if (line.p[0] != ' ' && line.p[0] != '\t') {
            is_address = header_is_field (line, &name) && is_address_field (name);
            colons = 0;
        }
        for (size_t i = 0; is_address && i < line.n; i++)
            if (line.p[i] == ':' && ++colons > MAX_COLONS) {
                p[line.p + i - p] = ' ';
                is_changed = true;
            }
    }
    return is_changed;
}

/* Cheap test whether defuse_groups() could have anything to do: a line, continuations included,
 * with that many ':' is rare. */
static bool
has_many_colons (struct dsn_bytes in)
{
    struct dsn_bytes rest = in, line;
    size_t colons = 0;

    while (text_next_line (&rest, &line)) {
        const char *at = line.p;
        if (line.n && line.p[0] != ' ' && line.p[0] != '\t')
            colons = 0;
        while (at && (at = memchr (at, ':', (size_t)(line.p + line.n - at)))) {
            at++;
            if (++colons > MAX_COLONS)
                return true;
        }
    }
    return false;
}

/* @in from its first line that isn't blank: a header begins with none. */
static struct dsn_bytes
without_blank_lines (struct dsn_bytes in)
{
    size_t line = 0;

    for (size_t i = 0; i < in.n && g_ascii_isspace (in.p[i]); i++)
        if (in.p[i] == '\n' || in.p[i] == '\r')
            line = i + 1;
    return dsn_bytes_sub (in, line, in.n);
}

struct dsn_bytes
mend_mail (struct dsn_bytes in, char **ret_copy, bool *ret_is_defused)
{
    char *copy;
    bool is_cr;

    *ret_copy = NULL;
    *ret_is_defused = false;

    in = without_blank_lines (in);
    while (text_has_prefix (in, "From ") || text_has_prefix (in, ">From ")) {
        const char *lf = memchr (in.p, '\n', in.n);
        in = dsn_bytes_sub (in, lf ? (size_t)(lf - in.p) + 1 : in.n, in.n);
    }
    is_cr = in.n && !memchr (in.p, '\n', in.n) && memchr (in.p, '\r', in.n);
    if (!is_cr && !has_many_colons (in))
        return in;
    copy = g_memdup2 (in.p, in.n);
    for (size_t i = 0; is_cr && i < in.n; i++)
        if (copy[i] == '\r')
            copy[i] = '\n';
    *ret_is_defused = defuse_groups (copy, in.n);
    *ret_copy = copy;
    return (struct dsn_bytes){ copy, in.n };
}

struct dsn_bytes
mend_parts (struct dsn_bytes in, size_t max)
{
    size_t at = 0;

    for (size_t n = 0; n < max; n++) {
        const char *hit = at < in.n ? memmem (in.p + at, in.n - at, "\n--", 3) : NULL;
        if (!hit)
            return in;
        at = (size_t)(hit - in.p) + 1;
    }
    return dsn_bytes_sub (in, 0, at);
}

/* A line that could be a boundary: "--" and something, at most 70 characters (RFC 2046 s.5.1.1). */
static bool
is_boundary_line (struct dsn_bytes line)
{
    if (line.n < 4 || line.n > 74 || line.p[0] != '-' || line.p[1] != '-')
        return false;
    for (size_t i = 2; i < line.n; i++)
        if (line.p[i] != '-')
            return !memchr (line.p, ' ', line.n);
    return false;
}

struct dsn_bytes
mend_boundary (struct dsn_bytes body)
{
    struct dsn_bytes rest = body, line, candidate = { 0 };

    while (text_next_line (&rest, &line)) {
        if (is_boundary_line (line))
            candidate = dsn_bytes_sub (line, 2, line.n);
        else if (!line.n)
            candidate = (struct dsn_bytes){ 0 };
        else if (candidate.n && text_has_prefix (line, "content-"))
            return candidate;
    }
    return (struct dsn_bytes){ 0 };
}
