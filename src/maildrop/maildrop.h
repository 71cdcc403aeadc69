/* Delivering into a Maildir: written in tmp/, synced, renamed into new/, that synced. Once
 * maildrop_commit() says so the mail is there, whatever happens to the machine.
 */
#ifndef MAILDROP_H
#define MAILDROP_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct maildrop;

/* One mail on its way; zeroed: none. */
struct maildrop_mail {
    int fd;
    char *name; /* owned, NULL: none */
};

/* Opens the Maildir @path, which must have new/, cur/ and tmp/. (transfer full): maildrop_free()
 * NULL with @error, of G_FILE_ERROR. */
struct maildrop *maildrop_open (const char *path, GError **error);
void maildrop_free (struct maildrop *drop);

/* Starts a mail, appends to it, and delivers it. On false errno tells, and the mail is to be
 * dropped. maildrop_commit() ends the mail where it succeeds. */
bool maildrop_begin (struct maildrop *drop, struct maildrop_mail *mail);
bool maildrop_write (struct maildrop_mail *mail, struct dsn_bytes text);
bool maildrop_commit (struct maildrop *drop, struct maildrop_mail *mail);

/* Takes the mail back; nothing if there's none. Keeps errno. */
void maildrop_drop (struct maildrop *drop, struct maildrop_mail *mail);

#endif
