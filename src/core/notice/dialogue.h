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

/* Whether @line begins with a reply code that refuses, in a place where one may stand: behind a
 * line of a dialogue, or behind words that announce one. @before is the last line with words in it
 * that stands before, empty: none; @is_before_reply, whether that one begins a reply. In other
 * places a number at a line's start is a count, or the number of a house. */
bool dialogue_begins_reply (struct dsn_bytes line, struct dsn_bytes before, bool is_before_reply);

/* Whether @line is the answer to a command out of order: "<<< 503 RCPT first". It comes of the
 * refusal before it and says nothing of its own. */
bool dialogue_is_aftermath (struct dsn_bytes line);

/* Whether there's a letter in @line: rulers have none. */
bool dialogue_has_words (struct dsn_bytes line);

#endif
