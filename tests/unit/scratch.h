/* A directory of a test's own, with a spool or a Maildir in it. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "daemon/spool/spool.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

/* (transfer full): scratch_remove() */
static inline char *
scratch_new (void)
{
    char *path = g_dir_make_tmp ("dsnd-unit-XXXXXX", NULL);

    g_assert_nonnull (path);
    return path;
}

/* Deletes the directory @path with all that's in it. */
static inline void
scratch_empty (const char *path)
{
    GDir *dir = g_dir_open (path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name (dir))) {
        g_autofree char *child = g_build_filename (path, name, NULL);
        if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
            scratch_empty (child);
        else
            (void)g_unlink (child);
    }
    if (dir)
        g_dir_close (dir);
    (void)g_rmdir (path);
}

static inline void
scratch_remove (char *path)
{
    scratch_empty (path);
    g_free (path);
}

/* Records @n mails of kind @kind, one event each. */
static inline void
scratch_record (struct spool *spool, unsigned n, const char *kind)
{
    g_autoptr (GString) lines = g_string_new (NULL);
    bool is_new;

    for (unsigned i = 0; i < n; i++) {
        const gsize start = lines->len;
        g_string_append_printf (
            lines, "{\"v\":1,\"seq\":%" G_GUINT64_FORMAT ",\"part\":[1,1],\"kind\":\"%s\"}",
            spool_next (spool) + i, kind);
        dsn_spoolline_finish (lines, start);
    }
    g_assert_true (
        spool_commit (spool, (struct dsn_bytes){ lines->str, lines->len }, n, &is_new, NULL));
}

#endif
