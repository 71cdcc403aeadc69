/* Codes in a refusal's text.
 */
#include "core/bytes/smtpreply.h"

#include "core/bytes/text.h"

/* How sure it is that a number is a code: what stands around it decides. */
enum surety { NOT_A_CODE, MAYBE, LIKELY, SURE };

static char
char_at (struct dsn_bytes text, size_t at)
{
    return at < text.n ? text.p[at] : '\0';
}

/* Whether the word before @at is one of those that announce a code. */
static bool
is_announced (struct dsn_bytes text, size_t at)
{
    static const char *const words[] = {
        "status:", "status",  "status=",   "code:",    "code",       "code=",      "error:",
        "error",   "said:",   "smtp;",     "smtp",     "dsn=",       "reply:",     "reply",
        "was:",    "result:", "response:", "returned", "mta:",       "responded:", "with",
        "reason:", "because", "code is",   "lmtp;",    "error_code",
    };

    while (at > 0 && strchr (" ([<#\"':;-", text.p[at - 1]))
        at--;
    /* the punctuation may belong to the word */
    while (at < text.n && strchr (":;=", text.p[at]))
        at++;
    for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
        if (text_has_suffix (dsn_bytes_sub (text, 0, at), words[i]))
            return true;
    return false;
}

/* Words before a number that make it a count. */
static bool
is_counted (struct dsn_bytes text, size_t at)
{
    static const char *const words[] = { "bytes):", "bytes:", "size:",  "lines:",    "line",
                                         "port",    "size",   "queue:", "attempts:", "limit:",
                                         "id:",     "uid:",   "ext.",   "ext",       "extension",
                                         "ext:",    "phone:", "tel.",   "tel:",      "telephone:",
                                         "fax:",    "fax",    "room" };
    struct dsn_bytes before = text_trim (dsn_bytes_sub (text, at > 16 ? at - 16 : 0, at));

    for (size_t i = 0; i < G_N_ELEMENTS (words); i++) {
        size_t n = strlen (words[i]);
        if (text_has_suffix (before, words[i]) &&
            (before.n == n || !g_ascii_isalnum (before.p[before.n - n - 1])))
            return true;
    }
    return false;
}

/* Whether what follows the number at @at counts or measures it: "450 of 450", "512 MB". */
static bool
is_measured (struct dsn_bytes text, size_t at)
{
    static const char *const units[] = { "b",         "kb",    "mb",     "gb",     "tb",
                                         "kib",       "mib",   "gib",    "k",      "m",
                                         "g",         "bytes", "kbytes", "mbytes", "kilobytes",
                                         "megabytes", "%" };
    struct dsn_bytes rest = dsn_bytes_sub (text, at + 3, text.n);
    size_t n = 0;

    if (text_has_prefix (rest, " of "))
        return g_ascii_isdigit (char_at (rest, strlen (" of ")));
    rest = text_trim (rest);
    while (n < rest.n && (g_ascii_isalpha (rest.p[n]) || rest.p[n] == '%'))
        n++;
    for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
        if (n == strlen (units[i]) && text_has_prefix (rest, units[i]))
            return true;
    return false;
}

/* Digits in a row from @at on. */
static size_t
count_digits (struct dsn_bytes text, size_t at)
{
    size_t n = 0;

    while (g_ascii_isdigit (char_at (text, at + n)))
        n++;
    return n;
}

/* Whether the three digits at @at are a group of a telephone number: "421-550-5110", "+49 421 55",
 * "(421) 555-0142". */
static bool
is_in_phone_number (struct dsn_bytes text, size_t at)
{
    size_t next = count_digits (text, at + 4), before = 0;

    if (at && text.p[at - 1] == '(' && char_at (text, at + 3) == ')')
        return next || count_digits (text, at + 5);
    if (char_at (text, at + 3) == '-' && next >= 2 &&
        (next > 3 ||
         (char_at (text, at + 4 + next) == '-' && g_ascii_isdigit (char_at (text, at + 5 + next)))))
        return true;
    /* "+", the country's digits, a blank */
    if (at < 3 || text.p[at - 1] != ' ')
        return false;
    while (before < 4 && at > before + 1 && g_ascii_isdigit (text.p[at - 2 - before]))
        before++;
    return before && at > before + 1 && text.p[at - 2 - before] == '+';
}

