/* Reading the spool. Each line is judged again on its way out, so that damage is told as a gap and
 * never sent as an event.
 */
#include "daemon/socket/stream.h"

#include "daemon/socket/answer.h"
#include "daemon/base/sys.h"

#include "core/event/taxonomy.h"

#include <errno.h>

void
stream_init (struct stream *stream, uint64_t seq, unsigned kinds)
{
    *stream = (struct stream){ .seq = seq, .fd = -1, .kinds = kinds };
}

void
stream_done (struct stream *stream)
{
    sys_close (&stream->fd);
}

static void
tell_gap (struct stream *stream, uint64_t to, GString *out)
{
    answer_gap (out, stream->seq, to);
    stream->seq = to + 1;
}

static bool
is_wanted (const struct stream *stream, struct dsn_bytes line)
{
    if (stream->kinds == 0)
        return true;
    return (stream->kinds >>
            dsn_name_lookup (dsn_kind_names, _DSN_KIND_N, dsn_spoolline_kind (line))) &
           1;
}

/* Takes what is whole in @bytes, which stands at the stream's offset. Returns the bytes done with;
 * 0: more is needed to tell. */
static size_t
take_lines (struct stream *stream, const struct spool *spool, struct dsn_bytes bytes, size_t n_max,
            GString *out)
{
    const gsize start = out->len;
    size_t at = 0;

    while (at < bytes.n && out->len - start < n_max) {
        struct dsn_spoolline line;
        const struct dsn_bytes rest = dsn_bytes_sub (bytes, at, bytes.n);
        const enum dsn_spoolline_state state = dsn_spoolline_check (rest, &line);
        if (state == DSN_SPOOLLINE_TORN)
            break;
        if (state == DSN_SPOOLLINE_VALID && line.seq >= spool_next (spool))
            break; /* written and not yet durable */
        if (state == DSN_SPOOLLINE_VALID && line.seq >= stream->seq) {
            if (line.seq > stream->seq)
                tell_gap (stream, line.seq - 1, out);
            if (is_wanted (stream, dsn_bytes_sub (rest, 0, line.n_bytes))) {
                g_string_append_len (out, rest.p, (gssize)line.n_bytes);
                stream->given = line.seq;
            }
            stream->seq = line.seq + 1;
        }
        at += line.n_bytes;
    }
    return at;
}

/* Opens the segment that holds the next event; what is before the first one kept is a gap. */
static bool
open_next (struct stream *stream, const struct spool *spool, GString *out)
{
    uint64_t first;

    stream->fd = spool_open_segment (spool, stream->seq, &first);
    if (stream->fd < 0 && errno == ENOENT) {
        /* nothing is left of what was there */
        tell_gap (stream, spool_next (spool) - 1, out);
        errno = 0;
    }
    if (stream->fd < 0)
        return false;
    if (first > stream->seq)
        tell_gap (stream, first - 1, out);
    stream->first = first;
    stream->offset = 0;
    return true;
}

/* The segment's end was reached. If it's over, the events up to the next one are lost. */
static bool
leave_segment (struct stream *stream, const struct spool *spool, GString *out)
{
    uint64_t next;

    if (spool_is_live (spool, stream->first)) {
        if (spool_is_ended (spool) && stream->seq < spool_next (spool)) {
            sys_close (&stream->fd);
            tell_gap (stream, spool_next (spool) - 1, out);
        }
        return false;
    }
    sys_close (&stream->fd);
    next = spool_segment_after (spool, stream->first);
    if (next > stream->seq)
        tell_gap (stream, next - 1, out);
    return true;
}

/* Reads and takes up to @size bytes. -1: error; else the bytes done with, *ret_is_end tells whether
 * the file ends within them. */
static ssize_t
take_chunk (struct stream *stream, const struct spool *spool, size_t size, size_t n_max,
            GString *out, bool *ret_is_end)
{
    g_autofree char *buffer = g_malloc (size);
    const ssize_t n = sys_pread (stream->fd, buffer, size, (off_t)stream->offset);
    size_t done;

    if (n < 0)
        return -1;
    done = take_lines (stream, spool, (struct dsn_bytes){ buffer, (size_t)n }, n_max, out);
    stream->offset += done;
    *ret_is_end = (size_t)n < size;
    return (ssize_t)done;
}

bool
stream_read (struct stream *stream, const struct spool *spool, size_t n_bytes, GString *out)
{
    bool is_end = false;
    ssize_t done;

    errno = 0;
    if (stream->seq >= spool_next (spool) || (stream->fd < 0 && !open_next (stream, spool, out)))
        return false;
    done = take_chunk (stream, spool, n_bytes, n_bytes, out, &is_end);
    if (done == 0 && !is_end)
        done = take_chunk (stream, spool, DSN_SPOOLLINE_MAX_BYTES, n_bytes, out, &is_end);
    if (done < 0)
        return false;
    errno = 0;
    return done > 0 || leave_segment (stream, spool, out);
}
