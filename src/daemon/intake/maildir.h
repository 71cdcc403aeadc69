/* A Maildir as a queue: finds mails in new/, opens them, and moves them away when they're done.
 * inotify is a hint, a scan is another; neither is taken as proof that a file isn't there.
 */
#ifndef DSND_MAILDIR_H
#define DSND_MAILDIR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct maildir;

struct maildir_options {
    const char *name; /* in events and messages */
    const char *path;
    const char *other_folder; /* NULL: none */
    bool is_deleted;          /* reports are deleted when they're done, not kept */
};

#define MAILDIR_ERROR maildir_error_quark ()
enum maildir_error {
    MAILDIR_ERROR_BUSY,    /* another process reads it: exit 75 */
    MAILDIR_ERROR_MISSING, /* it isn't there, or isn't a Maildir, or may not be read */
};
GQuark maildir_error_quark (void);

/* Opens and locks the Maildir. All strings are copied. (transfer full): maildir_free() */
struct maildir *maildir_open (const struct maildir_options *options, GError **error);
void maildir_free (struct maildir *maildir);

const char *maildir_name (const struct maildir *maildir); /* (borrowed) */
const char *maildir_path (const struct maildir *maildir); /* (borrowed) */

/* Takes over what a reload may change: folder and deletion. */
void maildir_configure (struct maildir *maildir, const struct maildir_options *options);

/* The inotify descriptor, -1 if there's none; and reading what it
 * has. */
int maildir_watch_fd (const struct maildir *maildir);
void maildir_read_watch (struct maildir *maildir);

/* To be called about once a second: looks again for files whose arrival was seen too early. */
void maildir_tick (struct maildir *maildir);

/* What the operator should know of new/: enum risk, or'ed. */
unsigned maildir_risks (const struct maildir *maildir);

/* Starts a scan of new/ soon, and tries to watch it if it isn't. */
void maildir_rescan (struct maildir *maildir);

/* The name of a file that may be a mail, NULL: none for now. A scan is done in pieces of a few
 * thousand names, each sorted. *ret_is_working: a NULL comes from the end of a piece, ask again.
 * The same name may come several times. (transfer full) */
char *maildir_next (struct maildir *maildir, bool *ret_is_working);

/* Number of names found and not yet given out. */
unsigned maildir_waiting (const struct maildir *maildir);

/* Whether the directories are still those at their paths; opens them anew if they're others. False
 * with @error while one is gone. */
bool maildir_check (struct maildir *maildir, GError **error);

struct maildir_mail {
    int fd; /* the caller's to close */
    uint64_t size_bytes;
    uint64_t ino;
    int64_t mtime_ns;
};

enum maildir_opened {
    MAILDIR_OPENED,
    MAILDIR_GONE,    /* somebody took it */
    MAILDIR_SPECIAL, /* not a regular file: left alone */
    MAILDIR_DENIED,  /* may not be read: left alone */
    MAILDIR_FAILED,  /* an error that may pass, in errno */
};

/* Opens the mail @name in new/ for reading. @ret_mail is untouched unless it's OPENED. */
enum maildir_opened maildir_open_mail (struct maildir *maildir, const char *name,
                                       struct maildir_mail *ret_mail);

/* Whether the file @name of new/ is still @file. */
bool maildir_has (const struct maildir *maildir, const char *name, const struct maildir_mail *file);

enum maildir_fate { MAILDIR_DONE, MAILDIR_OTHER, MAILDIR_UNPROCESSABLE };

/* Moves the mail to where its @fate puts it, or deletes it. A mail that's gone is fine, and another
 * one of its name is left alone and found by a scan. False with errno: it's still in new/. */
bool maildir_retire (struct maildir *maildir, const char *name, const struct maildir_mail *file,
                     enum maildir_fate fate);

/* Makes all retirements so far durable. */
bool maildir_sync (struct maildir *maildir);

typedef struct maildir maildir_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (maildir_t, maildir_free)

#endif
