/* The border between a mail's bytes and our text: past it everything is valid UTF-8 without control
 * characters. Pure functions on slices.
 */
#ifndef DSND_TEXT_H
#define DSND_TEXT_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

/* The bytes of @s, which stay its. */
static inline struct dsn_bytes
text_of (const GString *s)
{
    return (struct dsn_bytes){ s->str, s->len };
}

/* @in without white space (blanks, tabs, CR, LF) at both ends. */
struct dsn_bytes text_trim (struct dsn_bytes in);

/* Cuts the next line off @rest, without its LF or CRLF, into @ret_line; false at the end. */
bool text_next_line (struct dsn_bytes *rest, struct dsn_bytes *ret_line);

bool text_is_ascii (struct dsn_bytes in);

/* Whether two letters may be the same but for their case; false is sure. */
static inline bool
text_may_equal_char (char a, char b)
{
    return ((a ^ b) & ~0x20) == 0;
}

/* Case-insensitive for ASCII letters only. Most comparisons end at the first character: that one is
 * compared here, the rest in text_equal_rest(), text_has_prefix_rest(). */
bool text_equal_rest (struct dsn_bytes a, const char *b);
bool text_has_prefix_rest (struct dsn_bytes in, const char *prefix);
bool text_has_suffix (struct dsn_bytes in, const char *suffix);

static inline bool
text_equal (struct dsn_bytes a, const char *b)
{
    return a.n ? text_may_equal_char (a.p[0], b[0]) && text_equal_rest (a, b) : !*b;
}

static inline bool
text_has_prefix (struct dsn_bytes in, const char *prefix)
{
    return in.n ? (!*prefix || text_may_equal_char (in.p[0], prefix[0])) &&
                      text_has_prefix_rest (in, prefix)
                : !*prefix;
}

/* Offset of @needle in @in, G_MAXSIZE if it isn't there. text_find_nocase folds ASCII only. */
size_t text_find (struct dsn_bytes in, const char *needle);
size_t text_find_nocase (struct dsn_bytes in, const char *needle);

/* The number at the start of @in, at most @max; digits read, 0 if there's none or it is larger. */
size_t text_scan_number (struct dsn_bytes in, unsigned max, unsigned *ret_value);

/* Appends @in as one clean line: invalid UTF-8 becomes U+FFFD, every run of white space and
 * control characters one blank, none at the ends; at most @max_bytes are appended, cut at a
 * character. True if it was cut. */
bool text_append_line (GString *out, struct dsn_bytes in, size_t max_bytes);

/* Appends @in as text of many lines: as above, but line ends (LF, CRLF, CR) stay as LF and blanks
 * stay as they are, since indentation carries meaning in notifications. */
bool text_append_lines (GString *out, struct dsn_bytes in, size_t max_bytes);

/* Whether @in holds a control character but tabs and line ends: one that the two above drop. */
bool text_has_control (struct dsn_bytes in);

/* Appends @in, in @charset (may be NULL: unknown), as UTF-8. A charset that is unknown or wrong
 * degrades: valid UTF-8 is taken as such, anything else as windows-1252. False if it degraded. */
bool text_append_converted (GString *out, struct dsn_bytes in, const char *charset);

#endif
