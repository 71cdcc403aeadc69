/* What `dsnctl follow` does with events: show them, give them to a command, or keep them in files.
 * An event is acked only after its handler succeeded, so each must have done its work by then.
 */
#ifndef CLI_HANDLER_H
#define CLI_HANDLER_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Shows the events' text on stdout; written out when this returns. False if stdout can't take it:
 * told. @turn is of struct backlog_item *, as below. */
bool handler_print (const GPtrArray *turn);

/* Keeps each event in the directory @dir as <seq>-<id>.json, safe on disk when this returns; the
 * same event gives the same file. False on an error: @ret_reason, (transfer full), says it. */
bool handler_keep (const GPtrArray *turn, const char *dir, char **ret_reason);

/* Starts @command by /bin/sh in a process group of its own, with the events as its standard input,
 * a line each, and no signal blocked. Returns its process id, -1 on an error: errno tells. */
pid_t handler_start (const GPtrArray *turn, const char *command);

/* Starts @command by /bin/sh with these descriptors as its standard input and output (-1: ours), in
 * a process group of its own, with no signal blocked. Returns its process id, -1 on an error: errno
 * tells. */
pid_t handler_spawn (const char *command, int input, int output);

/* How the command ended, in words, from the status of waitpid(). (transfer full) NULL: well. */
char *handler_reason (int status);

/* Whether the command can't work for now, which is no fault of the event: it said so with exit code
 * 75 (EX_TEMPFAIL of sysexits.h), or the shell found it missing or not executable (127, 126). */
bool handler_is_temporary (int status);

#endif
