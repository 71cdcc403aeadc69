/* Which mail is next: mailbox by mailbox, in turn. */
#include "daemon/intake/intake.h"

#include "daemon/intake/box.h"
#include "daemon/intake/known.h"
#include "daemon/base/log.h"
#include "daemon/intake/notes.h"

#include <errno.h>
#include <string.h>

#define TICK_S       1
#define RESCAN_TICKS 30
#define STUCK_MAX    1000
#define LOOKS_MAX    512 /* files looked at in one call of intake_next() */

struct intake {
    GPtrArray *boxes;     /* struct box * */
    GPtrArray *mailboxes; /* struct maildir *, the boxes' */
    GPtrArray *prepared;  /* struct box *, for the next configuration; NULL: none */
    int store_dirfd;      /* (borrowed) where stuck mails are written down; -1: not yet known */
    unsigned turn;        /* the box to ask first */
    void (*wake) (void *data);
    void *data;
    guint tick, n_ticks;
    struct known *known;
    struct notes *notes;
    struct intake_counts counts;
    bool is_blocked; /* and that was told */
};

/* Logs when too many mails are stuck, and when that's over. */
static void
tell_blocked (struct intake *intake)
{
    const char *reason = intake_blocked (intake);

    if (reason && !intake->is_blocked)
        log_event (LOG_ERR, "intake-blocked", "no mail is taken; it stays in its mailbox", "REASON",
                   reason, NULL);
    else if (!reason && intake->is_blocked)
        log_event (LOG_NOTICE, "intake-resumed", "taking mail again", NULL);
    intake->is_blocked = reason != NULL;
}

static gboolean
tick (gpointer data)
{
    struct intake *intake = data;
    const bool is_rescan = ++intake->n_ticks % RESCAN_TICKS == 0;

    for (unsigned i = 0; i < intake->boxes->len; i++) {
        struct box *box = g_ptr_array_index (intake->boxes, i);
        if (box->is_retired)
            continue;
        box_tick (box);
        if (is_rescan)
            maildir_rescan (box->maildir);
    }
    if (is_rescan)
        known_prune (intake->known);
    tell_blocked (intake);
    intake->wake (intake->data);
    return G_SOURCE_CONTINUE;
}

struct intake *
intake_new (const struct config *config, void (*wake) (void *data), void *data, GError **error)
{
    struct intake *intake = g_new0 (struct intake, 1);

    intake->wake = wake;
    intake->data = data;
    intake->boxes = g_ptr_array_new_with_free_func ((GDestroyNotify)box_free);
    intake->mailboxes = g_ptr_array_new ();
    intake->store_dirfd = -1;
    intake->known = known_new (intake->mailboxes);
    intake->notes = notes_new ();
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        struct box *box = box_new (g_ptr_array_index (config->mailboxes, i), wake, data, error);
        if (!box) {
            intake_free (intake);
            return NULL;
        }
        g_ptr_array_add (intake->boxes, box);
        g_ptr_array_add (intake->mailboxes, box->maildir);
    }
    intake->tick = g_timeout_add_seconds (TICK_S, tick, intake);
    return intake;
}

void
intake_free (struct intake *intake)
{
    if (!intake)
        return;
    if (intake->tick)
        g_source_remove (intake->tick);
    known_free (intake->known);
    intake_forget_prepared (intake);
    g_ptr_array_unref (intake->mailboxes);
    g_ptr_array_unref (intake->boxes);
    notes_free (intake->notes);
    g_free (intake);
}

/* Of @boxes, that of the mailbox; NULL: none is. */
static struct box *
find_box (const GPtrArray *boxes, const struct config_mailbox *mailbox)
{
    for (unsigned i = 0; boxes && i < boxes->len; i++) {
        struct box *box = g_ptr_array_index (boxes, i);
        if (strcmp (maildir_name (box->maildir), mailbox->name) == 0 &&
            strcmp (maildir_path (box->maildir), mailbox->path) == 0)
            return box;
    }
    return NULL;
}

