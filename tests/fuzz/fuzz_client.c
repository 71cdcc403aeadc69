/* Any bytes as a line from a client of the socket. */
#include "daemon/socket/command.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    struct command command;
    const char *wrong = command_parse ((struct dsn_bytes){ (const char *)data, size }, &command);

    g_assert (wrong || !command.name[0] || consumer_is_name (command.name));
    g_assert (!wrong || strlen (wrong) < COMMAND_LINE_MAX);
    return 0;
}
