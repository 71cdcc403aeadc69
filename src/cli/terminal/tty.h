/* What may reach a terminal. A mail's text can hold escape sequences, and characters that reorder
 * or hide other text; here each becomes something visible and harmless.
 */
#ifndef CLI_TTY_H
#define CLI_TTY_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* What a stream's reader can do. */
struct tty {
    bool is_terminal;
    bool has_color; /* a terminal, and NO_COLOR isn't set */
    bool is_utf8;
    unsigned width; /* columns; 80 where it isn't known */
};

/* Looks at @stream and the environment: isatty, NO_COLOR, TERM, COLUMNS, the locale. */
struct tty tty_of (FILE *stream);

/* Appends @text on one line: controls as their pictures, bidirectional and other format characters
 * and bad UTF-8 as U+FFFD, line ends as spaces; in a locale without UTF-8 anything but ASCII as
 * '?'. Any bytes are fine. */
void tty_append_safe (GString *out, struct dsn_bytes text, bool is_utf8);

/* Appends the valid JSON @json with its format characters escaped, so that it stays the same JSON.
 * The JSON writer has escaped the controls already. */
void tty_append_json (GString *out, struct dsn_bytes json);

/* Columns that the valid UTF-8 @text takes. */
unsigned tty_columns (struct dsn_bytes text);

/* One line on stderr, "dsnctl: " and the message, made safe. */
void tty_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

#endif
