/* What `dsnctl follow` does with an event: show it, give it to a command, or keep it in a file.
 * An event is acked only after its handler returned true, so each must have done its work by then.
 */
#ifndef CLI_HANDLER_H
#define CLI_HANDLER_H

#include "tty.h"

#include <dsnd/bytes.h>

#include <stdbool.h>
#include <stdint.h>

/* An event as it came. */
struct handler_event {
    uint64_t seq;
    const char *id;        /* (borrowed) */
    struct dsn_bytes json; /* (borrowed) in the wanted format: one line, without its line feed */
};

/* Shows the @n bytes of @text on stdout; written out when this returns. False if stdout can't take
 * it: told. */
bool handler_print (const char *text, size_t n);

/* Runs @command by /bin/sh with the event's line on its stdin. False if it failed: told. */
bool handler_exec (const struct handler_event *event, const char *command);

/* Keeps it in @dir as <seq>-<id>.json, safe on disk when this returns; the same event gives the
 * same file. False on an error: told. */
bool handler_keep (const struct handler_event *event, const char *dir);

#endif
