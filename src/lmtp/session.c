/* RFC 2033 over the grammar of RFC 5321. A mail ends at CRLF "." CRLF and nothing else: what takes
 * a bare LF for a line's end there lets others smuggle mails in.
 */
#include "lmtp/session.h"

#include "lmtp/path.h"

#include <errno.h>
#include <string.h>

#define LINE_BYTES ((size_t)4096)
#define BAD_MAX    20 /* commands not understood, in a row */

enum state { STATE_COMMAND, STATE_DATA };

struct session {
    const struct session_handler *handler;
    void *data;
    char *host;
    uint64_t max_bytes, n_bytes;
    enum state state;
    GString *line; /* a command, while it isn't whole */
    bool is_line_too_long;
    bool is_greeted; /* by LHLO */
    char *sender;    /* NULL: no MAIL yet */
    GPtrArray *recipients;
    unsigned n_bad;
    /* DATA */
    unsigned n_mark; /* characters of CRLF "." CRLF seen, 2 at the start: the line begins */
    bool has_failed;
    int error; /* of the write that failed */
};

struct session *
session_new (const char *host, uint64_t max_bytes, const struct session_handler *handler,
             void *data)
{
    struct session *s = g_new0 (struct session, 1);

    s->handler = handler;
    s->data = data;
    s->host = g_strdup (host);
    s->max_bytes = max_bytes;
    s->line = g_string_new (NULL);
    s->recipients = g_ptr_array_new_with_free_func (g_free);
    return s;
}

static void
reset (struct session *s)
{
    g_clear_pointer (&s->sender, g_free);
    g_ptr_array_set_size (s->recipients, 0);
}

void
session_free (struct session *s)
{
    if (!s)
        return;
    if (s->state == STATE_DATA)
        s->handler->end (s->data);
    reset (s);
    g_ptr_array_unref (s->recipients);
    g_string_free (s->line, TRUE);
    g_free (s->host);
    g_free (s);
}

static void
say (GString *out, const char *reply)
{
    g_string_append (out, reply);
    g_string_append (out, "\r\n");
}

void
session_greet (struct session *s, GString *out)
{
    g_string_append_printf (out, "220 %s LMTP dsnd\r\n", s->host);
}

/* --- commands -------------------------------------------------------------------------------- */

static void
take_lhlo (struct session *s, struct dsn_bytes rest, GString *out)
{
    if (!rest.n) {
        say (out, "501 5.5.4 LHLO needs a name");
        return;
    }
    reset (s);
    s->is_greeted = true;
    g_string_append_printf (out,
                            "250-%s\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
                            "250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %" G_GUINT64_FORMAT "\r\n",
                            s->host, s->max_bytes);
}

static void
take_mail (struct session *s, struct dsn_bytes rest, GString *out)
{
    struct path path;

    if (!s->is_greeted)
        say (out, "503 5.5.1 LHLO first");
    else if (s->sender)
        say (out, "503 5.5.1 there is a sender already");
    else if (!path_read (rest, "FROM:", &path))
        say (out, "501 5.1.7 not understood: MAIL FROM:<address>");
    else if (!path.is_known)
        say (out, "555 5.5.4 a parameter is not supported");
    else if (path.size_bytes > s->max_bytes)
        say (out, "552 5.3.4 the mail is too large");
    else {
        s->sender = g_strndup (path.address.p, path.address.n);
        say (out, "250 2.1.0 OK");
    }
}

static void
take_rcpt (struct session *s, struct dsn_bytes rest, GString *out)
{
    struct path path;

    if (!s->sender)
        say (out, "503 5.5.1 MAIL first");
    else if (!path_read (rest, "TO:", &path) || !path.address.n)
        say (out, "501 5.1.3 not understood: RCPT TO:<address>");
    else if (!path.is_known)
        say (out, "555 5.5.4 a parameter is not supported");
    else if (s->recipients->len >= SESSION_RECIPIENTS_MAX)
        say (out, "452 4.5.3 too many recipients in one mail");
    else {
        g_ptr_array_add (s->recipients, g_strndup (path.address.p, path.address.n));
        say (out, "250 2.1.5 OK");
    }
}

static const char *
trouble (int error)
{
    return error == ENOSPC || error == EDQUOT ? "452 4.3.1 no room for the mail"
                                              : "451 4.3.0 the mail can't be stored for now";
}

static void
take_data (struct session *s, struct dsn_bytes rest, GString *out)
{
    if (rest.n)
        say (out, "501 5.5.4 DATA takes nothing");
    else if (!s->recipients->len)
        say (out, "503 5.5.1 RCPT first");
    else if (!s->handler->begin (s->data, s->sender, s->recipients)) {
        const int error = errno;
        s->handler->end (s->data);
        say (out, trouble (error));
    } else {
        s->state = STATE_DATA;
        s->n_bytes = 0;
        s->n_mark = 2;
        s->has_failed = false;
        s->error = 0;
        say (out, "354 end with a dot alone on a line");
    }
}

static void
take_rset (struct session *s, struct dsn_bytes rest, GString *out)
{
    (void)rest;
    reset (s);
    say (out, "250 2.0.0 OK");
}

static void
take_noop (struct session *s, struct dsn_bytes rest, GString *out)
{
    (void)s;
    (void)rest;
    say (out, "250 2.0.0 OK");
}

static void
take_vrfy (struct session *s, struct dsn_bytes rest, GString *out)
{
    (void)s;
    (void)rest;
    say (out, "252 2.5.0 try to deliver, then you know");
}

