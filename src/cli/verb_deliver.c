/* dsnctl deliver: a mail from standard input into a Maildir, for a mail system's pipe or a
 * .forward. The exit codes are those of sysexits.h, which mail systems read: 75 asks to try again.
 */
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"
#include "maildrop/maildrop.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define CHUNK_BYTES  ((size_t)64 * 1024)
#define FIELD_BYTES  1000
#define SIZE_DEFAULT "50M"
#define KIB          UINT64_C (1024)

struct deliver_arguments {
    char *recipient, *sender, *max_size;
};

/* "50M"; 0: it's no size. */
static uint64_t
read_size (const char *text)
{
    char *end = NULL;
    const uint64_t n = g_ascii_strtoull (text, &end, 10);
    const uint64_t unit = *end == 'K'   ? KIB
                          : *end == 'M' ? KIB * KIB
                          : *end == 'G' ? KIB * KIB * KIB
                                        : 1;

    if (end == text || !g_ascii_isdigit (*text) || (*end && (unit == 1 || end[1])) ||
        n > UINT64_MAX / unit)
        return 0;
    return n * unit;
}

/* What stands in a header field must be one line of it. */
static bool
is_field_value (const char *value)
{
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return false;
    return strlen (value) <= FIELD_BYTES;
}

/* The envelope, which the mail itself doesn't have: Return-Path, and the address that it came to as
 * Postfix names it. */
static void
append_envelope (GString *out, const struct deliver_arguments *a)
{
    if (a->sender)
        g_string_append_printf (out, "Return-Path: <%s>\n", a->sender);
    if (a->recipient)
        g_string_append_printf (out, "X-Original-To: %s\n", a->recipient);
}

static int
fail (const char *what)
{
    tty_complain ("deliver: %s: %s", what, g_strerror (errno));
    return EX_TEMPFAIL;
}

/* Leaves out the line "From sender date" of mbox files, which local(8) and others pass, at the
 * start of the first piece. */
static struct dsn_bytes
without_mbox_line (struct dsn_bytes first)
{
    const char *end =
        first.n > 5 && memcmp (first.p, "From ", 5) == 0 ? memchr (first.p, '\n', first.n) : NULL;

    return end ? dsn_bytes_sub (first, (size_t)(end + 1 - first.p), first.n) : first;
}

static int
copy (struct maildrop *drop, struct maildrop_mail *mail, uint64_t max_bytes, const char *path)
{
    g_autofree char *buffer = g_malloc (CHUNK_BYTES);
    uint64_t n_all = 0;
    ssize_t n;

    while ((n = read (STDIN_FILENO, buffer, CHUNK_BYTES)) != 0) {
        struct dsn_bytes piece = { buffer, n > 0 ? (size_t)n : 0 };
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail ("standard input");
        if (n_all == 0)
            piece = without_mbox_line (piece);
        n_all += (uint64_t)n;
        if (n_all > max_bytes) {
            tty_complain ("deliver: the mail is larger than --max-size");
            return EX_DATAERR;
        }
        if (!maildrop_write (mail, piece))
            return fail (path);
    }
    if (n_all == 0) {
        tty_complain ("deliver: there's no mail on standard input");
        return EX_DATAERR;
    }
    return maildrop_commit (drop, mail) ? EX_OK : fail (path);
}

static int
deliver (const struct deliver_arguments *a, uint64_t max_bytes, const char *path)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) envelope = g_string_new (NULL);
    struct maildrop *drop = maildrop_open (path, &error);
    struct maildrop_mail mail = { 0 };
    int status;

    if (!drop) {
        tty_complain ("deliver: %s", error->message);
        return EX_TEMPFAIL;
    }
    append_envelope (envelope, a);
    if (!maildrop_begin (drop, &mail) ||
        !maildrop_write (&mail, (struct dsn_bytes){ envelope->str, envelope->len }))
        status = fail (path);
    else
        status = copy (drop, &mail, max_bytes, path);
    maildrop_drop (drop, &mail);
    maildrop_free (drop);
    return status;
}

int
verb_deliver (int argc, char **argv)
{
    struct deliver_arguments a = { 0 };
    const GOptionEntry entries[] = {
        { "recipient", 'r', 0, G_OPTION_ARG_STRING, &a.recipient,
          "The address that the mail was sent to: becomes X-Original-To", "ADDRESS" },
        { "sender", 'f', 0, G_OPTION_ARG_STRING, &a.sender,
          "The envelope's sender: becomes Return-Path", "ADDRESS" },
        { "max-size", 0, 0, G_OPTION_ARG_STRING, &a.max_size,
          "Refuse a larger mail (default: " SIZE_DEFAULT ")", "SIZE" },
        { 0 },
    };
    int status = EX_TEMPFAIL;
    uint64_t max_bytes;

    if (!verb_options (
            &argc, &argv, entries, "MAILDIR",
            "A mail from standard input into a Maildir, safe on disk when it ends with 0."))
        return EX_TEMPFAIL;
    max_bytes = read_size (a.max_size ? a.max_size : SIZE_DEFAULT);
    if (argc != 2)
        tty_complain ("deliver: name one Maildir");
    else if (!max_bytes)
        tty_complain ("deliver: '%s' is no size; write it as %s", a.max_size, SIZE_DEFAULT);
    else if (!is_field_value (a.recipient ? a.recipient : "") ||
             !is_field_value (a.sender ? a.sender : ""))
        tty_complain ("deliver: an address holds control characters, or is too long");
    else
        status = deliver (&a, max_bytes, argv[1]);
    g_free (a.recipient);
    g_free (a.sender);
    g_free (a.max_size);
    return status;
}
