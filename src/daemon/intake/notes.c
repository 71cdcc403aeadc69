/* Remembering files by mailbox and name. The table is bounded: when it's full it starts anew, and
 * what is still there is logged once more.
 */
#include "daemon/intake/notes.h"

#include "daemon/base/log.h"

#include <errno.h>

#define NOTES_MAX     65536
#define RETRY_FIRST_S 60
#define RETRY_LAST_S  3600

struct note {
    enum maildir_opened why;
    int64_t retry_us; /* FAILED: when to try again, monotonic */
    unsigned wait_s;
};

struct notes {
    GHashTable *all; /* "mailbox/name" -> struct note */
    struct notes_counts counts;
};

struct notes *
notes_new (void)
{
    struct notes *notes = g_new0 (struct notes, 1);

    notes->all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    return notes;
}

void
notes_free (struct notes *notes)
{
    if (!notes)
        return;
    g_hash_table_unref (notes->all);
    g_free (notes);
}

static char *
key_of (const struct maildir *maildir, const char *name)
{
    return g_strconcat (maildir_name (maildir), "/", name, NULL);
}

static void
count (struct notes *notes, const struct maildir *maildir, const char *name,
       enum maildir_opened why, int error)
{
    if (why == MAILDIR_SPECIAL) {
        notes->counts.special++;
        log_event (LOG_WARNING, "special-file", "a file in new is not a plain file; left alone",
                   "MAILBOX", maildir_name (maildir), "FILE", name, NULL);
    } else if (why == MAILDIR_DENIED) {
        notes->counts.denied++;
        log_event (LOG_WARNING, "mail-denied", "a mail may not be read; left where it is",
                   "MAILBOX", maildir_name (maildir), "FILE", name, NULL);
    } else {
        notes->counts.failed_reads++;
        log_event (LOG_ERR, "mail-unreadable", "a mail can't be read; tried again later", "MAILBOX",
                   maildir_name (maildir), "FILE", name, "ERROR", g_strerror (error), NULL);
    }
}

void
notes_take (struct notes *notes, const struct maildir *maildir, const char *name,
            enum maildir_opened why)
{
    const int error = errno;
    g_autofree char *key = key_of (maildir, name);
    struct note *note = g_hash_table_lookup (notes->all, key);

    if (!note || note->why != why) {
        count (notes, maildir, name, why, error);
        if (g_hash_table_size (notes->all) >= NOTES_MAX)
            g_hash_table_remove_all (notes->all);
        note = g_new (struct note, 1);
        *note = (struct note){ .why = why, .wait_s = RETRY_FIRST_S / 2 };
        g_hash_table_replace (notes->all, g_steal_pointer (&key), note);
    }
    note->wait_s = MIN (note->wait_s * 2, RETRY_LAST_S);
    note->retry_us = g_get_monotonic_time () + (int64_t)note->wait_s * G_USEC_PER_SEC;
}

bool
notes_is_postponed (const struct notes *notes, const struct maildir *maildir, const char *name)
{
    g_autofree char *key = NULL;
    const struct note *note;

    if (g_hash_table_size (notes->all) == 0)
        return false;
    key = key_of (maildir, name);
    note = g_hash_table_lookup (notes->all, key);
    return note && note->why == MAILDIR_FAILED && g_get_monotonic_time () < note->retry_us;
}

const struct notes_counts *
notes_counts (const struct notes *notes)
{
    return &notes->counts;
}