static enum surety
reply_surety (struct dsn_bytes text, size_t at)
{
    char before = at ? text.p[at - 1] : '\0';
    char after = char_at (text, at + 3);
    struct dsn_status s;

    if (g_ascii_isdigit (after) || (before && !strchr (" ([<#\"':;-=>,|/*\n", before)))
        return NOT_A_CODE;
    if (after && !strchr (" -:,.;)]>#\"'/_\n", after))
        return NOT_A_CODE;
    if (after == '.' && g_ascii_isalnum (char_at (text, at + 4)))
        return NOT_A_CODE;
    if (after == ',' && g_ascii_isdigit (char_at (text, at + 4)))
        return NOT_A_CODE;
    /* a port, a time, a date, a part of a number or of a path */
    if (at > 1 && strchr (":-/,.", before) &&
        (g_ascii_isalnum (text.p[at - 2]) || text.p[at - 2] == ']'))
        return NOT_A_CODE;
    if (is_in_phone_number (text, at))
        return NOT_A_CODE;
    if (dsn_status_scan (dsn_bytes_sub (text, at + 4, text.n), &s) ||
        (char_at (text, at + 4) == '#' &&
         dsn_status_scan (dsn_bytes_sub (text, at + 5, text.n), &s)) ||
        (after == '-' && (char_at (text, at + 4) == '4' || char_at (text, at + 4) == '5')))
        return SURE;
    if (is_counted (text, at) || is_measured (text, at))
        return NOT_A_CODE;
    if (at == 0 || before == '\n' || is_announced (text, at) || before == '>' || before == '<')
        return SURE;
    /* "<<< 550 user unknown", "550 <user@example.net>: ..." */
    if (after == ' ' && ((at > 1 && strchr ("<>", text.p[at - 2]) && before == ' ') ||
                         char_at (text, at + 4) == '<'))
        return SURE;
    if (after == ' ' && g_ascii_isdigit (char_at (text, at + 4)))
        return MAYBE;
    return before == '(' || before == '[' || before == '<' || (at > 1 && text.p[at - 2] == ':') ||
                   (at > 1 && strchr (".)];", text.p[at - 2]))
               ? LIKELY
               : MAYBE;
}

/* Whether a reply code stands right before @at: "550 5.1.1", "550-5.1.1", "550 (#5.1.1",
 * "550-'5.1.1". */
static bool
follows_reply (struct dsn_bytes text, size_t at)
{
    unsigned reply = 0;
    size_t gap = 0;

    while (gap < 4 && at > gap && strchr (" -#(<'\"", text.p[at - gap - 1]))
        gap++;
    return gap && at >= gap + 3 && (at == gap + 3 || !g_ascii_isalnum (text.p[at - gap - 4])) &&
           text_scan_number (dsn_bytes_sub (text, at - gap - 3, at - gap), 599, &reply) == 3 &&
           reply >= 200;
}

static enum surety
status_surety (struct dsn_bytes text, size_t at, size_t n)
{
    char before = at ? text.p[at - 1] : '\0';
    char after = char_at (text, at + n);

    if (g_ascii_isalnum (before) || (before && strchr ("./\\@_", before)))
        return NOT_A_CODE;
    if (g_ascii_isalpha (after) && !(after == 'x'))
        return NOT_A_CODE;
    if (after == '@' ||
        (after == '-' && g_ascii_isalnum (char_at (text, at + n + 1)) && !g_ascii_isdigit (before)))
        return MAYBE;
    if (follows_reply (text, at))
        return SURE;
    if (before == '#' || before == '(' || before == '<' || at == 0 || before == '\n' ||
        is_announced (text, at))
        return LIKELY;
    return after == ' ' || after == ')' || after == ':' || after == '\0' || after == ']'
               ? MAYBE
               : NOT_A_CODE;
}

