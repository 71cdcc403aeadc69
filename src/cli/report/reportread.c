/* Lines, one after another, in a buffer of fixed size. */
#include "cli/report/reportread.h"
#include "cli/service/segments.h"
#include "cli/terminal/tty.h"

#include <dsn/bytes.h>
#include "core/event/spoolline.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#define BUFFER_BYTES (2 * DSN_SPOOLLINE_MAX_BYTES)
#define HEAD_BYTES   ((size_t)256)
#define TIME_BYTES   (sizeof "2026-11-21T08:00:00.123Z" - 1)

/* What the lines are read from. */
struct source {
    struct report_tally *tally;
    FILE *stream;
    bool is_spool;    /* lines have checksums */
    bool may_be_torn; /* an incomplete last line is no damage */

    char *buffer;
    size_t start, n;  /* what isn't read yet: buffer[start..n) */
    bool is_skipping; /* the rest of a line that's too long */
};

static bool
is_blank (struct dsn_bytes line)
{
    for (size_t i = 0; i < line.n; i++)
        if (!g_ascii_isspace (line.p[i]))
            return false;
    return true;
}

static void
take_event (struct source *s, struct dsn_bytes line)
{
    json_t *event = json_loadb (line.p, line.n, 0, NULL);

    if (event)
        report_tally_add (s->tally, event);
    else
        s->tally->n_foreign++;
    json_decref (event);
}

/* Whether the valid line of a spool isn't asked for. Our writer put its time near the start, as
 * "2026-11-21T08:00:00.123Z"; so the rest needn't be read, which is most of the work. */
static bool
skip_line (struct source *s, struct dsn_bytes line)
{
    static const char key[] = ",\"time\":\"";
    const struct dsn_bytes head = dsn_bytes_sub (line, 0, HEAD_BYTES);
    const char *at = memmem (head.p, head.n, key, sizeof key - 1);
    char text[TIME_BYTES + 1] = { 0 };

    if (!at || (size_t)(head.p + head.n - at) < sizeof key - 1 + TIME_BYTES)
        return false;
    memcpy (text, at + sizeof key - 1, TIME_BYTES);
    return report_tally_skip (s->tally, text);
}

/* A line, with its line feed if it has one. */
static void
take_line (struct source *s, struct dsn_bytes line)
{
    struct dsn_spoolline ignored;

    if (is_blank (line))
        return;
    if (!s->is_spool) {
        take_event (s, line);
        return;
    }
    switch (dsn_spoolline_check (line, &ignored)) {
    case DSN_SPOOLLINE_VALID:
        if (!skip_line (s, line))
            take_event (s, line);
        break;
    case DSN_SPOOLLINE_BAD_FORM:
    case DSN_SPOOLLINE_LATER:
        s->tally->n_foreign++;
        break;
    case DSN_SPOOLLINE_TORN:
        s->tally->n_damaged += !s->may_be_torn;
        break;
    case DSN_SPOOLLINE_TOO_LONG:
    case DSN_SPOOLLINE_BAD_CRC:
        s->tally->n_damaged++;
        break;
    default:
        g_assert_not_reached ();
    }
}

/* Takes all lines that are whole; of one that's too long, what there is. */
static void
take_lines (struct source *s)
{
    const char *end;

    while ((end = memchr (s->buffer + s->start, '\n', s->n - s->start))) {
        const size_t at = (size_t)(end - s->buffer) + 1;
        if (!s->is_skipping && at - s->start > DSN_SPOOLLINE_MAX_BYTES)
            s->tally->n_damaged++;
        else if (!s->is_skipping)
            take_line (s, (struct dsn_bytes){ s->buffer + s->start, at - s->start });
        s->is_skipping = false;
        s->start = at;
    }
    if (s->n - s->start <= DSN_SPOOLLINE_MAX_BYTES)
        return;
    s->tally->n_damaged += !s->is_skipping;
    s->is_skipping = true;
    s->start = s->n;
}

static void
read_all (struct source *s)
{
    size_t n_new;

    s->buffer = g_malloc (BUFFER_BYTES);
    do {
        memmove (s->buffer, s->buffer + s->start, s->n - s->start);
        s->n -= s->start;
        s->start = 0;
        n_new = fread (s->buffer + s->n, 1, BUFFER_BYTES - s->n, s->stream);
        s->n += n_new;
        take_lines (s);
    } while (n_new > 0);
    if (!s->is_skipping)
        take_line (s, (struct dsn_bytes){ s->buffer + s->start, s->n - s->start });
    g_free (s->buffer);
}

/* Tells what is wrong with @name; always false. */
static bool
fail (struct report_tally *tally, const char *name, const char *what)
{
    tty_complain ("%s: %s", name, what);
    tally->n_unread++;
    return false;
}

static bool
read_source (struct source *s, const char *name)
{
    read_all (s);
    return !ferror (s->stream) || fail (s->tally, name, g_strerror (errno));
}

static bool
read_path (struct source *s, const char *path)
{
    bool is_read;

    s->stream = fopen (path, "re");
    /* retention may have deleted a segment since the directory was read */
    if (!s->stream && errno == ENOENT && s->is_spool && !s->may_be_torn)
        return true;
    if (!s->stream)
        return fail (s->tally, path, g_strerror (errno));
    is_read = read_source (s, path);
    (void)fclose (s->stream);
    return is_read;
}

/* A new spool has no segment, but its id. */
static bool
has_id (const char *directory)
{
    g_autofree char *path = g_build_filename (directory, "id", NULL);

    return g_file_test (path, G_FILE_TEST_EXISTS);
}

bool
report_read_spool (struct report_tally *tally, const char *directory)
{
    g_autoptr (GPtrArray) paths = spooldir_segments (directory);
    bool is_read = true;

    if (!paths) {
        tally->n_unread++;
        return false;
    }
    if (paths->len == 0 && !has_id (directory))
        return fail (tally, directory,
                     "no spool of dsnd (for mails: dsnctl parse --json ... | dsnctl report -)");
    for (unsigned i = 0; i < paths->len; i++) {
        struct source s = { .tally = tally, .is_spool = true };
        s.may_be_torn = i + 1 == paths->len;
        is_read = read_path (&s, g_ptr_array_index (paths, i)) && is_read;
    }
    return is_read;
}

bool
report_read_file (struct report_tally *tally, const char *path)
{
    g_autofree char *name = g_path_get_basename (path);
    struct source s = { .tally = tally, .is_spool = dsn_spool_segment_seq (name) };

    s.may_be_torn = true;
    return read_path (&s, path);
}

bool
report_read_stream (struct report_tally *tally, FILE *stream, const char *name)
{
    struct source s = { .tally = tally, .stream = stream };

    return read_source (&s, name);
}
