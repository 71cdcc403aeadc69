/* One mail's own facts. */
#include "daemon/intake/letter.h"

#include "daemon/base/sys.h"

#include <string.h>

void
letter_free (struct letter *mail)
{
    if (!mail)
        return;
    sys_close (&mail->file.fd);
    dsn_report_free (mail->report);
    g_free (mail->name);
    g_free (mail->clean_name);
    g_free (mail->id);
    g_free (mail->ruleset);
    g_free (mail);
}

char *
letter_clean_name (const char *name)
{
    g_autofree char *valid = NULL;
    GString *out;
    const char *end = name;

    while (*end >= 0x20 && *end < 0x7f)
        end++;
    if (!*end) /* as nearly all are */
        return g_strdup (name);
    valid = g_utf8_make_valid (name, -1);
    out = g_string_sized_new (strlen (valid));
    for (const char *p = valid; *p; p = g_utf8_next_char (p)) {
        const gunichar c = g_utf8_get_char (p);
        g_string_append_unichar (out, c < 0x20 || (c >= 0x7f && c < 0xa0) ? '?' : c);
    }
    return g_string_free (out, FALSE);
}

char *
letter_key (const char *mailbox, const char *json_file, const struct maildir_mail *file)
{
    return g_strdup_printf ("%s/%s/%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "/%" G_GINT64_FORMAT,
                            mailbox, json_file, file->ino, file->size_bytes, file->mtime_ns);
}

struct dsn_report *
letter_unprocessable (void)
{
    struct dsn_report *report = dsn_report_new ();

    report->kind = DSN_KIND_UNPROCESSABLE;
    dsn_report_warn (report, "two worker processes ended while they read this mail");
    return report;
}

enum maildir_fate
letter_fate (enum dsn_kind kind)
{
    if (kind == DSN_KIND_OTHER)
        return MAILDIR_OTHER;
    if (kind == DSN_KIND_UNPROCESSABLE)
        return MAILDIR_UNPROCESSABLE;
    return MAILDIR_DONE;
}
