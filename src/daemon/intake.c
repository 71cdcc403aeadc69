/* Which mail is next. A file that can't be taken is remembered, so that it's counted and logged
 * once, and tried again at the next scan.
 */
#include "intake.h"

#include "known.h"
#include "log.h"
#include "sys.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>

#define TICK_S        1
#define RESCAN_TICKS  30
#define LOOKS_MAX     512   /* files looked at in one call of intake_next() */
#define NOTED_MAX     65536 /* files remembered as not takeable */
#define RETRY_FIRST_S 60
#define RETRY_LAST_S  3600

/* A mailbox with its sources. */
struct box {
    struct intake *intake;
    struct maildir *maildir;
    guint source;
    int source_fd;
    bool is_missing;
    GHashTable *taken; /* names in flight (borrowed from the mails) */
};

/* Why a file isn't taken. */
struct note {
    enum maildir_opened why;
    int64_t retry_us; /* FAILED: when to try again */
    unsigned wait_s;
};

struct intake {
    GPtrArray *boxes; /* struct box * */
    unsigned turn;    /* the box to ask first */
    void (*wake) (void *data);
    void *data;
    guint tick, n_ticks;
    struct known *known;
    GHashTable *notes; /* "mailbox/name" -> struct note */
    struct intake_counts counts;
};

static void watch_box (struct box *box);

static void
box_free (gpointer data)
{
    struct box *box = data;

    if (box->source)
        g_source_remove (box->source);
    maildir_free (box->maildir);
    g_hash_table_unref (box->taken);
    g_free (box);
}

static gboolean
watch_ready (gint fd, GIOCondition condition, gpointer data)
{
    struct box *box = data;

    (void)fd;
    (void)condition;
    maildir_read_watch (box->maildir);
    box->intake->wake (box->intake->data);
    return G_SOURCE_CONTINUE;
}

static void
watch_box (struct box *box)
{
    const int fd = maildir_watch_fd (box->maildir);

    if (fd == box->source_fd)
        return;
    if (box->source)
        g_source_remove (box->source);
    box->source = fd < 0 ? 0 : g_unix_fd_add (fd, G_IO_IN, watch_ready, box);
    box->source_fd = fd;
}

/* Looks whether the mailbox is still there, and tells when that changes. */
static void
check_box (struct box *box)
{
    g_autoptr (GError) error = NULL;
    const bool is_there = maildir_check (box->maildir, &error);

    if (!is_there && !box->is_missing)
        log_event (LOG_ERR, "mailbox-missing", "a mailbox is gone; looking for it again and again",
                   "MAILBOX", maildir_name (box->maildir), "ERROR", error->message, NULL);
    else if (is_there && box->is_missing)
        log_event (LOG_NOTICE, "mailbox-back", "a mailbox is back", "MAILBOX",
                   maildir_name (box->maildir), NULL);
    box->is_missing = !is_there;
    watch_box (box);
}

static gboolean
tick (gpointer data)
{
    struct intake *intake = data;
    const bool is_rescan = ++intake->n_ticks % RESCAN_TICKS == 0;

    for (unsigned i = 0; i < intake->boxes->len; i++) {
        struct box *box = g_ptr_array_index (intake->boxes, i);
        maildir_tick (box->maildir);
        check_box (box);
        if (is_rescan)
            maildir_rescan (box->maildir);
    }
    intake->wake (intake->data);
    return G_SOURCE_CONTINUE;
}

static struct maildir_options
options_of (const struct config_mailbox *mailbox)
{
    return (struct maildir_options){ .name = mailbox->name,
                                     .path = mailbox->path,
                                     .other_folder = mailbox->other_folder,
                                     .is_deleted = mailbox->is_deleted };
}

struct intake *
intake_new (const struct config *config, void (*wake) (void *data), void *data, GError **error)
{
    struct intake *intake = g_new0 (struct intake, 1);

    intake->wake = wake;
    intake->data = data;
    intake->boxes = g_ptr_array_new_with_free_func (box_free);
    intake->known = known_new ();
    intake->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct maildir_options options =
            options_of (g_ptr_array_index (config->mailboxes, i));
        struct box *box = g_new0 (struct box, 1);
        box->intake = intake;
        box->source_fd = -1;
        box->taken = g_hash_table_new (g_str_hash, g_str_equal);
        g_ptr_array_add (intake->boxes, box);
        box->maildir = maildir_open (&options, error);
        if (!box->maildir) {
            intake_free (intake);
            return NULL;
        }
        watch_box (box);
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
    g_ptr_array_unref (intake->boxes);
    known_free (intake->known);
    g_hash_table_unref (intake->notes);
    g_free (intake);
}

