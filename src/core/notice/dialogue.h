/* Lines of an SMTP dialogue, as transcripts in notifications show it.
 */
#ifndef DSND_DIALOGUE_H
#define DSND_DIALOGUE_H

#include <dsn/bytes.h>

#include <stdbool.h>

/* Bytes of the mark of a side (">>>", "S:") at the start of @line, 0 if there's none. */
size_t dialogue_mark (struct dsn_bytes line, bool *ret_is_client);

/* Whether @line is one of a dialogue: "550 5.1.1 <a@b>... User unknown", ">>> RCPT To:<a@b>". */
bool dialogue_is_line (struct dsn_bytes line, bool *ret_is_client);

#endif
