/* The words of the socket's protocol. */
#include "daemon/socket/command.h"

#include <string.h>

#define WORDS_MAX 4

/* Splits at single or repeated blanks; a carriage return at the end is forgiven. */
static unsigned
split (struct dsn_bytes line, struct dsn_bytes words[WORDS_MAX + 1])
{
    unsigned n = 0;
    size_t at = 0;

    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    while (n <= WORDS_MAX) {
        size_t start;
        while (at < line.n && line.p[at] == ' ')
            at++;
        if (at == line.n)
            break;
        start = at;
        while (at < line.n && line.p[at] != ' ')
            at++;
        words[n++] = dsn_bytes_sub (line, start, at);
    }
    return n;
}

static bool
is_word (struct dsn_bytes in, const char *word)
{
    return in.n == strlen (word) && g_ascii_strncasecmp (in.p, word, in.n) == 0;
}

static bool
read_seq (struct dsn_bytes in, uint64_t *ret)
{
    uint64_t value = 0;

    if (in.n == 0 || in.n > 18)
        return false;
    for (size_t i = 0; i < in.n; i++) {
        if (!g_ascii_isdigit (in.p[i]))
            return false;
        value = value * 10 + (unsigned)(in.p[i] - '0');
    }
    *ret = value;
    return true;
}

static bool
read_name (struct dsn_bytes in, struct command *command)
{
    if (in.n > CONSUMER_NAME_MAX || memchr (in.p, '\0', in.n))
        return false;
    memcpy (command->name, in.p, in.n);
    command->name[in.n] = '\0';
    return consumer_is_name (command->name);
}

/* Reads "bounce,complaint". */
static bool
read_kinds (struct dsn_bytes in, unsigned *ret)
{
    unsigned kinds = 0;
    size_t at = 0;

    while (at <= in.n) {
        const char *comma = at < in.n ? memchr (in.p + at, ',', in.n - at) : NULL;
        const size_t end = comma ? (size_t)(comma - in.p) : in.n;
        const unsigned kind =
            dsn_name_lookup (dsn_kind_names, _DSN_KIND_N, dsn_bytes_sub (in, at, end));
        if (kind == 0)
            return false;
        kinds |= 1u << kind;
        at = end + 1;
    }
    *ret = kinds;
    return true;
}

static const char *
parse_follow (const struct dsn_bytes *words, unsigned n, struct command *command)
{
    static const char kinds_key[] = "kinds=";
    const size_t n_key = sizeof kinds_key - 1;
    const bool is_anonymous = n > 1 && is_word (words[1], "-");

    if (n < 2)
        return "FOLLOW needs the name of a consumer, or - for none";
    if (!is_anonymous && !read_name (words[1], command))
        return "a consumer's name has at most 64 letters, digits, '.', '-' and '_'";
    command->from = COMMAND_FROM_NEXT;
    for (unsigned i = 2; i < n; i++) {
        if (words[i].n > n_key && memcmp (words[i].p, kinds_key, n_key) == 0) {
            if (!read_kinds (dsn_bytes_sub (words[i], n_key, words[i].n), &command->kinds))
                return "kinds= takes kinds of events, separated by commas";
        } else if (!is_anonymous) {
            return "a named consumer resumes where it was; only FOLLOW - takes a position";
        } else if (is_word (words[i], "first")) {
            command->from = COMMAND_FROM_FIRST;
        } else if (is_word (words[i], "next")) {
            command->from = COMMAND_FROM_NEXT;
        } else if (read_seq (words[i], &command->seq)) {
            command->from = COMMAND_FROM_SEQ;
        } else {
            return "FOLLOW - takes first, next or the number of an event";
        }
    }
    return NULL;
}

const char *
command_parse (struct dsn_bytes line, struct command *ret_command)
{
    struct dsn_bytes words[WORDS_MAX + 1];
    const unsigned n = line.n > COMMAND_LINE_MAX ? 0 : split (line, words);

    *ret_command = (struct command){ 0 };
    if (line.n > COMMAND_LINE_MAX)
        return "a line has at most 256 bytes";
    if (n == 0 || n > WORDS_MAX)
        return "say FOLLOW, ACK, STATUS or FORGET";
    if (is_word (words[0], "FOLLOW")) {
        ret_command->verb = COMMAND_FOLLOW;
        return parse_follow (words, n, ret_command);
    }
    if (is_word (words[0], "ACK")) {
        ret_command->verb = COMMAND_ACK;
        return n == 2 && read_seq (words[1], &ret_command->seq)
                   ? NULL
                   : "ACK needs the number of the last event that is done";
    }
    if (is_word (words[0], "STATUS")) {
        ret_command->verb = COMMAND_STATUS;
        return n == 1 ? NULL : "STATUS stands alone";
    }
    if (is_word (words[0], "FORGET")) {
        ret_command->verb = COMMAND_FORGET;
        return n == 2 && read_name (words[1], ret_command) ? NULL
                                                           : "FORGET needs the name of a consumer";
    }
    return "say FOLLOW, ACK, STATUS or FORGET";
}
