/* Files that are safe on disk: each is written under another name, synced, and renamed, so that a
 * name stands for a whole file, whatever happens meanwhile.
 */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

/* The file name <seq>-<id><suffix>, the number with 20 digits. What of @id isn't hex or "-" can't
 * be allowed to name a file: it becomes "_". (transfer full): g_free() */
char *keep_name (uint64_t seq, const char *id, const char *suffix);

/* Writes all of @text to @fd. False on an error, errno tells. */
bool keep_write (int fd, struct dsn_bytes text);

/* The steps of keeping files in the directory @dirfd. Take each for all files before the next.
 * False on an error, errno tells; taking all steps again makes good what was left behind.
 *
 * keep_begin() writes @text under a hidden name. keep_finish() makes that one file safe, or
 * keep_finish_all() all of them: a sync of the file system costs less than one of each file.
 * keep_reveal() gives it the name @name, keep_sync() makes the names safe: else a crash could take
 * a file away after its event was acked. */
bool keep_begin (int dirfd, const char *name, struct dsn_bytes text);
bool keep_finish (int dirfd, const char *name);
bool keep_finish_all (int dirfd);
bool keep_reveal (int dirfd, const char *name);
bool keep_sync (int dirfd);

#endif
