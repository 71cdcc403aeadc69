/* Watching one mailbox. */
#include "daemon/intake/box.h"

#include "daemon/base/log.h"
#include "daemon/intake/risk.h"

#include <glib-unix.h>

static gboolean
watch_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct box *box = data;

    (void)fd;
    (void)condition;
    maildir_read_watch (box->maildir);
    box->wake (box->data);
    return G_SOURCE_CONTINUE;
}

/* Without inotify the scans alone find the mails: that's slower, and worth a line. */
static void
tell_watch (struct box *box, bool is_watched)
{
    if (box->is_unwatched == !is_watched)
        return;
    box->is_unwatched = !is_watched;
    if (is_watched)
        log_event (LOG_NOTICE, "watch-back", "new mail is seen at once again", "MAILBOX",
                   maildir_name (box->maildir), NULL);
    else
        log_event (LOG_WARNING, "watch-missing",
                   "inotify can't be had, is fs.inotify.max_user_instances used up? New mail is "
                   "found by a scan every 30 s only",
                   "MAILBOX", maildir_name (box->maildir), NULL);
}

static void
watch_box (struct box *box)
{
    const int fd = maildir_watch_fd (box->maildir);

    if (!box->is_missing)
        tell_watch (box, fd >= 0);
    if (fd == box->source_fd)
        return;
    if (box->source)
        g_source_remove (box->source);
    box->source = fd < 0 ? 0 : g_unix_fd_add (fd, G_IO_IN, watch_ready, box);
    box->source_fd = fd;
}

static struct maildir_options
options_of (const struct config_mailbox *mailbox)
{
    return (struct maildir_options){ .name = mailbox->name,
                                     .path = mailbox->path,
                                     .other_folder = mailbox->other_folder,
                                     .is_deleted = mailbox->is_deleted };
}

static void
tell_risks (const struct maildir *maildir)
{
    static const enum risk all[] = { RISK_OPEN, RISK_FOREIGN, RISK_REMOTE };
    const unsigned risks = maildir_risks (maildir);

    for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
        if (risks & all[i])
            log_event (LOG_WARNING, "mailbox-risk", risk_text (all[i]), "MAILBOX",
                       maildir_name (maildir), NULL);
}

struct box *
box_new (const struct config_mailbox *mailbox, void (*wake) (void *data), void *data,
         GError **error)
{
    const struct maildir_options options = options_of (mailbox);
    struct maildir *maildir = maildir_open (&options, error);
    struct box *box;

    if (!maildir)
        return NULL;
    box = g_new0 (struct box, 1);
    box->maildir = maildir;
    box->wake = wake;
    box->data = data;
    box->source_fd = -1;
    box->taken = g_hash_table_new (g_str_hash, g_str_equal);
    tell_risks (maildir);
    watch_box (box);
    return box;
}

void
box_free (struct box *box)
{
    if (box->source)
        g_source_remove (box->source);
    maildir_free (box->maildir);
    g_hash_table_unref (box->taken);
    g_free (box);
}

void
box_configure (struct box *box, const struct config_mailbox *mailbox)
{
    const struct maildir_options options = options_of (mailbox);

    maildir_configure (box->maildir, &options);
}

void
box_tick (struct box *box)
{
    g_autoptr (GError) error = NULL;
    const bool is_there = maildir_check (box->maildir, &error);

    maildir_tick (box->maildir);
    if (!is_there && !box->is_missing)
        log_event (LOG_ERR, "mailbox-missing", "a mailbox is gone; looking for it again and again",
                   "MAILBOX", maildir_name (box->maildir), "ERROR", error->message, NULL);
    else if (is_there && box->is_missing)
        log_event (LOG_NOTICE, "mailbox-back", "a mailbox is back", "MAILBOX",
                   maildir_name (box->maildir), NULL);
    box->is_missing = !is_there;
    watch_box (box);
}