static const struct {
    const char *name;
    void (*take) (struct session *s, struct dsn_bytes rest, GString *out);
} commands[] = {
    { "LHLO", take_lhlo }, { "MAIL", take_mail }, { "RCPT", take_rcpt }, { "DATA", take_data },
    { "RSET", take_rset }, { "NOOP", take_noop }, { "VRFY", take_vrfy },
};

/* False: the client said QUIT, or only what isn't understood. */
static bool
take_command (struct session *s, struct dsn_bytes line, GString *out)
{
    size_t n_word = 0;
    struct dsn_bytes rest;

    while (n_word < line.n && line.p[n_word] != ' ')
        n_word++;
    rest = path_trim (dsn_bytes_sub (line, n_word, line.n));
    if (n_word == 4 && g_ascii_strncasecmp (line.p, "QUIT", 4) == 0) {
        say (out, "221 2.0.0 bye");
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
        if (n_word == 4 && g_ascii_strncasecmp (line.p, commands[i].name, 4) == 0) {
            s->n_bad = 0;
            commands[i].take (s, rest, out);
            return true;
        }
    say (out, "500 5.5.2 not understood");
    if (++s->n_bad < BAD_MAX)
        return true;
    say (out, "421 4.7.0 too many commands that are not understood");
    return false;
}

/* Takes bytes up to the end of a command's line. Returns how many; false in *ret_goes_on: the end.
 */
static size_t
take_line (struct session *s, struct dsn_bytes in, GString *out, bool *ret_goes_on)
{
    const char *end = memchr (in.p, '\n', in.n);
    const size_t n = end ? (size_t)(end + 1 - in.p) : in.n;
    struct dsn_bytes line;

    if (s->line->len + n > LINE_BYTES) {
        s->is_line_too_long = true;
        g_string_truncate (s->line, 0);
    } else {
        g_string_append_len (s->line, in.p, (gssize)n);
    }
    if (!end)
        return n;
    line = (struct dsn_bytes){ s->line->str, s->line->len };
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (s->is_line_too_long)
        say (out, "500 5.5.2 the line is too long");
    else
        *ret_goes_on = take_command (s, line, out);
    s->is_line_too_long = false;
    g_string_truncate (s->line, 0);
    return n;
}

/* --- the mail -------------------------------------------------------------------------------- */

static void
keep (struct session *s, const char *p, size_t n)
{
    s->n_bytes += n;
    if (s->has_failed || !n)
        return;
    if (s->n_bytes > s->max_bytes) {
        s->has_failed = true;
        s->error = EFBIG;
    } else if (!s->handler->write (s->data, (struct dsn_bytes){ p, n })) {
        s->has_failed = true;
        s->error = errno;
    }
}

static void
finish_mail (struct session *s, GString *out)
{
    for (unsigned i = 0; i < s->recipients->len; i++) {
        if (s->has_failed)
            say (out, s->error == EFBIG ? "552 5.3.4 the mail is too large" : trouble (s->error));
        else if (s->handler->commit (s->data, i))
            say (out, "250 2.0.0 stored");
        else
            say (out, trouble (errno));
    }
    s->handler->end (s->data);
    s->state = STATE_COMMAND;
    reset (s);
}

/* What was held back as a possible end isn't one: it's text, less the dot that the sender doubled.
 * CRLF becomes LF, as Maildirs have it; a bare CR or LF is left as it is. */
static void
keep_mark (struct session *s)
{
    switch (s->n_mark) {
    case 1: /* CR */
        keep (s, "\r", 1);
        break;
    case 4: /* CR, after a dot that began the line */
        keep (s, "\r", 1);
        break;
    default: /* CRLF was kept when it came; the dot goes */
        break;
    }
    s->n_mark = 0;
}

/* One character against CRLF "." CRLF. True: it's held back, or was the last. n_mark 2 is the start
 * of a line (its CRLF is kept already), 3 its first dot, 4 the CR after that. */
static bool
advance_mark (struct session *s, char c)
{
    if (c == '\r' && (s->n_mark == 0 || s->n_mark == 2 || s->n_mark == 3)) {
        s->n_mark = s->n_mark == 3 ? 4 : 1;
        return true;
    }
    if (c == '\n' && s->n_mark == 1) {
        keep (s, "\n", 1);
        s->n_mark = 2;
        return true;
    }
    if (c == '.' && s->n_mark == 2) {
        s->n_mark = 3;
        return true;
    }
    if (c == '\n' && s->n_mark == 4) {
        s->n_mark = 5;
        return true;
    }
    return false;
}

/* Takes bytes of the mail up to its end. Returns how many. */
static size_t
take_text (struct session *s, struct dsn_bytes in, GString *out)
{
    size_t start = 0, i = 0;

    while (i < in.n && s->n_mark != 5) {
        const char c = in.p[i];
        if (s->n_mark == 0 && c != '\r') {
            i++;
            continue;
        }
        keep (s, in.p + start, i - start);
        start = i;
        if (advance_mark (s, c)) {
            start = ++i;
        } else {
            keep_mark (s);
            /* a CR after a CR may begin the end */
            if (c != '\r')
                i++;
        }
    }
    keep (s, in.p + start, i - start);
    if (s->n_mark == 5)
        finish_mail (s, out);
    return i;
}

bool
session_take (struct session *s, struct dsn_bytes in, GString *out)
{
    bool goes_on = true;

    while (in.n && goes_on) {
        const size_t n =
            s->state == STATE_DATA ? take_text (s, in, out) : take_line (s, in, out, &goes_on);
        in = dsn_bytes_sub (in, n, in.n);
    }
    return goes_on;
}
