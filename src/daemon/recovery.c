/* Judging a segment. A process that died leaves whole lines and at most one torn batch at the end;
 * anything else is damage, and then nothing may be cut: the valid events behind it still count.
 */
#include "recovery.h"

#include "spool.h"

/* The mail whose events are being read: they count only when the last is there. */
struct mail {
    uint32_t n_parts, n_seen;
    size_t start; /* of its first line */
};

static void
record (GPtrArray *recorded, struct dsn_bytes line)
{
    struct dsn_spoolline_source source;
    struct spool_recorded *r;
    const struct dsn_bytes kind = dsn_spoolline_kind (line);

    if (!recorded || !dsn_spoolline_source (line, &source))
        return;
    r = g_new (struct spool_recorded, 1);
    *r = (struct spool_recorded){
        .mailbox = g_strndup (source.mailbox.n ? source.mailbox.p : "", source.mailbox.n),
        .file = g_strndup (source.file.p, source.file.n),
        .kind = g_strndup (kind.n ? kind.p : "", kind.n),
        .size_bytes = source.size_bytes,
        .ino = source.ino,
        .mtime_ns = source.mtime_ns,
    };
    g_ptr_array_add (recorded, r);
}

/* Whether @line is the next of the current mail, or starts one where none is open. */
static bool
take_part (struct mail *mail, const struct dsn_spoolline *line, size_t at)
{
    if (mail->n_seen == mail->n_parts)
        *mail = (struct mail){ .n_parts = line->n_parts, .start = at };
    if (line->part != mail->n_seen + 1 || line->n_parts != mail->n_parts)
        return false;
    mail->n_seen++;
    return true;
}

/* Looks for valid events from @at on; the seq after the last of them, 0 if there's none. */
static uint64_t
find_valid (struct dsn_bytes bytes, size_t at, uint64_t after)
{
    uint64_t next = 0;

    while (at < bytes.n) {
        struct dsn_spoolline line;
        if (dsn_spoolline_check (dsn_bytes_sub (bytes, at, bytes.n), &line) ==
                DSN_SPOOLLINE_VALID &&
            line.seq >= after && line.seq >= next)
            next = line.seq + 1;
        at += line.n_bytes;
    }
    return next;
}

struct recovery
recovery_scan (struct dsn_bytes bytes, uint64_t first, GPtrArray *recorded)
{
    struct recovery r = { .next = first };
    struct mail mail = { 0 };
    uint64_t seq = first;
    uint64_t valid_after;
    size_t at = 0;

    while (at < bytes.n) {
        struct dsn_spoolline line;
        const struct dsn_bytes rest = dsn_bytes_sub (bytes, at, bytes.n);
        if (dsn_spoolline_check (rest, &line) != DSN_SPOOLLINE_VALID || line.seq != seq ||
            !take_part (&mail, &line, at))
            break;
        at += line.n_bytes;
        seq++;
        if (mail.n_seen == mail.n_parts) {
            record (recorded, dsn_bytes_sub (rest, 0, line.n_bytes));
            r.good_bytes = at;
            r.next = seq;
        }
    }
    r.bad_bytes = bytes.n - r.good_bytes;
    valid_after = find_valid (bytes, at, r.next);
    if (valid_after) {
        r.is_damaged = true;
        r.next = valid_after;
    }
    return r;
}
