/* One line that a client of the socket said. docs/protocol.md */
#ifndef DSND_COMMAND_H
#define DSND_COMMAND_H

#include "daemon/spool/cursors.h"

#include <dsn/bytes.h>
#include "core/event/taxonomy.h"

#include <stdint.h>

/* Longest line, without the line feed. */
#define COMMAND_LINE_MAX 256

enum command_verb { COMMAND_FOLLOW, COMMAND_ACK, COMMAND_STATUS, COMMAND_FORGET };
enum command_from { COMMAND_FROM_NEXT, COMMAND_FROM_FIRST, COMMAND_FROM_SEQ };

struct command {
    enum command_verb verb;
    char name[CONSUMER_NAME_MAX + 1]; /* FOLLOW, FORGET; "" for an anonymous FOLLOW */
    enum command_from from;           /* anonymous FOLLOW */
    uint64_t seq;                     /* ACK; anonymous FOLLOW from a seq */
    unsigned kinds;                   /* FOLLOW: bit 1 << enum dsn_kind; 0: all */
};

/* Reads @line, which has no line feed. NULL on success, else what is wrong with it (static);
 * @ret_command is then undefined. */
const char *command_parse (struct dsn_bytes line, struct command *ret_command);

#endif
