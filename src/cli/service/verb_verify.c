/* dsnctl verify: reads the spool as the daemon's recovery would, and changes nothing. */
#include "cli/service/segments.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include "core/event/spoolline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BUFFER_BYTES (2 * DSN_SPOOLLINE_MAX_BYTES)

/* What has been read so far, over all segments. */
struct verify {
    uint64_t first, last;   /* seqs; 0: none yet */
    uint32_t part, n_parts; /* of the last event */
    uint64_t n_events, n_mails;
    unsigned n_faults;
    bool is_torn; /* the end of the last segment is */
};

static const char *const state_words[] = {
    [DSN_SPOOLLINE_TORN] = "the file ends within a line",
    [DSN_SPOOLLINE_TOO_LONG] = "a line is longer than any that dsnd writes",
    [DSN_SPOOLLINE_BAD_FORM] = "a line isn't one of dsnd's",
    [DSN_SPOOLLINE_BAD_CRC] = "a line's checksum is wrong",
    [DSN_SPOOLLINE_LATER] = "a line was written by a later version of dsnd",
};

static void
complain (struct verify *v, const char *file, uint64_t offset, const char *what)
{
    v->n_faults++;
    tty_complain ("%s: byte %" PRIu64 ": %s", file, offset, what);
}

/* A valid line: does it go on where the one before ended? */
static void
take_line (struct verify *v, const char *file, uint64_t offset, const struct dsn_spoolline *line)
{
    if (v->last && line->seq != v->last + 1) {
        g_autofree char *what =
            g_strdup_printf ("event %" PRIu64 " follows event %" PRIu64, line->seq, v->last);
        complain (v, file, offset, what);
    } else if (v->last && line->part != (v->part == v->n_parts ? 1 : v->part + 1)) {
        complain (v, file, offset, "a mail's events aren't all there");
    }
    if (!v->first)
        v->first = line->seq;
    v->last = line->seq;
    v->part = line->part;
    v->n_parts = line->n_parts;
    v->n_events++;
    v->n_mails += line->part == 1;
}

/* Judges the line at the start of @in; its bytes. */
static size_t
check_line (struct verify *v, const char *file, uint64_t offset, struct dsn_bytes in, bool is_last)
{
    struct dsn_spoolline line = { 0 };
    const enum dsn_spoolline_state state = dsn_spoolline_check (in, &line);
    const uint64_t named = dsn_spool_segment_seq (strrchr (file, '/') + 1);

    if (state == DSN_SPOOLLINE_VALID) {
        if (offset == 0 && line.seq != named)
            complain (v, file, 0, "the first event isn't the one that the file is named for");
        take_line (v, file, offset, &line);
    } else if (state == DSN_SPOOLLINE_TORN && is_last) {
        v->is_torn = true;
    } else {
        complain (v, file, offset, state_words[state]);
    }
    return line.n_bytes;
}

/* All lines of a segment. The buffer always holds a whole line, or the file's end. */
static bool
check_segment (struct verify *v, const char *path, bool is_last)
{
    g_autofree char *buffer = g_malloc (BUFFER_BYTES);
    FILE *file = fopen (path, "re");
    size_t n = 0, n_new = 0;
    uint64_t offset = 0;
    bool is_read;

    if (!file) {
        tty_complain ("%s: %s", path, g_strerror (errno));
        return false;
    }
    do {
        size_t at = 0;
        n_new = fread (buffer + n, 1, BUFFER_BYTES - n, file);
        n += n_new;
        while (at < n && (n_new == 0 || n - at >= DSN_SPOOLLINE_MAX_BYTES)) {
            size_t used =
                check_line (v, path, offset, (struct dsn_bytes){ buffer + at, n - at }, is_last);
            at += used;
            offset += used;
        }
        memmove (buffer, buffer + at, n - at);
        n -= at;
    } while (n_new > 0);
    is_read = !ferror (file);
    if (!is_read)
        tty_complain ("%s: %s", path, g_strerror (errno));
    (void)fclose (file);
    return is_read;
}

static int
verify (const char *directory)
{
    g_autoptr (GPtrArray) paths = spooldir_segments (directory);
    struct verify v = { 0 };
    bool is_read = true;

    if (!paths)
        return EXIT_FAILED;
    for (unsigned i = 0; i < paths->len; i++)
        is_read = check_segment (&v, g_ptr_array_index (paths, i), i + 1 == paths->len) && is_read;
    (void)printf ("%u segments, %" PRIu64 " events of %" PRIu64 " mails", paths->len, v.n_events,
                  v.n_mails);
    if (v.first)
        (void)printf (", %" PRIu64 " to %" PRIu64, v.first, v.last);
    (void)printf (": %s\n", v.n_faults ? "damaged" : is_read ? "sound" : "not all could be read");
    if (v.is_torn || v.part != v.n_parts)
        (void)puts (
            "The end is not complete: dsnd is writing there, or cuts it off when it starts; "
            "its mail is still in the Maildir.");
    return v.n_faults || !is_read ? EXIT_FAILED : EXIT_OK;
}

int
verb_verify (int argc, char **argv)
{
    const GOptionEntry entries[] = { { 0 } };

    if (!verb_options (&argc, &argv, entries, "[SPOOL]",
                       "Checks the files of a spool (default: " SPOOLDIR_DEFAULT ")."))
        return EXIT_USAGE;
    if (argc > 2) {
        tty_complain ("verify: name one spool");
        return EXIT_USAGE;
    }
    return verify (argc > 1 ? argv[1] : SPOOLDIR_DEFAULT);
}
