/* Marks, commands and replies.
 */
#include "core/notice/dialogue.h"

#include "core/bytes/smtpreply.h"
#include "core/bytes/text.h"

#include <glib.h>

size_t
dialogue_mark (struct dsn_bytes line, bool *ret_is_client)
{
    static const struct {
        const char *mark;
        bool is_client;
    } sides[] = {
        { ">>>", true }, { "<<<", false }, { "Out:", false },         { "In:", true },
        { "->", true },  { "<-", false },  { "Received >>>", false }, { "Sent <<<", true },
        { "C:", true },  { "S:", false },  { "Sent:", true },         { "Received:", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS (sides); i++)
        if (text_has_prefix (line, sides[i].mark)) {
            *ret_is_client = sides[i].is_client;
            return strlen (sides[i].mark);
        }
    return 0;
}

static bool
is_reply_line (struct dsn_bytes line)
{
    unsigned code = 0;

    return text_scan_number (dsn_bytes_sub (line, 0, 3), 599, &code) == 3 && code >= 200 &&
           (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
}

bool
dialogue_has_words (struct dsn_bytes line)
{
    for (size_t i = 0; i < line.n; i++)
        if (g_ascii_isalpha (line.p[i]) || (unsigned char)line.p[i] >= 0x80)
            return true;
    return false;
}

/* "----- Transcript of session follows -----", "The reason was:" */
static bool
announces (struct dsn_bytes line)
{
    return line.p[line.n - 1] == ':' ||
           (line.n > 3 && strchr ("-=*_#~+", line.p[0]) && line.p[1] == line.p[0]);
}

bool
dialogue_begins_reply (struct dsn_bytes line, struct dsn_bytes before, bool is_before_reply)
{
    bool is_client;

    if (!is_reply_line (line) || line.p[0] < '4')
        return false;
    return !before.n || is_before_reply || dialogue_mark (before, &is_client) || announces (before);
}

bool
dialogue_is_aftermath (struct dsn_bytes line)
{
    g_autofree char *low = g_ascii_strdown (line.p, (gssize)line.n);
    struct smtp_codes codes = smtpreply_codes (dsn_bytes_str (low), false);

    return codes.reply == 503 || (codes.status.subject == 5 && codes.status.detail == 1);
}

bool
dialogue_is_line (struct dsn_bytes line, bool *ret_is_client)
{
    static const char *const commands[] = { "rcpt to:", "mail from:", "data",  "helo",
                                            "ehlo",     "rcpt ",      "mail ", "lhlo" };
    size_t n;
    struct dsn_bytes rest;

    *ret_is_client = false;
    n = dialogue_mark (line, ret_is_client);
    if (!n)
        return is_reply_line (line);
    rest = text_trim (dsn_bytes_sub (line, n, line.n));
    if (!*ret_is_client)
        return is_reply_line (rest);
    for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
        if (text_has_prefix (rest, commands[i]))
            return true;
    return false;
}