void
intake_forget_prepared (struct intake *intake)
{
    g_clear_pointer (&intake->prepared, g_ptr_array_unref);
}

bool
intake_prepare (struct intake *intake, const struct config *config, GError **error)
{
    intake_forget_prepared (intake);
    intake->prepared = g_ptr_array_new_with_free_func ((GDestroyNotify)box_free);
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = g_ptr_array_index (config->mailboxes, i);
        struct box *box = NULL;
        if (find_box (intake->boxes, mailbox))
            continue;
        box = box_new (mailbox, intake->wake, intake->data, error);
        if (!box) {
            intake_forget_prepared (intake);
            return false;
        }
        g_ptr_array_add (intake->prepared, box);
    }
    return true;
}

void
intake_configure (struct intake *intake, const struct config *config)
{
    while (intake->prepared && intake->prepared->len) {
        struct box *box = g_ptr_array_steal_index (intake->prepared, 0);
        g_ptr_array_add (intake->boxes, box);
        g_ptr_array_add (intake->mailboxes, box->maildir);
    }
    intake_forget_prepared (intake);
    for (unsigned i = 0; i < intake->boxes->len; i++)
        ((struct box *)g_ptr_array_index (intake->boxes, i))->is_retired = true;
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = g_ptr_array_index (config->mailboxes, i);
        struct box *box = find_box (intake->boxes, mailbox);
        if (!box) /* each was there, or prepared */
            continue;
        box->is_retired = false;
        box_configure (box, mailbox);
        maildir_rescan (box->maildir);
    }
}

void
intake_recover (struct intake *intake, const GPtrArray *recorded, int dirfd)
{
    unsigned n;

    intake->store_dirfd = dirfd;
    if (!known_load (intake->known, dirfd))
        log_event (LOG_ERR, "stuck-list", "can't read which recorded mails are still in new",
                   "ERROR", g_strerror (errno), NULL);
    n = known_recover (intake->known, recorded);
    if (n) {
        g_autofree char *number = log_number (n);
        log_event (LOG_NOTICE, "mails-recovered",
                   "moved away mails whose events were recorded before the last stop", "COUNT",
                   number, NULL);
    }
}

const char *
intake_blocked (const struct intake *intake)
{
    return known_stuck (intake->known) >= STUCK_MAX
               ? "1000 mails are recorded and can't be moved out of new; mend that, and they go"
               : NULL;
}

static struct box *
box_of (const struct intake *intake, const struct maildir *maildir)
{
    for (unsigned i = 0; i < intake->boxes->len; i++) {
        struct box *box = g_ptr_array_index (intake->boxes, i);
        if (box->maildir == maildir)
            return box;
    }
    g_assert_not_reached ();
}

/* Moves the mail away, or remembers that this is still to be done. */
static void
retire (struct intake *intake, const struct letter *mail, enum maildir_fate fate)
{
    if (maildir_retire (mail->mailbox, mail->name, &mail->file, fate)) {
        known_remove (intake->known, mail);
        return;
    }
    if (!known_find (intake->known, mail, &fate)) {
        intake->counts.failed_moves++;
        log_event (LOG_ERR, "mail-stuck",
                   "a mail is recorded but can't be moved out of new; tried again at each scan",
                   "MAILBOX", maildir_name (mail->mailbox), "FILE", mail->name, "ERROR",
                   g_strerror (errno), NULL);
    }
    known_add (intake->known, mail, fate);
}

/* Makes a mail of the file @name (transfer full); NULL if it isn't to be taken. */
static struct letter *
open_mail (struct intake *intake, struct box *box, char *name, bool *ret_is_out_of_fds)
{
    struct letter *mail = g_new0 (struct letter, 1);
    enum maildir_fate fate;
    enum maildir_opened opened;

    mail->mailbox = box->maildir;
    mail->name = name;
    mail->file.fd = -1;
    opened = maildir_open_mail (box->maildir, name, &mail->file);
    if (opened == MAILDIR_FAILED && (errno == EMFILE || errno == ENFILE)) {
        *ret_is_out_of_fds = true;
        maildir_rescan (box->maildir);
    } else if (opened != MAILDIR_OPENED && opened != MAILDIR_GONE) {
        notes_take (intake->notes, box->maildir, name, opened);
    }
    if (opened == MAILDIR_OPENED) {
        mail->clean_name = letter_clean_name (name);
        const bool is_known = known_find (intake->known, mail, &fate);
        if (!is_known && !intake_blocked (intake))
            return mail;
        if (is_known)
            retire (intake, mail, fate);
    }
    letter_free (mail);
    return NULL;
}