/* A word like a product's name before the number makes it a version: "exim 4.94.2". */
static bool
is_version (struct dsn_bytes text, size_t at)
{
    static const char *const products[] = { "exim",    "postfix", "sendmail", "version", "ver",
                                            "release", "server",  "v",        "rev",     "courier",
                                            "james",   "amavis",  "rspamd",   "mta",     "qmail" };
    struct dsn_bytes before = text_trim (dsn_bytes_sub (text, at > 24 ? at - 24 : 0, at));

    for (size_t i = 0; i < G_N_ELEMENTS (products); i++) {
        size_t n = strlen (products[i]);
        if (text_has_suffix (before, products[i]) &&
            (before.n == n || !g_ascii_isalnum (before.p[before.n - n - 1])))
            return true;
    }
    return false;
}

static bool
is_wrapper (struct dsn_status s)
{
    return (s.subject == 0 && s.detail == 0) || dsn_status_is_expiry (s);
}

static struct dsn_status
find_status (struct dsn_bytes text, bool any_class)
{
    struct dsn_status best = { 0 };
    int best_score = 0;

    for (size_t at = 0; at + 4 < text.n; at++) {
        struct dsn_status s = { 0 };
        size_t n;
        enum surety surety;
        int score;

        if (text.p[at + 1] != '.' ||
            (n = dsn_status_scan (dsn_bytes_sub (text, at, text.n), &s)) == 0)
            continue;
        if (s.cls == 2 && !any_class)
            continue;
        surety = status_surety (text, at, n);
        if (surety == NOT_A_CODE || (surety == MAYBE && is_version (text, at)))
            continue;
        /* what says something beats a wrapper, however sure the wrapper is */
        score = (int)surety + (is_wrapper (s) ? 0 : dsn_status_is_specific (s) ? 6 : 4);
        if (score > best_score) {
            best_score = score;
            best = s;
        }
    }
    return best;
}

/* Whether @status stands right behind the reply code at @at. */
static bool
is_followed_by (struct dsn_bytes text, size_t at, struct dsn_status status)
{
    struct dsn_status s;
    size_t next = at + 4;

    if (char_at (text, next) == '#' || char_at (text, next) == '<')
        next++;
    return dsn_status_scan (dsn_bytes_sub (text, next, text.n), &s) && dsn_status_equal (s, status);
}

static unsigned
find_reply (struct dsn_bytes text, struct dsn_status status, bool any_class)
{
    unsigned cls = status.cls;
    unsigned best = 0;
    int best_score = 0;

    for (size_t at = 0; at + 3 <= text.n; at++) {
        unsigned value = 0;
        enum surety surety;
        int score;

        if (text.p[at] != '4' && text.p[at] != '5' && !(any_class && text.p[at] == '2'))
            continue;
        if (text_scan_number (dsn_bytes_sub (text, at, at + 3), 599, &value) != 3 ||
            (at && g_ascii_isdigit (text.p[at - 1])))
            continue;
        surety = reply_surety (text, at);
        if (surety == NOT_A_CODE)
            continue;
        score = (int)surety * 2 + (cls && value / 100 == cls ? 3 : 0) +
                (cls && is_followed_by (text, at, status) ? 3 : 0);
        /* a lone number in running text is a count more often than a code */
        if (surety == MAYBE && !(cls && value / 100 == cls))
            continue;
        if (score > best_score) {
            best_score = score;
            best = value;
        }
    }
    return best;
}

struct smtp_codes
smtpreply_codes (struct dsn_bytes text, bool any_class)
{
    struct smtp_codes codes = { 0 };

    codes.status = find_status (text, any_class);
    codes.reply = find_reply (text, codes.status, any_class);
    return codes;
}

unsigned
smtpreply_sure (struct dsn_bytes text)
{
    return find_reply (text, (struct dsn_status){ 0 }, false);
}

unsigned
smtpreply_of_class (struct dsn_bytes text, unsigned cls)
{
    for (size_t at = 1; at + 4 < text.n; at++) {
        unsigned value = 0;

        if (text.p[at - 1] == ' ' && text.p[at + 3] == ' ' && g_ascii_isalpha (text.p[at + 4]) &&
            text_scan_number (dsn_bytes_sub (text, at, at + 3), 599, &value) == 3 &&
            value / 100 == cls && reply_surety (text, at) != NOT_A_CODE)
            return value;
    }
    return 0;
}