void
intake_configure (struct intake *intake, const struct config *config)
{
    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        const struct maildir_options options =
            options_of (g_ptr_array_index (config->mailboxes, i));
        maildir_configure (box->maildir, &options);
    }
}

void
intake_recover (struct intake *intake, const GPtrArray *recorded)
{
    g_autoptr (GPtrArray) mailboxes = g_ptr_array_new ();
    unsigned n;

    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        g_ptr_array_add (mailboxes, box->maildir);
    }
    n = known_recover (intake->known, recorded, mailboxes);
    intake->counts.recovered = n;
    if (n) {
        g_autofree char *number = log_number (n);
        log_event (LOG_NOTICE, "mails-recovered",
                   "moved away mails whose events were recorded before the last stop", "COUNT",
                   number, NULL);
    }
}

static char *
note_key (const struct box *box, const char *name)
{
    return g_strconcat (maildir_name (box->maildir), "/", name, NULL);
}

/* Whether the file failed to be read of late. */
static bool
is_postponed (const struct intake *intake, const struct box *box, const char *name)
{
    g_autofree char *key = NULL;
    const struct note *note;

    if (g_hash_table_size (intake->notes) == 0)
        return false;
    key = note_key (box, name);
    note = g_hash_table_lookup (intake->notes, key);
    return note && note->why == MAILDIR_FAILED && g_get_monotonic_time () < note->retry_us;
}

static void
count_note (struct intake *intake, const struct box *box, const char *name, enum maildir_opened why,
            int error)
{
    if (why == MAILDIR_SPECIAL) {
        intake->counts.special++;
        log_event (LOG_WARNING, "special-file", "a file in new is not a plain file; left alone",
                   "MAILBOX", maildir_name (box->maildir), "FILE", name, NULL);
    } else if (why == MAILDIR_DENIED) {
        intake->counts.denied++;
        log_event (LOG_WARNING, "mail-denied", "a mail may not be read; left where it is",
                   "MAILBOX", maildir_name (box->maildir), "FILE", name, NULL);
    } else {
        intake->counts.failed_reads++;
        log_event (LOG_ERR, "mail-unreadable", "a mail can't be read; tried again later", "MAILBOX",
                   maildir_name (box->maildir), "FILE", name, "ERROR", g_strerror (error), NULL);
    }
}

/* Remembers why the file isn't taken. Each name is logged once for each reason. */
static void
take_note (struct intake *intake, const struct box *box, const char *name, enum maildir_opened why)
{
    const int error = errno;
    g_autofree char *key = note_key (box, name);
    struct note *note = g_hash_table_lookup (intake->notes, key);

    if (!note || note->why != why) {
        count_note (intake, box, name, why, error);
        if (g_hash_table_size (intake->notes) >= NOTED_MAX)
            g_hash_table_remove_all (intake->notes);
        note = g_new (struct note, 1);
        *note = (struct note){ .why = why, .wait_s = RETRY_FIRST_S / 2 };
        g_hash_table_replace (intake->notes, g_steal_pointer (&key), note);
    }
    note->wait_s = MIN (note->wait_s * 2, RETRY_LAST_S);
    note->retry_us = g_get_monotonic_time () + (int64_t)note->wait_s * G_USEC_PER_SEC;
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
    if (maildir_retire (mail->mailbox, mail->name, fate)) {
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
        take_note (intake, box, name, opened);
    }
    if (opened == MAILDIR_OPENED) {
        mail->clean_name = letter_clean_name (name);
        if (!known_find (intake->known, mail, &fate))
            return mail;
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
        if (g_hash_table_contains (box->taken, name) || is_postponed (intake, box, name)) {
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
        const enum intake_result one =
            box->is_missing ? INTAKE_NONE : next_of (intake, box, &n_looks, ret_mail);
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
    take_note (intake, box_of (intake, mail->mailbox), mail->name, MAILDIR_FAILED);
    intake_done (intake, mail, false);
}

bool
intake_sync (struct intake *intake)
{
    bool is_ok = true;

    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        is_ok &= maildir_sync (box->maildir);
    }
    return is_ok;
}

void
intake_count (const struct intake *intake, struct intake_counts *ret_counts)
{
    *ret_counts = intake->counts;
    ret_counts->waiting = 0;
    ret_counts->missing = 0;
    for (unsigned i = 0; i < intake->boxes->len; i++) {
        const struct box *box = g_ptr_array_index (intake->boxes, i);
        ret_counts->waiting += maildir_waiting (box->maildir);
        ret_counts->missing += box->is_missing;
    }
}