/* The next mail of one mailbox. */
static enum intake_result
next_of (struct intake *intake, struct box *box, unsigned *n_looks, struct letter **ret_mail)
{
    bool is_working = false;
    bool is_out_of_fds = false;

    while ((*n_looks)++ < LOOKS_MAX) {
        char *name = maildir_next (box->maildir, &is_working);
        struct letter *mail;
        if (!name && !is_working)
            return INTAKE_NONE;
        if (!name)
            return INTAKE_AGAIN;
        if (g_hash_table_contains (box->taken, name) ||
            notes_is_postponed (intake->notes, box->maildir, name)) {
            g_free (name);
            continue;
        }
        mail = open_mail (intake, box, name, &is_out_of_fds);
        if (is_out_of_fds)
            return INTAKE_PAUSE;
        if (mail) {
            g_hash_table_add (box->taken, mail->name);
            intake->counts.in_flight++;
            *ret_mail = mail;
            return INTAKE_MAIL;
        }
    }
    return INTAKE_AGAIN;
}

enum intake_result
intake_next (struct intake *intake, struct letter **ret_mail)
{
    enum intake_result result = INTAKE_NONE;
    unsigned n_looks = 0;

    for (unsigned i = 0; i < intake->boxes->len; i++) {
        struct box *box =
            g_ptr_array_index (intake->boxes, (intake->turn + i) % intake->boxes->len);
        const enum intake_result one = box->is_missing || box->is_retired
                                           ? INTAKE_NONE
                                           : next_of (intake, box, &n_looks, ret_mail);
        if (one == INTAKE_MAIL || one == INTAKE_PAUSE) {
            intake->turn = (intake->turn + i + 1) % intake->boxes->len;
            return one;
        }
        if (one == INTAKE_AGAIN)
            result = INTAKE_AGAIN;
    }
    return result;
}

void
intake_done (struct intake *intake, struct letter *mail, bool is_durable)
{
    if (is_durable)
        retire (intake, mail, letter_fate (mail->report->kind));
    (void)g_hash_table_remove (box_of (intake, mail->mailbox)->taken, mail->name);
    intake->counts.in_flight--;
    letter_free (mail);
}

void
intake_failed (struct intake *intake, struct letter *mail)
{
    notes_take (intake->notes, mail->mailbox, mail->name, MAILDIR_FAILED);
    intake_done (intake, mail, false);
}

void
intake_sync (struct intake *intake)
{
    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        if (!maildir_sync (box->maildir))
            log_event (LOG_ERR, "mailbox-sync", "can't make moves in a mailbox durable", "ERROR",
                       g_strerror (errno), NULL);
    }
    if (intake->store_dirfd >= 0 && !known_store (intake->known, intake->store_dirfd))
        log_event (LOG_ERR, "stuck-list", "can't write down which recorded mails are still in new",
                   "ERROR", g_strerror (errno), NULL);
}

void
intake_count (const struct intake *intake, struct intake_counts *ret_counts)
{
    const struct notes_counts *files = notes_counts (intake->notes);

    *ret_counts = intake->counts;
    ret_counts->special = files->special;
    ret_counts->denied = files->denied;
    ret_counts->failed_reads = files->failed_reads;
    ret_counts->stuck = known_stuck (intake->known);
    ret_counts->waiting = 0;
    ret_counts->missing = 0;
    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        if (box->is_retired)
            continue;
        ret_counts->waiting += maildir_waiting (box->maildir);
        ret_counts->missing += box->is_missing;
    }
}
